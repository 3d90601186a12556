package io.github.deletionpolicy.async;

import java.util.List;

import io.github.deletionpolicy.AsyncProgress.State;
import io.github.deletionpolicy.async.AsyncClaims.Due;
import io.github.deletionpolicy.async.BatchedDeletes.Removed;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.purge.PurgeRun;
import io.github.deletionpolicy.purge.batch.FailureMessages;
import io.github.deletionpolicy.rows.KeyScan.KeyPage;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

/**
 * Deletes the next rows that match, up the primary key, step by step. Its parts are as
 * many rows in two batches. A row that causes a failure is left for after the walk.
 */
class WalkBatch extends AsyncBatch {

	/**
	 * With as many rows left the walk does not continue: something is wrong.
	 */
	private static final int MOST_LEFT = 1000;

	/**
	 * How many rows a batch looks at, at most, unless it may delete more.
	 */
	static final int MOST_VISITS = 20_000;

	private final Visits visits;

	private final int most;

	private @Nullable KeyPage page;

	private @Nullable OptimisticWalkBatch next;

	/**
	 * Create a batch.
	 * @param visits how many rows to look at
	 * @param most how many rows to delete, unless the delete says less
	 */
	WalkBatch(AsyncWorker worker, PurgeRun run, Due due, Visits visits, int most) {
		super(worker, run, due);
		this.visits = visits;
		this.most = most;
	}

	@Override
	Removed delete(AsyncDelete delete, Table table, boolean skipLocked) {
		int matches = Math.min(this.most, this.run.batchSize(delete.batchSize()));
		KeyPage page = (delete.leftKeys().size() < MOST_LEFT) ? next(delete, table, matches) : null;
		this.page = page;
		if (page == null) {
			if (delete.leftKeys().isEmpty() && this.most == Integer.MAX_VALUE) {
				this.worker.ledgerDeletes().end(delete.operationId(), State.DONE, null);
			}
			return Removed.NOTHING;
		}
		Removed removed = (page.matched() == 0) ? Removed.NOTHING
				: this.worker.deletes().delete(delete, table, page.range().on(table), skipLocked, page.matched());
		this.worker.claims().advance(delete, table, page, removed.rows(), removed.left(), removed.error());
		this.visits.learn(page, matches);
		this.next = (page.matched() == matches && this.worker.deletes().isPlain(delete, table))
				? OptimisticWalkBatch.after(this, delete, table) : null;
		return removed;
	}

	private @Nullable KeyPage next(AsyncDelete delete, Table table, int matches) {
		Sql selection = this.worker.deletes().selection(delete, table);
		return this.worker.deletes()
			.scan()
			.next(delete.rest(), table, selection, this.visits.of(selection, matches), matches);
	}

	@Override
	public List<WalkBatch> parts() {
		int matched = (claimed() != null && this.page != null) ? (int) this.page.matched() : 0;
		return (matched < 2) ? List.of() : List.of(part(matched / 2), part(matched - matched / 2));
	}

	private WalkBatch part(int most) {
		return new WalkBatch(this.worker, this.run, this.due, this.visits, most);
	}

	/**
	 * Goes past the first row that matches.
	 */
	@Override
	public void postpone(RuntimeException failure) {
		if (claimed() == null || this.page == null || this.page.matched() == 0) {
			throw failure;
		}
		withClaim((delete) -> {
			Table table = this.worker.describe(delete);
			KeyPage page = next(delete, table, 1);
			if (page != null) {
				Sql row = BatchedDeletes.both(page.range().on(table), this.worker.deletes().selection(delete, table));
				this.worker.claims()
					.advance(delete, table, page, 0, this.worker.deletes().scan().keys(table, row),
							FailureMessages.of(failure));
			}
		});
	}

	/**
	 * Return whether the walk is over.
	 */
	boolean isOver() {
		return this.page == null;
	}

	/**
	 * Return the batch after this one if nothing prevents it.
	 */
	@Nullable OptimisticWalkBatch next() {
		return this.next;
	}

	/**
	 * How many rows a batch looks at, at most, to find those that match: more where few
	 * do.
	 */
	static final class Visits {

		private int visits;

		int of(@Nullable Sql selection, int matches) {
			return (selection != null) ? Math.max(this.visits, matches) : matches;
		}

		void learn(KeyPage page, int matches) {
			long wanted = (page.matched() >= matches) ? Math.max(matches, 2 * page.visited())
					: 4L * Math.max(this.visits, matches);
			this.visits = (int) Math.min(wanted, Math.max(MOST_VISITS, matches));
		}

	}

}
