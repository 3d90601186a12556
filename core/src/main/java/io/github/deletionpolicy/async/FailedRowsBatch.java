package io.github.deletionpolicy.async;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

import io.github.deletionpolicy.async.AsyncClaims.Due;
import io.github.deletionpolicy.async.AsyncWorker.Removed;
import io.github.deletionpolicy.async.BatchedDeletes.Deleted;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.purge.PurgeRun;
import io.github.deletionpolicy.purge.batch.FailureMessages;
import io.github.deletionpolicy.sql.Sql;

/**
 * Tries rows again that could not be deleted during the walk. Those that stay are tried
 * again later, and at last given up.
 */
class FailedRowsBatch extends AsyncBatch {

	/**
	 * How often rows are tried again.
	 */
	private static final int ATTEMPTS = 5;

	private final List<List<String>> keys;

	FailedRowsBatch(AsyncWorker worker, PurgeRun run, Due due, List<List<String>> keys) {
		super(worker, run, due);
		this.keys = keys;
	}

	private FailedRowsBatch(AsyncBatch whole, List<List<String>> keys) {
		super(whole);
		this.keys = keys;
	}

	@Override
	Deleted delete(AsyncClaim claim, Table table, boolean skipLocked) {
		Sql selection = this.worker.deletion().selection(claim.delete(), table);
		Removed removed = this.worker.removeUnlocked(claim.delete(), table, AsyncWorker.withKeys(table, this.keys),
				selection);
		List<List<String>> left = new ArrayList<>(claim.leftKeys());
		left.removeAll(this.keys);
		left.addAll(removed.left());
		this.worker.claims().settle(claim, removed.deleted().rows(), left, removed.error());
		return removed.deleted();
	}

	@Override
	public List<FailedRowsBatch> parts() {
		int half = this.keys.size() / 2;
		return (half == 0) ? List.of() : List.of(new FailedRowsBatch(this, this.keys.subList(0, half)),
				new FailedRowsBatch(this, this.keys.subList(half, this.keys.size())));
	}

	@Override
	public void postpone(RuntimeException failure) {
		if (claim() == null) {
			throw failure;
		}
		withClaim((claim) -> this.worker.claims().settle(claim, 0, claim.leftKeys(), FailureMessages.of(failure)));
	}

	/**
	 * Have the delete rest if rows are left after all have been tried, until they are
	 * tried again.
	 * @return whether it may go on
	 */
	boolean settle() {
		AtomicBoolean rests = new AtomicBoolean();
		withClaim((claim) -> {
			if (claim.leftKeys().isEmpty()) {
				return;
			}
			int attempts = claim.attempts() + 1;
			if (attempts >= ATTEMPTS) {
				this.worker.claims().giveUp(claim);
			}
			else {
				this.worker.claims().postpone(claim, this.run.backOff().after(attempts));
				rests.set(true);
			}
		});
		return !rests.get();
	}

}
