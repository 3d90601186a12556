package io.github.deletionpolicy.purge;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.Sql;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.ChunkRef;
import io.github.deletionpolicy.ledger.DueChunks;
import io.github.deletionpolicy.ledger.DueChunks.Kept;
import io.github.deletionpolicy.ledger.DueChunks.Outcome;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * What a worker does inside one transaction: delete the rows of the chunks that it has
 * claimed, tell the listeners, settle the chunks.
 */
class PurgeBatch {

	private static final Outcome LOCKED = new Outcome(State.BLOCKED, "locked by another transaction");

	private static final Outcome STILL_THERE = new Outcome(State.FAILED,
			"still there after the DELETE; does a trigger or rule on the table prevent it?");

	private final JdbcOperations jdbc;

	private final DueChunks chunks;

	private final PurgeListeners listeners;

	PurgeBatch(JdbcOperations jdbc, DueChunks chunks, PurgeListeners listeners) {
		this.jdbc = jdbc;
		this.chunks = chunks;
		this.listeners = listeners;
	}

	/**
	 * Purge the rows of chunks.
	 * @param claimed the chunks, claimed by this transaction
	 * @param table their table
	 * @param deletionTime the column with the token
	 * @param hold the hold condition on the row {@code t}; {@code false} for none
	 * @param skipLocked whether to leave out rows that others have locked; without, the
	 * delete waits for them until the lock timeout
	 * @param nextAttempt when to try again what could not be removed
	 * @return what was done, once the transaction commits
	 */
	Result purge(List<ChunkRef> claimed, Table table, Column deletionTime, Sql hold, boolean skipLocked,
			Instant nextAttempt) {
		List<Removed> removed = delete(claimed, table, deletionTime, hold, skipLocked);
		this.listeners.tell(table, removed.stream().map(Removed::row).toList());
		Map<ChunkKey, Integer> counts = new LinkedHashMap<>();
		removed.forEach((row) -> counts.merge(row.chunk(), 1, Integer::sum));
		List<ChunkRef> done = new ArrayList<>();
		List<ChunkRef> open = new ArrayList<>();
		for (ChunkRef chunk : claimed) {
			boolean all = counts.getOrDefault(new ChunkKey(chunk.operationId(), chunk.id()), 0) == chunk.keyCount();
			(all ? done : open).add(chunk);
		}
		this.chunks.remove(done);
		Outcome otherwise = skipLocked ? LOCKED : STILL_THERE;
		Kept kept = open.isEmpty() ? new Kept(0, 0)
				: this.chunks.keepWhatIsLeft(open, table, deletionTime, hold, otherwise, nextAttempt);
		this.chunks.noteMovedOn(open.stream()
			.filter((chunk) -> !counts.containsKey(new ChunkKey(chunk.operationId(), chunk.id())))
			.map(ChunkRef::operationId)
			.distinct()
			.toList());
		return new Result(removed.isEmpty() ? Map.of() : Map.of(table.name().toString(), (long) removed.size()),
				kept.held(), otherwise.state(), kept.others());
	}

	private List<Removed> delete(List<ChunkRef> claimed, Table table, Column deletionTime, Sql hold,
			boolean skipLocked) {
		Sql keys = this.chunks.keys(claimed, table);
		if (skipLocked) {
			keys = Sql.of("(SELECT d.* FROM ")
				.add(keys)
				.add(" AS d JOIN %s AS s ON %s AND %s = d.dp_token FOR UPDATE OF s SKIP LOCKED)"
					.formatted(table.name().toSql(), table.keyEquals("s", "d"), deletionTime.toSql("s")));
		}
		Sql statement = Sql.of("DELETE FROM %s AS t USING ".formatted(table.name().toSql()))
			.add(keys)
			.add(" AS d WHERE %s AND %s = d.dp_token AND (".formatted(table.keyEquals("t", "d"),
					deletionTime.toSql("t")))
			.add(hold)
			.add(") IS NOT TRUE RETURNING d.dp_operation, d.dp_chunk, d.dp_token, " + table.selectKey("t"));
		return statement.list(this.jdbc, (rs, row) -> Removed.from(rs, table));
	}

	/**
	 * What a batch did.
	 *
	 * @param removed rows removed, by {@code schema.table}
	 * @param held rows that the hold condition keeps
	 * @param state the state of the other rows that are still there
	 * @param others how many they are
	 */
	record Result(Map<String, Long> removed, long held, State state, long others) {

		static final Result NOTHING = new Result(Map.of(), 0, State.PENDING, 0);

		long total() {
			return this.removed.values().stream().mapToLong(Long::longValue).sum();
		}

	}

	private record ChunkKey(UUID operationId, long id) {
	}

	private record Removed(ChunkKey chunk, PurgedRow row) {

		static Removed from(ResultSet rs, Table table) throws SQLException {
			UUID operationId = rs.getObject("dp_operation", UUID.class);
			return new Removed(new ChunkKey(operationId, rs.getLong("dp_chunk")), new PurgedRow(operationId,
					rs.getObject("dp_token", OffsetDateTime.class).toInstant(), PurgedRow.readKey(rs, table)));
		}

	}

}
