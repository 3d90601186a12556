package io.github.deletionpolicy.purge;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * How hard a purge may work.
 *
 * @param enabled whether this node purges; others may do so if it does not
 * @param batchSize rows removed per transaction, at most
 * @param concurrency how many workers may purge at a time, in all nodes together
 * @param maxRowsPerSecond rows per second and table, in all nodes together; {@code null}
 * for no limit
 * @param maxRuntime after which a run ends, although more is due
 * @param retryDelay after which rows that could not be purged are tried again; repeated
 * failures wait longer
 * @param retention how long the record of a purged operation is kept
 * @param noteRunsEvery how old the record of the last run may get while nothing is due
 * @param brakeAfter how long ago the last run may be before the purge stops itself
 * @since 0.1
 */
public record PurgeSettings(boolean enabled, int batchSize, int concurrency, @Nullable Integer maxRowsPerSecond,
		Duration maxRuntime, Duration retryDelay, Duration retention, Duration noteRunsEvery, Duration brakeAfter) {

	/**
	 * Return how many rows a transaction removes at most if so many are wanted: with a
	 * rate, no more than a second's worth.
	 */
	int batchSize(int wanted) {
		return (this.maxRowsPerSecond != null) ? Math.min(wanted, this.maxRowsPerSecond) : wanted;
	}

}
