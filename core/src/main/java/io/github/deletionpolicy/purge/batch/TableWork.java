package io.github.deletionpolicy.purge.batch;

import java.util.List;

import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.CascadePlan.Node;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.sql.Sql;

/**
 * A table with due rows, as it is described for some batches.
 *
 * @param progress how far the run has come
 * @param plan what the rows cascade to
 * @param hold the hold condition on the row {@code t}; {@code false} for none
 * @param holding the tables of the plan whose hold condition this node knows
 * @param patient whether to wait for a free slot
 */
public record TableWork(TableProgress progress, CascadePlan plan, Sql hold, List<TableName> holding, boolean patient) {

	public DueTable due() {
		return this.progress.table();
	}

	public Node root() {
		return this.plan.root();
	}

	public Table table() {
		return this.plan.root().table();
	}

}
