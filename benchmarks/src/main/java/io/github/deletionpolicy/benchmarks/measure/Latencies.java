package io.github.deletionpolicy.benchmarks.measure;

import java.util.Arrays;

/**
 * How long many operations of one kind took.
 *
 * @param perSecond operations per second, all connections together
 * @param p50 half of them took no longer, in milliseconds
 * @param p99 all but one in a hundred took no longer, in milliseconds
 * @since 0.1
 */
public record Latencies(double perSecond, double p50, double p99) {

	/**
	 * Sum up.
	 * @param nanos how long each operation took, in nanoseconds, in any order
	 * @param seconds how long all of them took together
	 * @return the summary
	 */
	public static Latencies of(long[] nanos, double seconds) {
		if (nanos.length == 0) {
			throw new IllegalStateException("No operation was measured.");
		}
		long[] sorted = nanos.clone();
		Arrays.sort(sorted);
		return new Latencies(sorted.length / seconds, millis(sorted, 0.50), millis(sorted, 0.99));
	}

	private static double millis(long[] sorted, double quantile) {
		return sorted[(int) Math.min(sorted.length - 1L, (long) (sorted.length * quantile))] / 1e6;
	}

}
