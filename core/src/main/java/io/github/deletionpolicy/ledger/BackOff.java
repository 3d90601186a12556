package io.github.deletionpolicy.ledger;

import java.time.Duration;
import java.time.Instant;

/**
 * When to try again what could not be purged: each failure doubles the wait. Rows that
 * are held, locked or kept by others wait as long each time, since nothing says that they
 * will stay so.
 *
 * @param now from when
 * @param first how long after the first attempt
 * @param longest how long at most
 */
public record BackOff(Instant now, Duration first, Duration longest) {

	private static final Duration LONGEST = Duration.ofHours(1);

	/**
	 * A failed attempt must be put off, or the run that made it would make it again.
	 */
	private static final Duration SHORTEST = Duration.ofNanos(1000);

	private static final int DOUBLINGS = 20;

	/**
	 * Return the back-off for a delay.
	 * @param now from when
	 * @param delay how long after the first attempt
	 * @return the back-off, up to an hour or to the delay if that is longer
	 */
	public static BackOff of(Instant now, Duration delay) {
		Duration first = max(delay, SHORTEST);
		return new BackOff(now, first, max(first, LONGEST));
	}

	/**
	 * Return when to try again.
	 * @param attempts how often it has failed, at least once
	 * @return the instant
	 */
	public Instant after(int attempts) {
		Duration wait = this.first.multipliedBy(1L << Math.min(Math.max(attempts - 1, 0), DOUBLINGS));
		return this.now.plus((wait.compareTo(this.longest) > 0) ? this.longest : wait);
	}

	private static Duration max(Duration one, Duration other) {
		return (one.compareTo(other) > 0) ? one : other;
	}

}
