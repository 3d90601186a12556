package io.github.deletionpolicy.async;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

import io.github.deletionpolicy.async.WalkBatch.Visits;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.purge.batch.Batch;
import io.github.deletionpolicy.purge.batch.WorkerSlots;
import io.github.deletionpolicy.purge.batch.WorkerTransaction;
import io.github.deletionpolicy.rows.KeyRange;
import io.github.deletionpolicy.rows.KeyScan;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

/**
 * Deletes the next rows that match in a single round trip, as if nothing were in the way:
 * enter, read how far the delete has come, find the end of the next page, note that the
 * walk has passed it, delete its rows. A page in which fewer rows match than may is left
 * to {@link WalkBatch}. Runs again and again; it is rolled back unless all rows are
 * deleted.
 */
class OptimisticWalkBatch implements Batch {

	/**
	 * Holds the key from which the page begins, until the transaction ends.
	 */
	private static final String PLACE = "deletion_policy.place";

	/**
	 * Holds the key at which the page ends, until the transaction ends.
	 */
	private static final String END = "deletion_policy.walk";

	private final WalkBatch before;

	private final AsyncDelete delete;

	private final Table table;

	private final @Nullable Sql selection;

	private final int matches;

	private final Visits visits;

	private int visitsOfMessage;

	private Sql message = Sql.of("");

	/**
	 * Create the batch that comes after a careful one.
	 */
	OptimisticWalkBatch(WalkBatch before, AsyncDelete delete, Table table, Visits visits) {
		this.before = before;
		this.delete = delete;
		this.table = table;
		this.selection = before.worker.deletes().selection(delete, table);
		this.matches = before.run.batchSize(delete.batchSize());
		this.visits = visits;
	}

	/**
	 * The message is the same from batch to batch. To put it together takes longer than
	 * to send it.
	 */
	@Override
	public boolean run(boolean skipLocked) {
		int visits = this.visits.of(this.selection, this.matches);
		if (visits != this.visitsOfMessage) {
			this.message = message(visits);
			this.visitsOfMessage = visits;
		}
		AsyncWorker worker = this.before.worker;
		long visited = worker.database()
			.plain()
			.execute((status) -> this.message.execute(worker.database().jdbc(), this::execute));
		if (visited == 0) {
			return false;
		}
		this.before.run.removed(this.before.due.table(), this.matches);
		worker.deletes().committed(this.delete, this.matches, Map.of());
		this.visits.learn(visited, this.matches, this.matches);
		return true;
	}

	/**
	 * Return how many rows were visited; zero if fewer match than may.
	 */
	private long execute(PreparedStatement statement) throws SQLException {
		WorkerTransaction.execute(statement);
		long visited;
		try (ResultSet row = statement.getResultSet()) {
			visited = row.next() ? row.getLong("dp_visited") : 0;
		}
		statement.getMoreResults();
		if (visited > 0 && statement.getUpdateCount() != this.matches) {
			throw new NotAllGoneException();
		}
		return visited;
	}

	private Sql message(int visits) {
		AsyncWorker worker = this.before.worker;
		String above = KeyRange.comparedToSetting(">", PLACE, this.table);
		Sql upTo = new KeyRange(null, this.delete.rest().upTo()).on(this.table);
		Sql page = Sql.of("SELECT %s AS dp_key, dp_visited FROM (".formatted(this.table.keyAliasesAsText("b")))
			.add(KeyScan.end(Sql.of(above + " AND ").add(upTo), this.table, this.selection, visits, this.matches))
			.add(") b");
		return worker.enterOptimistically(this.before.due, this.table)
			.add(", set_config('%s', (".formatted(PLACE))
			.add(worker.claims().place(this.delete.operationId()))
			.add("), true); ")
			.add(worker.claims().advance(this.delete, this.table, page, this.matches, List.of(), null))
			.add("""
					 AND a.ended_at IS NULL AND a.after_key = CAST(NULLIF(current_setting('%s', true), '') AS text[]) AND %s
					RETURNING e.dp_visited, set_config('%s', CAST(e.dp_key AS text), true);
					DELETE FROM %s AS t WHERE %s AND %s AND ("""
				.formatted(PLACE, WorkerSlots.isOpen(), END, this.table.name().toSql(), above,
						KeyRange.comparedToSetting("<=", END, this.table)))
			.add((this.selection != null) ? this.selection : Sql.of("true"))
			.add(") IS TRUE");
	}

	/**
	 * Rolls back a batch of which not all rows were deleted.
	 */
	@SuppressWarnings("serial")
	private static final class NotAllGoneException extends RuntimeException {

		NotAllGoneException() {
			super(null, null, false, false);
		}

	}

}
