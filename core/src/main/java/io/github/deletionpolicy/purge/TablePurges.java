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
import io.github.deletionpolicy.sql.Database;
import io.github.deletionpolicy.sql.Sql;

/**
 * Begins to purge a table: looks at what its rows cascade to and which are held, and
 * chooses the batches that suit.
 */
public class TablePurges {

	private final Database database;

	private final Catalog catalog;

	private final DeletionTimeColumns deletionTimes;

	private final CascadePlans plans;

	private final WorkerTransaction transaction;

	private final PurgeListeners listeners;

	private final DueChunks chunks;

	private final ClaimSql claims;

	private final Postponements postponements;

	private final PointOfNoReturn point;

	private final TreeBatch trees;

	private final SettledOperations settled;

	/**
	 * Create what begins purges.
	 * @param database whose transactions of workers publish what was purged in them
	 */
	public TablePurges(Database database, LedgerTables ledger, Catalog catalog, DeletionTimeColumns deletionTimes,
			CascadePlans plans, WorkerTransaction transaction, PurgeListeners listeners) {
		this.database = database;
		this.catalog = catalog;
		this.deletionTimes = deletionTimes;
		this.plans = plans;
		this.transaction = transaction;
		this.listeners = listeners;
		this.chunks = new DueChunks(database.jdbc(), ledger);
		this.claims = new ClaimSql(ledger);
		this.postponements = new Postponements(database, this.chunks);
		this.point = new PointOfNoReturn(database.jdbc(), ledger);
		this.trees = new TreeBatch(database.jdbc(), this.chunks, this.point, listeners, deletionTimes);
		this.settled = new SettledOperations(database, ledger, catalog);
	}

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
			return new TablePurge(run, recovery, null, () -> new TreePurge(careful(work), this.trees, this.settled,
					(chunk) -> bigTree(run, work).purge(chunk), work));
		}
		Batch optimistic = table.hasCascadingKeyIntoIt() ? null
				: new OptimisticBatch(this.database, this.claims, this.transaction, this.listeners, work);
		return new TablePurge(run, recovery, optimistic, () -> careful(work));
	}

	private BigTree bigTree(PurgeRun run, TableWork work) {
		return new BigTree(this.database, this.trees, this.point, this.chunks, work,
				() -> this.transaction.enter(work, false), () -> !run.isOver() && run.restOf(work.due()).isZero());
	}

	private CarefulBatch careful(TableWork work) {
		return new CarefulBatch(this.database, this.transaction, this.chunks, this.listeners, work);
	}

	boolean postponeAll(TableProgress progress, RuntimeException ex) {
		return this.postponements.postponeAll(progress, ex, 1);
	}

}
