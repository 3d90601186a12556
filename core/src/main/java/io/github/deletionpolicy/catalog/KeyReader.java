package io.github.deletionpolicy.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.github.deletionpolicy.InvalidIdException;
import org.jspecify.annotations.Nullable;

/**
 * Reads ids into a condition on the row {@code t}. An id is converted where its value
 * survives, as a {@code Long} 5 does for an {@code integer} key, and refused otherwise.
 *
 * @since 0.1
 */
public class KeyReader {

	private final Table table;

	private final List<Column> key;

	/**
	 * Create a reader.
	 * @param table the table
	 * @throws io.github.deletionpolicy.UnsupportedTableException if it has no primary key
	 */
	public KeyReader(Table table) {
		this.table = table;
		this.key = table.requireKey();
	}

	/**
	 * Read ids.
	 * @param ids each a value, or a {@code Map} of column to value
	 * @return the condition; {@code false} for no ids
	 * @throws InvalidIdException if one does not fit the primary key
	 */
	public Sql read(List<?> ids) {
		if (ids.isEmpty()) {
			return Sql.of("false");
		}
		List<String[]> values = new ArrayList<>();
		for (Column column : this.key) {
			values.add(ids.stream().map((id) -> text(column, component(id, column))).toArray(String[]::new));
		}
		return condition(values);
	}

	/**
	 * Read keys that the database spelled in the same session.
	 * @param keys each the texts of the key's columns
	 * @return the condition; {@code false} for no keys
	 */
	public Sql readTexts(List<String[]> keys) {
		if (keys.isEmpty()) {
			return Sql.of("false");
		}
		List<String[]> values = new ArrayList<>();
		for (int i = 0; i < this.key.size(); i++) {
			int column = i;
			values.add(keys.stream().map((key) -> key[column]).toArray(String[]::new));
		}
		return condition(values);
	}

	private Sql condition(List<String[]> values) {
		if (values.get(0).length == 1) {
			Sql condition = Sql.of("");
			for (int i = 0; i < this.key.size(); i++) {
				condition.add(((i == 0) ? "" : " AND ") + this.key.get(i).toSql("t") + " = " + cast("text", i, ""),
						values.get(i)[0]);
			}
			return condition;
		}
		if (this.key.size() == 1) {
			return Sql.of(this.key.get(0).toSql("t") + " = ANY(" + cast("text[]", 0, "[]") + ")",
					(Object) values.get(0));
		}
		Sql condition = Sql.of("(");
		for (int i = 0; i < this.key.size(); i++) {
			condition.add(((i == 0) ? "" : ", ") + this.key.get(i).toSql("t"));
		}
		condition.add(") IN (SELECT * FROM unnest(");
		for (int i = 0; i < this.key.size(); i++) {
			condition.add(((i == 0) ? "" : ", ") + cast("text[]", i, "[]"), (Object) values.get(i));
		}
		return condition.add("))");
	}

	private String cast(String from, int column, String dimension) {
		return "CAST(CAST(? AS " + from + ") AS " + this.key.get(column).type().sql() + dimension + ")";
	}

	private Object component(Object id, Column column) {
		if (!(id instanceof Map<?, ?> components)) {
			if (this.key.size() > 1) {
				throw new InvalidIdException(
						"Table %s has the primary key (%s), and the id is a %s. Write a Map with a value for each column."
							.formatted(this.table.name(), keyColumns(), id.getClass().getName()));
			}
			return id;
		}
		Object value = null;
		for (Map.Entry<?, ?> component : components.entrySet()) {
			Column named = (component.getKey() instanceof String name) ? this.table.find(name) : null;
			if (named == null || !this.key.contains(named)) {
				throw new InvalidIdException(
						"Table %s has the primary key (%s), and the id names '%s'. Write a Map with a value for each column of the key."
							.formatted(this.table.name(), keyColumns(), component.getKey()));
			}
			if (named.equals(column)) {
				value = component.getValue();
			}
		}
		if (value == null) {
			throw new InvalidIdException(
					"Table %s has the primary key (%s), and the id has no value for %s. Write a Map with a value for each column of the key."
						.formatted(this.table.name(), keyColumns(), column.name()));
		}
		return value;
	}

	private String text(Column column, Object value) {
		@Nullable String text = column.type().textOf(value);
		if (text == null) {
			throw new InvalidIdException(
					"Column %s of the primary key of table %s is %s, and a %s cannot be it: %s. Give a value of that type."
						.formatted(column.name(), this.table.name(), column.type().sql(), value.getClass().getName(),
								value));
		}
		return text;
	}

	private String keyColumns() {
		return String.join(", ", this.key.stream().map(Column::name).toList());
	}

}
