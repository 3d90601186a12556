package io.github.deletionpolicy.event;

import java.sql.SQLException;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

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
 * was rolled back to a savepoint. Whose savepoint it was does not matter, and a plain
 * JDBC one cannot be observed: so each event leaves a mark in a setting of the
 * transaction, which goes back to what it was when the savepoint was set.
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
	 * Publish an event when the caller's transaction has committed.
	 */
	public void keep(DeletionEvent event) {
		if (!this.events.areHeard(event.getClass())) {
			return;
		}
		if (TransactionSynchronizationManager.isSynchronizationActive()) {
			kept().add(event);
		}
		else {
			logger.debug("The end of the transaction cannot be observed, so no listener is notified: " + event);
		}
	}

	/**
	 * Publish an event of what is committed.
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

		/**
		 * By mark: a number that counts the events, those that were dropped too.
		 */
		private final NavigableMap<Long, DeletionEvent> events = new TreeMap<>();

		private long lastMark;

		boolean isOf(EventsAfterCommit owner) {
			return EventsAfterCommit.this == owner;
		}

		void add(DeletionEvent event) {
			EventsAfterCommit.this.jdbc.query(NEXT, (rs) -> {
				dropAllAfter(rs.getString(1));
			}, String.valueOf(++this.lastMark));
			this.events.put(this.lastMark, event);
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
				dropAllAfter(EventsAfterCommit.this.jdbc.queryForObject(LAST, String.class));
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
			this.events.tailMap(StringUtils.hasLength(mark) ? Long.parseLong(mark) : 0L, false).clear();
		}

		@Override
		public void afterCompletion(int status) {
			if (status == STATUS_COMMITTED) {
				EventsAfterCommit.this.events.publish(List.copyOf(this.events.values()));
			}
		}

	}

}
