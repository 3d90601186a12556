package io.github.deletionpolicy.async;

import java.util.List;

import io.github.deletionpolicy.AsyncProgress.State;
import io.github.deletionpolicy.async.AsyncClaims.Due;
import io.github.deletionpolicy.async.AsyncWorker.Removed;
import io.github.deletionpolicy.async.BatchedDeletes.Deleted;
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
	 * With as many rows left the walk does not go on: something is wrong.
	 */
	private static final int MOST_LEFT = 1000;

	private final Visits visits;

	private final int most;

	private long matched;

	private @Nullable End end;

	private @Nullable OptimisticWalkBatch next;

	/**
	 * Create a batch of as many rows as the delete says.
	 * @param visits how many rows to look at
	 */
	WalkBatch(AsyncWorker worker, PurgeRun run, Due due, Visits visits) {
		super(worker, run, due);
		this.visits = visits;
		this.most = Integer.MAX_VALUE;
	}

	private WalkBatch(WalkBatch whole, int most) {
		super(whole);
		this.visits = whole.visits;
		this.most = most;
	}

	@Override
	Deleted delete(AsyncClaim claim, Table table, boolean skipLocked) {
		AsyncDelete delete = claim.delete();
		Sql selection = this.worker.deletion().selection(delete, table);
		int matches = Math.min(this.most, this.run.batchSize(delete.batchSize()));
		KeyPage page = (claim.leftKeys().size() >= MOST_LEFT) ? null
				: this.worker.scan().next(claim.rest(), table, selection, this.visits.of(selection, matches), matches);
		this.matched = (page != null) ? page.matched() : 0;
		this.end = (page != null) ? null : claim.leftKeys().isEmpty() ? End.DONE : End.ROWS_LEFT;
		if (page == null) {
			if (this.end == End.DONE && this.most == Integer.MAX_VALUE) {
				this.worker.deletes().end(delete.operationId(), State.DONE, null);
			}
			return Deleted.NOTHING;
		}
		Removed removed = remove(delete, table, page, selection, skipLocked);
		this.worker.claims().advance(claim, table, page, removed.deleted().rows(), removed.left(), removed.error());
		this.visits.learn(page, matches);
		this.next = (page.matched() == matches && this.worker.mayBeOptimistic(delete, table))
				? new OptimisticWalkBatch(this, delete, table, selection, claim.rest().behind(page.range())) : null;
		return removed.deleted();
	}

	private Removed remove(AsyncDelete delete, Table table, KeyPage page, @Nullable Sql selection, boolean skipLocked) {
		if (page.matched() == 0) {
			return Removed.NOTHING;
		}
		Sql rows = page.range().on(table);
		return skipLocked ? this.worker.removeUnlocked(delete, table, rows, selection)
				: this.worker.remove(delete, table, rows, selection, page.matched());
	}

	@Override
	public List<WalkBatch> parts() {
		int half = (claim() != null) ? (int) (this.matched / 2) : 0;
		return (half == 0) ? List.of()
				: List.of(new WalkBatch(this, half), new WalkBatch(this, (int) this.matched - half));
	}

	/**
	 * Goes past the first row that matches.
	 */
	@Override
	public void postpone(RuntimeException failure) {
		if (claim() == null || this.matched == 0) {
			throw failure;
		}
		withClaim((claim) -> {
			Table table = this.worker.describe(claim.delete());
			Sql selection = this.worker.deletion().selection(claim.delete(), table);
			KeyPage page = this.worker.scan().next(claim.rest(), table, selection, this.visits.of(selection, 1), 1);
			if (page != null) {
				List<List<String>> left = this.worker.scan()
					.keys(table, AsyncWorker.both(page.range().on(table), selection));
				this.worker.claims().advance(claim, table, page, 0, left, FailureMessages.of(failure));
			}
		});
	}

	Visits visits() {
		return this.visits;
	}

	/**
	 * Return whether the walk is over, and how.
	 */
	@Nullable End end() {
		return this.end;
	}

	/**
	 * Return the batch after this one if nothing is in its way.
	 */
	@Nullable OptimisticWalkBatch next() {
		return this.next;
	}

	enum End {

		/** Nothing is left. */
		DONE,
		/** Rows that could not be deleted are left. */
		ROWS_LEFT

	}

	/**
	 * How many rows a batch looks at, at most, to find those that match: more where few
	 * do.
	 */
	static final class Visits {

		private static final int MOST = 20_000;

		private int visits;

		int of(@Nullable Sql selection, int matches) {
			return (selection != null) ? Math.max(this.visits, matches) : matches;
		}

		void learn(KeyPage page, int matches) {
			long wanted = (page.matched() >= matches) ? Math.max(matches, 2 * page.visited())
					: 4L * Math.max(this.visits, matches);
			this.visits = (int) Math.min(wanted, Math.max(MOST, matches));
		}

	}

}
