package io.github.deletionpolicy.async;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.UUID;

import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.ModeSource;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.purge.batch.DueTable;
import io.github.deletionpolicy.purge.batch.WorkerSlots;
import io.github.deletionpolicy.rows.KeyRange;
import io.github.deletionpolicy.rows.KeyScan.KeyPage;
import io.github.deletionpolicy.sql.Instants;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * What a worker reads and writes of asynchronous deletes in the ledger.
 */
record AsyncClaims(JdbcOperations jdbc, LedgerTables ledger) {

	/**
	 * List the deletes that have not ended and may continue now or soon, those that have
	 * waited longest first, without those of paused tables.
	 * @param now what is due by then
	 * @param soon how long the pause before the next batch may be
	 */
	List<Due> due(Instant now, Duration soon) {
		return this.jdbc.query(
				"""
						SELECT a.operation_id, l.id, l.schema_name, l.table_name, l.time_column, CAST(CASE
							WHEN a.next_attempt <= ? THEN 0 ELSE extract(epoch FROM a.next_attempt - clock_timestamp()) * 1000000 END AS bigint) AS rest
						FROM %s a JOIN %s l ON l.id = a.table_id CROSS JOIN %s s
						WHERE a.ended_at IS NULL AND a.format <= ? AND l.paused_at IS NULL AND s.paused_at IS NULL
						AND a.next_attempt <= greatest(CAST(? AS timestamptz), now() + make_interval(secs => ?))
						ORDER BY coalesce(a.moved_at, a.accepted_at), a.operation_id LIMIT 100"""
					.formatted(this.ledger.asyncDeletes(), this.ledger.tables(), this.ledger.state()),
				(rs, row) -> new Due(rs.getObject("operation_id", UUID.class), table(rs),
						Duration.of(Math.max(0, rs.getLong("rest")), ChronoUnit.MICROS)),
				Instants.parameter(now), AsyncDeletes.FORMAT, Instants.parameter(now), soon.toMillis() / 1000d);
	}

	private static DueTable table(ResultSet rs) throws SQLException {
		return new DueTable(rs.getInt("id"), new TableName(rs.getString("schema_name"), rs.getString("table_name")),
				rs.getString("time_column"));
	}

	/**
	 * Return the statement that claims a delete for a worker that was let in by an
	 * earlier statement of the transaction. Its only row, if there is one, is read by
	 * {@link #read}.
	 */
	Sql claim(UUID operationId) {
		return Sql.of("""
				SELECT a.*, l.id, l.schema_name, l.table_name, l.time_column FROM %s a JOIN %s l ON l.id = a.table_id
				WHERE a.operation_id = ? AND a.ended_at IS NULL AND %s FOR UPDATE OF a SKIP LOCKED"""
			.formatted(this.ledger.asyncDeletes(), this.ledger.tables(), WorkerSlots.isOpen()), operationId);
	}

	static AsyncDelete read(ResultSet rs) throws SQLException {
		List<String> after = texts(rs, "after_key");
		List<String> keyColumns = texts(rs, "key_columns");
		List<String> left = texts(rs, "left_keys");
		List<List<String>> leftKeys = new ArrayList<>();
		int size = keyColumns.size();
		for (int i = 0; size > 0 && i + size <= left.size(); i += size) {
			leftKeys.add(left.subList(i, i + size));
		}
		return new AsyncDelete(rs.getObject("operation_id", UUID.class), table(rs),
				DeletionMode.valueOf(rs.getString("mode")), ModeSource.valueOf(rs.getString("source")),
				Instants.get(rs, "accepted_at"), texts(rs, "selection"), rs.getBoolean("takes_along"),
				rs.getBoolean("including_deleted"), rs.getInt("batch_size"),
				Duration.of(rs.getLong("pause_micros"), ChronoUnit.MICROS), keyColumns,
				new KeyRange(after.isEmpty() ? null : after, texts(rs, "last_key")), leftKeys, rs.getInt("attempts"));
	}

	private static List<String> texts(ResultSet rs, String column) throws SQLException {
		Array array = rs.getArray(column);
		return (array != null) ? Collections.unmodifiableList(Arrays.asList((String[]) array.getArray())) : List.of();
	}

	/**
	 * Return the query of the place that the walk of a delete has reached, as the text of
	 * an array.
	 */
	Sql place(UUID operationId) {
		return Sql.of(
				"SELECT CAST(after_key AS text) FROM %s WHERE operation_id = ?".formatted(this.ledger.asyncDeletes()),
				operationId);
	}

	/**
	 * Note that the walk has passed a page.
	 * @param done how many of its rows were deleted
	 * @param left the keys of those that could not be
	 * @param error why; {@code null} if nothing was wrong
	 */
	void advance(AsyncDelete delete, Table table, KeyPage page, long done, List<List<String>> left,
			@Nullable String error) {
		Sql end = Sql.of("SELECT CAST(? AS text[]) AS dp_key, CAST(? AS bigint) AS dp_visited",
				page.range().upTo().toArray(String[]::new), page.visited());
		advance(delete, table, end, done, left, error).update(this.jdbc);
	}

	/**
	 * Return the statement that does so, up to a condition on the delete {@code a}, to
	 * which more may be added. The share that is done is one of the numbers between the
	 * first key and the last one where the key is a number, else of the rows that the
	 * table was thought to have. It never goes back, and only the end of the whole makes
	 * it 1.
	 * @param end query of the last key of the page, as texts {@code dp_key}, and of
	 * {@code dp_visited}, how many rows it has
	 */
	Sql advance(AsyncDelete delete, Table table, Sql end, long done, List<List<String>> left, @Nullable String error) {
		String share = table.hasIntegerKey() ? """
				(CAST(e.dp_key[1] AS numeric) - CAST(a.first_key[1] AS numeric) + 1)
					/ (CAST(a.last_key[1] AS numeric) - CAST(a.first_key[1] AS numeric) + 1)"""
				: "CAST(a.visited + e.dp_visited AS numeric) / greatest(1, a.estimated_rows)";
		return Sql
			.of("""
					UPDATE %s a SET state = 'RUNNING', moved_at = clock_timestamp(), after_key = e.dp_key,
						visited = a.visited + e.dp_visited,
						fraction = greatest(a.fraction, CAST(least(%s, 0.999) AS double precision)),
						next_attempt = CASE WHEN a.pause_micros = 0 THEN a.next_attempt
							ELSE clock_timestamp() + a.pause_micros * interval '1 microsecond' END,
						done = a.done + ?, left_keys = a.left_keys || CAST(? AS text[]), last_error = coalesce(?, a.last_error)
					FROM ("""
				.formatted(this.ledger.asyncDeletes(), share), done, flat(left), AsyncDeletes.shortened(error))
			.add(end)
			.add(") e WHERE a.operation_id = ?", delete.operationId());
	}

	/**
	 * Note what became of rows that could not be deleted before.
	 * @param done how many are deleted now
	 * @param left the keys of those that still could not be
	 * @param error why; {@code null} if nothing was wrong
	 */
	void settle(AsyncDelete delete, long done, List<List<String>> left, @Nullable String error) {
		this.jdbc.update("""
				UPDATE %s SET state = 'RUNNING', done = done + ?, left_keys = ?, last_error = coalesce(?, last_error),
					attempts = CASE WHEN ? THEN 0 ELSE attempts END,
					moved_at = CASE WHEN ? THEN clock_timestamp() ELSE moved_at END
				WHERE operation_id = ?""".formatted(this.ledger.asyncDeletes()), done, flat(left),
				AsyncDeletes.shortened(error), left.isEmpty(), left.size() < delete.leftKeys().size(),
				delete.operationId());
	}

	void postpone(AsyncDelete delete, Instant next) {
		this.jdbc.update("UPDATE %s SET attempts = attempts + 1, next_attempt = ? WHERE operation_id = ?"
			.formatted(this.ledger.asyncDeletes()), Instants.parameter(next), delete.operationId());
	}

	/**
	 * Give up the rows that could not be deleted.
	 */
	void giveUp(AsyncDelete delete) {
		this.jdbc.update("UPDATE %s SET failed = failed + ?, left_keys = '{}', attempts = 0 WHERE operation_id = ?"
			.formatted(this.ledger.asyncDeletes()), delete.leftKeys().size(), delete.operationId());
	}

	private static String[] flat(List<List<String>> keys) {
		return keys.stream().flatMap(List::stream).toArray(String[]::new);
	}

	/**
	 * A delete that may continue.
	 *
	 * @param operationId the delete
	 * @param table its table
	 * @param rest how long to wait before
	 */
	record Due(UUID operationId, DueTable table, Duration rest) {
	}

}
