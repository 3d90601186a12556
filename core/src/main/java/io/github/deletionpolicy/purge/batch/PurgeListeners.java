package io.github.deletionpolicy.purge.batch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import io.github.deletionpolicy.PurgeListener;
import io.github.deletionpolicy.PurgedRows;
import io.github.deletionpolicy.RowsPurgedEvent;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.event.PurgeEvents;

import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcOperations;

/**
 * Those who are told of purged rows: listeners inside the transaction that purges them,
 * the application after its commit.
 */
public class PurgeListeners {

	private final JdbcOperations jdbc;

	private final Supplier<List<PurgeListener>> listeners;

	private final PurgeEvents events;

	public PurgeListeners(JdbcOperations jdbc, Supplier<List<PurgeListener>> listeners, PurgeEvents events) {
		this.jdbc = jdbc;
		this.listeners = listeners;
		this.events = events;
	}

	/**
	 * Return whether anybody wants to know.
	 */
	boolean areThere() {
		return !this.listeners.get().isEmpty() || this.events.areHeard();
	}

	/**
	 * Return whether a listener wants to know inside the transaction.
	 */
	public boolean areInside() {
		return !this.listeners.get().isEmpty();
	}

	/**
	 * Tell listeners, and nobody else, of rows that were removed without having waited
	 * for their purge.
	 * @throws PurgeListenerException if a listener throws anything
	 */
	public void tellOnlyInside(PurgedRows removed) {
		if (!this.listeners.get().isEmpty() && !removed.keys().isEmpty()) {
			this.listeners.get().forEach((listener) -> tell(listener, removed));
			requireUsableTransaction();
		}
	}

	/**
	 * Tell of rows of one table, once per operation.
	 * @throws PurgeListenerException if a listener throws anything
	 */
	public void tell(Table table, List<PurgedRow> rows) {
		Map<Object, List<PurgedRow>> byOperation = new LinkedHashMap<>();
		rows.forEach((row) -> byOperation
			.computeIfAbsent(List.of(row.operationId(), row.token()), (operation) -> new ArrayList<>())
			.add(row));
		byOperation.values().forEach((together) -> {
			PurgedRow first = together.get(0);
			PurgedRows purged = new PurgedRows(table.name().toString(), first.operationId(), first.token(),
					together.stream().map(PurgedRow::key).toList());
			this.listeners.get().forEach((listener) -> tell(listener, purged));
			this.events.afterCommit(new RowsPurgedEvent(purged.table(), purged.operationId(), purged.deletionTime(),
					purged.keys().size()));
		});
		if (!this.listeners.get().isEmpty() && !rows.isEmpty()) {
			requireUsableTransaction();
		}
	}

	/**
	 * An error, too, is the listener's and no reason to end the run.
	 */
	private static void tell(PurgeListener listener, PurgedRows purged) {
		try {
			listener.purged(purged);
		}
		catch (Throwable ex) {
			throw new PurgeListenerException(ex);
		}
	}

	/**
	 * An error of the database that a listener catches has ended the transaction all the
	 * same: its commit would be a rollback, and nobody would say so.
	 */
	private void requireUsableTransaction() {
		try {
			this.jdbc.execute("SELECT 1");
		}
		catch (DataAccessException ex) {
			throw new PurgeListenerException(ex);
		}
	}

}
