package io.github.deletionpolicy.delete;

import java.util.function.Function;
import java.util.function.Supplier;

import io.github.deletionpolicy.DeletionEvent;
import io.github.deletionpolicy.DeletionRequest;
import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.ReadOnlyDeletionException;
import io.github.deletionpolicy.RestoreResult;
import io.github.deletionpolicy.RowsDeletedEvent;
import io.github.deletionpolicy.RowsRestoredEvent;
import io.github.deletionpolicy.event.DeletionEvents;
import io.github.deletionpolicy.event.EventsAfterCommit;
import io.github.deletionpolicy.sql.Database;
import io.github.deletionpolicy.sql.RefusedException;
import org.jspecify.annotations.Nullable;

import org.springframework.transaction.support.TransactionOperations;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * What surrounds each call that writes: the caller's transaction or one of its own, the
 * monitor, and the event after the commit.
 */
public class CallerTransaction {

	private final TransactionOperations transactions;

	private final EventsAfterCommit events;

	private final DeletionMonitor monitor;

	public CallerTransaction(Database database, DeletionEvents events, DeletionMonitor monitor) {
		this.transactions = database.callers();
		this.events = new EventsAfterCommit(database.jdbc(), events);
		this.monitor = monitor;
	}

	/**
	 * Delete.
	 * @param request the request
	 * @param delete carries it out
	 * @param resultOf returns the result that is part of what the work returns
	 */
	public <T> T delete(DeletionRequest request, Supplier<T> delete, Function<T, DeletionResult> resultOf) {
		String table = request.table().name().toString();
		return this.monitor.aroundDelete(request, () -> write("A delete from " + table, delete, (done) -> {
			DeletionResult result = resultOf.apply(done);
			return (result.rows() > 0) ? new RowsDeletedEvent(table, result) : null;
		}));
	}

	/**
	 * Accept an asynchronous delete.
	 */
	public void accept(DeletionRequest request, Runnable acceptance) {
		write("An asynchronous delete from " + request.table().name(), () -> {
			acceptance.run();
			return true;
		}, (done) -> null);
	}

	/**
	 * Restore. Where a restore is repeated, dependants may be restored alone.
	 * @param restore what is restored
	 * @param byOperation whether a whole operation is
	 * @param work does so
	 */
	public RestoreResult restore(String restore, boolean byOperation, Supplier<RowsRestoredEvent> work) {
		return this.monitor.aroundRestore(byOperation,
				() -> write(restore, work,
						(restored) -> (restored.result().rows() > 0 || !restored.result().cascaded().isEmpty())
								? restored : null))
			.result();
	}

	/**
	 * An exception that leaves the callback would mark the caller's transaction for
	 * rollback; after a refusal, which changed nothing, that transaction can go on.
	 */
	private <T> T write(String call, Supplier<T> work, Function<T, @Nullable DeletionEvent> eventOf) {
		if (TransactionSynchronizationManager.isCurrentTransactionReadOnly()) {
			throw new ReadOnlyDeletionException(
					call + " was called in a read-only transaction. Leave out readOnly = true there.");
		}
		Supplier<T> outcome = this.transactions.execute((transaction) -> {
			try {
				T done = work.get();
				DeletionEvent event = eventOf.apply(done);
				if (event != null && transaction.isNewTransaction()) {
					return () -> {
						this.events.publish(event);
						this.monitor.committed(event);
						return done;
					};
				}
				if (event != null) {
					this.events.keep(event);
					tellMonitorAfterCommit(event);
				}
				return () -> done;
			}
			catch (RefusedException ex) {
				return () -> {
					throw ex.reason();
				};
			}
		});
		return outcome.get();
	}

	private void tellMonitorAfterCommit(DeletionEvent event) {
		if (this.monitor == DeletionMonitor.NONE || !TransactionSynchronizationManager.isSynchronizationActive()) {
			return;
		}
		TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

			@Override
			public void afterCommit() {
				CallerTransaction.this.monitor.committed(event);
			}

		});
	}

}
