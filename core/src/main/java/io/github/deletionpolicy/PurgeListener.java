package io.github.deletionpolicy;

/**
 * Is notified of the rows that a worker removed, inside the transaction that removed
 * them: what it writes to the same database commits or rolls back with that. A worker
 * purges what is due, and does the batches of asynchronous hard deletes. Called by
 * several threads where there are several workers.
 * <p>
 * An exception or error fails the batch. The rows that are to blame are searched for, so
 * that it is notified of the others again in smaller batches; they themselves stay, show
 * as {@link PendingPurges.State#FAILED} with its message, and are tried again later; an
 * asynchronous delete gives them up in the end. To be notified after the commit, listen
 * to {@link RowsPurgedEvent}, or to {@link RowsDeletedEvent} of an asynchronous delete.
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
