package io.github.deletionpolicy.rows;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import io.github.deletionpolicy.sql.Sql;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Fixes how a session spells values, so that another one reads the same from their texts.
 */
public final class KeySpelling {

	private static final Map<String, String> FIXED = new TreeMap<>(Map.of("DateStyle", "ISO, YMD", "IntervalStyle",
			"postgres", "extra_float_digits", "3", "bytea_output", "hex", "lc_monetary", "C"));

	/**
	 * Items of a select list that fix the spelling until the transaction ends.
	 */
	public static final String SETTINGS = FIXED.entrySet()
		.stream()
		.map((setting) -> "set_config('%s', '%s', true)".formatted(setting.getKey(), setting.getValue()))
		.collect(Collectors.joining(", "));

	private KeySpelling() {
	}

	/**
	 * Read texts with the spelling fixed, in a transaction that is not ours: it has its
	 * own settings back afterwards.
	 */
	public static <T> T fixed(JdbcOperations jdbc, Supplier<T> work) {
		String[] names = FIXED.keySet().toArray(String[]::new);
		List<String> before = Sql
			.of("SELECT current_setting(n) FROM unnest(CAST(? AS text[])) WITH ORDINALITY AS s (n, o) ORDER BY o",
					(Object) names)
			.list(jdbc, (rs, row) -> rs.getString(1));
		Sql.of("SELECT " + SETTINGS).list(jdbc, (rs, row) -> true);
		T result = work.get();
		Sql.of("SELECT set_config(n, v, true) FROM unnest(CAST(? AS text[]), CAST(? AS text[])) AS s (n, v)", names,
				before.toArray(String[]::new))
			.list(jdbc, (rs, row) -> true);
		return result;
	}

}
