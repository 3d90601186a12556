package io.github.deletionpolicy.purge;

import java.time.Duration;
import java.time.Instant;

import io.github.deletionpolicy.purge.LastRuns.Look;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.transaction.support.TransactionOperations;

/**
 * Stops the purge when the last run lies too far from now: the database's clock was set,
 * or an old backup was restored, and much may be due at once that nobody wanted gone.
 */
class ClockJumpBreaker {

	/**
	 * Clocks of servers that take over from each other may differ by minutes; no run ends
	 * later than now for another reason.
	 */
	private static final Duration MOST_AHEAD = Duration.ofHours(1);

	private static final Log logger = LogFactory.getLog(ClockJumpBreaker.class);

	private final LastRuns lastRuns;

	private final TransactionOperations transactions;

	private final Duration mostBehind;

	private final Duration mostAhead;

	/**
	 * Create a breaker.
	 * @param mostBehind how long ago the last run may be
	 */
	ClockJumpBreaker(LastRuns lastRuns, TransactionOperations transactions, Duration mostBehind) {
		this.lastRuns = lastRuns;
		this.transactions = transactions;
		this.mostBehind = mostBehind;
		this.mostAhead = (mostBehind.compareTo(MOST_AHEAD) < 0) ? mostBehind : MOST_AHEAD;
	}

	/**
	 * Return whether nothing may be purged.
	 */
	boolean isOpen(Look look) {
		if (look.isBraked()) {
			return true;
		}
		if (look.brakedAt() != null) {
			this.transactions.executeWithoutResult((status) -> this.lastRuns.release(look));
			return false;
		}
		Instant last = look.endedAt();
		if (last == null || isPlausible(Duration.between(last, look.now()))) {
			return false;
		}
		if (Boolean.TRUE.equals(this.transactions.execute((status) -> this.lastRuns.brake(look)))) {
			logger
				.warn(("Deletion policy: the purge of all tables is paused. The last run ended at %s, and by the database's clock it is %s: "
						+ "the clock was set, an old backup was restored, or nothing ran for longer than deletion-policy.purge.brake-after. "
						+ "Look at what is due (PendingPurges.summary()), then call PendingPurges.resume(null).")
					.formatted(last, look.now()));
		}
		return true;
	}

	private boolean isPlausible(Duration age) {
		return age.compareTo(this.mostBehind) <= 0 && age.negated().compareTo(this.mostAhead) <= 0;
	}

}
