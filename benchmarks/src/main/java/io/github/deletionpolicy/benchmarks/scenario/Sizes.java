package io.github.deletionpolicy.benchmarks.scenario;

/**
 * How much of everything.
 *
 * @param bulkRows rows that are deleted in one call and purged
 * @param singleRows rows that are deleted one by one and purged
 * @param scheduledRows rows that are deleted in one call, to time that call
 * @param operations single deletes in one turn of a contender
 * @param quartzRows rows that Quartz handles in one turn
 * @param dbSchedulerRows rows that db-scheduler handles in one turn
 * @param trees parents that are purged with ten children each
 * @param heapRows rows that pass through a small heap
 * @param backlogRows rows that are pending and not due
 * @param lagSamples rows whose purge is waited for
 * @param startUps applications started for each variant
 * @param foregroundSeconds how long the foreground is watched at most
 * @param repetitions turns of a contender that count
 * @since 0.1
 */
public record Sizes(int bulkRows, int singleRows, int scheduledRows, int operations, int quartzRows,
		int dbSchedulerRows, int trees, int heapRows, int backlogRows, int lagSamples, int startUps,
		int foregroundSeconds, int repetitions) {

	/**
	 * Return what the figures of the documentation are measured with.
	 * @param rows rows that are deleted in one call; other numbers follow from it
	 * @return the sizes
	 */
	public static Sizes full(int rows) {
		return new Sizes(rows, atLeast(1000, rows / 10), atLeast(1000, rows / 10), 6000, 1000, 10_000,
				atLeast(100, rows / 50), rows * 10, 10_000_000, 30, 5, 8, 3);
	}

	/**
	 * Return sizes that show whether everything works.
	 * @param rows rows that are deleted in one call; other numbers follow from it
	 * @return the sizes
	 */
	public static Sizes quick(int rows) {
		return new Sizes(rows, atLeast(1000, rows / 10), atLeast(1000, rows / 2), 500, 100, 1000,
				atLeast(100, rows / 50), rows * 4, 1_000_000, 4, 1, 2, 1);
	}

	private static int atLeast(int least, int number) {
		return Math.max(least, number);
	}

}
