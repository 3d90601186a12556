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
		Sql condition = (this.after != null) ? compared(table, ">", this.after).add(" AND ") : Sql.of("");
		return condition.add(compared(table, "<=", this.upTo));
	}

	/**
	 * Return a comparison of a row {@code t} with a key that an earlier statement of the
	 * transaction has left in a setting as an array of texts. Without the setting it
	 * holds for no row.
	 */
	public static String comparedToSetting(String operator, String setting, Table table) {
		List<Column> key = table.requireKey();
		String values = IntStream.range(0, key.size())
			.mapToObj((i) -> "CAST((CAST(NULLIF(current_setting('%s', true), '') AS text[]))[%d] AS %s)"
				.formatted(setting, i + 1, key.get(i).type().sql()))
			.collect(Collectors.joining(", "));
		return "(%s) %s (%s)".formatted(table.keyColumns("t"), operator, values);
	}

	private static Sql compared(Table table, String operator, List<String> texts) {
		String values = table.requireKey()
			.stream()
			.map((column) -> column.type().castFromText())
			.collect(Collectors.joining(", "));
		return Sql.of("(%s) %s (%s)".formatted(table.keyColumns("t"), operator, values), texts.toArray());
	}

}
