package io.github.deletionpolicy.rows;

import java.util.List;
import java.util.function.Supplier;

import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.sql.Sql;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Fixes how a session spells values, so that another one reads the same from their texts.
 *
 * @since 0.1
 */
public final class KeySpelling {

	/**
	 * Items of a select list that fix the spelling until the transaction ends.
	 */
	public static final String SETTINGS = """
			set_config('DateStyle', 'ISO, YMD', true), set_config('IntervalStyle', 'postgres', true),
			set_config('extra_float_digits', '3', true), set_config('bytea_output', 'hex', true),
			set_config('lc_monetary', 'C', true)""";

	private static final String[] NAMES = { "DateStyle", "IntervalStyle", "extra_float_digits", "bytea_output",
			"lc_monetary" };

	private KeySpelling() {
	}

	/**
	 * Return whether the keys of a table are spelled the same in every session.
	 * @param table the table
	 * @return whether they are
	 */
	public static boolean isFixed(Table table) {
		return table.key()
			.stream()
			.map(Column::type)
			.allMatch((type) -> type.isInteger() || type.isUuid() || type.isText());
	}

	/**
	 * Do something with the spelling fixed, in a transaction that is not ours: it has its
	 * own settings back afterwards.
	 * @param jdbc runs the statements
	 * @param work reads texts
	 * @param <T> what it reads
	 * @return what it read
	 */
	public static <T> T fixed(JdbcOperations jdbc, Supplier<T> work) {
		List<String> before = Sql
			.of("SELECT current_setting(n) FROM unnest(CAST(? AS text[])) WITH ORDINALITY AS s (n, o) ORDER BY o",
					(Object) NAMES)
			.list(jdbc, (rs, row) -> rs.getString(1));
		Sql.of("SELECT " + SETTINGS).list(jdbc, (rs, row) -> true);
		T result = work.get();
		Sql.of("SELECT set_config(n, v, true) FROM unnest(CAST(? AS text[]), CAST(? AS text[])) AS s (n, v)", NAMES,
				before.toArray(String[]::new))
			.list(jdbc, (rs, row) -> true);
		return result;
	}

}
