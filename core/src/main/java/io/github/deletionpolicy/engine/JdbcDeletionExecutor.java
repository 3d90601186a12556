package io.github.deletionpolicy.engine;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

import io.github.deletionpolicy.AsyncDeletion;
import io.github.deletionpolicy.AsyncOptions;
import io.github.deletionpolicy.DeletedRows;
import io.github.deletionpolicy.DeletionEvent;
import io.github.deletionpolicy.DeletionExecutor;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionOrder;
import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.DeletionPreview;
import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.DeletionTarget;
import io.github.deletionpolicy.ModeSource;
import io.github.deletionpolicy.ReadOnlyDeletionException;
import io.github.deletionpolicy.RestoreResult;
import io.github.deletionpolicy.RestrictedDeletionException;
import io.github.deletionpolicy.RowSelection;
import io.github.deletionpolicy.RowsDeletedEvent;
import io.github.deletionpolicy.RowsRestoredEvent;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.UnknownTableException;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.async.AsyncAcceptance;
import io.github.deletionpolicy.async.AsyncDeletes;
import io.github.deletionpolicy.async.RecordedAsyncDeletion;
import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.CascadePlans;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.delete.CascadePreview;
import io.github.deletionpolicy.delete.CascadeStamper;
import io.github.deletionpolicy.delete.DeletionMonitor;
import io.github.deletionpolicy.delete.HardDelete;
import io.github.deletionpolicy.delete.LockedRows;
import io.github.deletionpolicy.delete.OwnedParts;
import io.github.deletionpolicy.delete.Restrictions;
import io.github.deletionpolicy.delete.ReturnedRows;
import io.github.deletionpolicy.event.DeletionEvents;
import io.github.deletionpolicy.event.EventsAfterCommit;
import io.github.deletionpolicy.ledger.LedgerWriter;
import io.github.deletionpolicy.ledger.Operation;
import io.github.deletionpolicy.ledger.OperationIds;
import io.github.deletionpolicy.mapping.AggregateMapping;
import io.github.deletionpolicy.mapping.AggregateRows;
import io.github.deletionpolicy.restore.RestoreRecord;
import io.github.deletionpolicy.restore.Restorer;
import io.github.deletionpolicy.restore.Restorer.Restored;
import io.github.deletionpolicy.rows.SelectedRows;
import io.github.deletionpolicy.sql.RefusedException;
import io.github.deletionpolicy.sql.Savepoints;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Carries deletes out on PostgreSQL.
 *
 * @since 0.1
 */
public class JdbcDeletionExecutor implements DeletionExecutor {

	private final JdbcOperations jdbc;

	private final TransactionOperations transactions;

	private final Catalog catalog;

	private final LedgerWriter ledger;

	private final Restorer restorer;

	private final AggregateMapping mapping;

	private final SelectedRows selected;

	private final DeletionTimeColumns deletionTimes;

	private final CascadePlans plans;

	private final CascadeStamper stamper;

	private final OwnedParts parts;

	private final CascadePreview preview;

	private final EventsAfterCommit events;

	private final DeletionMonitor monitor;

	private final AsyncDeletes asyncDeletes;

	private final AsyncAcceptance acceptance;

	private final Runnable starter;

	/**
	 * Create an executor.
	 * @param jdbc runs the statements
	 * @param transactions joins the caller's transaction, or opens one
	 * @param catalog describes the tables
	 * @param ledger records soft and scheduled deletes
	 * @param recorded what restores read of that record
	 * @param mapping says what classes mean
	 * @param deletionTimes says which columns carry the deletion time
	 * @param plans says what rows take along
	 * @param events is told what was done, after the commit
	 * @param monitor watches
	 * @param asyncDeletes records asynchronous deletes
	 * @param starter is run when one was committed, and may have a worker look for it; it
	 * must neither wait nor throw
	 */
	public JdbcDeletionExecutor(JdbcOperations jdbc, TransactionOperations transactions, Catalog catalog,
			LedgerWriter ledger, RestoreRecord recorded, AggregateMapping mapping, DeletionTimeColumns deletionTimes,
			CascadePlans plans, DeletionEvents events, DeletionMonitor monitor, AsyncDeletes asyncDeletes,
			Runnable starter) {
		this.jdbc = jdbc;
		this.transactions = transactions;
		this.catalog = catalog;
		this.ledger = ledger;
		this.restorer = new Restorer(jdbc, catalog, recorded, asyncDeletes, plans, deletionTimes);
		this.mapping = mapping;
		this.selected = new SelectedRows(mapping);
		this.deletionTimes = deletionTimes;
		this.plans = plans;
		this.stamper = new CascadeStamper(ledger, new Restrictions(jdbc));
		this.parts = new OwnedParts(jdbc, catalog, plans, deletionTimes);
		this.preview = new CascadePreview(jdbc);
		this.events = new EventsAfterCommit(jdbc, events);
		this.monitor = monitor;
		this.asyncDeletes = asyncDeletes;
		this.acceptance = new AsyncAcceptance(asyncDeletes, ledger, this.selected, deletionTimes, plans);
		this.starter = starter;
	}

	@Override
	public TableName resolve(DeletionTarget target) {
		return this.catalog.table(nameOf(target)).name();
	}

	@Override
	public DeletionResult delete(DeletionOrder order) {
		return this.monitor.aroundDelete(order, () -> deleteNow(order));
	}

	private DeletionResult deleteNow(DeletionOrder order) {
		return refusable("A delete from " + order.table(), () -> {
			Table table = this.catalog.lastSeen(order.table());
			if (order.mode() != DeletionMode.HARD) {
				return stamp(order, table);
			}
			return hardResult(order, hardDelete(order, table).execute());
		}, (result) -> deleted(order, result));
	}

	@Override
	public <T> DeletedRows<T> deleteReturning(DeletionOrder order, Class<T> rowType) {
		return this.monitor.aroundDelete(order, () -> deleteReturningNow(order, rowType));
	}

	private <T> DeletedRows<T> deleteReturningNow(DeletionOrder order, Class<T> rowType) {
		return refusable("A delete from " + order.table(), () -> {
			Table table = this.catalog.lastSeen(order.table());
			ReturnedRows<T> returned = new ReturnedRows<>(rowType, aggregatesOf(order, rowType));
			if (returned.areMoreThan(table)) {
				return deleteLoaded(order, table, returned);
			}
			RowMapper<T> mapper = returned.mapper();
			if (order.mode() != DeletionMode.HARD) {
				DeletionResult result = stamp(order, table);
				return new DeletedRows<>(result, (result.rows() > 0) ? stampedRows(table, result, mapper) : List.of());
			}
			List<T> rows = hardDelete(order, table).returning("t.*", mapper);
			return new DeletedRows<>(hardResult(order, rows.size()), rows);
		}, (deleted) -> deleted(order, deleted.result()));
	}

	/**
	 * Aggregates of rows of several tables are read while those are there and a view
	 * still shows them.
	 */
	private <T> DeletedRows<T> deleteLoaded(DeletionOrder order, Table table, ReturnedRows<T> returned) {
		refuseFallbackOnPartition(order, table);
		boolean hard = order.mode() == DeletionMode.HARD;
		Sql rows = condition(order, table);
		LockedRows locked = LockedRows.lock(this.jdbc, table,
				hard ? rows : stampable(order, this.deletionTimes.of(order.policy(), table), rows));
		List<T> loaded = returned.load(table, locked);
		DeletionResult result = hard ? hardResult(order, removal(table, locked.condition()).execute())
				: stamp(order, table, locked.condition(), locked.size() == 1);
		if (result.rows() != loaded.size()) {
			throw new UnsupportedTableException(
					"A trigger or rule of table %s kept %d of %d rows from being deleted, so nothing is deleted. Write execute() without returning(…)."
						.formatted(table.name(), loaded.size() - result.rows(), loaded.size()));
		}
		return new DeletedRows<>(result, loaded);
	}

	private <T> @Nullable AggregateRows<T> aggregatesOf(DeletionOrder order, Class<T> rowType) {
		AggregateRows<T> aggregates = this.mapping.rowsOf(rowType);
		DeletionTarget target = new DeletionTarget.Aggregate(rowType);
		return (aggregates != null && (target.equals(order.target()) || isMappedTo(order.table(), target))) ? aggregates
				: null;
	}

	private boolean isMappedTo(TableName table, DeletionTarget target) {
		try {
			return table.equals(resolve(target));
		}
		catch (UnknownTableException | UnsupportedTableException ex) {
			return false;
		}
	}

	@Override
	public AsyncDeletion deleteAsync(DeletionOrder order, AsyncOptions options) {
		Operation operation = new Operation(OperationIds.next(), order.mode(), order.source(), order.delay(),
				order.reason());
		AtomicBoolean undecided = new AtomicBoolean();
		inWritingTransaction("An asynchronous delete from " + order.table(), (transaction) -> {
			Table table = this.catalog.lastSeen(order.table());
			refuseFallbackOnPartition(order, table);
			refuseHiddenRows(table);
			if (order.mode() == DeletionMode.HARD) {
				this.acceptance.acceptHard(operation, order, table, options);
			}
			else {
				this.acceptance.acceptSoft(operation, order, table, options);
			}
			startAfterCommit(undecided);
		});
		return new RecordedAsyncDeletion(operation.id(), this.asyncDeletes, this.transactions, undecided::get);
	}

	/**
	 * A worker selects later and sees every row, or nothing is deleted at all. What the
	 * caller may not see, the caller must not delete.
	 */
	private void refuseHiddenRows(Table table) {
		Boolean hidden = this.jdbc.queryForObject("SELECT row_security_active(CAST(? AS regclass))", Boolean.class,
				table.name().toSql());
		if (Boolean.TRUE.equals(hidden)) {
			throw new UnsupportedTableException(
					"Row-level security of table %s may hide rows here, and a worker would delete those too that match. Write execute(), or let a role call it that sees every row."
						.formatted(table.name()));
		}
	}

	/**
	 * Without synchronization nobody says when the transaction ends; the next tick comes
	 * anyway.
	 */
	private void startAfterCommit(AtomicBoolean undecided) {
		if (!TransactionSynchronizationManager.isSynchronizationActive()) {
			return;
		}
		undecided.set(true);
		TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

			@Override
			public void afterCompletion(int status) {
				undecided.set(false);
				if (status == STATUS_COMMITTED) {
					JdbcDeletionExecutor.this.starter.run();
				}
			}

		});
	}

	@Override
	public DeletionPreview preview(DeletionOrder order) {
		Table table = this.catalog.lastSeen(order.table());
		refuseFallbackOnPartition(order, table);
		Sql rows = condition(order, table);
		if (order.mode() == DeletionMode.HARD) {
			return previewHard(order, table, rows);
		}
		Column deletionTime = this.deletionTimes.of(order.policy(), table);
		table.recordableKey();
		return this.preview.preview(order, this.plans.planFor(table, deletionTime),
				stampable(order, deletionTime, rows));
	}

	/**
	 * What keeps a table from being marked keeps nobody from removing its rows.
	 */
	private DeletionPreview previewHard(DeletionOrder order, Table table, Sql rows) {
		CascadePlan plan = this.parts.planFor(table);
		try {
			return this.preview.preview(order, plan, rows);
		}
		catch (UnsupportedTableException ex) {
			return this.preview.preview(order, CascadePlan.alone(table, plan.root().deletionTime()), rows);
		}
	}

	@Override
	public RestoreResult restore(UUID operationId) {
		return this.monitor
			.aroundRestore(true,
					() -> refusable("The restore of operation " + operationId, () -> this.restorer.restore(operationId),
							(restored) -> restored(operationId, restored)))
			.result();
	}

	@Override
	public RestoreResult restore(DeletionTarget target, DeletionPolicy policy, RowSelection selection) {
		return this.monitor.aroundRestore(false, () -> refusable("A restore to " + target, () -> {
			Table table = this.catalog.table(nameOf(target));
			table.recordableKey();
			return this.restorer.restore(table, this.deletionTimes.of(policy, table),
					this.selected.condition(target, table, selection).on(table));
		}, (restored) -> restored(null, restored))).result();
	}

	private static @Nullable DeletionEvent deleted(DeletionOrder order, DeletionResult result) {
		return (result.rows() > 0) ? new RowsDeletedEvent(order.table().toString(), result) : null;
	}

	/**
	 * Where a restore is repeated, dependants may come back alone.
	 */
	private static @Nullable DeletionEvent restored(@Nullable UUID operationId, Restored restored) {
		RestoreResult result = restored.result();
		return (result.rows() > 0 || !result.cascaded().isEmpty())
				? new RowsRestoredEvent(restored.table().toString(), operationId, result) : null;
	}

	/**
	 * An exception on its way through would mark the caller's transaction for rollback,
	 * and after a refusal, which changed nothing, that may go on.
	 */
	private <T> T refusable(String call, Supplier<T> work, Function<T, @Nullable DeletionEvent> event) {
		AtomicReference<@Nullable RefusedException> refused = new AtomicReference<>();
		AtomicReference<@Nullable T> result = new AtomicReference<>();
		AtomicReference<@Nullable DeletionEvent> ownEvent = new AtomicReference<>();
		inWritingTransaction(call, (transaction) -> {
			try {
				T done = work.get();
				result.set(done);
				DeletionEvent told = event.apply(done);
				if (told != null && !transaction.isNewTransaction()) {
					this.events.keep(told);
					noteAfterCommit(told);
				}
				else {
					ownEvent.set(told);
				}
			}
			catch (RefusedException ex) {
				refused.set(ex);
			}
		});
		RefusedException raised = refused.get();
		if (raised != null) {
			throw raised.reason();
		}
		DeletionEvent committed = ownEvent.get();
		if (committed != null) {
			this.events.publish(committed);
			this.monitor.committed(committed);
		}
		T done = result.get();
		if (done == null) {
			throw new IllegalStateException("Nothing was done.");
		}
		return done;
	}

	private void noteAfterCommit(DeletionEvent event) {
		if (this.monitor == DeletionMonitor.NONE || !TransactionSynchronizationManager.isSynchronizationActive()) {
			return;
		}
		TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

			@Override
			public void afterCommit() {
				JdbcDeletionExecutor.this.monitor.committed(event);
			}

		});
	}

	private DeletionResult stamp(DeletionOrder order, Table table) {
		return stamp(order, table, condition(order, table),
				order.selection() instanceof RowSelection.ByIds byIds && byIds.ids().size() == 1);
	}

	private DeletionResult stamp(DeletionOrder order, Table table, Sql selected, boolean single) {
		Column deletionTime = this.deletionTimes.of(order.policy(), table);
		table.recordableKey();
		CascadePlan plan = this.plans.planFor(table, deletionTime);
		Sql rows = stampable(order, deletionTime, selected);
		return plan.restrictions().isEmpty() ? stamp(order, plan, rows, single) : Savepoints.refusing(this.jdbc,
				RestrictedDeletionException.class, () -> stamp(order, plan, rows, single));
	}

	private DeletionResult stamp(DeletionOrder order, CascadePlan plan, Sql rows, boolean single) {
		Operation operation = new Operation(OperationIds.next(), order.mode(), order.source(), order.delay(),
				order.reason());
		Table table = plan.root().table();
		LedgerWriter.Stamp stamp = this.ledger.stamp(operation, table, plan.root().requireDeletionTime(), rows,
				order.includingDeleted() && !plan.isAlone(), single);
		if (stamp.rows() == 0) {
			return new DeletionResult(operation.id(), order.mode(), order.source(), 0, null, null, Map.of());
		}
		Map<String, Long> cascaded = this.stamper.stamp(operation.id(), order.mode(), stamp.stamped(), plan,
				order.cascade(), false);
		return new DeletionResult(operation.id(), order.mode(), order.source(), stamp.rows(), stamp.token(),
				stamp.purgeAt(), cascaded);
	}

	private static Sql stampable(DeletionOrder order, Column deletionTime, Sql rows) {
		return order.includingDeleted() ? rows
				: Sql.of("(").add(rows).add(") AND " + deletionTime.toSql("t") + " IS NULL");
	}

	private HardDelete hardDelete(DeletionOrder order, Table table) {
		refuseFallbackOnPartition(order, table);
		return removal(table, condition(order, table));
	}

	private HardDelete removal(Table table, Sql rows) {
		return new HardDelete(this.jdbc, table, this.parts.removedAhead(table, rows), rows);
	}

	/**
	 * Whose rows they are decides what a delete means, and nobody would expect the name
	 * of a partition to lead round that.
	 */
	private static void refuseFallbackOnPartition(DeletionOrder order, Table table) {
		if (order.source() == ModeSource.FALLBACK && table.partitionOf() != null) {
			throw new UnsupportedTableException(
					("Table %s is a partition of %s and has no policy of its own, so a plain delete would be a hard one "
							+ "whatever the policy of %s. Name %s, or write .hard().")
						.formatted(table.name(), table.partitionOf(), table.partitionOf(), table.partitionOf()));
		}
	}

	private static DeletionResult hardResult(DeletionOrder order, long rows) {
		return new DeletionResult(OperationIds.next(), order.mode(), order.source(), rows, null, null, Map.of());
	}

	private <T> List<T> stampedRows(Table table, DeletionResult result, RowMapper<T> mapper) {
		Sql statement = Sql.of("SELECT t.* FROM %s AS t JOIN ".formatted(table.name().toSql()))
			.add(this.ledger.keysOf(result.operationId(), table))
			.add(" AS d ON " + table.keyEquals("t", "d"));
		return statement.list(this.jdbc, mapper);
	}

	private Sql condition(DeletionOrder order, Table table) {
		return this.selected.condition(order.target(), table, order.selection()).on(table);
	}

	private TableName nameOf(DeletionTarget target) {
		if (target instanceof DeletionTarget.Aggregate aggregate) {
			return this.mapping.tableOf(aggregate.type());
		}
		return TableName.parse(((DeletionTarget.Table) target).name());
	}

	private void inWritingTransaction(String call, Consumer<TransactionStatus> work) {
		if (TransactionSynchronizationManager.isCurrentTransactionReadOnly()) {
			throw new ReadOnlyDeletionException(
					call + " was called in a read-only transaction. Leave out readOnly = true there.");
		}
		this.transactions.executeWithoutResult(work);
	}

}
