package io.github.deletionpolicy.async;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

import io.github.deletionpolicy.async.AsyncBatch.Removed;
import io.github.deletionpolicy.async.BatchDeletion.Batch;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.purge.PurgeRun;
import io.github.deletionpolicy.purge.PurgeTools;
import io.github.deletionpolicy.purge.batch.FailureMessages;
import io.github.deletionpolicy.purge.batch.SqlStates;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

/**
 * Tries rows again that an asynchronous delete has left behind: all at once, and where
 * that fails in halves. Those that stay are tried again later, and in the end given up.
 */
class FailedRows {

	/**
	 * How often rows are tried again.
	 */
	private static final int ATTEMPTS = 5;

	private final PurgeTools tools;

	private final AsyncDeletes deletes;

	private final PurgeRun run;

	private final AsyncBatch batch;

	FailedRows(PurgeTools tools, PurgeRun run, AsyncBatch batch) {
		this.tools = tools;
		this.deletes = tools.asyncDeletes();
		this.run = run;
		this.batch = batch;
	}

	/**
	 * Try them again.
	 * @param before the delete, claimed by a transaction that has ended
	 * @return whether the delete may go on; it must rest otherwise
	 * @throws RuntimeException if something refuses every row
	 */
	boolean retry(AsyncClaim before) {
		retry(before.leftKeys());
		return this.tools.inPlainTransaction(() -> {
			AsyncClaim claim = this.batch.claim(false);
			if (claim == null || claim.leftKeys().isEmpty()) {
				return true;
			}
			boolean enough = claim.attempts() + 1 >= ATTEMPTS;
			if (enough) {
				this.deletes.giveUp(claim);
			}
			else {
				this.deletes.postpone(claim, this.run.backOff().after(claim.attempts() + 1));
			}
			return enough;
		});
	}

	private void retry(List<List<String>> keys) {
		if (this.run.isOver()) {
			return;
		}
		AtomicReference<@Nullable AsyncClaim> claimed = new AtomicReference<>();
		try {
			Batch done = this.tools.inPlainTransaction(() -> {
				AsyncClaim claim = this.batch.claim(false);
				claimed.set(claim);
				return (claim != null) ? retry(claim, keys) : AsyncBatch.NOTHING;
			});
			AsyncClaim claim = claimed.get();
			if (claim != null) {
				this.batch.committed(claim.delete(), done);
			}
		}
		catch (RuntimeException ex) {
			if (SqlStates.isEnvironment(ex) || claimed.get() == null || this.batch.isRefusedWithoutRows(ex)) {
				throw ex;
			}
			if (keys.size() > 1) {
				int half = keys.size() / 2;
				retry(keys.subList(0, half));
				retry(keys.subList(half, keys.size()));
			}
			else {
				note(FailureMessages.of(ex));
			}
		}
	}

	private Batch retry(AsyncClaim claim, List<List<String>> keys) {
		Table table = this.batch.describe(claim.delete());
		Sql selection = this.tools.batchDeletion().selection(claim.delete(), table);
		Removed removed = this.batch.removeUnlocked(claim.delete(), table, AsyncBatch.withKeys(table, keys), selection);
		List<List<String>> left = new ArrayList<>(claim.leftKeys());
		left.removeAll(keys);
		left.addAll(removed.left());
		this.deletes.settle(claim, removed.batch().rows(), left, removed.error());
		return removed.batch();
	}

	private void note(String error) {
		this.tools.inPlainTransaction(() -> {
			AsyncClaim claim = this.batch.claim(false);
			if (claim != null) {
				this.deletes.settle(claim, 0, claim.leftKeys(), error);
			}
			return true;
		});
	}

}
