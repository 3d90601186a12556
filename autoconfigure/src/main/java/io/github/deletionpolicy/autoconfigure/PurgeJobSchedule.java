package io.github.deletionpolicy.autoconfigure;

import java.time.Duration;

import io.github.deletionpolicy.purge.PurgeJob;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;

import org.springframework.context.SmartLifecycle;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Puts the purge on the application's scheduler when the application starts. It stays
 * there: in a store that a cluster shares, other nodes go on.
 */
class PurgeJobSchedule implements SmartLifecycle, PurgeSchedule {

	private final Scheduler scheduler;

	private final TransactionOperations transactions;

	private final Duration interval;

	private volatile boolean running;

	PurgeJobSchedule(Scheduler scheduler, TransactionOperations transactions, Duration interval) {
		this.scheduler = scheduler;
		this.transactions = transactions;
		this.interval = interval;
	}

	/**
	 * A store in the database loses its row locks outside a transaction.
	 */
	@Override
	public void start() {
		this.transactions.executeWithoutResult((status) -> {
			try {
				PurgeJob.schedule(this.scheduler, this.interval);
			}
			catch (SchedulerException ex) {
				throw new IllegalStateException("The purge could not be put on the Quartz scheduler.", ex);
			}
		});
		this.running = true;
	}

	@Override
	public void stop() {
		this.running = false;
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

}
