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
import io.github.deletionpolicy.async.AsyncRequests;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.delete.CallerTransaction;
import io.github.deletionpolicy.delete.CascadePreview;
import io.github.deletionpolicy.delete.HardDelete;
import io.github.deletionpolicy.delete.RequestedRows;
import io.github.deletionpolicy.delete.ReturningDelete;
import io.github.deletionpolicy.delete.StampedDelete;
import io.github.deletionpolicy.mapping.AggregateMapping;
import io.github.deletionpolicy.restore.Restorer;
import io.github.deletionpolicy.sql.Sql;

/**
 * Carries deletes and restores out on PostgreSQL.
 */
record JdbcDeletionExecutor(Catalog catalog, AggregateMapping mapping, RequestedRows rows, CallerTransaction calls,
		StampedDelete stamped, HardDelete hard, ReturningDelete returning, CascadePreview preview, AsyncRequests async,
		Restorer restorer) implements DeletionExecutor {

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
