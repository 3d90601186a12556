package io.github.deletionpolicy.benchmarks.measure;

import java.util.Locale;

/**
 * Tells on standard output how far a run is.
 *
 * @since 0.1
 */
public final class Progress {

	private final long start = System.nanoTime();

	/**
	 * Print a line with the time since the start.
	 * @param text what happens now
	 */
	public void tell(String text) {
		System.out.printf(Locale.ROOT, "[%7.1f s] %s%n", seconds(), text);
	}

	/**
	 * Return the time since the start.
	 * @return seconds
	 */
	public double seconds() {
		return (System.nanoTime() - this.start) / 1e9;
	}

}
