package io.github.deletionpolicy;

/**
 * Something that was done to rows of a table, published as an application event after the
 * commit. What is rolled back, to a savepoint too, is never published. A listener of this
 * type is notified of everything, one of a subtype only of that.
 * <p>
 * A listener is called in the thread that committed and outside of any transaction, so
 * that what it writes takes a transaction of its own. Use {@code @EventListener}; a
 * {@code @TransactionalEventListener} is called only with {@code fallbackExecution}. What
 * a listener throws is logged and goes no further: the rows are deleted all the same.
 * <p>
 * Each event is published at most once, and not at all if the node dies between the
 * commit and that, or if the caller's transaction manager has its synchronization
 * switched off. Where that matters for purged rows, let a {@link PurgeListener} write to
 * a table.
 *
 * @since 0.1
 */
public sealed interface DeletionEvent permits RowsDeletedEvent, RowsRestoredEvent, RowsPurgedEvent {

	/**
	 * Return the table to which the rows belong.
	 * @return the table as {@code schema.table}
	 */
	String table();

}
