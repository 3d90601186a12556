package io.github.deletionpolicy.operator;

import java.util.List;

import io.github.deletionpolicy.catalog.Ancestors;
import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.operator.RowRecords.Recorded;
import io.github.deletionpolicy.purge.tree.TreeRow;
import io.github.deletionpolicy.rows.KeyReader;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Finds the row whose delete cascaded to another one: climbs by rows that carry the same
 * token.
 */
record RootSearch(JdbcOperations jdbc, Catalog catalog, RowRecords records, DeletionTimeColumns deletionTimes) {

	private static final int MOST_LEVELS = 64;

	/**
	 * Search from a row upwards.
	 * @param key condition on the row {@code t} that names its key
	 * @param token its deletion time
	 * @param recorded the operation that deleted it
	 */
	@Nullable Found find(Table table, Sql key, String token, Recorded recorded) {
		Found found = parent(table, key, token);
		for (int level = 1; found != null && !isRoot(found, recorded); level++) {
			found = (level < MOST_LEVELS) ? parent(found.table(), found.condition(), token) : null;
		}
		return found;
	}

	private boolean isRoot(Found row, Recorded recorded) {
		return this.records.writing(row.table(), row.deletionTime(), recorded.token(), row.condition())
			.stream()
			.anyMatch((it) -> it.operationId().equals(recorded.operationId()) && Boolean.TRUE.equals(it.root()));
	}

	private @Nullable Found parent(Table table, Sql key, String token) {
		for (Ancestors.Ascent ascent : new Ancestors(this.catalog, this.deletionTimes).of(table)) {
			Table top = this.catalog.table(ascent.top());
			CascadePlan.Join join = ascent.join();
			List<String> found = Sql
				.of("SELECT %s AS dp_key FROM %s AS t, %s WHERE %s AND %s = CAST(? AS timestamptz) AND (".formatted(
						top.keyAsText("dp_a"), table.name().toSql(), join.from(), join.condition(),
						ascent.deletionTime().toSql("dp_a")), token)
				.add(key)
				.add(")" + (top.name().equals(table.name()) ? " AND NOT (" + table.sameKey("dp_a", "t") + ")" : "")
						+ " LIMIT 1")
				.first(this.jdbc, (rs, row) -> TreeRow.texts(rs, "dp_key"));
			if (found != null) {
				return new Found(top, ascent.deletionTime(), found);
			}
		}
		return null;
	}

	static Sql condition(Table table, List<String> key) {
		return new KeyReader(table).readTexts(List.<String[]>of(key.toArray(String[]::new)));
	}

	record Found(Table table, Column deletionTime, List<String> key) {

		Sql condition() {
			return RootSearch.condition(this.table, this.key);
		}

	}

}
