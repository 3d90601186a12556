package io.github.deletionpolicy.async;

import java.util.function.Consumer;

import io.github.deletionpolicy.UnknownOperationException;
import io.github.deletionpolicy.async.AsyncClaims.Due;
import io.github.deletionpolicy.async.BatchedDeletes.Removed;
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

	private @Nullable AsyncDelete claimed;

	AsyncBatch(AsyncWorker worker, PurgeRun run, Due due) {
		this.worker = worker;
		this.run = run;
		this.due = due;
	}

	@Override
	public final boolean run(boolean skipLocked) {
		this.claimed = null;
		Removed removed = this.worker.database().plain().execute((status) -> {
			this.claimed = this.worker.claim(this.due, this.run.isPatient(), !skipLocked);
			return (this.claimed != null) ? delete(this.claimed, this.worker.describe(this.claimed), skipLocked)
					: Removed.NOTHING;
		});
		if (this.claimed == null) {
			return false;
		}
		this.run.removed(this.due.table(), removed.rows());
		this.worker.deletes().committed(this.claimed, removed.rows(), removed.cascaded());
		return true;
	}

	abstract Removed delete(AsyncDelete delete, Table table, boolean skipLocked);

	/**
	 * Return the delete as this batch has claimed it; {@code null} if it could not.
	 */
	final @Nullable AsyncDelete claimed() {
		return this.claimed;
	}

	/**
	 * Lets the delete fail if it is not possible any more, or if its statements are
	 * refused without a row, too.
	 */
	@Override
	public final boolean concernsAllRows(RuntimeException failure) {
		boolean all = this.claimed != null && (isRefusal(failure) || failure instanceof IllegalArgumentException
				|| (SqlStates.mayConcernAllRows(SqlStates.of(failure)) && isRefusedWithoutRows()));
		if (all && this.claimed != null) {
			this.worker.fail(this.claimed, failure);
		}
		return all;
	}

	private boolean isRefusedWithoutRows() {
		try {
			withClaim((delete) -> this.worker.deletes()
				.delete(delete, this.worker.describe(delete), Sql.of("false"), true, 0));
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
	final void withClaim(Consumer<AsyncDelete> work) {
		this.worker.database().plain().executeWithoutResult((status) -> {
			AsyncDelete again = this.worker.claim(this.due, this.run.isPatient(), false);
			if (again != null) {
				work.accept(again);
			}
		});
	}

}
