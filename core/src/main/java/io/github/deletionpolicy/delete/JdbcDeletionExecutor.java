package io.github.deletionpolicy.delete;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

import io.github.deletionpolicy.AggregateMapping;
import io.github.deletionpolicy.AsyncDeletion;
import io.github.deletionpolicy.AsyncOptions;
import io.github.deletionpolicy.CascadeMode;
import io.github.deletionpolicy.DeletedRows;
import io.github.deletionpolicy.DeletionExecutor;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionOrder;
import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.DeletionPreview;
import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.DeletionTarget;
import io.github.deletionpolicy.ModeSource;
import io.github.deletionpolicy.ReadOnlyDeletionException;
import io.github.deletionpolicy.RestoreConflictException;
import io.github.deletionpolicy.RestoreResult;
import io.github.deletionpolicy.RowSelection;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.UnknownColumnException;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.ForeignKey;
import io.github.deletionpolicy.catalog.KeyReader;
import io.github.deletionpolicy.catalog.Sql;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.Ledger;
import io.github.deletionpolicy.ledger.Operation;
import io.github.deletionpolicy.ledger.OperationIds;
import io.github.deletionpolicy.ledger.RecordedKeys;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeanUtils;
import org.springframework.jdbc.core.ColumnMapRowMapper;
import org.springframework.jdbc.core.DataClassRowMapper;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.SingleColumnRowMapper;
import org.springframework.transaction.support.TransactionOperations;
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

	private final Ledger ledger;

	private final Restorer restorer;

	private final AggregateMapping mapping;

	private final String defaultDeletionTimeColumn;

	/**
	 * Create an executor.
	 * @param jdbc runs the statements
	 * @param transactions joins the caller's transaction, or opens one
	 * @param catalog describes the tables
	 * @param ledger records soft and scheduled deletes
	 * @param recorded what restores read of that record
	 * @param mapping says what classes mean
	 * @param defaultDeletionTimeColumn the column that carries the deletion time where no
	 * policy says another
	 */
	public JdbcDeletionExecutor(JdbcOperations jdbc, TransactionOperations transactions, Catalog catalog, Ledger ledger,
			RecordedKeys recorded, AggregateMapping mapping, String defaultDeletionTimeColumn) {
		this.jdbc = jdbc;
		this.transactions = transactions;
		this.catalog = catalog;
		this.ledger = ledger;
		this.restorer = new Restorer(jdbc, catalog, recorded);
		this.mapping = mapping;
		this.defaultDeletionTimeColumn = defaultDeletionTimeColumn;
	}

	@Override
	public TableName resolve(DeletionTarget target) {
		return this.catalog.table(nameOf(target)).name();
	}

	@Override
	public DeletionResult delete(DeletionOrder order) {
		return inWritingTransaction("A delete from " + order.table(), () -> {
			Table table = this.catalog.lastSeen(order.table());
			if (order.mode() != DeletionMode.HARD) {
				return stamp(order, table);
			}
			Sql statement = hardDelete(order, table);
			return hardResult(order, statement.update(this.jdbc));
		});
	}

	@Override
	public <T> DeletedRows<T> deleteReturning(DeletionOrder order, Class<T> rowType) {
		RowMapper<T> mapper = mapperFor(rowType);
		return inWritingTransaction("A delete from " + order.table(), () -> {
			Table table = this.catalog.lastSeen(order.table());
			if (order.mode() != DeletionMode.HARD) {
				DeletionResult result = stamp(order, table);
				return new DeletedRows<>(result, (result.rows() > 0) ? stampedRows(table, result, mapper) : List.of());
			}
			Sql statement = hardDelete(order, table).add(" RETURNING t.*");
			List<T> rows = statement.list(this.jdbc, mapper);
			return new DeletedRows<>(hardResult(order, rows.size()), rows);
		});
	}

	@Override
	public AsyncDeletion deleteAsync(DeletionOrder order, AsyncOptions options) {
		throw new UnsupportedOperationException(
				"Asynchronous deletes are not available in this version. Write execute() instead of executeAsync().");
	}

	@Override
	public DeletionPreview preview(DeletionOrder order) {
		Table table = this.catalog.lastSeen(order.table());
		refuseFallbackOnPartition(order, table);
		Sql rows = condition(order.target(), table, order.selection());
		if (order.mode() != DeletionMode.HARD) {
			rows = stampable(order, deletionTime(order.policy(), table), rows);
		}
		Sql statement = Sql.of("SELECT count(*) FROM %s AS t WHERE (".formatted(table.name().toSql()))
			.add(rows)
			.add(")");
		long count = statement.list(this.jdbc, (rs, row) -> rs.getLong(1)).get(0);
		return new DeletionPreview(order.mode(), order.source(), count, Map.of(), List.of());
	}

	@Override
	public RestoreResult restore(UUID operationId) {
		return restoring("The restore of operation " + operationId, () -> this.restorer.restore(operationId));
	}

	@Override
	public RestoreResult restore(DeletionTarget target, DeletionPolicy policy, RowSelection selection) {
		return restoring("A restore to " + target, () -> {
			Table table = this.catalog.table(nameOf(target));
			table.recordableKey();
			return this.restorer.restore(table, deletionTime(policy, table), condition(target, table, selection));
		});
	}

	/**
	 * An exception on its way through would mark the caller's transaction for rollback,
	 * and after a conflict, which changed nothing, that may go on.
	 */
	private RestoreResult restoring(String call, Supplier<RestoreResult> work) {
		AtomicReference<@Nullable RestoreConflictException> conflict = new AtomicReference<>();
		RestoreResult result = inWritingTransaction(call, () -> {
			try {
				return work.get();
			}
			catch (RestoreConflictException ex) {
				conflict.set(ex);
				return new RestoreResult(0, Map.of());
			}
		});
		RestoreConflictException raised = conflict.get();
		if (raised != null) {
			throw raised;
		}
		return result;
	}

	private DeletionResult stamp(DeletionOrder order, Table table) {
		Column deletionTime = deletionTime(order.policy(), table);
		table.recordableKey();
		refuseCascade(order, table);
		Operation operation = new Operation(OperationIds.next(), order.mode(), order.source(), order.delay(),
				order.reason());
		Ledger.Stamp stamp = this.ledger.stamp(operation, table, deletionTime,
				stampable(order, deletionTime, condition(order.target(), table, order.selection())));
		boolean any = stamp.rows() > 0;
		return new DeletionResult(operation.id(), order.mode(), order.source(), stamp.rows(),
				any ? stamp.token() : null, any ? stamp.purgeAt() : null, Map.of());
	}

	private static Sql stampable(DeletionOrder order, Column deletionTime, Sql rows) {
		return order.includingDeleted() ? rows
				: Sql.of("(").add(rows).add(") AND " + deletionTime.toSql("t") + " IS NULL");
	}

	/**
	 * A soft delete that left the dependants live, or a purge that let the database take
	 * them along, would both lose data.
	 */
	private static void refuseCascade(DeletionOrder order, Table table) {
		List<ForeignKey> cascading = table.referredToBy()
			.stream()
			.filter((key) -> key.onDelete() == ForeignKey.Action.CASCADE)
			.toList();
		boolean alone = order.cascade() == CascadeMode.NONE && order.mode() == DeletionMode.SOFT;
		if (cascading.isEmpty() || alone) {
			return;
		}
		ForeignKey key = cascading.get(0);
		String soft = (order.mode() == DeletionMode.SOFT)
				? " Write .soft().cascade(CascadeMode.NONE) to mark these rows only," : "";
		throw new UnsupportedTableException(
				("A %s delete from %s would have to take rows of %s along (foreign key %s is ON "
						+ "DELETE CASCADE), and that is not available in this version.%s%s .hard() removes the rows at once "
						+ "with what the database cascades to; or make the key NO ACTION and delete the dependants first.")
					.formatted(order.mode().name().toLowerCase(Locale.ROOT), table.name(), key.child(), key.name(),
							soft, soft.isEmpty() ? "" : " or"));
	}

	private Sql hardDelete(DeletionOrder order, Table table) {
		refuseFallbackOnPartition(order, table);
		return Sql.of("DELETE FROM %s AS t WHERE (".formatted(table.name().toSql()))
			.add(condition(order.target(), table, order.selection()))
			.add(")");
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

	private Sql condition(DeletionTarget target, Table table, RowSelection selection) {
		if (selection instanceof RowSelection.ByIds byIds) {
			return new KeyReader(table).read(byIds.ids());
		}
		if (selection instanceof RowSelection.ByCriteria byCriteria) {
			return new CriteriaReader((name) -> column(target, table, name)).read(byCriteria.criteria());
		}
		return Sql.of("true");
	}

	private Column column(DeletionTarget target, Table table, String name) {
		if (target instanceof DeletionTarget.Aggregate aggregate) {
			String mapped = this.mapping.columnOf(aggregate.type(), name);
			Column column = table.find((mapped != null) ? mapped : name);
			if (column == null) {
				throw new UnknownColumnException(
						"Class %s has no property '%s' with a column of its own, and table %s no such column. The columns are: %s."
							.formatted(aggregate.type().getName(), name, table.name(),
									String.join(", ", table.columns().keySet())));
			}
			return column;
		}
		return table.column(name);
	}

	private Column deletionTime(DeletionPolicy policy, Table table) {
		@Nullable String written = null;
		if (policy instanceof DeletionPolicy.Soft soft) {
			written = soft.deletionTimeColumn();
		}
		else if (policy instanceof DeletionPolicy.Scheduled scheduled) {
			written = scheduled.deletionTimeColumn();
		}
		return table.deletionTime((written != null) ? written : this.defaultDeletionTimeColumn);
	}

	private TableName nameOf(DeletionTarget target) {
		if (target instanceof DeletionTarget.Aggregate aggregate) {
			return this.mapping.tableOf(aggregate.type());
		}
		return TableName.parse(((DeletionTarget.Table) target).name());
	}

	private <T> T inWritingTransaction(String call, Supplier<T> work) {
		if (TransactionSynchronizationManager.isCurrentTransactionReadOnly()) {
			throw new ReadOnlyDeletionException(
					call + " was called in a read-only transaction. Leave out readOnly = true there.");
		}
		return this.transactions.execute((status) -> work.get());
	}

	@SuppressWarnings("unchecked")
	private static <T> RowMapper<T> mapperFor(Class<T> rowType) {
		if (Map.class.isAssignableFrom(rowType)) {
			return (RowMapper<T>) new ColumnMapRowMapper();
		}
		return BeanUtils.isSimpleValueType(rowType) ? new SingleColumnRowMapper<>(rowType)
				: new DataClassRowMapper<>(rowType);
	}

}
