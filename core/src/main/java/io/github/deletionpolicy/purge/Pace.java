package io.github.deletionpolicy.purge;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

import io.github.deletionpolicy.ledger.DueChunks.DueTable;
import io.github.deletionpolicy.ledger.PurgeRate;
import org.jspecify.annotations.Nullable;

/**
 * Spreads the rows that a table may lose per second. The right to a second is taken in
 * the ledger, so that the limit holds for all nodes together; within it this node goes
 * batch by batch, each followed by the rest that it is worth.
 */
class Pace {

	private final PurgeRate rate;

	private final @Nullable Integer rowsPerSecond;

	private final Map<Integer, Second> seconds = new HashMap<>();

	Pace(PurgeRate rate, @Nullable Integer rowsPerSecond) {
		this.rate = rate;
		this.rowsPerSecond = rowsPerSecond;
	}

	/**
	 * Return how long a table must still be left alone. Where the answer is zero, the
	 * right to go on is this node's.
	 * @param table the table
	 * @return the time
	 */
	synchronized Duration restOf(DueTable table) {
		Integer limit = this.rowsPerSecond;
		if (limit == null) {
			return Duration.ZERO;
		}
		long now = System.nanoTime();
		Second second = this.seconds.getOrDefault(table.id(), new Second(0, now));
		if (second.credit() > 0) {
			return Duration.ofNanos(Math.max(0, second.restUntil() - now));
		}
		long debt = -second.credit();
		Duration rest = this.rate.reserve(table, Duration.ofNanos((limit + debt) * PurgeRate.SECOND / limit));
		if (rest.isZero()) {
			this.seconds.put(table.id(), new Second(limit, now));
		}
		return rest;
	}

	/**
	 * Note that rows were removed.
	 * @param table the table
	 * @param rows how many
	 */
	synchronized void removed(DueTable table, long rows) {
		Integer limit = this.rowsPerSecond;
		if (limit != null && rows > 0) {
			long now = System.nanoTime();
			this.seconds.merge(table.id(), new Second(-rows, now + rows * PurgeRate.SECOND / limit),
					(second, spent) -> new Second(second.credit() - rows,
							Math.max(second.restUntil(), now) + rows * PurgeRate.SECOND / limit));
		}
	}

	/**
	 * What is left of the right to a second.
	 *
	 * @param credit rows that may still go in it; below zero if more have gone
	 * @param restUntil when the next batch may begin, as {@link System#nanoTime()} tells
	 * it
	 */
	private record Second(long credit, long restUntil) {
	}

}
