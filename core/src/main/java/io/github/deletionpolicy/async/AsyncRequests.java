package io.github.deletionpolicy.async;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

import io.github.deletionpolicy.AsyncDeletion;
import io.github.deletionpolicy.AsyncOptions;
import io.github.deletionpolicy.AsyncProgress.State;
import io.github.deletionpolicy.CascadeMode;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionRequest;
import io.github.deletionpolicy.DeletionRequest.Selection;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.catalog.CascadePlans;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.RowSecurity;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.delete.CallerTransaction;
import io.github.deletionpolicy.delete.RequestedRows;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.ledger.LedgerWriter;
import io.github.deletionpolicy.ledger.Operation;
import io.github.deletionpolicy.ledger.TableIds;
import io.github.deletionpolicy.rows.KeyScan;
import io.github.deletionpolicy.rows.KeySpelling;
import io.github.deletionpolicy.rows.RowCondition;
import io.github.deletionpolicy.rows.SelectedRows;
import io.github.deletionpolicy.sql.Database;
import io.github.deletionpolicy.sql.Instants;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Accepts asynchronous deletes in the caller's transaction and wakes a worker after its
 * commit. What would be refused later is refused now, and the rest is recorded.
 */
public record AsyncRequests(Database database, LedgerTables tables, CallerTransaction calls, LedgerWriter ledger,
		SelectedRows selected, DeletionTimeColumns deletionTimes, CascadePlans plans, Runnable wakeWorker) {

	public AsyncDeletion accept(DeletionRequest request, Table table, AsyncOptions options) {
		Operation operation = Operation.of(request);
		AtomicBoolean undecided = new AtomicBoolean();
		this.calls.accept(request, () -> {
			RequestedRows.refuseFallbackOnPartition(request, table);
			if (request.mode() == DeletionMode.HARD) {
				table.requireKey();
				Column deletionTime = findDeletionTime(table);
				refuseHiddenRows(Stream.concat(Stream.of(table.name()),
						this.plans.planFor(table, deletionTime).ownedByRoot().stream().map((path) -> path.end().name()))
					.toList());
				record(operation, request, table, deletionTime, null, options);
			}
			else {
				Column deletionTime = this.deletionTimes.of(request.policy(), table);
				table.recordableKey();
				refuseHiddenRows(this.plans.planFor(table, deletionTime).tables());
				Instant token = this.ledger.open(operation, table, deletionTime);
				record(operation, request, table, deletionTime, token, options);
			}
			wakeWorkerAfterCommit(undecided);
		});
		return new RecordedAsyncDeletion(operation.id(), new AsyncDeletes(this.database.jdbc(), this.tables),
				this.database.callers(), undecided::get);
	}

	/**
	 * A worker selects later and sees every row, or nothing is deleted at all. What the
	 * caller may not see, the caller must not delete.
	 */
	private void refuseHiddenRows(List<TableName> tables) {
		TableName hiding = RowSecurity.findHiding(this.database.jdbc(), tables);
		if (hiding != null) {
			throw new UnsupportedTableException(
					"Row-level security of table %s may hide rows here, and a worker would delete those too that match. Write execute(), or let a role call it that sees every row."
						.formatted(hiding));
		}
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

	/**
	 * The walk is to end at the highest key that is there now; without a row there is
	 * nothing left to do.
	 */
	private void record(Operation operation, DeletionRequest request, Table table, @Nullable Column deletionTime,
			@Nullable Instant token, AsyncOptions options) {
		JdbcOperations jdbc = this.database.jdbc();
		RowCondition rows = this.selected.condition(request.selection(), table);
		Sql ends = (request.selection() instanceof Selection.ByIds) ? rows.on(table) : Sql.of("true");
		KeyScan scan = new KeyScan(jdbc);
		List<List<String>> bounds = KeySpelling.fixed(jdbc,
				() -> List.of(scan.outermost(table, ends, "ASC"), scan.outermost(table, ends, "DESC")));
		boolean empty = bounds.get(1).isEmpty();
		long micros = Math.min(TimeUnit.MICROSECONDS.convert(options.pause()), TimeUnit.DAYS.toMicros(365));
		jdbc.update(
				"""
						INSERT INTO %s (operation_id, format, table_id, mode, source, reason, accepted_at, selection, takes_along,
							including_deleted, batch_size, pause_micros, key_columns, first_key, last_key, estimated_rows, state,
							fraction, next_attempt, ended_at)
						SELECT ?, ?, ?, ?, ?, ?, coalesce(?, n.now), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, n.now, CASE WHEN ? THEN n.now END
						FROM (SELECT clock_timestamp() AS now) n"""
					.formatted(this.tables.asyncDeletes()),
				operation.id(), AsyncDeletes.FORMAT,
				new TableIds(jdbc, this.tables).of(table.name(), (deletionTime != null) ? deletionTime.name() : ""),
				operation.mode().name(), operation.source().name(), operation.reason(),
				(token != null) ? Instants.parameter(token) : null, rows.toWords().toArray(String[]::new),
				request.cascade() == CascadeMode.CATALOG, request.includingDeleted(), options.batchSize(), micros,
				table.keyNames().toArray(String[]::new), bounds.get(0).toArray(String[]::new),
				bounds.get(1).toArray(String[]::new), scan.estimatedRows(table),
				(empty ? State.DONE : State.ACCEPTED).name(), empty ? 1.0 : 0.0, empty);
	}

	/**
	 * Without synchronization the end of the transaction cannot be observed; then the
	 * next tick begins the delete.
	 */
	private void wakeWorkerAfterCommit(AtomicBoolean undecided) {
		if (!TransactionSynchronizationManager.isSynchronizationActive()) {
			return;
		}
		undecided.set(true);
		TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

			@Override
			public void afterCompletion(int status) {
				undecided.set(false);
				if (status == STATUS_COMMITTED) {
					AsyncRequests.this.wakeWorker.run();
				}
			}

		});
	}

}
