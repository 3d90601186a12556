package io.github.deletionpolicy.purge;

import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.CascadePlans;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.purge.batch.Batch;
import io.github.deletionpolicy.purge.batch.BatchRecovery;
import io.github.deletionpolicy.purge.batch.CarefulBatch;
import io.github.deletionpolicy.purge.batch.ClaimSql;
import io.github.deletionpolicy.purge.batch.DueChunks;
import io.github.deletionpolicy.purge.batch.OptimisticBatch;
import io.github.deletionpolicy.purge.batch.Postponements;
import io.github.deletionpolicy.purge.batch.PurgeListeners;
import io.github.deletionpolicy.purge.batch.TableProgress;
import io.github.deletionpolicy.purge.batch.TableWork;
import io.github.deletionpolicy.purge.batch.WorkerTransaction;
import io.github.deletionpolicy.purge.tree.BigTree;
import io.github.deletionpolicy.purge.tree.PointOfNoReturn;
import io.github.deletionpolicy.purge.tree.TreeBatch;
import io.github.deletionpolicy.purge.tree.TreeCleanup;
import io.github.deletionpolicy.sql.Database;
import io.github.deletionpolicy.sql.Sql;

/**
 * Begins to purge a table: looks at what its rows cascade to and which are held, and
 * chooses the batches that suit.
 *
 * @param database whose transactions of workers publish what was purged in them
 */
public record TablePurges(Database database, LedgerTables ledger, Catalog catalog, DeletionTimeColumns deletionTimes,
		CascadePlans plans, WorkerTransaction transaction, PurgeListeners listeners) {

	/**
	 * Begin to purge a table.
	 * @throws org.springframework.dao.DataAccessException if the table is not such that
	 * rows of it can be purged
	 */
	TablePurge begin(PurgeRun run, TableProgress progress) {
		Table table = this.catalog.table(progress.table().name());
		table.recordableKey();
		CascadePlan plan = this.plans.planFor(table, table.deletionTime(progress.table().deletionTime()));
		String hold = this.deletionTimes.holdCondition(table);
		TableWork work = new TableWork(progress, plan, Sql.of((hold != null) ? "((" + hold + ")) IS TRUE" : "false"),
				run.isPatient());
		BatchRecovery recovery = new BatchRecovery(run::isOver, !plan.isAlone());
		if (!plan.isAlone()) {
			return new TablePurge(run, recovery, null, () -> tree(run, work));
		}
		Batch optimistic = table.hasCascadingKeyIntoIt() ? null
				: new OptimisticBatch(this.database, new ClaimSql(this.ledger), this.transaction, this.listeners, work);
		return new TablePurge(run, recovery, optimistic, () -> careful(work));
	}

	private CarefulBatch careful(TableWork work) {
		return new CarefulBatch(this.database, this.transaction, chunks(), this.listeners, work);
	}

	private TreePurge tree(PurgeRun run, TableWork work) {
		PointOfNoReturn point = new PointOfNoReturn(this.database.jdbc(), this.ledger);
		TreeBatch trees = new TreeBatch(this.database.jdbc(), chunks(), point, this.listeners, this.deletionTimes);
		BigTree bigTree = new BigTree(this.database, trees, point, chunks(), work,
				() -> this.transaction.enter(work, false), () -> !run.isOver() && run.restOf(work.due()).isZero());
		return new TreePurge(careful(work), trees,
				new SettledOperations(this.database, new TreeCleanup(this.database.jdbc(), this.ledger), this.catalog),
				bigTree::purge, work);
	}

	boolean postponeAll(TableProgress progress, RuntimeException ex) {
		return new Postponements(this.database, chunks()).postponeAll(progress, ex, 1);
	}

	private DueChunks chunks() {
		return new DueChunks(this.database.jdbc(), this.ledger);
	}

}
