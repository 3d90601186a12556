package io.github.deletionpolicy.purge.batch;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.catalog.CascadePlan.Node;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.BackOff;
import io.github.deletionpolicy.purge.batch.DueChunks.Outcome;
import io.github.deletionpolicy.rows.KeyValues;
import io.github.deletionpolicy.sql.Sql;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * What a worker does inside one transaction with chunks that it has claimed, whatever is
 * in their way: delete the rows that can go, tell the listeners, settle the chunks.
 */
public class CarefulBatch {

	public static final Outcome LOCKED = new Outcome(State.BLOCKED, "locked by another transaction");

	static final Outcome STILL_THERE = new Outcome(State.FAILED,
			"still there after the DELETE; does a trigger or rule on the table prevent it?");

	private final JdbcOperations jdbc;

	private final DueChunks chunks;

	private final PurgeListeners listeners;

	public CarefulBatch(JdbcOperations jdbc, DueChunks chunks, PurgeListeners listeners) {
		this.jdbc = jdbc;
		this.chunks = chunks;
		this.listeners = listeners;
	}

	/**
	 * Purge the rows of chunks.
	 * @param claimed the chunks, claimed by this transaction
	 * @param root their table
	 * @param hold the hold condition on the row {@code t}; {@code false} for none
	 * @param skipLocked whether to leave out rows that others have locked; without, the
	 * delete waits for them until the lock timeout
	 * @param backOff when to try again what could not be removed
	 * @return what was done, once the transaction commits
	 */
	public PurgeResult purge(List<ChunkRef> claimed, Node root, Sql hold, boolean skipLocked, BackOff backOff) {
		List<Removed> removed = delete(claimed, root.table(), root.requireDeletionTime(), hold, skipLocked);
		this.listeners.tell(root.table(), removed.stream().map(Removed::row).toList());
		Map<ChunkKey, Long> counts = new HashMap<>();
		removed.forEach((row) -> counts.merge(row.chunk(), 1L, Long::sum));
		return new Settlement(root, hold, skipLocked ? LOCKED : STILL_THERE, backOff).settle(this.chunks, claimed,
				(chunk) -> counts.getOrDefault(new ChunkKey(chunk.operationId(), chunk.id()), 0L),
				removed.isEmpty() ? Map.of() : Map.of(root.name().toString(), (long) removed.size()));
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

	private record ChunkKey(UUID operationId, long id) {
	}

	private record Removed(ChunkKey chunk, PurgedRow row) {

		static Removed from(ResultSet rs, Table table) throws SQLException {
			UUID operationId = rs.getObject("dp_operation", UUID.class);
			return new Removed(new ChunkKey(operationId, rs.getLong("dp_chunk")), new PurgedRow(operationId,
					rs.getObject("dp_token", OffsetDateTime.class).toInstant(), KeyValues.read(rs, table)));
		}

	}

}
