package io.github.deletionpolicy.delete;

import java.util.Map;

import io.github.deletionpolicy.DeletionRequest;
import io.github.deletionpolicy.DeletionRequest.Selection;
import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.RestrictedDeletionException;
import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.CascadePlans;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.LedgerWriter;
import io.github.deletionpolicy.ledger.LedgerWriter.Stamp;
import io.github.deletionpolicy.ledger.Operation;
import io.github.deletionpolicy.sql.Savepoints;
import io.github.deletionpolicy.sql.Sql;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * A soft or scheduled delete: stamps rows and what the delete cascades to, and records
 * them.
 */
public class StampedDelete {

	private final JdbcOperations jdbc;

	private final LedgerWriter ledger;

	private final CascadeStamper cascade;

	private final CascadePlans plans;

	private final DeletionTimeColumns deletionTimes;

	public StampedDelete(JdbcOperations jdbc, LedgerWriter ledger, CascadePlans plans,
			DeletionTimeColumns deletionTimes) {
		this.jdbc = jdbc;
		this.ledger = ledger;
		this.cascade = new CascadeStamper(jdbc, ledger);
		this.plans = plans;
		this.deletionTimes = deletionTimes;
	}

	/**
	 * Delete.
	 * @param rows condition on the row {@code t} of the table
	 * @throws io.github.deletionpolicy.sql.RefusedException if live rows restrict the
	 * delete; everything is as before then
	 */
	public DeletionResult execute(DeletionRequest request, Table table, Sql rows) {
		Column deletionTime = this.deletionTimes.of(request.policy(), table);
		table.recordableKey();
		CascadePlan plan = this.plans.planFor(table, deletionTime);
		Sql stampable = RequestedRows.stampable(request, deletionTime, rows);
		return plan.restrictions().isEmpty() ? stamp(request, plan, stampable) : Savepoints.refusing(this.jdbc,
				RestrictedDeletionException.class, () -> stamp(request, plan, stampable));
	}

	private DeletionResult stamp(DeletionRequest request, CascadePlan plan, Sql rows) {
		Operation operation = Operation.of(request);
		boolean superseding = request.includingDeleted() && !plan.isAlone();
		boolean single = request.selection() instanceof Selection.ByIds byIds && byIds.ids().size() == 1;
		Stamp stamp = this.ledger.stamp(operation, plan.root().table(), plan.root().requireDeletionTime(), rows,
				superseding, single);
		if (stamp.rows() == 0) {
			return new DeletionResult(operation.id(), request.mode(), request.source(), 0, null, null, Map.of());
		}
		Map<String, Long> cascaded = this.cascade.stamp(operation.id(), request.mode(), stamp.stamped(), plan,
				request.cascade(), false);
		return new DeletionResult(operation.id(), request.mode(), request.source(), stamp.rows(), stamp.token(),
				stamp.purgeAt(), cascaded);
	}

}
