package io.github.deletionpolicy.purge;

import java.util.ArrayList;
import java.util.List;

import io.github.deletionpolicy.DeletionEvents;
import io.github.deletionpolicy.RowsPurgedEvent;
import org.jspecify.annotations.Nullable;

import org.springframework.transaction.support.TransactionCallback;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Opens the transactions of workers, and tells of the rows that were purged in each when
 * it has committed and given its connection back.
 */
class PurgeEvents implements TransactionOperations {

	private final TransactionOperations transactions;

	private final DeletionEvents events;

	private final ThreadLocal<List<RowsPurgedEvent>> purged = ThreadLocal.withInitial(ArrayList::new);

	/**
	 * Create what opens transactions and tells.
	 * @param transactions opens a new transaction
	 * @param events is told
	 */
	PurgeEvents(TransactionOperations transactions, DeletionEvents events) {
		this.transactions = transactions;
		this.events = events;
	}

	@Override
	public <T extends @Nullable Object> T execute(TransactionCallback<T> work) {
		List<RowsPurgedEvent> committed;
		T result;
		try {
			result = this.transactions.execute(work);
			committed = this.purged.get();
		}
		finally {
			this.purged.remove();
		}
		this.events.publish(committed);
		return result;
	}

	/**
	 * Tell of purged rows when the transaction of this thread has committed.
	 */
	void afterCommit(RowsPurgedEvent event) {
		this.purged.get().add(event);
	}

}
