package io.github.deletionpolicy.async;

import java.util.List;

import io.github.deletionpolicy.async.AsyncClaims.Due;
import io.github.deletionpolicy.async.AsyncWorker.Removed;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.purge.PurgeRun;
import io.github.deletionpolicy.purge.batch.Batch;
import io.github.deletionpolicy.purge.batch.FailureMessages;
import io.github.deletionpolicy.rows.KeyRange;
import io.github.deletionpolicy.rows.KeyScan.KeyPage;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

/**
 * Deletes the next rows that match, up the primary key, step by step. Its parts are as
 * many rows in two batches. A row that causes a failure is left for after the walk.
 */
class WalkBatch implements Batch {

	/**
	 * With as many rows left the walk does not go on: something is wrong.
	 */
	private static final int MOST_LEFT = 1000;

	private final AsyncWorker worker;

	private final PurgeRun run;

	private final Due due;

	private final Visits visits;

	private final int most;

	private @Nullable AsyncClaim claim;

	private long matched;

	private Step step = Step.NONE;

	/**
	 * Create a batch.
	 * @param visits how many rows to look at
	 * @param most how many rows to delete at most; the delete may say fewer
	 */
	WalkBatch(AsyncWorker worker, PurgeRun run, Due due, Visits visits, int most) {
		this.worker = worker;
		this.run = run;
		this.due = due;
		this.visits = visits;
		this.most = most;
	}

	@Override
	public boolean run(boolean skipLocked) {
		this.matched = 0;
		this.step = this.worker.database().plain().execute((status) -> {
			this.claim = this.worker.claim(this.due, this.run.isPatient(), !skipLocked);
			return (this.claim != null) ? work(this.claim, skipLocked) : Step.NONE;
		});
		AsyncClaim claimed = this.claim;
		if (claimed == null) {
			return false;
		}
		this.run.removed(this.due.table(), this.step.removed().deleted().rows());
		this.worker.deletion().committed(claimed.delete(), this.step.removed().deleted());
		if (this.step.end() == End.DONE) {
			this.worker.ended(claimed.delete());
		}
		return true;
	}

	private Step work(AsyncClaim claim, boolean skipLocked) {
		AsyncDelete delete = claim.delete();
		Table table = this.worker.describe(delete);
		if (claim.leftKeys().size() >= MOST_LEFT) {
			return Step.LEFT;
		}
		Sql selection = this.worker.deletion().selection(delete, table);
		int matches = matches(delete);
		KeyPage page = this.worker.scan()
			.next(claim.rest(), table, selection, this.visits.of(selection, matches), matches);
		if (page == null) {
			if (!claim.leftKeys().isEmpty()) {
				return Step.LEFT;
			}
			this.worker.end(delete);
			return Step.DONE;
		}
		this.matched = page.matched();
		Sql rows = page.range().on(table);
		Removed removed = (page.matched() == 0) ? Removed.NOTHING
				: skipLocked ? this.worker.removeUnlocked(delete, table, rows, selection)
						: this.worker.remove(delete, table, rows, selection, page.matched());
		this.worker.claims().advance(claim, table, page, removed.deleted().rows(), removed.left(), removed.error());
		this.visits.learn(page, matches);
		boolean optimistic = page.matched() == matches && this.worker.mayBeOptimistic(delete, table);
		return new Step(removed, null, optimistic ? new OptimisticWalkBatch(this.worker, this.run, this.due,
				this.visits, delete, table, selection, new KeyRange(page.range().upTo(), claim.rest().upTo())) : null);
	}

	private int matches(AsyncDelete delete) {
		return Math.min(this.most, this.run.batchSize(delete.batchSize()));
	}

	@Override
	public List<WalkBatch> parts() {
		int half = (int) (this.matched / 2);
		return (half == 0) ? List.of() : List.of(part(half), part((int) this.matched - half));
	}

	private WalkBatch part(int most) {
		return new WalkBatch(this.worker, this.run, this.due, this.visits, most);
	}

	@Override
	public boolean concernsAllRows(RuntimeException failure) {
		return this.claim != null
				&& this.worker.failIfAllRowsAreConcerned(this.due, this.run.isPatient(), this.claim, failure);
	}

	/**
	 * Goes past the first row that matches.
	 */
	@Override
	public void postpone(RuntimeException failure) {
		if (this.matched == 0) {
			throw failure;
		}
		String message = FailureMessages.of(failure);
		this.worker.database().plain().executeWithoutResult((status) -> {
			AsyncClaim claim = this.worker.claim(this.due, this.run.isPatient(), false);
			if (claim == null) {
				return;
			}
			Table table = this.worker.describe(claim.delete());
			Sql selection = this.worker.deletion().selection(claim.delete(), table);
			KeyPage page = this.worker.scan().next(claim.rest(), table, selection, this.visits.of(selection, 1), 1);
			if (page != null) {
				List<List<String>> left = this.worker.scan()
					.keys(table, AsyncWorker.both(page.range().on(table), selection));
				this.worker.claims().advance(claim, table, page, 0, left, message);
			}
		});
	}

	/**
	 * Return the delete as this batch has claimed it; {@code null} if it could not.
	 */
	@Nullable AsyncClaim claim() {
		return this.claim;
	}

	/**
	 * Return whether the walk is over, and how.
	 */
	@Nullable End end() {
		return this.step.end();
	}

	/**
	 * Return the batch after this one if nothing is in its way.
	 */
	@Nullable OptimisticWalkBatch next() {
		return this.step.next();
	}

	enum End {

		/** Nothing is left. */
		DONE,
		/** Rows that could not be deleted are left. */
		ROWS_LEFT

	}

	/**
	 * What the transaction did.
	 */
	private record Step(Removed removed, @Nullable End end, @Nullable OptimisticWalkBatch next) {

		static final Step NONE = new Step(Removed.NOTHING, null, null);

		static final Step DONE = new Step(Removed.NOTHING, End.DONE, null);

		static final Step LEFT = new Step(Removed.NOTHING, End.ROWS_LEFT, null);

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
