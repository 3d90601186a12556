package io.github.deletionpolicy.event;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

import io.github.deletionpolicy.DeletionEvent;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.transaction.support.TransactionOperations;

/**
 * Hands events of committed work over to the application. A listener cannot undo the
 * commit, so nothing that it throws comes back.
 */
public class DeletionEvents {

	private static final Log logger = LogFactory.getLog(DeletionEvents.class);

	private final TransactionOperations outside;

	private final Consumer<? super DeletionEvent> publisher;

	private final Predicate<Class<? extends DeletionEvent>> heard;

	/**
	 * Create a publisher of events.
	 * @param outside runs work outside of a transaction: the committed one is still at
	 * hand when events are published, and what a listener writes must not join it
	 * @param publisher is given each event
	 * @param heard whether anybody listens to events of a type: to find out what
	 * happened, and whether it was rolled back, costs a round trip or two
	 */
	public DeletionEvents(TransactionOperations outside, Consumer<? super DeletionEvent> publisher,
			Predicate<Class<? extends DeletionEvent>> heard) {
		this.outside = outside;
		this.publisher = publisher;
		this.heard = heard;
	}

	/**
	 * Return whether anybody listens to events of a type.
	 * @param type the type
	 * @return {@code false} if publishing one would reach nobody
	 */
	public boolean areHeard(Class<? extends DeletionEvent> type) {
		return this.heard.test(type);
	}

	/**
	 * Publish what is committed.
	 * @param events the events, in their order
	 */
	public void publish(List<? extends DeletionEvent> events) {
		if (events.isEmpty()) {
			return;
		}
		try {
			this.outside.executeWithoutResult((status) -> publishEach(events));
		}
		catch (RuntimeException ex) {
			logger.error("Deletion policy: %d event(s) could not be published.".formatted(events.size()), ex);
		}
	}

	/**
	 * A broken listener fails for each event; one stack trace is enough.
	 */
	private void publishEach(List<? extends DeletionEvent> events) {
		boolean failed = false;
		for (DeletionEvent event : events) {
			try {
				this.publisher.accept(event);
			}
			catch (Throwable ex) {
				String message = "Deletion policy: a listener failed with %s. The work that it was notified of is committed and stays committed, and the listener is not notified again: %s"
					.formatted(ex, event);
				logger.error(message, failed ? null : ex);
				failed = true;
			}
		}
	}

}
