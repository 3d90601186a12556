package io.github.deletionpolicy.engine;

import java.util.UUID;
import java.util.function.Function;

import io.github.deletionpolicy.AsyncDeletion;
import io.github.deletionpolicy.AsyncOptions;
import io.github.deletionpolicy.DeletedRows;
import io.github.deletionpolicy.DeletionExecutor;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.DeletionPreview;
import io.github.deletionpolicy.DeletionRequest;
import io.github.deletionpolicy.DeletionRequest.Selection;
import io.github.deletionpolicy.DeletionRequest.Subject;
import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.RestoreResult;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.async.AsyncDeletes;
import io.github.deletionpolicy.async.AsyncRequests;
import io.github.deletionpolicy.catalog.CascadePlans;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.delete.CallerTransaction;
import io.github.deletionpolicy.delete.CascadePreview;
import io.github.deletionpolicy.delete.HardDelete;
import io.github.deletionpolicy.delete.RequestedRows;
import io.github.deletionpolicy.delete.ReturningDelete;
import io.github.deletionpolicy.delete.StampedDelete;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.ledger.LedgerWriter;
import io.github.deletionpolicy.mapping.AggregateMapping;
import io.github.deletionpolicy.restore.Restorer;
import io.github.deletionpolicy.rows.SelectedRows;
import io.github.deletionpolicy.sql.Database;
import io.github.deletionpolicy.sql.Sql;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Carries deletes and restores out on PostgreSQL.
 */
public class JdbcDeletionExecutor implements DeletionExecutor {

	private final Catalog catalog;

	private final AggregateMapping mapping;

	private final RequestedRows rows;

	private final CallerTransaction calls;

	private final StampedDelete stamped;

	private final HardDelete hard;

	private final ReturningDelete returning;

	private final CascadePreview preview;

	private final AsyncRequests async;

	private final Restorer restorer;

	JdbcDeletionExecutor(Database database, LedgerTables tables, Catalog catalog, AggregateMapping mapping,
			DeletionTimeColumns deletionTimes, CascadePlans plans, LedgerWriter ledger, CallerTransaction calls,
			Runnable wakeWorker) {
		JdbcOperations jdbc = database.jdbc();
		SelectedRows selected = new SelectedRows(mapping);
		this.catalog = catalog;
		this.mapping = mapping;
		this.rows = new RequestedRows(selected);
		this.calls = calls;
		this.stamped = new StampedDelete(jdbc, ledger, plans, deletionTimes);
		this.hard = new HardDelete(jdbc, catalog, plans, deletionTimes);
		this.returning = new ReturningDelete(jdbc, tables, catalog, mapping, deletionTimes, this.stamped, this.hard);
		this.preview = new CascadePreview(jdbc, this.hard, plans, deletionTimes);
		this.async = new AsyncRequests(database, tables, calls, ledger, selected, deletionTimes, plans, wakeWorker);
		this.restorer = new Restorer(jdbc, tables, catalog, plans, deletionTimes, selected,
				new AsyncDeletes(jdbc, tables));
	}

	@Override
	public Table resolve(Subject subject) {
		return this.catalog.table((subject instanceof Subject.Aggregate aggregate)
				? this.mapping.tableOf(aggregate.type()) : TableName.parse(((Subject.Table) subject).name()));
	}

	@Override
	public DeletionResult delete(DeletionRequest request) {
		Table table = (Table) request.table();
		return this.calls.delete(request, () -> {
			Sql rows = this.rows.of(request, table);
			return (request.mode() == DeletionMode.HARD) ? this.hard.execute(request, table, rows)
					: this.stamped.execute(request, table, rows);
		}, Function.identity());
	}

	@Override
	public <T> DeletedRows<T> deleteReturning(DeletionRequest request, Class<T> rowType) {
		Table table = (Table) request.table();
		return this.calls.delete(request,
				() -> this.returning.execute(request, table, this.rows.of(request, table), rowType),
				DeletedRows::result);
	}

	@Override
	public AsyncDeletion deleteAsync(DeletionRequest request, AsyncOptions options) {
		return this.async.accept(request, (Table) request.table(), options);
	}

	@Override
	public DeletionPreview preview(DeletionRequest request) {
		Table table = (Table) request.table();
		return this.preview.preview(request, table, this.rows.of(request, table));
	}

	@Override
	public RestoreResult restore(UUID operationId) {
		return this.calls.restore("The restore of operation " + operationId, true,
				() -> this.restorer.restore(operationId));
	}

	@Override
	public RestoreResult restore(ResolvedTable table, DeletionPolicy policy, Selection selection) {
		return this.calls.restore("A restore to " + selection.subject(), false,
				() -> this.restorer.restore((Table) table, policy, selection));
	}

}
