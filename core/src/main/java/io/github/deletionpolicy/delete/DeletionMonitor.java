package io.github.deletionpolicy.delete;

import java.util.function.Supplier;

import io.github.deletionpolicy.DeletionEvent;
import io.github.deletionpolicy.DeletionRequest;

/**
 * Watches the deletes and restores of this node, at no cost to the database. It is called
 * in the thread of the caller and must neither wait nor throw.
 *
 * @since 0.1
 */
public interface DeletionMonitor {

	/**
	 * Does nothing.
	 */
	DeletionMonitor NONE = new DeletionMonitor() {
	};

	/**
	 * Surround a delete. What it did may still be rolled back by the caller.
	 * @param request what is to be deleted
	 * @param delete does so, and may throw
	 * @param <T> what it returns
	 * @return what it returned
	 */
	default <T> T aroundDelete(DeletionRequest request, Supplier<T> delete) {
		return delete.get();
	}

	/**
	 * Surround a restore. What it did may still be rolled back by the caller.
	 * @param byOperation whether a whole operation is restored
	 * @param restore does so, and may throw
	 * @param <T> what it returns
	 * @return what it returned
	 */
	default <T> T aroundRestore(boolean byOperation, Supplier<T> restore) {
		return restore.get();
	}

	/**
	 * Take note of what is committed. Unlike a listener of application events, it is also
	 * notified of what was rolled back to a savepoint in a transaction that then
	 * committed: to know better takes a round trip.
	 * @param event what was done
	 */
	default void committed(DeletionEvent event) {
	}

}
