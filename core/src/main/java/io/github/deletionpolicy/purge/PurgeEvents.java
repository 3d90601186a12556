package io.github.deletionpolicy.purge;

import java.util.ArrayList;
import java.util.List;

import io.github.deletionpolicy.DeletionEvents;
import io.github.deletionpolicy.RowsPurgedEvent;

import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Keeps events of a batch until its transaction has committed.
 */
class PurgeEvents {

	private final DeletionEvents events;

	PurgeEvents(DeletionEvents events) {
		this.events = events;
	}

	/**
	 * Tell of purged rows when this transaction, which is the worker's own, has
	 * committed.
	 */
	void afterCommit(RowsPurgedEvent event) {
		if (TransactionSynchronizationManager.isSynchronizationActive()) {
			kept().purged.add(event);
		}
	}

	private Kept kept() {
		for (TransactionSynchronization synchronization : TransactionSynchronizationManager.getSynchronizations()) {
			if (synchronization instanceof Kept kept) {
				return kept;
			}
		}
		Kept kept = new Kept(this.events);
		TransactionSynchronizationManager.registerSynchronization(kept);
		return kept;
	}

	private static final class Kept implements TransactionSynchronization {

		private final DeletionEvents events;

		private final List<RowsPurgedEvent> purged = new ArrayList<>();

		private Kept(DeletionEvents events) {
			this.events = events;
		}

		@Override
		public void afterCompletion(int status) {
			if (status == STATUS_COMMITTED) {
				this.events.publish(this.purged);
			}
		}

	}

}
