package io.github.deletionpolicy.operator;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;

import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.sql.Instants;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Counts what is pending in each table, and says how the last run went: what a summary,
 * health and meters show. It reads no more than {@link #ENTRIES} entries for a count,
 * however much is pending; a count that reaches them means "at least".
 *
 * @param jdbc runs the statements
 * @param ledger where the ledger's tables are
 * @since 0.1
 */
public record Backlog(JdbcOperations jdbc, LedgerTables ledger) {

	/**
	 * Entries of a table that are read for one count. Each stands for up to 1,000 rows.
	 */
	public static final int ENTRIES = 10_000;

	/**
	 * Asynchronous deletes that are named, of those that failed and of those that wait.
	 */
	private static final int NAMED = 5;

	/**
	 * A table whose deletion-time column had other names is recorded under each.
	 */
	private static final String TABLES = """
			SELECT l.schema_name, l.table_name, min(least(l.paused_at, s.paused_at)) AS paused_at, max(t.removed_at) AS removed_at,
				min(t.vain_since) AS vain_since, sum(p.pending + d.pending) AS pending, sum(p.due) AS due,
				sum(d.due) AS cascaded_due, min(p.oldest_due) AS oldest_due,
				sum((SELECT coalesce(sum(key_count), 0) FROM (
					SELECT key_count FROM %3$s c WHERE c.table_id = l.id AND c.state = 'HELD' LIMIT ?) c)) AS held,
				sum((SELECT coalesce(sum(key_count), 0) FROM (
					SELECT key_count FROM %3$s c WHERE c.table_id = l.id AND c.state = 'BLOCKED' LIMIT ?) c)) AS blocked,
				sum((SELECT coalesce(sum(key_count), 0) FROM (
					SELECT key_count FROM %3$s c WHERE c.table_id = l.id AND c.state = 'FAILED' LIMIT ?) c)) AS failed
			FROM %1$s l CROSS JOIN %5$s s LEFT JOIN %2$s t ON t.table_id = l.id
			CROSS JOIN LATERAL (
				SELECT coalesce(sum(key_count), 0) AS pending,
					coalesce(sum(key_count) FILTER (WHERE next_attempt <= now.now), 0) AS due,
					min(next_attempt) FILTER (WHERE next_attempt <= now.now) AS oldest_due
				FROM (SELECT clock_timestamp() AS now) now LEFT JOIN (
					SELECT key_count, next_attempt FROM %3$s c
					WHERE c.table_id = l.id AND c.next_attempt IS NOT NULL
					ORDER BY c.next_attempt LIMIT ?) c ON true) p
			CROSS JOIN LATERAL (
				SELECT coalesce(sum(c.key_count), 0) AS pending,
					coalesce(sum(c.key_count) FILTER (WHERE o.purge_at <= clock_timestamp()), 0) AS due
				FROM (SELECT key_count, operation_id FROM %3$s c WHERE c.table_id = l.id AND NOT c.root LIMIT ?) c
				JOIN %4$s o ON o.id = c.operation_id AND o.purge_at IS NOT NULL) d
			GROUP BY l.schema_name, l.table_name""";

	private static final String READING = """
			SELECT clock_timestamp() AS now, s.paused_at, r.began_at, r.ended_at, r.node, r.rows_removed, r.braked_at,
				(SELECT count(*) FROM (
					SELECT FROM %1$s WHERE ended_at IS NULL ORDER BY next_attempt LIMIT ?) o) AS async_open,
				(SELECT count(*) FROM (
					SELECT FROM %1$s WHERE state = 'FAILED' ORDER BY ended_at DESC LIMIT ?) f) AS async_failed,
				a.operation_id, a.schema_name, a.table_name, a.failed, a.since
			FROM %2$s s LEFT JOIN %3$s r ON r.single = s.single LEFT JOIN LATERAL (
				(SELECT f.operation_id, l.schema_name, l.table_name, true AS failed, f.ended_at AS since
				FROM %1$s f JOIN %4$s l ON l.id = f.table_id WHERE f.state = 'FAILED' ORDER BY f.ended_at DESC LIMIT ?)
				UNION ALL
				(SELECT o.operation_id, l.schema_name, l.table_name, false, o.since
				FROM (
					SELECT operation_id, table_id, greatest(next_attempt, coalesce(moved_at, accepted_at)) AS since
					FROM %1$s WHERE ended_at IS NULL ORDER BY next_attempt LIMIT ?) o
				JOIN %4$s l ON l.id = o.table_id WHERE l.paused_at IS NULL
				ORDER BY o.since LIMIT ?)) a ON true
			""";

	/**
	 * Read what waits and how the last run went.
	 * @return what was read
	 */
	public Reading read() {
		List<TableBacklog> tables = tables();
		List<NamedAsync> failed = new ArrayList<>();
		List<NamedAsync> waiting = new ArrayList<>();
		return Sql
			.of(READING.formatted(this.ledger.asyncDeletes(), this.ledger.state(), this.ledger.lastRun(),
					this.ledger.tables()), ENTRIES, ENTRIES, NAMED, ENTRIES, NAMED)
			.list(this.jdbc, (rs, row) -> {
				UUID async = rs.getObject("operation_id", UUID.class);
				if (async != null) {
					(rs.getBoolean("failed") ? failed : waiting)
						.add(new NamedAsync(async, LedgerRow.table(rs).toString(), Instants.get(rs, "since")));
				}
				return new Reading(Instants.get(rs, "now"), Instants.find(rs, "paused_at"),
						Instants.find(rs, "braked_at"), LastRun.from(rs), tables,
						new AsyncBacklog(rs.getLong("async_open"), rs.getLong("async_failed"), failed, waiting));
			})
			.get(0);
	}

	List<TableBacklog> tables() {
		return Sql
			.of(TABLES.formatted(this.ledger.tables(), this.ledger.lastPurges(), this.ledger.chunks(),
					this.ledger.operations(), this.ledger.state()), ENTRIES, ENTRIES, ENTRIES, ENTRIES, ENTRIES)
			.list(this.jdbc, (rs, row) -> TableBacklog.from(rs))
			.stream()
			.sorted(Comparator.comparing(TableBacklog::table))
			.toList();
	}

	/**
	 * What waits, and how the last run went.
	 *
	 * @param now the database's clock
	 * @param pausedAt since when the purge of all tables is paused; {@code null} if it is
	 * not
	 * @param brakedAt when a run stopped the purge, whether or not it was resumed since;
	 * {@code null} if none did
	 * @param lastRun the last run on any node; {@code null} if none is recorded
	 * @param tables what waits in each table from which rows can be or were stamped as
	 * deleted, ordered by table
	 * @param async the asynchronous deletes that are open or have failed
	 */
	public record Reading(Instant now, @Nullable Instant pausedAt, @Nullable Instant brakedAt,
			@Nullable LastRun lastRun, List<TableBacklog> tables, AsyncBacklog async) {

		/**
		 * Return whether the purge stopped itself and nobody has resumed it.
		 * @return whether nothing is purged
		 */
		public boolean isBraked() {
			return this.brakedAt != null && this.brakedAt.equals(this.pausedAt);
		}

	}

	/**
	 * Asynchronous deletes that are not done.
	 *
	 * @param open how many are at work or wait
	 * @param failed how many have failed, and were neither retried nor given up
	 * @param lastFailed some of those, the latest first
	 * @param waiting some of the open ones whose table is not paused by itself, those
	 * that have waited for longest first
	 */
	public record AsyncBacklog(long open, long failed, List<NamedAsync> lastFailed, List<NamedAsync> waiting) {
	}

	/**
	 * An asynchronous delete that has failed, is at work or waits.
	 *
	 * @param operationId its operation
	 * @param table the table as {@code schema.table}
	 * @param since when it failed, or when its next batch is or was due
	 */
	public record NamedAsync(UUID operationId, String table, Instant since) {
	}

	/**
	 * The last run.
	 *
	 * @param beganAt when it began
	 * @param endedAt when it ended, or last said that it goes on
	 * @param node where it ran
	 * @param rows how many rows it removed
	 */
	public record LastRun(Instant beganAt, Instant endedAt, String node, long rows) {

		/**
		 * Return how long ago it ended.
		 * @param now the database's clock
		 * @return the time; negative if the clock was set back
		 */
		public Duration age(Instant now) {
			return Duration.between(this.endedAt, now);
		}

		private static @Nullable LastRun from(ResultSet rs) throws SQLException {
			Instant began = Instants.find(rs, "began_at");
			Instant ended = Instants.find(rs, "ended_at");
			return (began != null && ended != null)
					? new LastRun(began, ended, rs.getString("node"), rs.getLong("rows_removed")) : null;
		}

	}

	/**
	 * What waits in a table, in rows.
	 *
	 * @param table the table as {@code schema.table}
	 * @param pending rows that wait for their purge
	 * @param due those that the next run will try
	 * @param cascadedDue those that will be purged with them
	 * @param oldestDue since when the longest waiting due rows are due; {@code null} if
	 * none is due
	 * @param held rows that the hold condition kept when last tried
	 * @param blocked rows that a lock, a foreign key or a live dependant kept
	 * @param failed rows that could not be removed for another reason
	 * @param pausedAt since when the table is paused, by itself or with all others;
	 * {@code null} if it is not
	 * @param removedAt when a run last removed rows of it; {@code null} if none is known
	 * @param vainSince since when runs find due rows and remove none; {@code null} if
	 * they do
	 */
	public record TableBacklog(String table, long pending, long due, long cascadedDue, @Nullable Instant oldestDue,
			long held, long blocked, long failed, @Nullable Instant pausedAt, @Nullable Instant removedAt,
			@Nullable Instant vainSince) {

		private static TableBacklog from(ResultSet rs) throws SQLException {
			return new TableBacklog(LedgerRow.table(rs).toString(), rs.getLong("pending"), rs.getLong("due"),
					rs.getLong("cascaded_due"), Instants.find(rs, "oldest_due"), rs.getLong("held"),
					rs.getLong("blocked"), rs.getLong("failed"), Instants.find(rs, "paused_at"),
					Instants.find(rs, "removed_at"), Instants.find(rs, "vain_since"));
		}

		PendingPurges.TableSummary summary() {
			return new PendingPurges.TableSummary(this.table, this.pending, this.due + this.cascadedDue, this.held,
					this.blocked, this.failed, this.pausedAt != null, this.oldestDue);
		}

	}

}
