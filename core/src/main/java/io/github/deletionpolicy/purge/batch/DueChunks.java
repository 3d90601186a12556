package io.github.deletionpolicy.purge.batch;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.BackOff;
import io.github.deletionpolicy.ledger.KeyFormat;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.ledger.RecordedKeyCheck;
import io.github.deletionpolicy.purge.batch.ClaimSql.Span;
import io.github.deletionpolicy.sql.Instants;
import io.github.deletionpolicy.sql.Sql;

import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.util.StringUtils;

/**
 * What a purge reads and writes of the ledger: which chunks are due, and what became of
 * them. Claims hold until the transaction ends.
 */
public record DueChunks(JdbcOperations jdbc, LedgerTables ledger) {

	private static final int ERROR_LENGTH = 1000;

	/**
	 * Read the database's clock.
	 * @return now, in microseconds
	 */
	public Instant now() {
		return Sql.of("SELECT clock_timestamp() AS now").list(this.jdbc, (rs, row) -> Instants.get(rs, "now")).get(0);
	}

	/**
	 * List the tables with due chunks that may be purged now, and those that are paused,
	 * of which it is not known whether something is due.
	 * @param now what is due by then
	 * @param from where to look at a table from, by its number; from the beginning where
	 * it is missing
	 * @return the tables
	 */
	public Overview tables(Instant now, Map<Integer, Instant> from) {
		Integer[] tables = from.keySet().toArray(Integer[]::new);
		String[] instants = Stream.of(tables).map((table) -> String.valueOf(from.get(table))).toArray(String[]::new);
		Overview overview = new Overview(new ArrayList<>(), new HashSet<>());
		this.jdbc
			.query("""
					SELECT l.id, l.schema_name, l.table_name, l.time_column, l.paused FROM (
						SELECT l.*, l.paused_at IS NOT NULL OR s.paused_at IS NOT NULL AS paused FROM %s l CROSS JOIN %s s) l
					LEFT JOIN unnest(CAST(? AS integer[]), CAST(CAST(? AS text[]) AS timestamptz[])) AS f (id, since) ON f.id = l.id
					LEFT JOIN LATERAL (
						SELECT true AS due FROM %s c WHERE NOT l.paused AND c.table_id = l.id AND c.next_attempt <= ?
						AND c.next_attempt >= coalesce(f.since, '-infinity')
							ORDER BY c.next_attempt LIMIT 1) c ON true
					WHERE l.paused OR c.due
					ORDER BY l.id
					"""
				.formatted(this.ledger.tables(), this.ledger.state(), this.ledger.chunks()), (rs) -> {
					if (rs.getBoolean(5)) {
						overview.paused().add(rs.getInt(1));
					}
					else {
						overview.due()
							.add(new DueTable(rs.getInt(1), new TableName(rs.getString(2), rs.getString(3)),
									rs.getString(4)));
					}
				}, tables, instants, Instants.parameter(now));
		return overview;
	}

	/**
	 * Read the number of the oldest transaction that writes and has not ended.
	 * @return the number
	 */
	public long oldestWriter() {
		return snapshot("pg_snapshot_xmin");
	}

	/**
	 * Read a number that is higher than those of all transactions that have written.
	 * @return the number
	 */
	public long nextWriter() {
		return snapshot("pg_snapshot_xmax");
	}

	private long snapshot(String function) {
		return Sql.of("SELECT CAST(CAST(" + function + "(pg_current_snapshot()) AS text) AS bigint)")
			.list(this.jdbc, (rs, row) -> rs.getLong(1))
			.get(0);
	}

	/**
	 * Claim due chunks that nobody else has claimed.
	 * @param span what is due, and from where to look
	 * @param limit how many to claim at most
	 * @param holding the tables whose hold condition this node knows
	 * @return the chunks, the longest due first
	 */
	public List<ChunkRef> claim(DueTable table, Span span, int limit, List<TableName> holding) {
		Sql holdUnknown = Sql.of(
				"""
						EXISTS (SELECT FROM %s x JOIN %s l ON l.id = x.table_id WHERE x.operation_id = c.operation_id AND x.hold
							AND (l.schema_name, l.table_name) NOT IN (SELECT * FROM unnest(CAST(? AS text[]), CAST(? AS text[]))))"""
					.formatted(this.ledger.chunks(), this.ledger.tables()),
				holding.stream().map(TableName::schema).toArray(String[]::new),
				holding.stream().map(TableName::name).toArray(String[]::new));
		return claim(Sql.of("c.table_id = ? AND c.next_attempt <= ? AND c.next_attempt >= ?", table.id(),
				Instants.parameter(span.now()), span.since()), limit, holdUnknown);
	}

	/**
	 * Claim chunks anew that an earlier transaction had claimed.
	 * @param chunks the chunks
	 * @param now what is due by then
	 * @return those that are still there, still due and not claimed by others
	 */
	public List<ChunkRef> claimAgain(List<ChunkRef> chunks, Instant now) {
		return claim(Sql.of("(c.operation_id, c.id) IN (SELECT * FROM ")
			.add(refs(chunks))
			.add(") AND c.next_attempt <= ?", Instants.parameter(now)), chunks.size(), Sql.of("false"));
	}

	private List<ChunkRef> claim(Sql condition, int limit, Sql holdUnknown) {
		Sql statement = Sql.of("SELECT c.operation_id, c.id, c.key_count, c.attempts, c.next_attempt, ")
			.add(holdUnknown)
			.add(" AS hold_unknown FROM %s c JOIN %s o ON o.id = c.operation_id WHERE ".formatted(this.ledger.chunks(),
					this.ledger.operations()))
			.add(condition)
			.add(" AND o.format <= ? ORDER BY c.next_attempt LIMIT ? FOR UPDATE OF c SKIP LOCKED", LedgerTables.FORMAT,
					limit);
		return statement.list(this.jdbc, ChunkRef::from);
	}

	/**
	 * Return the keys of claimed chunks, as a relation with the columns
	 * {@code dp_operation, dp_chunk, dp_token, dp_k1, dp_k2, …}.
	 * @param chunks the chunks
	 * @return the relation, a sub-select in parentheses
	 */
	public Sql keys(List<ChunkRef> chunks, Table table) {
		return Sql.of("(SELECT c.operation_id AS dp_operation, c.id AS dp_chunk, o.token AS dp_token, k.* FROM ")
			.add(refs(chunks))
			.add(" JOIN %s c ON c.operation_id = r.operation_id AND c.id = r.id JOIN %s o ON o.id = c.operation_id CROSS JOIN %s)"
				.formatted(this.ledger.chunks(), this.ledger.operations(), KeyFormat.of(table).unnest(table)));
	}

	/**
	 * Note of operations that nothing is left to purge although it was not this purge
	 * that removed their rows: those were restored, deleted anew, or removed by other
	 * means.
	 */
	public void noteMovedOn(List<UUID> operations) {
		if (operations.isEmpty()) {
			return;
		}
		this.jdbc.update("""
				UPDATE %1$s SET mode = 'SOFT' WHERE id IN (
					SELECT o.id FROM %1$s o WHERE o.id = ANY(CAST(CAST(? AS text[]) AS uuid[]))
					AND NOT EXISTS (SELECT FROM %2$s c WHERE c.operation_id = o.id AND c.root)
					FOR NO KEY UPDATE SKIP LOCKED)""".formatted(this.ledger.operations(), this.ledger.chunks()),
				(Object) operations.stream().map(UUID::toString).toArray(String[]::new));
	}

	/**
	 * Cut a chunk into smaller ones, so that one key no longer decides over a thousand.
	 * @param size keys in each of the new ones
	 * @return the new chunks; empty if somebody else has the chunk or settled it
	 */
	public List<ChunkRef> split(ChunkRef chunk, Table table, int size) {
		requireReadable(List.of(chunk), table);
		KeyFormat keys = KeyFormat.of(table);
		return this.jdbc
			.query("""
					WITH claimed AS (
						SELECT * FROM %1$s WHERE operation_id = ? AND id = ? FOR UPDATE SKIP LOCKED),
					old AS (
						DELETE FROM %1$s d USING claimed c WHERE d.operation_id = c.operation_id AND d.id = c.id RETURNING d.*),
					numbered AS (
						SELECT c.operation_id, c.next_attempt, c.table_id, c.attempts, c.root, c.hold, k.*,
							(row_number() OVER (ORDER BY %2$s) - 1) / ? AS part
						FROM old c CROSS JOIN %3$s)
					INSERT INTO %1$s (operation_id, next_attempt, table_id, attempts, root, hold, key_count, %4$s)
					SELECT operation_id, next_attempt, table_id, attempts, root, hold, count(*), %5$s FROM numbered
					GROUP BY operation_id, next_attempt, table_id, attempts, root, hold, part ORDER BY part
					RETURNING operation_id, id, key_count, attempts, next_attempt, false AS hold_unknown
					"""
				.formatted(this.ledger.chunks(), table.keyAliases("k"), keys.unnest(table), keys.column(),
						keys.aggregate(table)),
					ChunkRef::from, chunk.operationId(), chunk.id(), size);
	}

	/**
	 * Remove chunks of which no key is left.
	 * @param chunks the chunks
	 */
	public void remove(List<ChunkRef> chunks) {
		if (chunks.isEmpty()) {
			return;
		}
		Sql statement = Sql.of("DELETE FROM %s c USING ".formatted(this.ledger.chunks()))
			.add(refs(chunks))
			.add(" WHERE c.operation_id = r.operation_id AND c.id = r.id");
		statement.update(this.jdbc);
	}

	/**
	 * Keep of claimed chunks the keys whose rows still carry the token, and remove chunks
	 * of which none is left. Runs after the {@code DELETE}, as a statement of its own:
	 * only so does it see what committed while that waited for a lock.
	 * @param chunks the chunks
	 * @param deletionTime the column with the token
	 * @param hold the hold condition on the row {@code t}; {@code false} for none
	 * @param otherwise why rows are still there that are not held
	 * @param backOff when to try them again
	 * @return what was kept
	 */
	public Kept keepWhatIsLeft(List<ChunkRef> chunks, Table table, Column deletionTime, Sql hold, Outcome otherwise,
			BackOff backOff) {
		requireReadable(chunks, table);
		KeyFormat keys = KeyFormat.of(table);
		Sql statement = Sql.of("WITH refs AS MATERIALIZED (SELECT * FROM ")
			.add(refs(chunks))
			.add("), rows AS (SELECT d.*, ")
			.add(hold)
			.add(" AS dp_held FROM ")
			.add(keys(chunks, table))
			.add("""
					 d JOIN %s t ON %s AND %s = d.dp_token),
					kept AS (
						SELECT dp_operation AS operation_id, dp_chunk AS id, count(*) AS key_count, count(*) FILTER (WHERE dp_held) AS held_count, %s AS keys
						FROM rows GROUP BY dp_operation, dp_chunk),
					gone AS (
						DELETE FROM %s c USING refs r WHERE c.operation_id = r.operation_id AND c.id = r.id
							AND NOT EXISTS (SELECT FROM kept WHERE kept.operation_id = r.operation_id AND kept.id = r.id)),
					updated AS (
						UPDATE %s c SET %s = kept.keys, key_count = kept.key_count, attempts = c.attempts + 1,
							next_attempt = CAST(? AS timestamptz) + make_interval(secs => least(?, ? * power(2, CASE
								WHEN held_count = kept.key_count OR ? <> 'FAILED' THEN 0 ELSE least(c.attempts, 20) END))),
							state = CASE WHEN held_count = kept.key_count THEN 'HELD' ELSE ? END,
							last_error = CASE WHEN held_count = kept.key_count THEN 'the hold condition keeps the row' ELSE ? END
						FROM kept WHERE c.operation_id = kept.operation_id AND c.id = kept.id
						RETURNING held_count, kept.key_count)
					SELECT coalesce(sum(held_count), 0), coalesce(sum(key_count - held_count), 0) FROM updated
					"""
				.formatted(table.name().toSql(), table.keyEquals("t", "d"), deletionTime.toSql("t"),
						keys.aggregate(table), this.ledger.chunks(), this.ledger.chunks(), keys.column()),
					Instants.parameter(backOff.now()), seconds(backOff.longest()), seconds(backOff.first()),
					otherwise.state().name(), otherwise.state().name(), shortened(otherwise.error()));
		return statement.list(this.jdbc, (rs, row) -> new Kept(rs.getLong(1), rs.getLong(2))).get(0);
	}

	/**
	 * Note that a chunk could not be purged.
	 * @param outcome why
	 * @param nextAttempt when to try it again
	 */
	public void postpone(ChunkRef chunk, Outcome outcome, Instant nextAttempt) {
		this.jdbc.update("""
				UPDATE %s SET attempts = attempts + 1, next_attempt = ?, state = ?, last_error = ?
				WHERE operation_id = ? AND id = ?""".formatted(this.ledger.chunks()), Instants.parameter(nextAttempt),
				outcome.state().name(), shortened(outcome.error()), chunk.operationId(), chunk.id());
	}

	/**
	 * Note that nothing of a table can be purged. Chunks that others hold are left to
	 * them. The next attempts lie a microsecond apart: to list them in order would
	 * otherwise mean to sort all of one instant.
	 * @param now what is due by then
	 * @param outcome why
	 * @param nextAttempt when to try again
	 * @return how many rows that concerns
	 */
	public long postponeAll(DueTable table, Instant now, Outcome outcome, Instant nextAttempt) {
		Sql statement = Sql.of("""
				WITH due AS (
					SELECT operation_id, id FROM %1$s WHERE table_id = ? AND next_attempt <= ? FOR UPDATE SKIP LOCKED),
				numbered AS (SELECT operation_id, id, row_number() OVER () AS position FROM due),
				postponed AS (
					UPDATE %1$s c SET attempts = attempts + 1, state = ?, last_error = ?,
						next_attempt = CAST(? AS timestamptz) + (n.position - 1) * interval '1 microsecond'
					FROM numbered n WHERE c.operation_id = n.operation_id AND c.id = n.id RETURNING key_count)
				SELECT coalesce(sum(key_count), 0) FROM postponed""".formatted(this.ledger.chunks()), table.id(),
				Instants.parameter(now), outcome.state().name(), shortened(outcome.error()),
				Instants.parameter(nextAttempt));
		return statement.list(this.jdbc, (rs, row) -> rs.getLong(1)).get(0);
	}

	private void requireReadable(List<ChunkRef> chunks, Table table) {
		RecordedKeyCheck.require(this.jdbc, table,
				Sql.of("FROM ")
					.add(refs(chunks))
					.add(" JOIN %s c ON c.operation_id = r.operation_id AND c.id = r.id WHERE true"
						.formatted(this.ledger.chunks())));
	}

	private static Sql refs(List<ChunkRef> chunks) {
		String[] operations = chunks.stream().map((chunk) -> chunk.operationId().toString()).toArray(String[]::new);
		long[] ids = chunks.stream().mapToLong(ChunkRef::id).toArray();
		return Sql.of("unnest(CAST(CAST(? AS text[]) AS uuid[]), CAST(? AS bigint[])) AS r (operation_id, id)",
				operations, ids);
	}

	private static double seconds(Duration duration) {
		return duration.toNanos() / 1e9;
	}

	private static String shortened(String error) {
		return StringUtils.truncate(error, ERROR_LENGTH).replace("\0", "");
	}

	/**
	 * What there is to do.
	 *
	 * @param due tables with due chunks
	 * @param paused numbers of the tables that are paused, by themselves or with all
	 */
	public record Overview(List<DueTable> due, Set<Integer> paused) {
	}

	/**
	 * Why rows are still there.
	 *
	 * @param state the state to show
	 * @param error what to show with it
	 */
	public record Outcome(PendingPurges.State state, String error) {
	}

	/**
	 * What a batch left behind.
	 *
	 * @param held rows that the hold condition keeps
	 * @param others rows that something else keeps
	 */
	public record Kept(long held, long others) {
	}

}
