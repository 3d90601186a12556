package io.github.deletionpolicy.benchmarks.measure;

/**
 * Takes the time.
 *
 * @since 0.1
 */
public final class Stopwatch {

	private Stopwatch() {
	}

	/**
	 * Do something and take the time.
	 * @param work what to do
	 * @return how long it took, in seconds
	 */
	public static double seconds(Runnable work) {
		long start = System.nanoTime();
		work.run();
		return (System.nanoTime() - start) / 1e9;
	}

	/**
	 * Do something to many rows and take the time.
	 * @param rows number of rows
	 * @param work what to do
	 * @return rows per second
	 */
	public static double rate(long rows, Runnable work) {
		return rows / seconds(work);
	}

}
