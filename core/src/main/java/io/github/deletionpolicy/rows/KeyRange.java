package io.github.deletionpolicy.rows;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a table whose primary keys lie above one key and not above another.
 *
 * @param after the texts of the lower key, which is not part of the range; {@code null}
 * to begin with the first row
 * @param upTo the texts of the upper key, which is part of it
 * @since 0.1
 */
public record KeyRange(@Nullable List<String> after, List<String> upTo) {

	/**
	 * Return the lower key of a range that has one.
	 * @return the texts of the key
	 */
	public List<String> requireAfter() {
		return Objects.requireNonNull(this.after);
	}

	/**
	 * Return the condition that a row is one of them.
	 * @param table the table, which has a primary key of as many columns
	 * @return the condition on the row {@code t}
	 */
	public Sql on(Table table) {
		Sql condition = Sql.of("");
		if (this.after != null) {
			condition.add(compared(table, ">", this.after)).add(" AND ");
		}
		return condition.add(compared(table, "<=", this.upTo));
	}

	/**
	 * Return a comparison of rows with a key that an earlier statement of the transaction
	 * has left in a setting, as an array of texts. It holds for no row without the
	 * setting.
	 * @param operator compares the row {@code t} with that key
	 * @param setting name of the setting
	 * @param table the table
	 * @return the condition on the row {@code t}
	 */
	public static String comparedToSetting(String operator, String setting, Table table) {
		List<Column> key = table.requireKey();
		String columns = key.stream().map((column) -> column.toSql("t")).collect(Collectors.joining(", "));
		String values = IntStream.range(0, key.size())
			.mapToObj((i) -> "CAST((CAST(NULLIF(current_setting('%s', true), '') AS text[]))[%d] AS %s)"
				.formatted(setting, i + 1, key.get(i).type().sql()))
			.collect(Collectors.joining(", "));
		return "(%s) %s (%s)".formatted(columns, operator, values);
	}

	private static Sql compared(Table table, String operator, List<String> texts) {
		List<Column> key = table.requireKey();
		String columns = key.stream().map((column) -> column.toSql("t")).collect(Collectors.joining(", "));
		String values = key.stream()
			.map((column) -> "CAST(CAST(? AS text) AS %s)".formatted(column.type().sql()))
			.collect(Collectors.joining(", "));
		return Sql.of("(%s) %s (%s)".formatted(columns, operator, values), texts.toArray());
	}

}
