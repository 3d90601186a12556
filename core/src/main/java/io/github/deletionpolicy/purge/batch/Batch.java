package io.github.deletionpolicy.purge.batch;

import java.util.List;

/**
 * What one transaction does with a part of what is due: enter, claim, delete, settle.
 * {@link BatchRecovery} decides what is done about one that fails.
 */
public interface Batch {

	/**
	 * Run in a new transaction. A batch that failed may be run again, and then tries the
	 * same rows.
	 * @param skipLocked whether to leave out rows that others have locked, instead of
	 * waiting for them
	 * @return whether there was anything to do
	 */
	boolean run(boolean skipLocked);

	/**
	 * After a failure, return batches that together try the same rows.
	 * @return the batches; none if a single row is left
	 */
	default List<? extends Batch> parts() {
		return List.of();
	}

	/**
	 * Find out whether a failure has nothing to do with particular rows, such as a
	 * missing privilege. If so, postpone all rows.
	 */
	default boolean concernsAllRows(RuntimeException failure) {
		return false;
	}

	/**
	 * Postpone the only row, which causes the failure.
	 */
	default void postpone(RuntimeException failure) {
		throw failure;
	}

}
