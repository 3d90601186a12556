package io.github.deletionpolicy.purge;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;

import io.github.deletionpolicy.purge.LastRuns.Look;
import io.github.deletionpolicy.purge.LastRuns.Run;
import org.jspecify.annotations.Nullable;

import org.springframework.transaction.support.TransactionOperations;

/**
 * Writes down that a run took place: once at its end if it found something due, and
 * otherwise only if what stands there is getting old. A long run says in between that it
 * goes on.
 */
class RunHeartbeat {

	private final LastRuns lastRuns;

	private final TransactionOperations transactions;

	private final Look look;

	private final Duration every;

	private long writtenAt = System.nanoTime();

	/**
	 * Create the record of a run.
	 * @param lastRuns keeps it
	 * @param transactions opens a new transaction
	 * @param look what was known before the run
	 * @param every how old what stands there may get
	 */
	RunHeartbeat(LastRuns lastRuns, TransactionOperations transactions, Look look, Duration every) {
		this.lastRuns = lastRuns;
		this.transactions = transactions;
		this.look = look;
		this.every = every;
	}

	/**
	 * Note that the run goes on.
	 */
	synchronized void goesOn(PurgeTally tally) {
		if (Duration.ofNanos(System.nanoTime() - this.writtenAt).compareTo(this.every) >= 0) {
			write(tally);
		}
	}

	/**
	 * Note that the run is over.
	 */
	synchronized void ended(PurgeTally tally) {
		if (!tally.tables().isEmpty() || isOld(this.look.endedAt())) {
			write(tally);
		}
	}

	private boolean isOld(@Nullable Instant last) {
		return last == null || Duration.between(last, this.look.now()).abs().compareTo(this.every) >= 0;
	}

	private void write(PurgeTally tally) {
		Run run = new Run(this.look.now(), ManagementFactory.getRuntimeMXBean().getName(), tally.report().total(),
				tally.tables());
		this.transactions.executeWithoutResult((status) -> this.lastRuns.note(run));
		this.writtenAt = System.nanoTime();
	}

}
