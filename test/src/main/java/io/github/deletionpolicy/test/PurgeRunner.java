package io.github.deletionpolicy.test;

import java.time.Instant;

import io.github.deletionpolicy.purge.PurgeReport;
import io.github.deletionpolicy.purge.Purger;

/**
 * Purges in a test, now and in this thread, through the same code as the scheduled
 * worker, also where that is switched off. A transaction of the test must have committed
 * before: the purge runs in transactions of its own and does not see what is uncommitted.
 *
 * @since 0.1
 */
public class PurgeRunner {

	private final Purger purger;

	/**
	 * Create a runner.
	 * @param purger does the work
	 */
	public PurgeRunner(Purger purger) {
		this.purger = purger;
	}

	/**
	 * Purge what is due.
	 * @return what was done
	 */
	public PurgeReport runDue() {
		return this.purger.purgeAsOf(null);
	}

	/**
	 * Purge what would be due at an instant.
	 * @param instant stands for the database's clock in due times and next attempts
	 * @return what was done
	 */
	public PurgeReport runDueAsOf(Instant instant) {
		return this.purger.purgeAsOf(instant);
	}

}
