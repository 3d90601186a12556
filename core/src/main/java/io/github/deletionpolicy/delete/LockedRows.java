package io.github.deletionpolicy.delete;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.rows.KeyReader;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.ColumnMapRowMapper;
import org.springframework.jdbc.core.JdbcOperations;

/**
 * Rows that are locked until the transaction ends, so that what is read of them and what
 * is deleted is the same.
 *
 * @param rows the rows by column
 * @param condition selects exactly them as the row {@code t}
 */
record LockedRows(List<Map<String, @Nullable Object>> rows, Sql condition) {

	private static final String KEY_TEXT = "dp_text";

	static LockedRows lock(JdbcOperations jdbc, Table table, Sql condition) {
		KeyReader reader = new KeyReader(table);
		int keyColumns = table.key().size();
		String keyTexts = IntStream.range(0, keyColumns)
			.mapToObj((i) -> "CAST(%s AS text) AS %s".formatted(table.key().get(i).toSql("t"), KEY_TEXT + i))
			.collect(Collectors.joining(", "));
		ColumnMapRowMapper mapper = new ColumnMapRowMapper();
		List<String[]> keys = new ArrayList<>();
		List<Map<String, @Nullable Object>> rows = Sql
			.of("SELECT t.*, %s FROM %s AS t WHERE (".formatted(keyTexts, table.name().toSql()))
			.add(condition)
			.add(") FOR UPDATE OF t")
			.list(jdbc, (rs, number) -> {
				String[] key = new String[keyColumns];
				for (int i = 0; i < keyColumns; i++) {
					key[i] = rs.getString(KEY_TEXT + i);
				}
				keys.add(key);
				return mapper.mapRow(rs, number);
			});
		return new LockedRows(rows, reader.readTexts(keys));
	}

}
