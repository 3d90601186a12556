package io.github.deletionpolicy.rows;

import java.util.List;
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
 */
public record KeyRange(@Nullable List<String> after, List<String> upTo) {

	/**
	 * Return the condition that a row {@code t} is one of them.
	 * @param table the table, which has a primary key of as many columns
	 */
	public Sql on(Table table) {
		return after(this.after, table).add(compared(table, "<=", this.upTo));
	}

	/**
	 * Return the condition that a row {@code t} lies above one key and not above another,
	 * which an earlier statement of the transaction has left in a setting as an array of
	 * texts. Without the setting no row does.
	 * @param after the texts of the lower key; {@code null} to begin with the first row
	 */
	public static Sql upToSetting(@Nullable List<String> after, String setting, Table table) {
		List<Column> key = table.requireKey();
		String values = IntStream.range(0, key.size())
			.mapToObj((i) -> "CAST((CAST(NULLIF(current_setting('%s', true), '') AS text[]))[%d] AS %s)"
				.formatted(setting, i + 1, key.get(i).type().sql()))
			.collect(Collectors.joining(", "));
		return after(after, table).add("(%s) <= (%s)".formatted(table.keyColumns("t"), values));
	}

	private static Sql after(@Nullable List<String> after, Table table) {
		return (after != null) ? compared(table, ">", after).add(" AND ") : Sql.of("");
	}

	private static Sql compared(Table table, String operator, List<String> texts) {
		String values = table.requireKey()
			.stream()
			.map((column) -> column.type().castFromText())
			.collect(Collectors.joining(", "));
		return Sql.of("(%s) %s (%s)".formatted(table.keyColumns("t"), operator, values), texts.toArray());
	}

}
