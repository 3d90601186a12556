package io.github.deletionpolicy.async;

import java.util.ArrayList;
import java.util.List;

import io.github.deletionpolicy.async.AsyncClaims.Due;
import io.github.deletionpolicy.async.AsyncWorker.Removed;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.purge.PurgeRun;
import io.github.deletionpolicy.purge.batch.Batch;
import io.github.deletionpolicy.purge.batch.BatchRecovery;
import io.github.deletionpolicy.purge.batch.FailureMessages;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

/**
 * Tries rows again that could not be deleted during the walk. Those that stay are tried
 * again later, and at last given up.
 */
class FailedRowsBatch implements Batch {

	/**
	 * How often rows are tried again.
	 */
	private static final int ATTEMPTS = 5;

	private final AsyncWorker worker;

	private final PurgeRun run;

	private final Due due;

	private final List<List<String>> keys;

	private @Nullable AsyncClaim claim;

	private FailedRowsBatch(AsyncWorker worker, PurgeRun run, Due due, List<List<String>> keys) {
		this.worker = worker;
		this.run = run;
		this.due = due;
		this.keys = keys;
	}

	/**
	 * Try all rows that could not be deleted.
	 * @return whether the delete may go on; it must rest otherwise
	 */
	static boolean retry(AsyncWorker worker, PurgeRun run, Due due, List<List<String>> keys) {
		new BatchRecovery(run::isOver, true).run(new FailedRowsBatch(worker, run, due, keys));
		return worker.database().plain().execute((status) -> {
			AsyncClaim claim = worker.claim(due, run.isPatient(), false);
			if (claim == null || claim.leftKeys().isEmpty()) {
				return true;
			}
			boolean enough = claim.attempts() + 1 >= ATTEMPTS;
			if (enough) {
				worker.claims().giveUp(claim);
			}
			else {
				worker.claims().postpone(claim, run.backOff().after(claim.attempts() + 1));
			}
			return enough;
		});
	}

	@Override
	public boolean run(boolean skipLocked) {
		Removed removed = this.worker.database().plain().execute((status) -> {
			this.claim = this.worker.claim(this.due, this.run.isPatient(), false);
			return (this.claim != null) ? remove(this.claim) : Removed.NOTHING;
		});
		if (this.claim == null) {
			return false;
		}
		this.run.removed(this.due.table(), removed.deleted().rows());
		this.worker.deletion().committed(this.claim.delete(), removed.deleted());
		return true;
	}

	private Removed remove(AsyncClaim claim) {
		Table table = this.worker.describe(claim.delete());
		Sql selection = this.worker.deletion().selection(claim.delete(), table);
		Removed removed = this.worker.removeUnlocked(claim.delete(), table, AsyncWorker.withKeys(table, this.keys),
				selection);
		List<List<String>> left = new ArrayList<>(claim.leftKeys());
		left.removeAll(this.keys);
		left.addAll(removed.left());
		this.worker.claims().settle(claim, removed.deleted().rows(), left, removed.error());
		return removed;
	}

	@Override
	public List<FailedRowsBatch> parts() {
		int half = this.keys.size() / 2;
		return (half == 0) ? List.of()
				: List.of(part(this.keys.subList(0, half)), part(this.keys.subList(half, this.keys.size())));
	}

	private FailedRowsBatch part(List<List<String>> keys) {
		return new FailedRowsBatch(this.worker, this.run, this.due, keys);
	}

	@Override
	public boolean concernsAllRows(RuntimeException failure) {
		return this.claim != null
				&& this.worker.failIfAllRowsAreConcerned(this.due, this.run.isPatient(), this.claim, failure);
	}

	@Override
	public void postpone(RuntimeException failure) {
		if (this.claim == null) {
			throw failure;
		}
		String message = FailureMessages.of(failure);
		this.worker.database().plain().executeWithoutResult((status) -> {
			AsyncClaim claim = this.worker.claim(this.due, this.run.isPatient(), false);
			if (claim != null) {
				this.worker.claims().settle(claim, 0, claim.leftKeys(), message);
			}
		});
	}

}
