package io.github.deletionpolicy.purge;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;

import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.CascadePlan.Node;
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
import io.github.deletionpolicy.purge.batch.SqlStates;
import io.github.deletionpolicy.purge.batch.TableProgress;
import io.github.deletionpolicy.purge.batch.TableWork;
import io.github.deletionpolicy.purge.batch.WorkerTransaction;
import io.github.deletionpolicy.purge.tree.TreeBatch;
import io.github.deletionpolicy.purge.tree.TreeCleanup;
import io.github.deletionpolicy.sql.Database;
import io.github.deletionpolicy.sql.Sql;

import org.springframework.dao.DataAccessException;

/**
 * Purges tables: looks at what rows of one cascade to and which are held, and chooses the
 * batches that suit.
 *
 * @param database whose transactions of workers publish what was purged in them
 */
public record TablePurges(Database database, LedgerTables ledger, Catalog catalog, DeletionTimeColumns deletionTimes,
		CascadePlans plans, WorkerTransaction transaction, PurgeListeners listeners) {

	/**
	 * Purge some batches of a table. What does not change between two of them is asked
	 * once.
	 * @param batches how many
	 * @return whether there was anything to do
	 */
	boolean turn(PurgeRun run, TableProgress progress, int batches) {
		TableWork work;
		try {
			work = describe(run, progress);
		}
		catch (DataAccessException ex) {
			if (SqlStates.isEnvironment(ex)) {
				throw ex;
			}
			return new Postponements(this.database, chunks()).postponeAll(progress, ex, 1);
		}
		boolean alone = work.plan().isAlone();
		BooleanSupplier over = () -> run.isOver() || !run.restOf(progress.table()).isZero();
		BatchRecovery recovery = new BatchRecovery(run::isOver, !alone);
		Batch optimistic = (!alone || work.table().hasCascadingKeyIntoIt()) ? null
				: new OptimisticBatch(this.database, new ClaimSql(this.ledger), this.transaction, this.listeners, work);
		Set<UUID> operations = new HashSet<>();
		int done = 0;
		boolean more = true;
		while (more && done < batches) {
			CarefulBatch careful = new CarefulBatch(this.database, this.transaction, chunks(), this.listeners, work);
			CarefulBatch batch = alone ? careful : new TreeBatch(careful, this.ledger, this.deletionTimes, over);
			boolean worked = recovery.next(optimistic, batch);
			if (!run.isOver()) {
				batch.reached();
			}
			batch.claimed().forEach((chunk) -> operations.add(chunk.operationId()));
			done += worked ? 1 : 0;
			more = worked && !over.getAsBoolean();
		}
		if (!alone) {
			new SettledOperations(this.database, new TreeCleanup(this.database.jdbc(), this.ledger), this.catalog)
				.clearUp(operations);
		}
		return done > 0;
	}

	/**
	 * Look at what rows of a table cascade to, and which are held.
	 * @throws DataAccessException if the table is not such that rows of it can be purged
	 */
	private TableWork describe(PurgeRun run, TableProgress progress) {
		Table table = this.catalog.table(progress.table().name());
		table.recordableKey();
		CascadePlan plan = this.plans.planFor(table, table.deletionTime(progress.table().deletionTime()));
		String hold = this.deletionTimes.holdCondition(table);
		List<TableName> holding = plan.nodes()
			.stream()
			.filter((node) -> this.deletionTimes.holdCondition(node.table()) != null)
			.map(Node::name)
			.toList();
		return new TableWork(progress, plan, Sql.of((hold != null) ? "((" + hold + ")) IS TRUE" : "false"), holding,
				run.isPatient());
	}

	private DueChunks chunks() {
		return new DueChunks(this.database.jdbc(), this.ledger);
	}

}
