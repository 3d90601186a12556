package io.github.deletionpolicy.async;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import io.github.deletionpolicy.AsyncProgress;
import io.github.deletionpolicy.AsyncProgress.State;
import io.github.deletionpolicy.CascadeMode;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.ModeSource;
import io.github.deletionpolicy.PendingPurges.AsyncSummary;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.ledger.Operation;
import io.github.deletionpolicy.ledger.TableIds;
import io.github.deletionpolicy.purge.RateLimits;
import io.github.deletionpolicy.purge.batch.DueTable;
import io.github.deletionpolicy.purge.batch.WorkerSlots;
import io.github.deletionpolicy.rows.KeyRange;
import io.github.deletionpolicy.rows.KeyScan;
import io.github.deletionpolicy.rows.KeyScan.KeyPage;
import io.github.deletionpolicy.rows.KeySpelling;
import io.github.deletionpolicy.rows.RowCondition;
import io.github.deletionpolicy.sql.Instants;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.util.StringUtils;

/**
 * The record of asynchronous deletes: what workers read and write of it.
 *
 * @since 0.1
 */
public class AsyncDeletes {

	/**
	 * The newest form of a record that this version goes on with.
	 */
	private static final int FORMAT = 1;

	private static final int ERROR_LENGTH = 1000;

	/**
	 * Holds, until the transaction ends, the key up to which rows are to be removed.
	 */
	private static final String END_OF_STRETCH = "deletion_policy.walk";

	/**
	 * Holds, until the transaction ends, how many rows of the table it had removed
	 * before.
	 */
	private static final String REMOVED_BEFORE = "deletion_policy.removed";

	private static final String SUMMARY = """
			SELECT a.operation_id, l.schema_name, l.table_name, a.mode, a.reason, a.accepted_at, a.ended_at, a.state, a.done,
				a.failed, a.fraction, cardinality(a.left_keys) / cardinality(a.key_columns) AS retrying, a.last_error
			FROM %s a JOIN %s l ON l.id = a.table_id""";

	private final JdbcOperations jdbc;

	private final LedgerTables ledger;

	private final TableIds tableIds;

	/**
	 * Create the reader and writer.
	 * @param jdbc runs the statements, in the transaction at hand
	 * @param ledger where the ledger's tables are
	 */
	public AsyncDeletes(JdbcOperations jdbc, LedgerTables ledger) {
		this.jdbc = jdbc;
		this.ledger = ledger;
		this.tableIds = new TableIds(jdbc, ledger);
	}

	/**
	 * Record a delete. The walk is to end at the highest key that is there now; without a
	 * row there is nothing left to do.
	 * @param operation the delete
	 * @param table its table
	 * @param deletionTime the column that carries the deletion time; {@code null} for
	 * none
	 * @param acceptedAt its deletion time; {@code null} for the database's clock
	 * @param selection which rows
	 * @param ends the rows among which the first and the last are looked for
	 * @param way how to work through them
	 */
	public void accept(Operation operation, Table table, @Nullable Column deletionTime, @Nullable Instant acceptedAt,
			RowCondition selection, Sql ends, Way way) {
		int tableId = tableId(table.name(), (deletionTime != null) ? deletionTime.name() : "");
		KeyScan walk = new KeyScan(this.jdbc);
		String[][] bounds = KeySpelling.fixed(this.jdbc,
				() -> new String[][] { array(walk.first(table, ends)), array(walk.last(table, ends)) });
		boolean empty = bounds[1].length == 0;
		this.jdbc.update(
				"""
						INSERT INTO %s (operation_id, format, table_id, mode, source, reason, accepted_at, selection, takes_along,
							including_deleted, batch_size, pause_micros, key_columns, first_key, last_key, estimated_rows, state,
							fraction, next_attempt, ended_at)
						SELECT ?, ?, ?, ?, ?, ?, coalesce(?, n.now), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, n.now, CASE WHEN ? THEN n.now END
						FROM (SELECT clock_timestamp() AS now) n"""
					.formatted(this.ledger.asyncDeletes()),
				operation.id(), FORMAT, tableId, operation.mode().name(), operation.source().name(), operation.reason(),
				(acceptedAt != null) ? Instants.parameter(acceptedAt) : null,
				selection.toWords().toArray(String[]::new), way.cascade() == CascadeMode.CATALOG,
				way.includingDeleted(), way.batchSize(), micros(way.pause()),
				table.key().stream().map(Column::name).toArray(String[]::new), bounds[0], bounds[1],
				walk.estimatedRows(table), (empty ? State.DONE : State.ACCEPTED).name(), empty ? 1.0 : 0.0, empty);
	}

	/**
	 * A number that was cached in a transaction that rolled back would be another
	 * table's.
	 */
	private int tableId(TableName table, String deletionTime) {
		this.tableIds.forget(table, deletionTime);
		return this.tableIds.of(table, deletionTime);
	}

	private static long micros(Duration pause) {
		Duration longest = ChronoUnit.DAYS.getDuration().multipliedBy(365);
		return ((pause.compareTo(longest) < 0) ? pause : longest).dividedBy(ChronoUnit.MICROS.getDuration());
	}

	/**
	 * List the deletes that are at work and may go on now or soon.
	 * @param now what is due by then
	 * @param soon how long the rest before the next batch may be
	 * @return the deletes, those that have waited for longest first, without those of
	 * paused tables
	 */
	public List<Due> due(Instant now, Duration soon) {
		return this.jdbc.query(
				"""
						SELECT a.operation_id, l.id, l.schema_name, l.table_name, l.time_column, CASE
							WHEN a.next_attempt <= ? THEN 0 ELSE extract(epoch FROM a.next_attempt - clock_timestamp()) END AS rest
						FROM %s a JOIN %s l ON l.id = a.table_id CROSS JOIN %s s
						WHERE a.ended_at IS NULL AND a.format <= ? AND l.paused_at IS NULL AND s.paused_at IS NULL
						AND a.next_attempt <= greatest(CAST(? AS timestamptz), now() + make_interval(secs => ?))
						ORDER BY coalesce(a.moved_at, a.accepted_at), a.operation_id LIMIT 100"""
					.formatted(this.ledger.asyncDeletes(), this.ledger.tables(), this.ledger.state()),
				(rs, row) -> new Due(rs.getObject("operation_id", UUID.class), table(rs),
						Duration.ofNanos((long) (Math.max(0, rs.getDouble("rest")) * RateLimits.SECOND))),
				Instants.parameter(now), FORMAT, Instants.parameter(now), soon.toNanos() / (double) RateLimits.SECOND);
	}

	private static DueTable table(ResultSet rs) throws SQLException {
		return new DueTable(rs.getInt("id"), new TableName(rs.getString("schema_name"), rs.getString("table_name")),
				rs.getString("time_column"));
	}

	/**
	 * Return the statement that claims a delete for a worker that was let in by an
	 * earlier statement of the transaction. Its only row, if there is one, is read by
	 * {@link #claimed}.
	 * @param operationId the delete
	 * @return the statement
	 */
	public Sql claim(UUID operationId) {
		return Sql.of("""
				SELECT a.*, l.id, l.schema_name, l.table_name, l.time_column FROM %s a JOIN %s l ON l.id = a.table_id
				WHERE a.operation_id = ? AND a.ended_at IS NULL AND %s FOR UPDATE OF a SKIP LOCKED"""
			.formatted(this.ledger.asyncDeletes(), this.ledger.tables(), WorkerSlots.isOpen()), operationId);
	}

	/**
	 * Read a delete that was claimed.
	 * @param rs stands at its row
	 * @return the delete
	 * @throws SQLException if it cannot be read
	 */
	public static AsyncClaim claimed(ResultSet rs) throws SQLException {
		List<String> keyColumns = texts(rs, "key_columns");
		AsyncDelete delete = new AsyncDelete(rs.getObject("operation_id", UUID.class), table(rs),
				DeletionMode.valueOf(rs.getString("mode")), ModeSource.valueOf(rs.getString("source")),
				rs.getString("reason"), Instants.get(rs, "accepted_at"), texts(rs, "selection"),
				rs.getBoolean("takes_along"), rs.getBoolean("including_deleted"), rs.getInt("batch_size"),
				Duration.of(rs.getLong("pause_micros"), ChronoUnit.MICROS), keyColumns);
		return new AsyncClaim(delete,
				new KeyRange((rs.getArray("after_key") != null) ? texts(rs, "after_key") : null, texts(rs, "last_key")),
				AsyncClaim.grouped(texts(rs, "left_keys"), keyColumns.size()), rs.getInt("attempts"));
	}

	private static List<String> texts(ResultSet rs, String column) throws SQLException {
		Array array = rs.getArray(column);
		return (array != null) ? Collections.unmodifiableList(Arrays.asList((String[]) array.getArray())) : List.of();
	}

	/**
	 * Note that a stretch is behind the walk.
	 * @param claim the delete
	 * @param table its table
	 * @param stretch the rows
	 * @param done how many of them were deleted
	 * @param left the keys of those that could not be
	 * @param error why; {@code null} if nothing was wrong
	 */
	public void advance(AsyncClaim claim, Table table, KeyPage stretch, long done, List<List<String>> left,
			@Nullable String error) {
		this.jdbc.update(
				"""
						UPDATE %s a SET %s, done = a.done + ?, left_keys = a.left_keys || CAST(? AS text[]),
							last_error = coalesce(?, a.last_error)
						FROM (SELECT CAST(? AS text[]) AS dp_key, CAST(? AS bigint) AS dp_visited) e WHERE a.operation_id = ?"""
					.formatted(this.ledger.asyncDeletes(), progress(table)),
				done, flat(left), shortened(error), stretch.range().upTo().toArray(String[]::new), stretch.visited(),
				claim.delete().operationId());
	}

	/**
	 * Return what a delete {@code a} sets that has visited the rows up to the end
	 * {@code e}. The share that is done is one of the numbers between the first key and
	 * the last one where the key is a number, else of the rows that the table was thought
	 * to have. It never goes back, and only the end of the whole makes it 1.
	 */
	private static String progress(Table table) {
		String share = (table.key().size() == 1 && table.key().get(0).type().isInteger()) ? """
				(CAST(e.dp_key[1] AS numeric) - CAST(a.first_key[1] AS numeric) + 1)
					/ (CAST(a.last_key[1] AS numeric) - CAST(a.first_key[1] AS numeric) + 1)"""
				: "CAST(a.visited + e.dp_visited AS numeric) / greatest(1, a.estimated_rows)";
		return """
				state = 'RUNNING', moved_at = clock_timestamp(), after_key = e.dp_key, visited = a.visited + e.dp_visited,
					fraction = greatest(a.fraction, CAST(least(%s, 0.999) AS double precision)),
					next_attempt = CASE WHEN a.pause_micros = 0 THEN a.next_attempt
						ELSE clock_timestamp() + a.pause_micros * interval '1 microsecond' END"""
			.formatted(share);
	}

	/**
	 * Return statements for one message. The first one claims a delete that still stands
	 * where it was left, finds out where its next stretch ends, and notes that the
	 * stretch is behind the walk; its only row, if there is one, is read by
	 * {@link #fullStretch}. The second one removes the rows. The third one fails if it
	 * has removed another number of rows than matched, and the last one commits. A
	 * stretch in which fewer rows match than may is left to {@link #advance}.
	 * <p>
	 * The number comes from what the server counts for its statistics: rows that a
	 * statement returns in order to be counted are fetched a second time, which takes as
	 * long as half of their removal. Where the server does not count
	 * ({@code track_counts}) nothing is claimed.
	 * @param operationId the delete
	 * @param table its table
	 * @param rest the rest of the walk
	 * @param selection which rows match, as a condition on the row {@code t};
	 * {@code null} if all do
	 * @param visits how many rows to visit at most
	 * @param matches how many of them are to match
	 * @return the statements
	 */
	public Sql removeNextAndCommit(UUID operationId, Table table, KeyRange rest, @Nullable Sql selection, int visits,
			int matches) {
		List<String> after = rest.after();
		String name = table.name().toSql();
		Sql statement = Sql
			.of("UPDATE %s a SET %s, done = a.done + ? FROM (SELECT %s AS dp_key, dp_visited FROM ("
				.formatted(this.ledger.asyncDeletes(), progress(table), table.keyAliasesAsText("b")), matches)
			.add(KeyScan.end(rest, table, selection, visits, matches))
			.add("""
					) b) e WHERE a.operation_id = ? AND a.ended_at IS NULL AND a.after_key IS NOT DISTINCT FROM CAST(? AS text[])
						AND %s AND CAST(current_setting('track_counts') AS boolean)
					RETURNING e.dp_key, e.dp_visited, set_config('%s', CAST(e.dp_key AS text), true),
						set_config('%s', CAST(pg_stat_get_xact_tuples_deleted(CAST(? AS regclass)) AS text), true);
					DELETE FROM %s AS t WHERE"""
				.formatted(WorkerSlots.isOpen(), END_OF_STRETCH, REMOVED_BEFORE, name), operationId,
					(after != null) ? after.toArray(String[]::new) : null, name)
			.add(" ")
			.add(KeyRange.upToSetting(after, END_OF_STRETCH, table));
		if (selection != null) {
			statement.add(" AND ((").add(selection).add(") IS TRUE)");
		}
		return statement.add("""
				; SELECT CAST(CASE WHEN removed = ? THEN '0' ELSE removed || ' rows were removed' END AS integer)
				FROM (SELECT pg_stat_get_xact_tuples_deleted(CAST(? AS regclass)) - CAST(before AS bigint) AS removed
					FROM NULLIF(current_setting('%s', true), '') AS before) r WHERE removed IS NOT NULL;
				COMMIT""".formatted(REMOVED_BEFORE), matches, name);
	}

	/**
	 * Read a stretch in which as many rows match as may.
	 * @param rs stands at its row
	 * @param rest the rest of the walk that it begins
	 * @param matches how many match
	 * @return the stretch
	 * @throws SQLException if it cannot be read
	 */
	public static KeyPage fullStretch(ResultSet rs, KeyRange rest, int matches) throws SQLException {
		return new KeyPage(new KeyRange(rest.after(), texts(rs, "dp_key")), rs.getLong("dp_visited"), matches);
	}

	/**
	 * Note what became of rows that had been left behind.
	 * @param claim the delete
	 * @param done how many were deleted
	 * @param left the keys of those that still could not be
	 * @param error why; {@code null} if nothing was wrong
	 */
	public void settle(AsyncClaim claim, long done, List<List<String>> left, @Nullable String error) {
		this.jdbc.update(
				"""
						UPDATE %s SET state = 'RUNNING', done = done + ?, left_keys = ?, last_error = coalesce(?, last_error),
							attempts = CASE WHEN ? THEN 0 ELSE attempts END, moved_at = CASE WHEN ? THEN clock_timestamp() ELSE moved_at END
						WHERE operation_id = ?"""
					.formatted(this.ledger.asyncDeletes()),
				done, flat(left), shortened(error), left.isEmpty(), left.size() < claim.leftKeys().size(),
				claim.delete().operationId());
	}

	/**
	 * Put a delete off.
	 * @param claim the delete
	 * @param next until when
	 */
	public void postpone(AsyncClaim claim, Instant next) {
		this.jdbc.update("UPDATE %s SET attempts = attempts + 1, next_attempt = ? WHERE operation_id = ?"
			.formatted(this.ledger.asyncDeletes()), Instants.parameter(next), claim.delete().operationId());
	}

	/**
	 * Give up rows that were left behind.
	 * @param claim the delete
	 */
	public void giveUp(AsyncClaim claim) {
		this.jdbc.update("UPDATE %s SET failed = failed + ?, left_keys = '{}', attempts = 0 WHERE operation_id = ?"
			.formatted(this.ledger.asyncDeletes()), claim.leftKeys().size(), claim.delete().operationId());
	}

	/**
	 * End a delete, unless it has ended.
	 * @param operationId the delete
	 * @param state how
	 * @param error why; {@code null} if nothing was wrong
	 * @return whether it was at work or waiting
	 */
	public boolean end(UUID operationId, State state, @Nullable String error) {
		return this.jdbc.update("""
				UPDATE %s SET state = ?, ended_at = clock_timestamp(), last_error = coalesce(?, last_error),
					fraction = CASE WHEN ? THEN 1 ELSE fraction END
				WHERE operation_id = ? AND ended_at IS NULL""".formatted(this.ledger.asyncDeletes()), state.name(),
				shortened(error), state == State.DONE, operationId) > 0;
	}

	/**
	 * Stop a soft delete whose operation is to be restored.
	 * @param operationId the delete
	 */
	public void stopMarking(UUID operationId) {
		this.jdbc
			.update("""
					UPDATE %s SET state = 'CANCELLED', ended_at = clock_timestamp(), last_error = 'The operation was restored.'
					WHERE operation_id = ? AND ended_at IS NULL AND mode = 'SOFT'"""
				.formatted(this.ledger.asyncDeletes()), operationId);
	}

	/**
	 * Let a delete go on where it failed, or now if it was put off.
	 * @param operationId the delete
	 * @return whether it had failed, or is at work
	 */
	public boolean resume(UUID operationId) {
		return this.jdbc
			.update("""
					UPDATE %s SET state = CASE state WHEN 'FAILED' THEN 'RUNNING' ELSE state END, ended_at = NULL, attempts = 0,
						next_attempt = clock_timestamp()
					WHERE operation_id = ? AND (state = 'FAILED' OR ended_at IS NULL)"""
				.formatted(this.ledger.asyncDeletes()), operationId) > 0;
	}

	/**
	 * Give up a delete that has failed, so that nobody looks at it any more.
	 * @param operationId the delete
	 * @return whether it had failed
	 */
	public boolean giveUpFailed(UUID operationId) {
		return this.jdbc.update("UPDATE %s SET state = 'CANCELLED' WHERE operation_id = ? AND state = 'FAILED'"
			.formatted(this.ledger.asyncDeletes()), operationId) > 0;
	}

	/**
	 * Find a delete.
	 * @param operationId the delete
	 * @return how it stands; empty if it is not recorded
	 */
	public Optional<AsyncSummary> find(UUID operationId) {
		return Optional.ofNullable(Sql.of(SUMMARY.formatted(this.ledger.asyncDeletes(), this.ledger.tables()))
			.add(" WHERE a.operation_id = ?", operationId)
			.first(this.jdbc, AsyncDeletes::summary));
	}

	/**
	 * List deletes: those that have not ended first, then the newest.
	 * @param limit how many
	 * @return how they stand
	 */
	public List<AsyncSummary> list(int limit) {
		return Sql.of("""
				WITH shown AS (
					(SELECT operation_id FROM %1$s WHERE ended_at IS NULL ORDER BY next_attempt LIMIT ?)
					UNION ALL (SELECT operation_id FROM %1$s WHERE ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT ?))
				""".formatted(this.ledger.asyncDeletes()), limit, limit)
			.add(SUMMARY.formatted(this.ledger.asyncDeletes(), this.ledger.tables()))
			.add(" JOIN shown USING (operation_id) ORDER BY a.ended_at IS NOT NULL, a.accepted_at DESC, operation_id LIMIT ?",
					limit)
			.list(this.jdbc, AsyncDeletes::summary);
	}

	private static AsyncSummary summary(ResultSet rs, int row) throws SQLException {
		AsyncProgress progress = new AsyncProgress(State.valueOf(rs.getString("state")), rs.getLong("done"),
				rs.getLong("failed"), rs.getDouble("fraction"));
		return new AsyncSummary(rs.getObject("operation_id", UUID.class),
				new TableName(rs.getString("schema_name"), rs.getString("table_name")).toString(),
				DeletionMode.valueOf(rs.getString("mode")), rs.getString("reason"), Instants.get(rs, "accepted_at"),
				Instants.find(rs, "ended_at"), progress, rs.getLong("retrying"), rs.getString("last_error"));
	}

	private static String[] array(@Nullable List<String> texts) {
		return (texts != null) ? texts.toArray(String[]::new) : new String[0];
	}

	private static String[] flat(List<List<String>> keys) {
		return keys.stream().flatMap(List::stream).toArray(String[]::new);
	}

	private static @Nullable String shortened(@Nullable String error) {
		return (error != null) ? StringUtils.truncate(error.replace("\0", ""), ERROR_LENGTH) : null;
	}

	/**
	 * How to work through the rows.
	 *
	 * @param cascade whether dependants are marked too
	 * @param includingDeleted whether rows that are already deleted are marked anew
	 * @param batchSize how many rows go in one transaction at most
	 * @param pause how long to rest between two batches
	 */
	public record Way(CascadeMode cascade, boolean includingDeleted, int batchSize, Duration pause) {
	}

	/**
	 * A delete that may go on.
	 *
	 * @param operationId the delete
	 * @param table its table
	 * @param rest how long to wait before
	 */
	public record Due(UUID operationId, DueTable table, Duration rest) {
	}

}
