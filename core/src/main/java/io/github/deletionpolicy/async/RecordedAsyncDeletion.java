package io.github.deletionpolicy.async;

import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

import io.github.deletionpolicy.AsyncDeletion;
import io.github.deletionpolicy.AsyncProgress;
import io.github.deletionpolicy.AsyncProgress.State;
import io.github.deletionpolicy.PendingPurges.AsyncSummary;
import io.github.deletionpolicy.UnknownOperationException;

import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.transaction.support.TransactionOperations;

/**
 * A handle on an asynchronous delete that knows nothing but its identifier: all else is
 * read from the ledger.
 *
 * @param transactions joins the caller's transaction, or opens one
 * @param undecided whether this thread is still in the transaction that accepted the
 * delete
 */
public record RecordedAsyncDeletion(UUID operationId, AsyncDeletes deletes, TransactionOperations transactions,
		BooleanSupplier undecided) implements AsyncDeletion {

	private static final Duration FIRST_LOOK = Duration.ofMillis(20);

	private static final Duration LONGEST_LOOK = Duration.ofMillis(500);

	@Override
	public AsyncProgress progress() {
		return summary().progress();
	}

	@Override
	public Optional<String> lastError() {
		return Optional.ofNullable(summary().lastError());
	}

	private AsyncSummary summary() {
		return this.deletes.find(this.operationId)
			.orElseThrow(() -> new UnknownOperationException(
					"No asynchronous delete is recorded as operation %s: its transaction was rolled back, or it ended longer ago than deletion-policy.retention."
						.formatted(this.operationId)));
	}

	@Override
	public AsyncProgress await(Duration timeout) {
		if (timeout == null) {
			throw new InvalidDataAccessApiUsageException(
					"The timeout of await() for the asynchronous delete %s is null. Write how long to wait, such as Duration.ofMinutes(1)."
						.formatted(this.operationId));
		}
		if (this.undecided.getAsBoolean()) {
			throw new InvalidDataAccessApiUsageException(
					"The asynchronous delete %s starts after the transaction that accepted it has committed, but await() was called inside that transaction. Call it after the commit."
						.formatted(this.operationId));
		}
		long end = System.nanoTime() + Math.min(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.DAYS.toNanos(365));
		Duration look = FIRST_LOOK;
		AsyncProgress progress = progress();
		while (isOpen(progress) && end - System.nanoTime() > 0 && !Thread.currentThread().isInterrupted()) {
			LockSupport.parkNanos(Math.min(look.toNanos(), end - System.nanoTime()));
			look = (look.compareTo(LONGEST_LOOK) < 0) ? look.multipliedBy(2) : look;
			progress = progress();
		}
		return progress;
	}

	private static boolean isOpen(AsyncProgress progress) {
		return progress.state() == State.ACCEPTED || progress.state() == State.RUNNING;
	}

	@Override
	public void cancel() {
		this.transactions.executeWithoutResult((status) -> {
			if (!this.deletes.end(this.operationId, State.CANCELLED, null)) {
				summary();
			}
		});
	}

}
