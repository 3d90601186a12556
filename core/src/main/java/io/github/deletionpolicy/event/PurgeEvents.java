package io.github.deletionpolicy.event;

import java.util.ArrayList;
import java.util.List;

import io.github.deletionpolicy.RowsPurgedEvent;
import org.jspecify.annotations.Nullable;

import org.springframework.transaction.support.TransactionCallback;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Publishes events of the rows that were purged in a transaction when that has committed
 * and given its connection back.
 */
public class PurgeEvents {

	private final DeletionEvents events;

	private final ThreadLocal<List<RowsPurgedEvent>> purged = ThreadLocal.withInitial(ArrayList::new);

	public PurgeEvents(DeletionEvents events) {
		this.events = events;
	}

	/**
	 * Return transactions after which events of what was purged in them are published.
	 * @param transactions opens a new transaction
	 */
	public TransactionOperations around(TransactionOperations transactions) {
		return new TransactionOperations() {

			@Override
			public <T extends @Nullable Object> T execute(TransactionCallback<T> work) {
				List<RowsPurgedEvent> committed;
				T result;
				try {
					result = transactions.execute(work);
					committed = PurgeEvents.this.purged.get();
				}
				finally {
					PurgeEvents.this.purged.remove();
				}
				PurgeEvents.this.events.publish(committed);
				return result;
			}

		};
	}

	/**
	 * Return whether anybody listens.
	 */
	public boolean areHeard() {
		return this.events.areHeard(RowsPurgedEvent.class);
	}

	/**
	 * Publish an event when the transaction of this thread has committed.
	 */
	public void afterCommit(RowsPurgedEvent event) {
		this.purged.get().add(event);
	}

}
