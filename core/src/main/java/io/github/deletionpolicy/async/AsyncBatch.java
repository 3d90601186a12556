package io.github.deletionpolicy.async;

import java.util.function.Consumer;

import io.github.deletionpolicy.UnknownOperationException;
import io.github.deletionpolicy.async.AsyncClaims.Due;
import io.github.deletionpolicy.async.BatchedDeletes.Deleted;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.purge.PurgeRun;
import io.github.deletionpolicy.purge.batch.Batch;
import io.github.deletionpolicy.purge.batch.SqlStates;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.InvalidDataAccessApiUsageException;

/**
 * Deletes rows of an asynchronous delete step by step: enter, claim the delete, delete
 * rows, note which of them stayed.
 */
abstract class AsyncBatch implements Batch {

	final AsyncWorker worker;

	final PurgeRun run;

	final Due due;

	private @Nullable AsyncClaim claim;

	AsyncBatch(AsyncWorker worker, PurgeRun run, Due due) {
		this.worker = worker;
		this.run = run;
		this.due = due;
	}

	/**
	 * Create a batch for a part of the rows of another one.
	 */
	AsyncBatch(AsyncBatch whole) {
		this(whole.worker, whole.run, whole.due);
	}

	@Override
	public final boolean run(boolean skipLocked) {
		this.claim = null;
		Deleted deleted = this.worker.database().plain().execute((status) -> {
			this.claim = this.worker.claim(this.due, this.run.isPatient(), !skipLocked);
			return (this.claim != null) ? delete(this.claim, this.worker.describe(this.claim.delete()), skipLocked)
					: Deleted.NOTHING;
		});
		if (this.claim == null) {
			return false;
		}
		this.run.removed(this.due.table(), deleted.rows());
		this.worker.deletion().committed(this.claim.delete(), deleted);
		return true;
	}

	abstract Deleted delete(AsyncClaim claim, Table table, boolean skipLocked);

	/**
	 * Return the delete as this batch has claimed it; {@code null} if it could not.
	 */
	final @Nullable AsyncClaim claim() {
		return this.claim;
	}

	/**
	 * Lets the delete fail if it is not possible any more, or if its statements are
	 * refused without a row, too.
	 */
	@Override
	public final boolean concernsAllRows(RuntimeException failure) {
		boolean all = this.claim != null && (isRefusal(failure) || failure instanceof IllegalArgumentException
				|| (SqlStates.mayConcernAllRows(SqlStates.of(failure)) && isRefusedWithoutRows()));
		if (all && this.claim != null) {
			this.worker.fail(this.claim, failure);
		}
		return all;
	}

	private boolean isRefusedWithoutRows() {
		try {
			withClaim((claim) -> {
				Table table = this.worker.describe(claim.delete());
				this.worker.removeUnlocked(claim.delete(), table, Sql.of("false"), null);
			});
			return false;
		}
		catch (RuntimeException ex) {
			return isRefusal(ex) || SqlStates.mayConcernAllRows(SqlStates.of(ex));
		}
	}

	private static boolean isRefusal(RuntimeException failure) {
		return failure instanceof InvalidDataAccessApiUsageException || failure instanceof UnknownOperationException;
	}

	/**
	 * Claim the delete in a new transaction, and do something if that is possible.
	 */
	final void withClaim(Consumer<AsyncClaim> work) {
		this.worker.database().plain().executeWithoutResult((status) -> {
			AsyncClaim again = this.worker.claim(this.due, this.run.isPatient(), false);
			if (again != null) {
				work.accept(again);
			}
		});
	}

}
