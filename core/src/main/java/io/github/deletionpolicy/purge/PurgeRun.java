package io.github.deletionpolicy.purge;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;

import io.github.deletionpolicy.ledger.BackOff;
import io.github.deletionpolicy.purge.batch.DueTable;
import io.github.deletionpolicy.purge.batch.PurgeResult;

/**
 * One run, by one or several threads: how long it may take, and what it has done. Its
 * idea of "now" stays the same from its first batch to its last, so that what could not
 * be purged is not tried twice in it.
 */
public class PurgeRun {

	private final PurgeSettings settings;

	private final RateLimiter rateLimiter;

	private final PurgeTally tally;

	private final BackOff backOff;

	private final long deadline;

	private final boolean patient;

	private volatile boolean endsEarly;

	/**
	 * Create a run.
	 * @param now what is due by then is due
	 * @param deadline when to stop, by {@link System#nanoTime()}; {@link Long#MAX_VALUE}
	 * for never
	 * @param patient whether to wait for a free slot
	 */
	PurgeRun(PurgeSettings settings, RateLimiter rateLimiter, PurgeMonitor monitor, Instant now, long deadline,
			boolean patient) {
		this.settings = settings;
		this.rateLimiter = rateLimiter;
		this.tally = new PurgeTally(monitor);
		this.backOff = BackOff.of(now, settings.retryDelay());
		this.deadline = deadline;
		this.patient = patient;
	}

	/**
	 * Sleep, unless the time is zero.
	 * @return whether there was a time to sleep
	 */
	boolean rest(Duration time) {
		if (time.isZero()) {
			return false;
		}
		LockSupport.parkNanos(Math.min(time.toNanos(), remaining()));
		return true;
	}

	PurgeReport report() {
		return this.tally.report();
	}

	PurgeTally tally() {
		return this.tally;
	}

	/**
	 * Note what a transaction did that has committed.
	 */
	void done(DueTable table, PurgeResult result) {
		this.tally.add(table, result);
		removed(table, result.total());
	}

	/**
	 * Note that rows of a table were removed, for its rate.
	 */
	public void removed(DueTable table, long rows) {
		this.rateLimiter.removed(table, rows);
	}

	/**
	 * Return how long a table must rest.
	 */
	public Duration restOf(DueTable table) {
		return this.rateLimiter.restOf(table);
	}

	/**
	 * Return how many rows a transaction removes at most if so many are wanted.
	 */
	public int batchSize(int wanted) {
		return this.settings.batchSize(wanted);
	}

	int batchSize() {
		return batchSize(this.settings.batchSize());
	}

	public Instant now() {
		return this.backOff.now();
	}

	/**
	 * Return when to try again what could not be done in this run.
	 */
	public BackOff backOff() {
		return this.backOff;
	}

	public boolean isPatient() {
		return this.patient;
	}

	public boolean isOver() {
		return this.endsEarly || remaining() <= 0;
	}

	/**
	 * Have the run end after the batch that is running.
	 */
	void endEarly() {
		this.endsEarly = true;
	}

	private long remaining() {
		return (this.deadline == Long.MAX_VALUE) ? Long.MAX_VALUE : this.deadline - System.nanoTime();
	}

}
