package io.github.deletionpolicy.ledger;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.Sql;
import io.github.deletionpolicy.catalog.Table;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Writes what a soft or scheduled delete leaves behind: in one statement, the deletion
 * time on the rows and the record of it.
 *
 * @since 0.1
 */
public class Ledger {

	private static final int CHUNK_SIZE = 1000;

	/**
	 * How often a token that is taken is stepped over before giving up. The clock moves
	 * on meanwhile, so more than one step needs a clock that was set back.
	 */
	private static final int TOKEN_ATTEMPTS = 10_000;

	private final JdbcOperations jdbc;

	private final LedgerTables ledger;

	private final TableIds tableIds;

	/**
	 * Create a ledger.
	 * @param jdbc runs the statements, in the caller's transaction
	 * @param ledger where the ledger's tables are
	 */
	public Ledger(JdbcOperations jdbc, LedgerTables ledger) {
		this.jdbc = jdbc;
		this.ledger = ledger;
		this.tableIds = new TableIds(jdbc, ledger);
	}

	/**
	 * Make a table known, so that the first delete from it need not.
	 * @param table the table with its schema
	 * @param deletionTime the column that carries the deletion time
	 */
	public void register(TableName table, String deletionTime) {
		this.tableIds.of(table, deletionTime);
	}

	/**
	 * Stamp rows with a new token and record them.
	 * @param operation the delete
	 * @param table the table
	 * @param deletionTime the column to stamp
	 * @param rows condition on the row {@code t}
	 * @return the token, when the purge is due, and how many rows were stamped; nothing
	 * is recorded where there were none
	 */
	public Stamp stamp(Operation operation, Table table, Column deletionTime, Sql rows) {
		for (int step = 0; step < TOKEN_ATTEMPTS; step++) {
			int tableId = this.tableIds.of(table.name(), deletionTime.name());
			Sql statement = stampStatement(operation, table, deletionTime, rows, tableId, step);
			Stamp stamp = statement.first(this.jdbc, Stamp::from);
			if (stamp == null) {
				this.tableIds.forget(table.name(), deletionTime.name());
				continue;
			}
			if (stamp.rows() == 0) {
				this.jdbc.update("DELETE FROM %s WHERE id = ?".formatted(this.ledger.operations()), operation.id());
			}
			return stamp;
		}
		throw new IllegalStateException(
				"No unused deletion time was found for table %s; was the database's clock set back?"
					.formatted(table.name()));
	}

	private Sql stampStatement(Operation operation, Table table, Column deletionTime, Sql rows, int tableId, int step) {
		KeyFormat keys = KeyFormat.of(table);
		Duration delay = operation.delay();
		return Sql
			.of("""
					WITH clock AS MATERIALIZED (
						SELECT clock_timestamp() + ? * interval '1 microsecond' AS token,
							make_interval(hours => ?, secs => ?) AS delay),
					operation AS (
						INSERT INTO %s (id, token, purge_at, table_id, format, mode, source, delay, reason)
						SELECT ?, clock.token, CASE WHEN ? THEN clock.token + clock.delay END, l.id, ?, ?, ?,
							CASE WHEN ? THEN clock.delay END, ?
						FROM clock JOIN %s l ON l.id = ? AND l.schema_name = ? AND l.table_name = ? AND l.time_column = ?
						ON CONFLICT (table_id, token) DO NOTHING
						RETURNING id, token, purge_at, table_id),
					stamped AS (
						UPDATE %s AS t SET %s = operation.token FROM operation WHERE (
					"""
				.formatted(this.ledger.operations(), this.ledger.tables(), table.name().toSql(), deletionTime.toSql()),
					step, Math.toIntExact(delay.toHours()), secondsBelowHours(delay), operation.id(),
					operation.isScheduled(), LedgerTables.FORMAT, operation.mode().name(), operation.source().name(),
					operation.isScheduled(), operation.reason(), tableId, table.name().schema(), table.name().name(),
					deletionTime.name())
			.add(rows)
			.add("""
						) RETURNING %s),
					numbered AS (
						SELECT *, (row_number() OVER (ORDER BY %s) - 1) / %d AS part FROM stamped),
					chunk AS (
						INSERT INTO %s (operation_id, next_attempt, table_id, key_count, %s)
						SELECT operation.id, operation.purge_at, operation.table_id, count(*), %s
						FROM numbered CROSS JOIN operation
						GROUP BY operation.id, operation.purge_at, operation.table_id, part
						RETURNING key_count)
					SELECT token, purge_at, (SELECT coalesce(sum(key_count), 0) FROM chunk) AS stamped FROM operation
					""".formatted(table.selectKey("t"), table.keyAliases(""), CHUNK_SIZE, this.ledger.chunks(),
					keys.column(), keys.aggregate(table)));
	}

	/**
	 * Return the keys that an operation holds of its table, as a relation with the
	 * columns {@code dp_k1, dp_k2, …}.
	 * @param operationId the operation
	 * @param table its table
	 * @return the relation, a sub-select in parentheses
	 */
	public Sql keysOf(UUID operationId, Table table) {
		return Sql.of("(SELECT k.* FROM %s c CROSS JOIN %s WHERE c.operation_id = ? AND c.root)"
			.formatted(this.ledger.chunks(), KeyFormat.of(table).unnest(table)), operationId);
	}

	/**
	 * The database's {@code interval} keeps hours and microseconds apart from days, whose
	 * length depends on the session's time zone.
	 */
	private static double secondsBelowHours(Duration delay) {
		long micros = delay.minusHours(delay.toHours()).toNanos() / 1000;
		return micros / 1_000_000d;
	}

	/**
	 * What stamping did.
	 *
	 * @param token the deletion time on the rows
	 * @param purgeAt when they are due; {@code null} for a soft delete
	 * @param rows how many
	 */
	public record Stamp(Instant token, @Nullable Instant purgeAt, long rows) {

		static Stamp from(ResultSet rs, int row) throws SQLException {
			return new Stamp(Instants.get(rs, "token"), Instants.find(rs, "purge_at"), rs.getLong("stamped"));
		}

	}

}
