package io.github.deletionpolicy.event;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

import io.github.deletionpolicy.DeletionEvent;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.util.StringUtils;

/**
 * Keeps events until the caller's transaction has committed, and drops those of work that
 * was rolled back to a savepoint. Whose savepoint it was does not matter, and nobody
 * tells of a plain JDBC one: so each event leaves a mark in a setting of the transaction,
 * which goes back to what it was when the savepoint was set.
 */
public class EventsAfterCommit {

	private static final Log logger = LogFactory.getLog(EventsAfterCommit.class);

	private static final String LAST = "SELECT current_setting('deletion_policy.event', true)";

	private static final String NEXT = """
			WITH last AS MATERIALIZED (SELECT current_setting('deletion_policy.event', true) AS event)
			SELECT event, set_config('deletion_policy.event', ?, true) FROM last""";

	/**
	 * What PostgreSQL answers where an earlier statement has failed.
	 */
	private static final String OVER = "25P02";

	private final JdbcOperations jdbc;

	private final DeletionEvents events;

	public EventsAfterCommit(JdbcOperations jdbc, DeletionEvents events) {
		this.jdbc = jdbc;
		this.events = events;
	}

	/**
	 * Tell of something when the caller's transaction has committed.
	 */
	public void keep(DeletionEvent event) {
		if (!this.events.areHeard(event.getClass())) {
			return;
		}
		if (TransactionSynchronizationManager.isSynchronizationActive()) {
			kept().add(event);
		}
		else {
			logger.debug("The end of the transaction cannot be observed, so nobody is told: " + event);
		}
	}

	/**
	 * Tell of something that is committed.
	 */
	public void publish(DeletionEvent event) {
		this.events.publish(List.of(event));
	}

	private Kept kept() {
		for (TransactionSynchronization synchronization : TransactionSynchronizationManager.getSynchronizations()) {
			if (synchronization instanceof Kept kept && kept.isOf(this)) {
				return kept;
			}
		}
		Kept kept = new Kept();
		TransactionSynchronizationManager.registerSynchronization(kept);
		return kept;
	}

	/**
	 * The events of one transaction.
	 */
	private final class Kept implements TransactionSynchronization {

		private final List<Marked> events = new ArrayList<>();

		private long lastMark;

		boolean isOf(EventsAfterCommit owner) {
			return EventsAfterCommit.this == owner;
		}

		void add(DeletionEvent event) {
			Marked marked = new Marked(++this.lastMark, event);
			EventsAfterCommit.this.jdbc.query(NEXT, (rs) -> {
				dropAllAfter(rs.getString(1));
			}, String.valueOf(marked.mark()));
			this.events.add(marked);
		}

		/**
		 * A failure goes on to the caller: PostgreSQL would roll back when it is asked to
		 * commit, its driver would not say so, and a delete would be lost in silence.
		 * Only a transaction that the caller knows to be over ends as it would without
		 * events.
		 */
		@Override
		public void beforeCommit(boolean readOnly) {
			try {
				EventsAfterCommit.this.jdbc.query(LAST, (rs) -> {
					dropAllAfter(rs.getString(1));
				});
			}
			catch (DataAccessException ex) {
				if (!(ex.getCause() instanceof SQLException cause) || !OVER.equals(cause.getSQLState())) {
					throw ex;
				}
				logger.debug("An earlier statement has ended the transaction; PostgreSQL rolls it back", ex);
				this.events.clear();
			}
		}

		private void dropAllAfter(@Nullable String mark) {
			long last = StringUtils.hasLength(mark) ? Long.parseLong(mark) : 0;
			this.events.removeIf((event) -> event.mark() > last);
		}

		@Override
		public void afterCompletion(int status) {
			if (status == STATUS_COMMITTED) {
				EventsAfterCommit.this.events.publish(this.events.stream().map(Marked::event).toList());
			}
		}

	}

	/**
	 * An event and its mark.
	 *
	 * @param mark counts the events of the transaction, those that were dropped too
	 * @param event the event
	 */
	private record Marked(long mark, DeletionEvent event) {
	}

}
