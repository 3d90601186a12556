package io.github.deletionpolicy.purge;

import java.util.Map;
import java.util.function.Supplier;

import io.github.deletionpolicy.PendingPurges.State;

/**
 * Watches the purge of this node. It is notified of what is committed. It is called in
 * the thread of the worker and must neither wait nor throw.
 *
 * @since 0.1
 */
public interface PurgeMonitor {

	/**
	 * Does nothing.
	 */
	PurgeMonitor NONE = new PurgeMonitor() {
	};

	/**
	 * Surround a run.
	 * @param run does the work, and may throw
	 * @return what that returned
	 */
	default PurgeReport around(Supplier<PurgeReport> run) {
		return run.get();
	}

	/**
	 * Take note of a transaction that removed rows.
	 * @param table the table whose turn it was, as {@code schema.table}
	 * @param removed rows removed, by {@code schema.table}: its dependants too
	 */
	default void batch(String table, Map<String, Long> removed) {
	}

	/**
	 * Take note of rows that could not be removed.
	 * @param table their table, as {@code schema.table}
	 * @param state what keeps them
	 * @param rows how many
	 */
	default void kept(String table, State state, long rows) {
	}

}
