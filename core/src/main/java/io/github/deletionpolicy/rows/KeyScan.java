package io.github.deletionpolicy.rows;

import java.util.List;

import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Scans a table up its primary key, page by page. Keys are texts, which are read and
 * understood with the spelling of {@link KeySpelling}.
 *
 * @param jdbc runs the queries, in the current transaction
 */
public record KeyScan(JdbcOperations jdbc) {

	/**
	 * Where a table was never analyzed, a guess.
	 */
	private static final int ROWS_PER_PAGE = 50;

	/**
	 * Find the key of the first or last row {@code t}.
	 * @param direction {@code ASC} for the first one, {@code DESC} for the last one
	 * @return its texts; empty if there is no row
	 */
	public List<String> outermost(Table table, Sql rows, String direction) {
		String order = String.join(", ",
				table.key().stream().map((column) -> column.toSql("t") + " " + direction).toList());
		return keys(table, rows, " ORDER BY %s LIMIT 1".formatted(order)).stream().findFirst().orElse(List.of());
	}

	/**
	 * Find the next page.
	 * @param rest the rest of the scan
	 * @param selection which rows match, as a condition on the row {@code t};
	 * {@code null} if all do
	 * @param visits how many rows to visit at most
	 * @param matches how many of them may match
	 * @return the page; {@code null} at the end of the scan
	 */
	public @Nullable KeyPage next(KeyRange rest, Table table, @Nullable Sql selection, int visits, int matches) {
		String keys = table.keyAliases("");
		return Sql.of("WITH visited AS MATERIALIZED (SELECT %s, ".formatted(table.selectKey("t")))
			.add((selection != null) ? Sql.of("(").add(selection).add(") IS TRUE") : Sql.of("true"))
			.add(" AS dp_match FROM %s AS t WHERE ".formatted(table.name().toSql()))
			.add(rest.on(table))
			.add(" ORDER BY %s LIMIT ?)".formatted(keys), visits)
			.add("""
					, counted AS (
						SELECT %1$s, row_number() OVER (ORDER BY %1$s) AS dp_visited,
							count(*) FILTER (WHERE dp_match) OVER (ORDER BY %1$s ROWS UNBOUNDED PRECEDING) AS dp_matched
						FROM visited)
					SELECT %2$s AS dp_key, dp_visited, dp_matched FROM counted c WHERE dp_matched <= ?
					ORDER BY dp_visited DESC LIMIT 1""".formatted(keys, table.keyAliasesAsText("c")), matches)
			.first(this.jdbc,
					(rs, row) -> new KeyPage(
							new KeyRange(rest.after(), List.of((String[]) rs.getArray("dp_key").getArray())),
							rs.getLong("dp_visited"), rs.getLong("dp_matched")));
	}

	/**
	 * Return the query of the row at which as many match as may: it stops there. It has
	 * no row if fewer match. Where the key is an integer, how many rows were visited is
	 * not needed, and only those that match are counted.
	 * @param rest the rest of the scan, as a condition on the row {@code t}
	 * @param selection which rows match, as a condition on the row {@code t};
	 * {@code null} if all do
	 * @param visits how many rows to visit at most
	 * @param matches how many of them are to match
	 * @return the query of {@code dp_k1, dp_k2, …, dp_visited}
	 */
	public static Sql end(Sql rest, Table table, @Nullable Sql selection, int visits, int matches) {
		String keys = table.keyAliases("");
		String select = table.selectKey("t");
		String name = table.name().toSql();
		if (selection == null) {
			return Sql
				.of("SELECT %s, CAST(? AS bigint) AS dp_visited FROM %s AS t WHERE ".formatted(select, name), matches)
				.add(rest)
				.add(" ORDER BY %s OFFSET ? LIMIT 1".formatted(keys), matches - 1);
		}
		String order = table.keyColumns("t");
		String visited = table.hasIntegerKey() ? "CAST(%d AS bigint)".formatted(matches)
				: "row_number() OVER (ORDER BY " + order + ")";
		return Sql.of("SELECT %s, dp_visited FROM (SELECT %s, %s AS dp_visited, (".formatted(keys, select, visited))
			.add(selection)
			.add(") IS TRUE AS dp_match FROM %s AS t WHERE ".formatted(name))
			.add(rest)
			.add(" ORDER BY %s LIMIT ?) v WHERE dp_match ORDER BY %s OFFSET ? LIMIT 1".formatted(order, keys), visits,
					matches - 1);
	}

	/**
	 * Read the keys of rows {@code t}.
	 */
	public List<List<String>> keys(Table table, Sql rows) {
		return keys(table, rows, "");
	}

	/**
	 * Lock rows {@code t} without those that others have locked, and read their keys.
	 */
	public List<List<String>> lock(Table table, Sql rows) {
		return keys(table, rows, " FOR UPDATE OF t SKIP LOCKED");
	}

	private List<List<String>> keys(Table table, Sql rows, String end) {
		return Sql.of("SELECT %s FROM %s AS t WHERE ".formatted(table.keyAsText("t"), table.name().toSql()))
			.add(rows)
			.add(end)
			.list(this.jdbc, (rs, row) -> List.of((String[]) rs.getArray(1).getArray()));
	}

	/**
	 * Estimate how many rows a table has, as the planner does.
	 */
	public long estimatedRows(Table table) {
		Long rows = this.jdbc.queryForObject("""
				SELECT CAST(sum(CASE WHEN c.reltuples > 0 AND c.relpages > 0
					THEN c.reltuples / c.relpages * p.pages ELSE p.pages * %d END) AS bigint)
				FROM (SELECT relid FROM pg_catalog.pg_partition_tree(CAST(? AS regclass))
					UNION SELECT CAST(? AS regclass)) t
				JOIN pg_catalog.pg_class c ON c.oid = t.relid AND c.relkind <> 'p'
				CROSS JOIN LATERAL (
					SELECT ceil(pg_relation_size(c.oid) / CAST(current_setting('block_size') AS numeric)) AS pages) p"""
			.formatted(ROWS_PER_PAGE), Long.class, table.name().toSql(), table.name().toSql());
		return (rows != null) ? rows : 0;
	}

	/**
	 * Neighbouring rows of a scan.
	 *
	 * @param range from which key to which
	 * @param visited how many rows they are
	 * @param matched how many of them match
	 */
	public record KeyPage(KeyRange range, long visited, long matched) {
	}

}
