package io.github.deletionpolicy.purge;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.github.deletionpolicy.PurgeListener;
import io.github.deletionpolicy.PurgedRows;
import io.github.deletionpolicy.catalog.Table;

/**
 * Those who are told of purged rows, inside the transaction that purges them.
 */
class PurgeListeners {

	private final List<PurgeListener> listeners;

	PurgeListeners(List<PurgeListener> listeners) {
		this.listeners = listeners;
	}

	/**
	 * Return whether anybody wants to know.
	 */
	boolean areThere() {
		return !this.listeners.isEmpty();
	}

	/**
	 * Tell of rows of one table, once per operation.
	 */
	void tell(Table table, List<PurgedRow> rows) {
		if (this.listeners.isEmpty() || rows.isEmpty()) {
			return;
		}
		Map<Object, List<PurgedRow>> byOperation = new LinkedHashMap<>();
		rows.forEach((row) -> byOperation
			.computeIfAbsent(List.of(row.operationId(), row.token()), (operation) -> new ArrayList<>())
			.add(row));
		byOperation.values().forEach((together) -> {
			PurgedRow first = together.get(0);
			PurgedRows purged = new PurgedRows(table.name().toString(), first.operationId(), first.token(),
					together.stream().map(PurgedRow::key).toList());
			this.listeners.forEach((listener) -> listener.purged(purged));
		});
	}

}
