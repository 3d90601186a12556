package io.github.deletionpolicy;

/**
 * Is told which rows a purge removed, inside the transaction that removed them: what it
 * writes to the same database commits or rolls back with the purge. An exception fails
 * the batch; the rows stay and are tried again later.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface PurgeListener {

	/**
	 * Called once per operation, table and batch, after the rows were removed and before
	 * the transaction commits.
	 * @param rows what was removed
	 */
	void purged(PurgedRows rows);

}
