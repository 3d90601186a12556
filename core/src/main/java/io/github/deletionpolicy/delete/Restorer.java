package io.github.deletionpolicy.delete;

import java.sql.Connection;
import java.sql.Savepoint;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;

import io.github.deletionpolicy.RestoreConflictException;
import io.github.deletionpolicy.RestoreResult;
import io.github.deletionpolicy.UnknownOperationException;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.Sql;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.RecordedKeys;
import io.github.deletionpolicy.ledger.RecordedKeys.Origin;

import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcOperations;

/**
 * Makes deleted rows live again.
 */
class Restorer {

	private final JdbcOperations jdbc;

	private final Catalog catalog;

	private final RecordedKeys recorded;

	Restorer(JdbcOperations jdbc, Catalog catalog, RecordedKeys recorded) {
		this.jdbc = jdbc;
		this.catalog = catalog;
		this.recorded = recorded;
	}

	RestoreResult restore(UUID operationId) {
		Origin origin = this.recorded.lock(operationId);
		if (origin == null) {
			throw new UnknownOperationException(
					"Nothing is recorded for operation %s: it is unknown, was a hard delete, or is over since longer than deletion-policy.retention."
						.formatted(operationId));
		}
		Table table = this.catalog.table(origin.table());
		this.recorded.requireReadable(operationId, table);
		Column deletionTime = table.deletionTime(origin.deletionTime());
		return toSavepoint(table, () -> {
			int rows = Sql
				.of("UPDATE %s AS t SET %s = NULL FROM ".formatted(table.name().toSql(), deletionTime.toSql()))
				.add(this.recorded.of(operationId, table))
				.add(" AS d WHERE %s AND %s = d.dp_token".formatted(table.keyEquals("t", "d"), deletionTime.toSql("t")))
				.update(this.jdbc);
			this.recorded.strikeAll(operationId);
			return new RestoreResult(rows, Map.of());
		});
	}

	/**
	 * The rows are locked before the ledger is read, and the ledger before the rows are
	 * changed. A row that somebody else deletes between the last two comes back too, with
	 * its key still recorded; it is live, so no purge takes it.
	 */
	RestoreResult restore(Table table, Column deletionTime, Sql rows) {
		Sql deleted = Sql.of("(").add(rows).add(") AND " + deletionTime.toSql("t") + " IS NOT NULL");
		return toSavepoint(table, () -> {
			Sql.of("SELECT FROM %s AS t WHERE ".formatted(table.name().toSql()))
				.add(deleted)
				.add(" FOR UPDATE")
				.list(this.jdbc, (rs, row) -> true);
			this.recorded.strike(table, deletionTime, deleted);
			int restored = Sql
				.of("UPDATE %s AS t SET %s = NULL WHERE ".formatted(table.name().toSql(), deletionTime.toSql()))
				.add(deleted)
				.update(this.jdbc);
			return new RestoreResult(restored, Map.of());
		});
	}

	private RestoreResult toSavepoint(Table table, Supplier<RestoreResult> work) {
		Savepoint savepoint = savepoint();
		try {
			RestoreResult result = work.get();
			onConnection((connection) -> {
				connection.releaseSavepoint(savepoint);
				return true;
			});
			return result;
		}
		catch (DataIntegrityViolationException ex) {
			onConnection((connection) -> {
				connection.rollback(savepoint);
				return true;
			});
			String problem = String.valueOf(NestedExceptionUtils.getMostSpecificCause(ex).getMessage())
				.lines()
				.map(String::strip)
				.reduce((one, other) -> one + " " + other)
				.orElse("");
			RestoreConflictException conflict = new RestoreConflictException(
					"Rows of %s cannot come back, and none did. %s Change or delete the live row first, or restore other rows by id."
						.formatted(table.name(), problem));
			conflict.initCause(ex);
			throw conflict;
		}
	}

	private Savepoint savepoint() {
		return onConnection(Connection::setSavepoint);
	}

	private <T> T onConnection(ConnectionCallback<T> work) {
		T result = this.jdbc.execute(work);
		if (result == null) {
			throw new IllegalStateException("The connection gave no answer.");
		}
		return result;
	}

}
