package io.github.deletionpolicy.async;

import java.util.List;
import java.util.Map;

import io.github.deletionpolicy.CascadeMode;
import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.RowsDeletedEvent;
import io.github.deletionpolicy.UnknownOperationException;
import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.CascadePlans;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.delete.CascadeStamper;
import io.github.deletionpolicy.delete.DeletionMonitor;
import io.github.deletionpolicy.delete.HardDelete;
import io.github.deletionpolicy.event.DeletionEvents;
import io.github.deletionpolicy.ledger.LedgerWriter;
import io.github.deletionpolicy.ledger.LedgerWriter.Stamped;
import io.github.deletionpolicy.rows.KeyValues;
import io.github.deletionpolicy.rows.RowCondition;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Deletes batch by batch what was accepted as a whole, each batch as a delete that does
 * not wait for others would.
 */
public class BatchedDeletes {

	private final LedgerWriter ledger;

	private final CascadePlans plans;

	private final CascadeStamper stamper;

	private final HardDelete removal;

	private final DeletionEvents events;

	private final DeletionMonitor monitor;

	public BatchedDeletes(JdbcOperations jdbc, Catalog catalog, LedgerWriter ledger, DeletionTimeColumns deletionTimes,
			CascadePlans plans, DeletionEvents events, DeletionMonitor monitor) {
		this.ledger = ledger;
		this.plans = plans;
		this.stamper = new CascadeStamper(jdbc, ledger);
		this.removal = new HardDelete(jdbc, catalog, plans, deletionTimes);
		this.events = events;
		this.monitor = monitor;
	}

	/**
	 * Return which rows a delete is about, as a condition on the row {@code t};
	 * {@code null} if all.
	 */
	@Nullable Sql selection(AsyncDelete delete, Table table) {
		RowCondition selected = RowCondition.fromWords(delete.selection());
		if (delete.isHard()) {
			return selected.isAlways(true) ? null : selected.on(table);
		}
		Sql rows = Sql.of("(")
			.add(selected.on(table))
			.add(") AND ")
			.add(this.ledger.isNotSpared(delete.operationId(), table));
		return delete.includingDeleted() ? rows
				: rows.add(" AND " + deletionTime(delete, table).toSql("t") + " IS NULL");
	}

	/**
	 * Return whether rows are removed by a {@code DELETE} from their table and nothing
	 * else.
	 */
	boolean isPlain(AsyncDelete delete, Table table) {
		return delete.isHard() && !this.removal.removesParts(table);
	}

	/**
	 * Delete rows, in the transaction at hand.
	 * @param rows condition on the row {@code t}; implies {@link #selection}
	 * @param withKeys whether the keys of rows that are removed are asked for
	 */
	Deleted delete(AsyncDelete delete, Table table, Sql rows, boolean withKeys) {
		return delete.isHard() ? remove(table, rows, withKeys) : stamp(delete, table, rows);
	}

	private Deleted remove(Table table, Sql rows, boolean withKeys) {
		if (!withKeys) {
			return new Deleted(this.removal.remove(table, rows), Map.of(), List.of());
		}
		List<Object> keys = this.removal.removeReturning(table, rows, table.selectKey("t"),
				(rs, row) -> KeyValues.read(rs, table));
		return new Deleted(keys.size(), Map.of(), keys);
	}

	private Deleted stamp(AsyncDelete delete, Table table, Sql rows) {
		CascadePlan plan = this.plans.planFor(table, deletionTime(delete, table));
		Stamped stamped = this.ledger.stampMore(delete.operationId(), table, plan.root().requireDeletionTime(), rows,
				delete.includingDeleted() && !plan.isAlone());
		if (stamped == null) {
			throw new UnknownOperationException(
					"Operation %s is no longer recorded, so its rows could not be restored. Delete the rest anew."
						.formatted(delete.operationId()));
		}
		Map<String, Long> cascaded = (stamped.rows() == 0) ? Map.of() : this.stamper.stamp(delete.operationId(),
				delete.mode(), stamped, plan, delete.takesAlong() ? CascadeMode.CATALOG : CascadeMode.NONE, true);
		return new Deleted(stamped.rows(), cascaded, List.of());
	}

	private static Column deletionTime(AsyncDelete delete, Table table) {
		return table.deletionTime(delete.table().deletionTime());
	}

	/**
	 * Publish what is committed.
	 */
	void committed(AsyncDelete delete, Deleted deleted) {
		if (deleted.rows() == 0) {
			return;
		}
		RowsDeletedEvent event = new RowsDeletedEvent(delete.table().name().toString(),
				new DeletionResult(delete.operationId(), delete.mode(), delete.source(), deleted.rows(),
						delete.isHard() ? null : delete.acceptedAt(), null, deleted.cascaded()));
		if (this.events.areHeard(RowsDeletedEvent.class)) {
			this.events.publish(List.of(event));
		}
		this.monitor.committed(event);
	}

	/**
	 * What one transaction did.
	 *
	 * @param rows how many rows were removed or marked
	 * @param cascaded how many dependants were marked, by {@code schema.table}
	 * @param keys the primary keys of removed rows, each a value or a map of column to
	 * value; empty if not asked for
	 */
	record Deleted(long rows, Map<String, Long> cascaded, List<Object> keys) {

		static final Deleted NOTHING = new Deleted(0, Map.of(), List.of());

		Deleted {
			cascaded = Map.copyOf(cascaded);
		}

	}

}
