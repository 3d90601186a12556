package io.github.deletionpolicy.async;

import java.time.Instant;

import io.github.deletionpolicy.AsyncOptions;
import io.github.deletionpolicy.DeletionRequest;
import io.github.deletionpolicy.DeletionRequest.Selection;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.async.AsyncDeletes.Way;
import io.github.deletionpolicy.catalog.CascadePlans;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.LedgerWriter;
import io.github.deletionpolicy.ledger.Operation;
import io.github.deletionpolicy.rows.RowCondition;
import io.github.deletionpolicy.rows.SelectedRows;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

/**
 * Accepts an asynchronous delete: what would be refused later is refused now, and the
 * rest is written down.
 */
public class AsyncAcceptance {

	private final AsyncDeletes deletes;

	private final LedgerWriter ledger;

	private final SelectedRows selected;

	private final DeletionTimeColumns deletionTimes;

	private final CascadePlans plans;

	public AsyncAcceptance(AsyncDeletes deletes, LedgerWriter ledger, SelectedRows selected,
			DeletionTimeColumns deletionTimes, CascadePlans plans) {
		this.deletes = deletes;
		this.ledger = ledger;
		this.selected = selected;
		this.deletionTimes = deletionTimes;
		this.plans = plans;
	}

	public void acceptHard(Operation operation, DeletionRequest request, Table table, AsyncOptions options) {
		table.requireKey();
		accept(operation, request, table, findDeletionTime(table), null, options);
	}

	/**
	 * A hard delete needs no such column; where there is one, the table is known by it.
	 */
	private @Nullable Column findDeletionTime(Table table) {
		try {
			return this.deletionTimes.find(table);
		}
		catch (UnsupportedTableException ex) {
			return null;
		}
	}

	public void acceptSoft(Operation operation, DeletionRequest request, Table table, AsyncOptions options) {
		Column deletionTime = this.deletionTimes.of(request.policy(), table);
		table.recordableKey();
		this.plans.planFor(table, deletionTime);
		accept(operation, request, table, deletionTime, this.ledger.open(operation, table, deletionTime), options);
	}

	private void accept(Operation operation, DeletionRequest request, Table table, @Nullable Column deletionTime,
			@Nullable Instant token, AsyncOptions options) {
		RowCondition rows = this.selected.condition(request.selection(), table);
		Sql ends = (request.selection() instanceof Selection.ByIds) ? rows.on(table) : Sql.of("true");
		this.deletes.accept(operation, table, deletionTime, token, rows, ends,
				new Way(request.cascade(), request.includingDeleted(), options.batchSize(), options.pause()));
	}

}
