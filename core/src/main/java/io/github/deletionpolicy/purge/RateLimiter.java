package io.github.deletionpolicy.purge;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

import io.github.deletionpolicy.purge.batch.DueTable;
import org.jspecify.annotations.Nullable;

/**
 * Spreads the rows that a table may lose per second. The right to a second is taken in
 * the ledger, so that the limit holds for all nodes together; within it this node goes
 * batch by batch, each followed by the rest that it is worth.
 */
public class RateLimiter {

	/**
	 * How long to leave the next share to other nodes, in nanoseconds.
	 */
	private static final long HAND_OVER = 5_000_000;

	private final RateLimits rate;

	private final @Nullable Integer rowsPerSecond;

	private final Map<Integer, Share> shares = new HashMap<>();

	RateLimiter(RateLimits rate, @Nullable Integer rowsPerSecond) {
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
		Share share = this.shares.getOrDefault(table.id(), new Share(0, now - HAND_OVER, now));
		if (share.rows() > 0 && share.until() > now) {
			return Duration.ofNanos(Math.max(0, share.restUntil() - now));
		}
		if (share.until() > now - HAND_OVER) {
			return Duration.ofNanos(share.until() + HAND_OVER - now);
		}
		long debt = Math.max(0, -share.rows());
		long left = (now - share.until() < RateLimits.SECOND) ? Math.max(0, share.rows()) : 0;
		long time = worth(limit + debt, limit);
		Duration rest = this.rate.reserve(table, Duration.ofNanos(time));
		if (rest.isZero()) {
			this.shares.put(table.id(), new Share(limit + left, now + time, Math.min(share.restUntil(), now)));
		}
		return rest;
	}

	/**
	 * Note that rows were removed. What a batch takes is part of the rest that it is
	 * worth.
	 * @param table the table
	 * @param rows how many
	 */
	public synchronized void removed(DueTable table, long rows) {
		Integer limit = this.rowsPerSecond;
		if (limit != null && rows > 0) {
			long now = System.nanoTime();
			Share share = this.shares.getOrDefault(table.id(), new Share(0, now - HAND_OVER, now));
			long from = Math.max(share.restUntil(), now - RateLimits.SECOND);
			this.shares.put(table.id(), new Share(share.rows() - rows, share.until(), from + worth(rows, limit)));
		}
	}

	private static long worth(long rows, int limit) {
		return rows * RateLimits.SECOND / limit;
	}

	/**
	 * What is left of the right to a second.
	 *
	 * @param rows how many may still go in it; below zero if more have gone
	 * @param until when it is over, as {@link System#nanoTime()} tells it
	 * @param restUntil when the next batch may begin, told the same way
	 */
	private record Share(long rows, long until, long restUntil) {
	}

}
