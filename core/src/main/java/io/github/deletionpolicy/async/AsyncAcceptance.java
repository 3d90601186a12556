package io.github.deletionpolicy.async;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

import io.github.deletionpolicy.AsyncOptions;
import io.github.deletionpolicy.AsyncProgress.State;
import io.github.deletionpolicy.CascadeMode;
import io.github.deletionpolicy.DeletionRequest;
import io.github.deletionpolicy.DeletionRequest.Selection;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.catalog.CascadePlans;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.ledger.LedgerWriter;
import io.github.deletionpolicy.ledger.Operation;
import io.github.deletionpolicy.ledger.TableIds;
import io.github.deletionpolicy.rows.KeyScan;
import io.github.deletionpolicy.rows.KeySpelling;
import io.github.deletionpolicy.rows.RowCondition;
import io.github.deletionpolicy.rows.SelectedRows;
import io.github.deletionpolicy.sql.Instants;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Accepts an asynchronous delete: what would be refused later is refused now, and the
 * rest is recorded. The walk is to end at the highest key that is there now; without a
 * row there is nothing left to do.
 */
public class AsyncAcceptance {

	private final JdbcOperations jdbc;

	private final LedgerTables tables;

	private final TableIds tableIds;

	private final LedgerWriter ledger;

	private final SelectedRows selected;

	private final DeletionTimeColumns deletionTimes;

	private final CascadePlans plans;

	public AsyncAcceptance(AsyncDeletes deletes, LedgerWriter ledger, SelectedRows selected,
			DeletionTimeColumns deletionTimes, CascadePlans plans) {
		this.jdbc = deletes.jdbc();
		this.tables = deletes.ledger();
		this.tableIds = new TableIds(this.jdbc, this.tables);
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
		KeyScan scan = new KeyScan(this.jdbc);
		String[][] bounds = KeySpelling.fixed(this.jdbc,
				() -> new String[][] { array(scan.first(table, ends)), array(scan.last(table, ends)) });
		boolean empty = bounds[1].length == 0;
		this.jdbc.update(
				"""
						INSERT INTO %s (operation_id, format, table_id, mode, source, reason, accepted_at, selection, takes_along,
							including_deleted, batch_size, pause_micros, key_columns, first_key, last_key, estimated_rows, state,
							fraction, next_attempt, ended_at)
						SELECT ?, ?, ?, ?, ?, ?, coalesce(?, n.now), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, n.now, CASE WHEN ? THEN n.now END
						FROM (SELECT clock_timestamp() AS now) n"""
					.formatted(this.tables.asyncDeletes()),
				operation.id(), AsyncDeletes.FORMAT, tableId(table, deletionTime), operation.mode().name(),
				operation.source().name(), operation.reason(), (token != null) ? Instants.parameter(token) : null,
				rows.toWords().toArray(String[]::new), request.cascade() == CascadeMode.CATALOG,
				request.includingDeleted(), options.batchSize(), micros(options.pause()),
				table.key().stream().map(Column::name).toArray(String[]::new), bounds[0], bounds[1],
				scan.estimatedRows(table), (empty ? State.DONE : State.ACCEPTED).name(), empty ? 1.0 : 0.0, empty);
	}

	/**
	 * A number that was cached in a transaction that rolled back would be another
	 * table's.
	 */
	private int tableId(Table table, @Nullable Column deletionTime) {
		String column = (deletionTime != null) ? deletionTime.name() : "";
		this.tableIds.forget(table.name(), column);
		return this.tableIds.of(table.name(), column);
	}

	private static String[] array(@Nullable List<String> texts) {
		return (texts != null) ? texts.toArray(String[]::new) : new String[0];
	}

	private static long micros(Duration pause) {
		Duration longest = ChronoUnit.DAYS.getDuration().multipliedBy(365);
		return ((pause.compareTo(longest) < 0) ? pause : longest).dividedBy(ChronoUnit.MICROS.getDuration());
	}

}
