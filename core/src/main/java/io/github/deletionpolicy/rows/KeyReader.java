package io.github.deletionpolicy.rows;

import java.util.List;
import java.util.Map;
import java.util.function.Function;

import io.github.deletionpolicy.InvalidIdException;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

/**
 * Reads ids into a condition on the rows of a table. An id is converted where its value
 * survives, as a {@code Long} 5 does for an {@code integer} key, and refused otherwise.
 */
public record KeyReader(Table table) {

	/**
	 * Create a reader.
	 * @throws io.github.deletionpolicy.UnsupportedTableException if the table has no
	 * primary key
	 */
	public KeyReader {
		table.requireKey();
	}

	/**
	 * Read ids.
	 * @param ids each a value, or a {@code Map} of column to value
	 * @return the condition; {@code false} for no ids
	 * @throws InvalidIdException if one does not fit the primary key
	 */
	public RowCondition read(List<?> ids) {
		if (ids.isEmpty()) {
			return new RowCondition.Always(false);
		}
		return condition((column) -> ids.stream().map((id) -> text(column, component(id, column))).toList());
	}

	/**
	 * Read keys that the database spelled in the same session. Another session may spell
	 * them in another way, so they are no condition that can be stored.
	 * @param keys each the texts of the key's columns
	 * @return the condition; {@code false} for no keys
	 */
	public Sql readTexts(List<String[]> keys) {
		if (keys.isEmpty()) {
			return Sql.of("false");
		}
		return condition((column) -> {
			int position = this.table.key().indexOf(column);
			return keys.stream().map((texts) -> texts[position]).toList();
		}).on(this.table);
	}

	private RowCondition condition(Function<Column, List<String>> texts) {
		return new RowCondition.Keys(this.table.keyNames(), this.table.key().stream().map(texts).toList());
	}

	private Object component(Object id, Column column) {
		if (!(id instanceof Map<?, ?> components)) {
			if (this.table.key().size() > 1) {
				throw misfit("is a " + id.getClass().getName());
			}
			return id;
		}
		Object value = null;
		for (Map.Entry<?, ?> component : components.entrySet()) {
			Column named = (component.getKey() instanceof String name) ? this.table.find(name) : null;
			if (named == null || !this.table.key().contains(named)) {
				throw misfit("names '%s'".formatted(component.getKey()));
			}
			value = named.equals(column) ? component.getValue() : value;
		}
		if (value == null) {
			throw misfit("has no value for " + column.name());
		}
		return value;
	}

	private InvalidIdException misfit(String what) {
		return new InvalidIdException(
				"Table %s has the primary key (%s), and the id %s. Write a Map with a value for each column of the key."
					.formatted(this.table.name(), String.join(", ", this.table.keyNames()), what));
	}

	private String text(Column column, Object value) {
		@Nullable String text = column.type().textOf(value);
		if (text == null) {
			throw new InvalidIdException(
					"Column %s of the primary key of table %s is %s and does not accept the %s '%s'. Give a value of that type."
						.formatted(column.name(), this.table.name(), column.type().sql(), value.getClass().getName(),
								value));
		}
		return text;
	}

}
