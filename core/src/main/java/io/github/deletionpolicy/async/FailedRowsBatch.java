package io.github.deletionpolicy.async;

import java.util.ArrayList;
import java.util.List;

import io.github.deletionpolicy.async.AsyncClaims.Due;
import io.github.deletionpolicy.async.BatchedDeletes.Removed;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.purge.PurgeRun;
import io.github.deletionpolicy.purge.batch.FailureMessages;

/**
 * Retries rows that could not be deleted during the walk. Those that stay are retried
 * later, and at last given up.
 */
class FailedRowsBatch extends AsyncBatch {

	/**
	 * How often rows are retried.
	 */
	private static final int ATTEMPTS = 5;

	private final List<List<String>> keys;

	FailedRowsBatch(AsyncWorker worker, PurgeRun run, Due due, List<List<String>> keys) {
		super(worker, run, due);
		this.keys = keys;
	}

	@Override
	Removed delete(AsyncDelete delete, Table table, boolean skipLocked) {
		Removed removed = this.worker.deletes()
			.delete(delete, table, BatchedDeletes.withKeys(table, this.keys), true, this.keys.size());
		List<List<String>> left = new ArrayList<>(delete.leftKeys());
		left.removeAll(this.keys);
		left.addAll(removed.left());
		this.worker.claims().settle(delete, removed.rows(), left, removed.error());
		return removed;
	}

	@Override
	public List<FailedRowsBatch> parts() {
		int half = this.keys.size() / 2;
		return (half == 0) ? List.of() : List.of(part(0, half), part(half, this.keys.size()));
	}

	private FailedRowsBatch part(int from, int to) {
		return new FailedRowsBatch(this.worker, this.run, this.due, this.keys.subList(from, to));
	}

	@Override
	public void postpone(RuntimeException failure) {
		if (claimed() == null) {
			throw failure;
		}
		withClaim((delete) -> this.worker.claims().settle(delete, 0, delete.leftKeys(), FailureMessages.of(failure)));
	}

	/**
	 * Have the delete wait if rows are left after all have been retried.
	 */
	void settle() {
		withClaim((delete) -> {
			int attempts = delete.attempts() + 1;
			if (attempts >= ATTEMPTS) {
				this.worker.claims().giveUp(delete);
			}
			else if (!delete.leftKeys().isEmpty()) {
				this.worker.claims().postpone(delete, this.run.backOff().after(attempts));
			}
		});
	}

}
