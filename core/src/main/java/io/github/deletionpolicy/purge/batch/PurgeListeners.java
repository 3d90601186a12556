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
 * Notifies of purged rows: listeners inside the transaction that purges them, the
 * application after its commit.
 */
public record PurgeListeners(JdbcOperations jdbc, Supplier<List<PurgeListener>> listeners, PurgeEvents events) {

	/**
	 * Return whether anybody is notified.
	 */
	public boolean areThere() {
		return areInside() || this.events.areHeard();
	}

	/**
	 * Return whether a listener is notified inside the transaction.
	 */
	public boolean areInside() {
		return !this.listeners.get().isEmpty();
	}

	/**
	 * Notify listeners, and nobody else, of rows that were removed without having waited
	 * for their purge.
	 * @throws PurgeListenerException if a listener throws anything
	 */
	public void rowsRemoved(PurgedRows removed) {
		if (areInside() && !removed.keys().isEmpty()) {
			this.listeners.get().forEach((listener) -> notify(listener, removed));
			requireUsableTransaction();
		}
	}

	/**
	 * Notify of rows of one table, once per operation.
	 * @throws PurgeListenerException if a listener throws anything
	 */
	public void rowsPurged(Table table, List<PurgedRow> rows) {
		Map<Object, List<PurgedRow>> byOperation = new LinkedHashMap<>();
		rows.forEach((row) -> byOperation
			.computeIfAbsent(List.of(row.operationId(), row.token()), (operation) -> new ArrayList<>())
			.add(row));
		byOperation.values().forEach((together) -> {
			PurgedRow first = together.get(0);
			PurgedRows purged = new PurgedRows(table.name().toString(), first.operationId(), first.token(),
					together.stream().map(PurgedRow::key).toList());
			this.listeners.get().forEach((listener) -> notify(listener, purged));
			this.events.afterCommit(new RowsPurgedEvent(purged.table(), purged.operationId(), purged.deletionTime(),
					purged.keys().size()));
		});
		if (areInside() && !rows.isEmpty()) {
			requireUsableTransaction();
		}
	}

	/**
	 * An error, too, is the listener's and no reason to end the run.
	 */
	private static void notify(PurgeListener listener, PurgedRows purged) {
		try {
			listener.purged(purged);
		}
		catch (Throwable ex) {
			throw new PurgeListenerException(ex);
		}
	}

	/**
	 * An error of the database that a listener catches has ended the transaction all the
	 * same: its commit would silently be a rollback.
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
