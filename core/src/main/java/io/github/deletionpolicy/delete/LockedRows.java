package io.github.deletionpolicy.delete;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

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

	static LockedRows lock(JdbcOperations jdbc, Table table, Sql condition) {
		KeyReader reader = new KeyReader(table);
		ColumnMapRowMapper mapper = new ColumnMapRowMapper();
		List<String[]> keys = new ArrayList<>();
		List<Map<String, @Nullable Object>> rows = Sql
			.of("SELECT t.*, %s AS dp_key FROM %s AS t WHERE (".formatted(table.keyAsText("t"), table.name().toSql()))
			.add(condition)
			.add(") FOR UPDATE OF t")
			.list(jdbc, (rs, number) -> {
				keys.add((String[]) rs.getArray("dp_key").getArray());
				return mapper.mapRow(rs, number);
			});
		return new LockedRows(rows, reader.readTexts(keys));
	}

}
