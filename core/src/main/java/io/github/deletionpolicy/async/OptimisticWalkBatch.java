package io.github.deletionpolicy.async;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.purge.batch.Batch;
import io.github.deletionpolicy.purge.batch.WorkerSlots;
import io.github.deletionpolicy.purge.batch.WorkerTransaction;
import io.github.deletionpolicy.rows.KeyRange;
import io.github.deletionpolicy.rows.KeyScan;
import io.github.deletionpolicy.sql.Sql;

import org.springframework.jdbc.JdbcUpdateAffectedIncorrectNumberOfRowsException;

/**
 * Deletes the next rows that match in a single round trip, as if nothing were in the way:
 * enter, read how far the delete has come, find the end of the next page, note that the
 * walk has passed it, delete its rows. A page in which fewer rows match than may is left
 * to {@link WalkBatch}. Runs again and again; it is rolled back unless all rows are
 * deleted.
 *
 * @param before the careful batch that came before
 * @param delete the delete as that one has claimed it
 * @param matches how many rows match in a page
 * @param message all statements. They are the same from batch to batch: to put them
 * together takes longer than to send them
 */
record OptimisticWalkBatch(WalkBatch before, AsyncDelete delete, int matches, Sql message) implements Batch {

	/**
	 * Holds the key from which the page begins, until the transaction ends.
	 */
	private static final String PLACE = "deletion_policy.place";

	/**
	 * Holds the key at which the page ends, until the transaction ends.
	 */
	private static final String END = "deletion_policy.walk";

	static OptimisticWalkBatch after(WalkBatch before, AsyncDelete delete, Table table) {
		AsyncWorker worker = before.worker;
		int matches = before.run.batchSize(delete.batchSize());
		Sql selection = worker.deletes().selection(delete, table);
		String above = KeyRange.comparedToSetting(">", PLACE, table);
		Sql rest = Sql.of(above + " AND ").add(new KeyRange(null, delete.rest().upTo()).on(table));
		Sql page = Sql.of("SELECT %s AS dp_key, dp_visited FROM (".formatted(table.keyAliasesAsText("b")))
			.add(KeyScan.end(rest, table, selection, Math.max(WalkBatch.MOST_VISITS, matches), matches))
			.add(") b");
		return new OptimisticWalkBatch(before, delete, matches,
				worker.enterOptimistically(before.due)
					.add(", set_config('%s', (".formatted(PLACE))
					.add(worker.claims().place(delete.operationId()))
					.add("), true); ")
					.add(worker.claims().advance(delete, table, page, matches, List.of(), null))
					.add("""
							 AND a.ended_at IS NULL AND a.after_key = CAST(NULLIF(current_setting('%s', true), '') AS text[]) AND %s
							RETURNING set_config('%s', CAST(e.dp_key AS text), true);
							DELETE FROM %s AS t WHERE %s AND %s AND ("""
						.formatted(PLACE, WorkerSlots.isOpen(), END, table.name().toSql(), above,
								KeyRange.comparedToSetting("<=", END, table)))
					.add((selection != null) ? selection : Sql.of("true"))
					.add(") IS TRUE"));
	}

	@Override
	public boolean run(boolean skipLocked) {
		AsyncWorker worker = this.before.worker;
		boolean worked = worker.database()
			.plain()
			.execute((status) -> this.message.execute(worker.database().jdbc(), this::execute));
		if (worked) {
			this.before.run.removed(this.before.due.table(), this.matches);
			worker.deletes().committed(this.delete, this.matches, Map.of());
		}
		return worked;
	}

	/**
	 * Return whether there was a page in which enough rows match.
	 */
	private boolean execute(PreparedStatement statement) throws SQLException {
		WorkerTransaction.execute(statement);
		boolean found;
		try (ResultSet page = statement.getResultSet()) {
			found = page.next();
		}
		statement.getMoreResults();
		if (found && statement.getUpdateCount() != this.matches) {
			throw new JdbcUpdateAffectedIncorrectNumberOfRowsException(this.delete.operationId().toString(),
					this.matches, statement.getUpdateCount());
		}
		return found;
	}

}
