package io.github.deletionpolicy.async;

import java.util.List;
import java.util.Map;

import io.github.deletionpolicy.CascadeMode;
import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.PurgedRows;
import io.github.deletionpolicy.RowsDeletedEvent;
import io.github.deletionpolicy.UnknownOperationException;
import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.CascadePlans;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.delete.CascadeStamper;
import io.github.deletionpolicy.delete.DeletionMonitor;
import io.github.deletionpolicy.delete.HardDelete;
import io.github.deletionpolicy.event.DeletionEvents;
import io.github.deletionpolicy.ledger.LedgerWriter;
import io.github.deletionpolicy.ledger.LedgerWriter.Stamped;
import io.github.deletionpolicy.purge.batch.PurgeListeners;
import io.github.deletionpolicy.rows.KeyReader;
import io.github.deletionpolicy.rows.KeyScan;
import io.github.deletionpolicy.rows.KeyValues;
import io.github.deletionpolicy.rows.RowCondition;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

/**
 * Deletes batch by batch what was accepted as a whole, each batch as a delete that does
 * not wait for others would, and finds out which rows stayed.
 */
public record BatchedDeletes(LedgerWriter ledger, CascadePlans plans, CascadeStamper stamper, HardDelete removal,
		KeyScan scan, PurgeListeners listeners, DeletionEvents events, DeletionMonitor monitor) {

	/**
	 * Return which rows a delete is about, as a condition on the row {@code t};
	 * {@code null} if all.
	 */
	@Nullable Sql selection(AsyncDelete delete, Table table) {
		RowCondition selected = RowCondition.fromWords(delete.selection());
		if (delete.isHard()) {
			return selected.isAlways(true) ? null : selected.on(table);
		}
		Sql rows = both(selected.on(table), this.ledger.isNotSpared(delete.operationId(), table));
		return delete.includingDeleted() ? rows
				: rows.add(" AND " + deletionTime(delete, table).toSql("t") + " IS NULL");
	}

	/**
	 * Return whether rows are removed by a {@code DELETE} from their table and nothing
	 * else, and no listener needs their keys.
	 */
	boolean isPlain(AsyncDelete delete, Table table) {
		return delete.isHard() && !this.removal.removesParts(table) && !this.listeners.areInside();
	}

	/**
	 * Delete rows that are selected, in the current transaction.
	 * @param rows which rows, as a condition on the row {@code t}
	 * @param skipLocked whether to leave out those that others have locked
	 * @param expected how many rows there should be
	 */
	Removed delete(AsyncDelete delete, Table table, Sql rows, boolean skipLocked, long expected) {
		Sql selection = selection(delete, table);
		Sql selected = both(rows, selection);
		List<List<String>> free = skipLocked ? this.scan.lock(table, selected) : List.of();
		Sql deletable = skipLocked ? both(withKeys(table, free), selection) : selected;
		Removed removed = delete.isHard() ? remove(delete, table, deletable) : stamp(delete, table, deletable);
		if (!skipLocked && removed.rows() >= expected) {
			return removed;
		}
		List<List<String>> left = this.scan.keys(table, selected);
		if (left.isEmpty()) {
			return removed;
		}
		String error = (skipLocked && !free.containsAll(left)) ? "Others have locked rows of %s."
				: "Rows of %s are still there after the statement that was to delete them; does a trigger or rule on the table prevent it?";
		return new Removed(removed.rows(), removed.cascaded(), left, error.formatted(table.name()));
	}

	private Removed remove(AsyncDelete delete, Table table, Sql rows) {
		if (!this.listeners.areInside()) {
			return new Removed(this.removal.remove(table, rows), Map.of(), List.of(), null);
		}
		List<Object> keys = this.removal.removeReturning(table, rows, table.selectKey("t"),
				(rs, row) -> KeyValues.read(rs, table));
		this.listeners
			.rowsRemoved(new PurgedRows(table.name().toString(), delete.operationId(), delete.acceptedAt(), keys));
		return new Removed(keys.size(), Map.of(), List.of(), null);
	}

	private Removed stamp(AsyncDelete delete, Table table, Sql rows) {
		CascadePlan plan = this.plans.planFor(table, deletionTime(delete, table));
		Stamped stamped = this.ledger.stampMore(delete.operationId(), table, plan.root().requireDeletionTime(), rows,
				delete.includingDeleted() && !plan.isAlone());
		if (stamped == null) {
			throw new UnknownOperationException(
					"Operation %s is no longer recorded, so its rows could not be restored. Delete the remaining rows with a new call."
						.formatted(delete.operationId()));
		}
		Map<String, Long> cascaded = (stamped.rows() == 0) ? Map.of() : this.stamper.stamp(delete.operationId(),
				delete.mode(), stamped, plan, delete.cascading() ? CascadeMode.CATALOG : CascadeMode.NONE, true);
		return new Removed(stamped.rows(), cascaded, List.of(), null);
	}

	private static Column deletionTime(AsyncDelete delete, Table table) {
		return table.deletionTime(delete.table().deletionTime());
	}

	static Sql withKeys(Table table, List<List<String>> keys) {
		return new KeyReader(table).readTexts(keys.stream().map((key) -> key.toArray(String[]::new)).toList());
	}

	static Sql both(Sql one, @Nullable Sql other) {
		return (other != null) ? Sql.of("(").add(one).add(") AND (").add(other).add(")") : one;
	}

	/**
	 * Publish what is committed.
	 */
	void committed(AsyncDelete delete, long rows, Map<String, Long> cascaded) {
		if (rows == 0) {
			return;
		}
		RowsDeletedEvent event = new RowsDeletedEvent(delete.table().name().toString(),
				new DeletionResult(delete.operationId(), delete.mode(), delete.source(), rows,
						delete.isHard() ? null : delete.acceptedAt(), null, cascaded));
		if (this.events.areHeard(RowsDeletedEvent.class)) {
			this.events.publish(List.of(event));
		}
		this.monitor.committed(event);
	}

	/**
	 * What one transaction did.
	 *
	 * @param rows how many rows were removed or stamped
	 * @param cascaded how many dependants were stamped, by {@code schema.table}
	 * @param left the keys of rows that should have been deleted and are still there
	 * @param error why; {@code null} if there are none
	 */
	record Removed(long rows, Map<String, Long> cascaded, List<List<String>> left, @Nullable String error) {

		static final Removed NOTHING = new Removed(0, Map.of(), List.of(), null);

	}

}
