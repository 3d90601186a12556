package io.github.deletionpolicy.purge;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;

import io.github.deletionpolicy.purge.batch.DueTable;
import org.jspecify.annotations.Nullable;

/**
 * Spreads the rows that a table may lose per second. The right to a second is reserved in
 * the ledger, so that the limit holds for all nodes together; within it this node goes
 * batch by batch, each followed by the rest that it is worth.
 */
class RateLimiter {

	private static final long SECOND = 1_000_000_000;

	/**
	 * How long to leave the next share to other nodes, in nanoseconds.
	 */
	private static final long HAND_OVER = 5_000_000;

	private final BiFunction<DueTable, Duration, Duration> reservations;

	private final @Nullable Integer rowsPerSecond;

	private final LongSupplier clock;

	private final Map<Integer, Share> shares = new HashMap<>();

	/**
	 * Create a limiter.
	 * @param reservations reserves a table for some time and returns how long to wait for
	 * that, zero if it is reserved
	 * @param clock tells the time in nanoseconds from anywhere
	 */
	RateLimiter(BiFunction<DueTable, Duration, Duration> reservations, @Nullable Integer rowsPerSecond,
			LongSupplier clock) {
		this.reservations = reservations;
		this.rowsPerSecond = rowsPerSecond;
		this.clock = clock;
	}

	/**
	 * Return how long a table must still rest. If the answer is zero, this node may go
	 * on.
	 */
	synchronized Duration restOf(DueTable table) {
		Integer limit = this.rowsPerSecond;
		if (limit == null) {
			return Duration.ZERO;
		}
		long now = this.clock.getAsLong();
		Share share = this.shares.getOrDefault(table.id(), new Share(0, now - HAND_OVER, now));
		if (share.rows() > 0 && share.until() > now) {
			return Duration.ofNanos(Math.max(0, share.restUntil() - now));
		}
		if (share.until() > now - HAND_OVER) {
			return Duration.ofNanos(share.until() + HAND_OVER - now);
		}
		long debt = Math.max(0, -share.rows());
		long left = (now - share.until() < SECOND) ? Math.max(0, share.rows()) : 0;
		long time = worth(limit + debt, limit);
		Duration rest = this.reservations.apply(table, Duration.ofNanos(time));
		if (rest.isZero()) {
			this.shares.put(table.id(), new Share(limit + left, now + time, Math.min(share.restUntil(), now)));
		}
		return rest;
	}

	/**
	 * Note that rows were removed. What a batch takes is part of the rest that it is
	 * worth.
	 */
	synchronized void removed(DueTable table, long rows) {
		Integer limit = this.rowsPerSecond;
		if (limit != null && rows > 0) {
			long now = this.clock.getAsLong();
			Share share = this.shares.getOrDefault(table.id(), new Share(0, now - HAND_OVER, now));
			long from = Math.max(share.restUntil(), now - SECOND);
			this.shares.put(table.id(), new Share(share.rows() - rows, share.until(), from + worth(rows, limit)));
		}
	}

	private static long worth(long rows, int limit) {
		return rows * SECOND / limit;
	}

	/**
	 * What is left of the right to a second.
	 *
	 * @param rows how many may still go in it; below zero if more have gone
	 * @param until when it is over, by the clock
	 * @param restUntil when the next batch may begin, by the clock
	 */
	private record Share(long rows, long until, long restUntil) {
	}

}
