package io.github.deletionpolicy.catalog;

import java.util.List;
import java.util.stream.Collectors;

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

	private static Sql compared(Table table, String operator, List<String> texts) {
		List<Column> key = table.requireKey();
		String columns = key.stream().map((column) -> column.toSql("t")).collect(Collectors.joining(", "));
		String values = key.stream()
			.map((column) -> "CAST(CAST(? AS text) AS %s)".formatted(column.type().sql()))
			.collect(Collectors.joining(", "));
		return Sql.of("(%s) %s (%s)".formatted(columns, operator, values), texts.toArray());
	}

}
