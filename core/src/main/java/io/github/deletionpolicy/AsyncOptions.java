package io.github.deletionpolicy;

import java.time.Duration;

/**
 * How an asynchronous delete works through its rows.
 *
 * @param batchSize number of rows per transaction, at least 1
 * @param pause time to rest between two batches; zero for none
 * @since 0.1
 */
public record AsyncOptions(int batchSize, Duration pause) {

	public AsyncOptions {
		if (batchSize < 1) {
			throw new IllegalArgumentException("batchSize is %d; use 1 or more".formatted(batchSize));
		}
		if (pause == null || pause.isNegative()) {
			throw new IllegalArgumentException("pause is %s; use Duration.ZERO or more".formatted(pause));
		}
	}

	/**
	 * Return the options used where none are given: batches of 1,000 rows, no pause.
	 * @return the default options
	 */
	public static AsyncOptions defaults() {
		return new AsyncOptions(1000, Duration.ZERO);
	}

}
