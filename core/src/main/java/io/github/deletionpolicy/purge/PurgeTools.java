package io.github.deletionpolicy.purge;

import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

import io.github.deletionpolicy.async.AsyncDeletes;
import io.github.deletionpolicy.async.BatchDeletion;
import io.github.deletionpolicy.catalog.CascadePlans;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.purge.batch.CarefulBatch;
import io.github.deletionpolicy.purge.batch.ClaimSql;
import io.github.deletionpolicy.purge.batch.DueChunks;
import io.github.deletionpolicy.purge.batch.PurgeListeners;
import io.github.deletionpolicy.purge.batch.SqlStates;
import io.github.deletionpolicy.purge.batch.WorkerSlots;
import io.github.deletionpolicy.purge.tree.PointOfNoReturn;
import io.github.deletionpolicy.purge.tree.TreeBatch;
import io.github.deletionpolicy.purge.tree.TreeCleanup;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.support.TransactionOperations;

/**
 * What all workers share.
 *
 * @param jdbc runs statements
 * @param transactions opens a new transaction, in READ COMMITTED
 * @param plainTransactions opens a new transaction, whose first statement sets it up
 * @param catalog describes tables
 * @param lanes lets workers in
 * @param chunks what is due
 * @param point where restores end
 * @param inline claims it in passing
 * @param pace how long tables must rest
 * @param settings how hard to work
 * @param listeners are told of purged rows
 * @param batch does the work of one transaction
 * @param trees does it where rows take others along
 * @param deletionTimes says which columns carry the deletion time, and what is held
 * @param plans says what rows take along
 * @param settled clears up after trees
 * @param asyncDeletes the record of asynchronous deletes
 * @param batchDeletion does the work of one batch of them
 */
public record PurgeTools(JdbcOperations jdbc, TransactionOperations transactions,
		TransactionOperations plainTransactions, Catalog catalog, WorkerSlots lanes, DueChunks chunks,
		PointOfNoReturn point, ClaimSql inline, RateLimiter pace, PurgeSettings settings, PurgeListeners listeners,
		CarefulBatch batch, TreeBatch trees, DeletionTimeColumns deletionTimes, CascadePlans plans, TreeCleanup settled,
		AsyncDeletes asyncDeletes, BatchDeletion batchDeletion) {

	private static final Log logger = LogFactory.getLog(PurgeTools.class);

	public <T> T inTransaction(Supplier<T> work) {
		return this.transactions.execute((status) -> work.get());
	}

	public <T> T inPlainTransaction(Supplier<T> work) {
		return this.plainTransactions.execute((status) -> work.get());
	}

	/**
	 * Clear up after operations whose roots may be gone.
	 */
	void settle(Collection<UUID> operations) {
		AtomicReference<TreeCleanup.@Nullable Cursor> cursor = new AtomicReference<>();
		boolean more = !operations.isEmpty();
		try {
			while (more) {
				more = inTransaction(() -> {
					cursor.set(this.settled.clear(List.copyOf(operations), cursor.get(), this.catalog::table));
					return cursor.get() != null;
				});
			}
		}
		catch (RuntimeException ex) {
			if (SqlStates.isEnvironment(ex)) {
				throw ex;
			}
			logger.warn(
					"Deletion policy: the record of rows that went along with others could not be cleared up, which is tried again later.",
					ex);
		}
	}

	/**
	 * Return how many rows a transaction removes at most: with a rate, no more than a
	 * second's worth.
	 */
	public int batchSize() {
		return batchSize(this.settings.batchSize());
	}

	/**
	 * Return how many rows a transaction removes at most if so many are wanted.
	 */
	public int batchSize(int wanted) {
		Integer cap = this.settings.maxRowsPerSecond();
		return (cap != null) ? Math.min(wanted, cap) : wanted;
	}

}
