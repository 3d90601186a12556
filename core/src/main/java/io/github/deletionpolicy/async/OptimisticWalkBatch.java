package io.github.deletionpolicy.async;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

import io.github.deletionpolicy.async.AsyncClaims.Due;
import io.github.deletionpolicy.async.BatchedDeletes.Deleted;
import io.github.deletionpolicy.async.WalkBatch.Visits;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.purge.PurgeRun;
import io.github.deletionpolicy.purge.batch.Batch;
import io.github.deletionpolicy.purge.batch.WorkerTransaction;
import io.github.deletionpolicy.rows.KeyRange;
import io.github.deletionpolicy.rows.KeyScan;
import io.github.deletionpolicy.rows.KeyScan.KeyPage;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

/**
 * Deletes the next rows that match in a single round trip, as if nothing were in the way:
 * enter, claim the delete if it still stands where this worker left it, find the end of
 * the next page, note that the walk has passed it, delete its rows. A page in which fewer
 * rows match than may is left to {@link WalkBatch}. Runs again and again, each time from
 * where it has come to; it is rolled back unless all rows go.
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

	private final AsyncWorker worker;

	private final PurgeRun run;

	private final Due due;

	private final Visits visits;

	private final AsyncDelete delete;

	private final Table table;

	private final @Nullable Sql selection;

	private final int matches;

	private KeyRange rest;

	private @Nullable Message message;

	/**
	 * Create the batch that comes after a careful one.
	 */
	OptimisticWalkBatch(WalkBatch before, AsyncDelete delete, Table table, @Nullable Sql selection, KeyRange rest) {
		this.worker = before.worker;
		this.run = before.run;
		this.due = before.due;
		this.visits = before.visits();
		this.delete = delete;
		this.table = table;
		this.selection = selection;
		this.matches = this.run.batchSize(delete.batchSize());
		this.rest = rest;
	}

	AsyncDelete delete() {
		return this.delete;
	}

	Table table() {
		return this.table;
	}

	@Override
	public boolean run(boolean skipLocked) {
		int visits = this.visits.of(this.selection, this.matches);
		if (this.message == null || this.message.visits() != visits) {
			this.message = message(visits);
		}
		Sql statement = this.message.from(this.rest.requireAfter());
		Page page = this.worker.database()
			.plain()
			.execute((status) -> statement.execute(this.worker.database().jdbc(), this::execute));
		if (page.last() == null) {
			return false;
		}
		this.run.removed(this.due.table(), this.matches);
		this.worker.deletion().committed(this.delete, new Deleted(this.matches, Map.of(), List.of()));
		this.visits.learn(new KeyPage(this.rest, page.visited(), this.matches), this.matches);
		this.rest = this.rest.behind(new KeyRange(null, page.last()));
		return true;
	}

	private Page execute(PreparedStatement statement) throws SQLException {
		WorkerTransaction.execute(statement);
		Page page;
		try (ResultSet row = statement.getResultSet()) {
			page = row.next() ? new Page(AsyncClaims.texts(row, "dp_key"), row.getLong("dp_visited")) : Page.NONE;
		}
		statement.getMoreResults();
		if (page.last() != null && statement.getUpdateCount() != this.matches) {
			throw new NotAllGoneException();
		}
		return page;
	}

	/**
	 * Only the place differs from batch to batch. To put the whole text together takes
	 * longer than to send it.
	 */
	private Message message(int visits) {
		String place = "CAST(NULLIF(current_setting('%s', true), '') AS text[])".formatted(PLACE);
		String above = KeyRange.comparedToSetting(">", PLACE, this.table);
		Sql page = KeyScan.end(Sql.of(above + " AND ").add(new KeyRange(null, this.rest.upTo()).on(this.table)),
				this.table, this.selection, visits, this.matches);
		Sql work = this.worker.claims()
			.advance(this.due.operationId(), this.table, page, this.matches, place)
			.add(" RETURNING e.dp_key, e.dp_visited, set_config('%s', CAST(e.dp_key AS text), true); ".formatted(END))
			.add("DELETE FROM %s AS t WHERE %s AND %s".formatted(this.table.name().toSql(), above,
					KeyRange.comparedToSetting("<=", END, this.table)));
		if (this.selection != null) {
			work.add(" AND ((").add(this.selection).add(") IS TRUE)");
		}
		return new Message(visits, this.worker.enterOptimistically(this.due, this.table), work);
	}

	private record Message(int visits, Sql enter, Sql work) {

		Sql from(List<String> place) {
			return Sql.of("")
				.add(this.enter)
				.add(", set_config('" + PLACE + "', CAST(CAST(? AS text[]) AS text), true); ",
						(Object) place.toArray(String[]::new))
				.add(this.work);
		}

	}

	private record Page(@Nullable List<String> last, long visited) {

		static final Page NONE = new Page(null, 0);

	}

	/**
	 * Rolls back a batch of which not all rows went.
	 */
	@SuppressWarnings("serial")
	private static final class NotAllGoneException extends RuntimeException {

		NotAllGoneException() {
			super(null, null, false, false);
		}

	}

}
