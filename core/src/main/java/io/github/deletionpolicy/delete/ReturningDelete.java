package io.github.deletionpolicy.delete;

import java.util.List;
import java.util.Map;
import java.util.Objects;

import io.github.deletionpolicy.DeletedRows;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionRequest;
import io.github.deletionpolicy.DeletionRequest.Subject;
import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.UnknownTableException;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.KeyFormat;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.mapping.AggregateMapping;
import io.github.deletionpolicy.mapping.AggregateRows;
import io.github.deletionpolicy.sql.RefusedException;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeanUtils;
import org.springframework.jdbc.core.ColumnMapRowMapper;
import org.springframework.jdbc.core.DataClassRowMapper;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.SingleColumnRowMapper;

/**
 * A delete that reads its rows back.
 */
public record ReturningDelete(JdbcOperations jdbc, LedgerTables ledger, Catalog catalog, AggregateMapping mapping,
		DeletionTimeColumns deletionTimes, StampedDelete stamped, HardDelete hard) {

	public <T> DeletedRows<T> execute(DeletionRequest request, Table table, Sql rows, Class<T> rowType) {
		AggregateRows<T> aggregates = aggregatesOf(request, table, rowType);
		if (aggregates != null && !aggregates.isWholeIn(table.columns().keySet())) {
			return deleteLoaded(request, table, rows, rowType, aggregates);
		}
		RowMapper<T> mapper = (aggregates != null) ? mapper(aggregates) : mapper(rowType);
		if (request.mode() == DeletionMode.HARD) {
			List<T> removed = this.hard.removeReturning(table, rows, "t.*", mapper);
			return new DeletedRows<>(HardDelete.result(request, removed.size()), removed);
		}
		DeletionResult result = this.stamped.execute(request, table, rows);
		return new DeletedRows<>(result, (result.rows() > 0) ? stampedRows(table, result, mapper) : List.of());
	}

	private <T> @Nullable AggregateRows<T> aggregatesOf(DeletionRequest request, Table table, Class<T> rowType) {
		AggregateRows<T> aggregates = this.mapping.rowsOf(rowType);
		return (aggregates != null
				&& (request.selection().subject().equals(new Subject.Aggregate(rowType)) || isMappedTo(table, rowType)))
						? aggregates : null;
	}

	private boolean isMappedTo(Table table, Class<?> rowType) {
		try {
			return table.name().equals(this.catalog.table(this.mapping.tableOf(rowType)).name());
		}
		catch (UnknownTableException | UnsupportedTableException ex) {
			return false;
		}
	}

	/**
	 * Aggregates that consist of rows of several tables are read while those are there
	 * and a view still shows them.
	 */
	private <T> DeletedRows<T> deleteLoaded(DeletionRequest request, Table table, Sql rows, Class<T> rowType,
			AggregateRows<T> aggregates) {
		boolean isHard = request.mode() == DeletionMode.HARD;
		LockedRows locked = LockedRows.lock(this.jdbc, table,
				isHard ? rows : RequestedRows.stampable(request, this.deletionTimes.of(request.policy(), table), rows));
		List<T> loaded = locked.rows().isEmpty() ? List.of() : aggregates.load(locked.rows());
		if (loaded.size() != locked.rows().size()) {
			throw new RefusedException(new UnsupportedTableException(
					("Class %s is read from a view or by joins, and of %d rows of table %s that are to be deleted Spring Data sees %d. "
							+ "Nothing was deleted. Write returning(Map.class), or select rows that the class sees.")
						.formatted(rowType.getName(), locked.rows().size(), table.name(), loaded.size())));
		}
		DeletionResult result = isHard ? this.hard.execute(request, table, locked.condition())
				: this.stamped.execute(request, table, locked.condition());
		if (result.rows() != loaded.size()) {
			throw new UnsupportedTableException(
					"A trigger or rule of table %s kept %d of %d rows from being deleted, so nothing is deleted. Write execute() without returning(…)."
						.formatted(table.name(), loaded.size() - result.rows(), loaded.size()));
		}
		return new DeletedRows<>(result, loaded);
	}

	private <T> List<T> stampedRows(Table table, DeletionResult result, RowMapper<T> mapper) {
		return Sql
			.of("SELECT t.* FROM %s AS t JOIN (SELECT k.* FROM %s c CROSS JOIN %s WHERE c.operation_id = ? AND c.root) AS d ON %s"
				.formatted(table.name().toSql(), this.ledger.chunks(), KeyFormat.of(table).unnest(table),
						table.keyEquals("t", "d")),
					result.operationId())
			.list(this.jdbc, mapper);
	}

	private static <T> RowMapper<T> mapper(AggregateRows<T> aggregates) {
		ColumnMapRowMapper columns = new ColumnMapRowMapper();
		return (rs, number) -> aggregates.read(Objects.requireNonNull(columns.mapRow(rs, number)));
	}

	@SuppressWarnings("unchecked")
	private static <T> RowMapper<T> mapper(Class<T> rowType) {
		if (Map.class.isAssignableFrom(rowType)) {
			return (RowMapper<T>) new ColumnMapRowMapper();
		}
		return BeanUtils.isSimpleValueType(rowType) ? new SingleColumnRowMapper<>(rowType)
				: new DataClassRowMapper<>(rowType);
	}

}
