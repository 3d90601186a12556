package io.github.deletionpolicy;

import java.util.List;
import java.util.function.Consumer;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.transaction.support.TransactionOperations;

/**
 * Hands events of committed work over to the application. A listener cannot undo the
 * commit, so nothing that it throws comes back.
 *
 * @since 0.1
 */
public class DeletionEvents {

	private static final Log logger = LogFactory.getLog(DeletionEvents.class);

	private final TransactionOperations outside;

	private final Consumer<? super DeletionEvent> publisher;

	/**
	 * Create a publisher of events.
	 * @param outside runs work outside of a transaction: the committed one is still at
	 * hand when events are told, and what a listener writes must not join it
	 * @param publisher is given each event
	 */
	public DeletionEvents(TransactionOperations outside, Consumer<? super DeletionEvent> publisher) {
		this.outside = outside;
		this.publisher = publisher;
	}

	/**
	 * Tell of work that is committed.
	 * @param events the events, in their order
	 */
	public void publish(List<? extends DeletionEvent> events) {
		if (events.isEmpty()) {
			return;
		}
		try {
			this.outside.executeWithoutResult((status) -> events.forEach(this::publish));
		}
		catch (RuntimeException ex) {
			logger.error("Deletion policy: %d event(s) could not be published.".formatted(events.size()), ex);
		}
	}

	private void publish(DeletionEvent event) {
		try {
			this.publisher.accept(event);
		}
		catch (Throwable ex) {
			logger.error(
					"Deletion policy: a listener failed. What it was told of is committed and stays so, and it is not told again: %s"
						.formatted(event),
					ex);
		}
	}

}
