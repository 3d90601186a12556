package io.github.deletionpolicy;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * Shows and steers what will be purged. Tables are named by SQL's identifier rules and
 * reported as {@code schema.table}.
 * <p>
 * Reads run in the caller's transaction if there is one. Writes join it too, or open
 * their own, and take effect when it commits.
 *
 * @since 0.1
 */
public interface PendingPurges {

	/**
	 * Count what is pending, per table. Reads a bounded number of entries per table, the
	 * next due first: where {@link TableSummary#pending()} is {@link #COUNT_CAP} or more,
	 * the counts of that table mean "at least".
	 * @return one summary for each table from which rows can be or were stamped as
	 * deleted, ordered by table
	 */
	List<TableSummary> summary();

	/**
	 * List the pending purges of a table, the next due first.
	 * @param table the table
	 * @param after the {@link Page#next()} of the page before, or {@code null} for the
	 * first one
	 * @param limit how many to return, from 1 to {@link #PAGE_CAP}
	 * @return one page
	 * @throws UnknownTableException if there is no such table
	 * @throws org.springframework.dao.InvalidDataAccessApiUsageException if {@code after}
	 * is not a cursor or {@code limit} is out of range
	 */
	Page page(String table, @Nullable String after, int limit);

	/**
	 * Find the pending purge of one row.
	 * @param table the table
	 * @param id the row's primary key: a value, or a {@code Map} of column to value
	 * @return the pending purge; empty if the row is not waiting for one
	 */
	Optional<PendingPurge> forRow(String table, Object id);

	/**
	 * Make an operation due now; its rows go with the next run.
	 * @param operationId the operation
	 * @throws UnknownOperationException if no purge is pending for it
	 */
	void purgeNow(UUID operationId);

	/**
	 * Give up the purge of an operation for good: its rows stay deleted and can still be
	 * restored. An asynchronous delete stops as {@link AsyncDeletion#cancel()} says; one
	 * that has failed is given up.
	 * @param operationId the operation
	 * @throws UnknownOperationException if no purge is pending for it, and it is no
	 * asynchronous delete that is at work or has failed
	 */
	void cancel(UUID operationId);

	/**
	 * Try the failed and delayed rows of an operation again with the next run. An
	 * asynchronous delete that has failed goes on where it stopped.
	 * @param operationId the operation
	 * @throws UnknownOperationException if no purge is pending for it, and it is no
	 * asynchronous delete that is at work or has failed
	 */
	void retry(UUID operationId);

	/**
	 * Stop purging. When the method returns (and its transaction has committed) no purge
	 * of the table is running, and none starts on any node until {@link #resume}.
	 * @param table the table, or {@code null} for all tables
	 */
	void pause(@Nullable String table);

	/**
	 * Stop purging all tables, as {@link #pause} with {@code null} does.
	 */
	default void pauseAll() {
		pause(null);
	}

	/**
	 * Go on purging.
	 * @param table the table, or {@code null} for all tables
	 */
	void resume(@Nullable String table);

	/**
	 * Go on purging all tables, as {@link #resume} with {@code null} does. A table that
	 * was paused by itself stays paused.
	 */
	default void resumeAll() {
		resume(null);
	}

	/**
	 * Take over rows that other code stamped as deleted, so that they are purged after
	 * the table's delay, counted from now by the database's clock. Rows of one deletion
	 * time become one operation. They keep that time, unless another operation of the
	 * table has it already: then they get the next free microsecond. Rows that are
	 * recorded already, as scheduled, soft, cancelled or as dependants, are left alone,
	 * and so is the deletion time {@code infinity}.
	 * <p>
	 * Each table is taken over by itself: rows that cascade with a row of this table keep
	 * it from being purged until they are due by themselves.
	 * @param table a table with a scheduled policy, or its live view
	 * @param since only rows deleted at or after this instant
	 * @return how many rows were taken over
	 * @throws UnknownTableException if there is no such table
	 * @throws UnsupportedTableException if it has no scheduled policy, is a partition, or
	 * its primary key cannot be recorded or has changed
	 * @throws ReadOnlyDeletionException if the transaction is read-only
	 */
	long adopt(String table, Instant since);

	/**
	 * List asynchronous deletes: first those that are at work or wait for their turn,
	 * then those that ended last and are not forgotten
	 * ({@code deletion-policy.retention}); among them the newest first.
	 * @return the deletes, at most {@link #ASYNC_CAP}
	 */
	default List<AsyncSummary> asyncDeletions() {
		return List.of();
	}

	/**
	 * Return a handle on an asynchronous delete, whichever node accepted it.
	 * @param operationId its operation
	 * @return the handle
	 * @throws UnknownOperationException if no asynchronous delete is recorded under this
	 * id
	 */
	default AsyncDeletion asyncDeletion(UUID operationId) {
		throw new UnknownOperationException(
				"No asynchronous delete is recorded as operation %s.".formatted(operationId));
	}

	/**
	 * Largest number of asynchronous deletes that {@link #asyncDeletions()} lists.
	 */
	int ASYNC_CAP = 100;

	/**
	 * Rows per table from which on the counts of {@link #summary()} mean "at least".
	 */
	long COUNT_CAP = 10_000;

	/**
	 * Largest page that {@link #page} returns.
	 */
	int PAGE_CAP = 1000;

	/**
	 * What is pending for one table, in rows.
	 *
	 * @param table the table as {@code schema.table}
	 * @param pending rows waiting for their purge
	 * @param due those that the next run will try
	 * @param held those kept by the hold condition when last tried
	 * @param blocked those that a lock, a foreign key or a live dependant kept when last
	 * tried
	 * @param failed those that could not be removed for another reason when last tried
	 * @param paused whether purging of this table is paused
	 * @param oldestDue since when the longest waiting due rows are due; {@code null} if
	 * none is due
	 */
	record TableSummary(String table, long pending, long due, long held, long blocked, long failed, boolean paused,
			@Nullable Instant oldestDue) {
	}

	/**
	 * Rows of one operation and table that wait together.
	 *
	 * @param operationId the delete that scheduled them
	 * @param table the table as {@code schema.table}
	 * @param mode the mode that the delete resolved to
	 * @param deletionTime the deletion time that the rows carry
	 * @param purgeAt when they become due; {@code null} if they are not to be purged
	 * @param rows how many wait
	 * @param state what keeps them
	 * @param attempts how often a purge has failed
	 * @param lastError what the last attempt said; {@code null} if there was none
	 */
	record PendingPurge(UUID operationId, String table, DeletionMode mode, Instant deletionTime,
			@Nullable Instant purgeAt, long rows, State state, int attempts, @Nullable String lastError) {
	}

	/**
	 * An asynchronous delete.
	 *
	 * @param operationId its operation
	 * @param table the table as {@code schema.table}
	 * @param mode hard or soft
	 * @param reason why; {@code null} if the caller did not say
	 * @param acceptedAt when it was accepted, by the database's clock
	 * @param endedAt when it ended; {@code null} if it has not
	 * @param progress how far it has come
	 * @param retrying rows that could not be deleted and are tried again
	 * @param lastError what was wrong last; {@code null} if nothing was
	 */
	record AsyncSummary(UUID operationId, String table, DeletionMode mode, @Nullable String reason, Instant acceptedAt,
			@Nullable Instant endedAt, AsyncProgress progress, long retrying, @Nullable String lastError) {
	}

	/**
	 * One page of pending purges.
	 *
	 * @param purges the pending purges
	 * @param next cursor of the page that follows; {@code null} on the last one
	 */
	record Page(List<PendingPurge> purges, @Nullable String next) {

		public Page {
			purges = List.copyOf(purges);
		}

	}

	/**
	 * Why rows are still there.
	 */
	enum State {

		/** They wait for their time or the next run. */
		PENDING,
		/** The hold condition keeps them. */
		HELD,
		/** A lock, a foreign key or a live dependant keeps them. */
		BLOCKED,
		/** Removing them raised another error. */
		FAILED,
		/** A purge in several transactions has begun; they can no longer be restored. */
		PURGING

	}

}
