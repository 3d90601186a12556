package io.github.deletionpolicy.async;

import java.util.concurrent.atomic.AtomicBoolean;

import io.github.deletionpolicy.AsyncDeletion;
import io.github.deletionpolicy.AsyncOptions;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionRequest;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.delete.CallerTransaction;
import io.github.deletionpolicy.delete.RequestedRows;
import io.github.deletionpolicy.ledger.Operation;
import io.github.deletionpolicy.sql.Database;

import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Accepts asynchronous deletes in the caller's transaction and wakes a worker after its
 * commit.
 */
public class AsyncRequests {

	private final Database database;

	private final CallerTransaction calls;

	private final AsyncAcceptance acceptance;

	private final AsyncDeletes deletes;

	private final Runnable wakeWorker;

	public AsyncRequests(Database database, CallerTransaction calls, AsyncAcceptance acceptance, AsyncDeletes deletes,
			Runnable wakeWorker) {
		this.database = database;
		this.calls = calls;
		this.acceptance = acceptance;
		this.deletes = deletes;
		this.wakeWorker = wakeWorker;
	}

	public AsyncDeletion accept(DeletionRequest request, Table table, AsyncOptions options) {
		Operation operation = Operation.of(request);
		AtomicBoolean undecided = new AtomicBoolean();
		this.calls.accept(request, () -> {
			RequestedRows.refuseFallbackOnPartition(request, table);
			refuseHiddenRows(table);
			if (request.mode() == DeletionMode.HARD) {
				this.acceptance.acceptHard(operation, request, table, options);
			}
			else {
				this.acceptance.acceptSoft(operation, request, table, options);
			}
			wakeWorkerAfterCommit(undecided);
		});
		return new RecordedAsyncDeletion(operation.id(), this.deletes, this.database.callers(), undecided::get);
	}

	/**
	 * A worker selects later and sees every row, or nothing is deleted at all. What the
	 * caller may not see, the caller must not delete.
	 */
	private void refuseHiddenRows(Table table) {
		Boolean hidden = this.database.jdbc()
			.queryForObject("SELECT row_security_active(CAST(? AS regclass))", Boolean.class, table.name().toSql());
		if (Boolean.TRUE.equals(hidden)) {
			throw new UnsupportedTableException(
					"Row-level security of table %s may hide rows here, and a worker would delete those too that match. Write execute(), or let a role call it that sees every row."
						.formatted(table.name()));
		}
	}

	/**
	 * Without synchronization nobody says when the transaction ends; the next tick comes
	 * anyway.
	 */
	private void wakeWorkerAfterCommit(AtomicBoolean undecided) {
		if (!TransactionSynchronizationManager.isSynchronizationActive()) {
			return;
		}
		undecided.set(true);
		TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

			@Override
			public void afterCompletion(int status) {
				undecided.set(false);
				if (status == STATUS_COMMITTED) {
					AsyncRequests.this.wakeWorker.run();
				}
			}

		});
	}

}
