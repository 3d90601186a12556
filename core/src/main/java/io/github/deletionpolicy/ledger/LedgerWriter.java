package io.github.deletionpolicy.ledger;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.function.Supplier;

import io.github.deletionpolicy.catalog.CascadePlan.Join;
import io.github.deletionpolicy.catalog.CascadePlan.Node;
import io.github.deletionpolicy.catalog.CascadePlan.Path;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.sql.Instants;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Writes soft and scheduled deletes: in one statement, the deletion time on the rows and
 * the ledger's entries.
 */
public record LedgerWriter(JdbcOperations jdbc, LedgerTables ledger, DeletionTimeColumns deletionTimes,
		TableIds tableIds) {

	public static final int CHUNK_SIZE = 1000;

	/**
	 * How often to take the next microsecond where a token is taken. The clock moves on
	 * meanwhile, so more than one step needs a clock that was set back.
	 */
	private static final int TOKEN_ATTEMPTS = 10_000;

	private static final String SUMMARY = """
			SELECT coalesce(sum(key_count), 0) AS stamped, coalesce(min(id), 0) AS first_chunk, coalesce(max(id), 0) AS last_chunk
			FROM chunk""";

	public LedgerWriter(JdbcOperations jdbc, LedgerTables ledger, DeletionTimeColumns deletionTimes) {
		this(jdbc, ledger, deletionTimes, new TableIds(jdbc, ledger));
	}

	/**
	 * Stamp rows with a new token and record them.
	 * @param rows condition on the row {@code t}
	 * @param superseding whether to record the tokens that the rows carried before
	 * @param single whether it is one row at most: saves the server to count and gather
	 * @return the token, when the purge is due, and how many rows were stamped; nothing
	 * is recorded where there were none
	 */
	public Stamp stamp(Operation operation, Table table, Column deletionTime, Sql rows, boolean superseding,
			boolean single) {
		Stamp stamp = withNewToken(operation, table, deletionTime,
				() -> Sql.of(", ")
					.add(stamping(table, deletionTime, rows, superseding))
					.add(single ? chunk(table) : chunks(table, "operation.purge_at", "true"))
					.add(" SELECT token, purge_at, s.* FROM operation CROSS JOIN (%s) s".formatted(SUMMARY)));
		if (stamp.rows() == 0) {
			this.jdbc.update("DELETE FROM %s WHERE id = ?".formatted(this.ledger.operations()), operation.id());
		}
		return stamp;
	}

	/**
	 * Record an operation whose rows are to be stamped later, batch by batch.
	 */
	public Instant open(Operation operation, Table table, Column deletionTime) {
		return withNewToken(operation, table, deletionTime,
				() -> Sql.of(" SELECT token, purge_at, 0 AS stamped, 0 AS first_chunk, 0 AS last_chunk FROM operation"))
			.token();
	}

	/**
	 * Stamp rows with the token of an operation that is recorded already, and add them to
	 * the ledger.
	 * @param rows condition on the row {@code t}
	 * @param superseding whether to record the tokens that the rows carried before
	 * @return how many rows were stamped; {@code null} if the operation is not recorded
	 */
	public @Nullable Stamped stampMore(UUID operationId, Table table, Column deletionTime, Sql rows,
			boolean superseding) {
		return Sql
			.of("""
					WITH operation AS MATERIALIZED (
						SELECT o.id, o.token, o.purge_at, o.table_id FROM %s o JOIN %s l ON l.id = o.table_id
						WHERE o.id = ? AND l.schema_name = ? AND l.table_name = ? AND l.time_column = ?),
					""".formatted(this.ledger.operations(), this.ledger.tables()), operationId, table.name().schema(),
					table.name().name(), deletionTime.name())
			.add(stamping(table, deletionTime, rows, superseding))
			.add(chunks(table, "operation.purge_at", "true"))
			.add(" SELECT s.* FROM operation CROSS JOIN (%s) s".formatted(SUMMARY))
			.first(this.jdbc, Stamped::from);
	}

	/**
	 * Record an operation with a token that its table has not had, and continue in the
	 * same statement.
	 */
	private Stamp withNewToken(Operation operation, Table table, Column deletionTime, Supplier<Sql> rest) {
		for (int step = 0; step < TOKEN_ATTEMPTS; step++) {
			int tableId = this.tableIds.of(table.name(), deletionTime.name());
			Stamp stamp = recording(operation, table, deletionTime, tableId, step).add(rest.get())
				.first(this.jdbc, Stamp::from);
			if (stamp != null) {
				return stamp;
			}
			this.tableIds.forget(table.name(), deletionTime.name());
		}
		throw new IllegalStateException(
				"No unused deletion time was found for table %s; was the database's clock set back?"
					.formatted(table.name()));
	}

	/**
	 * Begin a statement with the relation {@code operation}, which is empty if the token
	 * is taken or the table's number is another one.
	 */
	private Sql recording(Operation operation, Table table, Column deletionTime, int tableId, int step) {
		Duration delay = operation.delay();
		return Sql.of("""
				WITH clock AS MATERIALIZED (
					SELECT clock_timestamp() + ? * interval '1 microsecond' AS token,
						make_interval(hours => ?, secs => ?) AS delay),
				operation AS (
					INSERT INTO %s (id, token, purge_at, table_id, format, mode, source, delay, reason)
					SELECT ?, clock.token, CASE WHEN ? THEN clock.token + clock.delay END, l.id, ?, ?, ?,
						CASE WHEN ? THEN clock.delay END, ?
					FROM clock JOIN %s l ON l.id = ? AND l.schema_name = ? AND l.table_name = ? AND l.time_column = ?
					ON CONFLICT (table_id, token) DO NOTHING
					RETURNING id, token, purge_at, table_id)
				""".formatted(this.ledger.operations(), this.ledger.tables()), step, Math.toIntExact(delay.toHours()),
				secondsBelowHours(delay), operation.id(), operation.isScheduled(), LedgerTables.DELETED,
				operation.mode().name(), operation.source().name(), operation.isScheduled(), operation.reason(),
				tableId, table.name().schema(), table.name().name(), deletionTime.name());
	}

	/**
	 * Return the relation {@code stamped}: rows that get the token of {@code operation}.
	 */
	private static Sql stamping(Table table, Column deletionTime, Sql rows, boolean superseding) {
		Sql statement = Sql.of("");
		if (superseding) {
			statement
				.add("before AS MATERIALIZED (SELECT %s, %s AS dp_superseded FROM %s AS t WHERE ("
					.formatted(table.selectKey("t"), deletionTime.toSql("t"), table.name().toSql()))
				.add(rows)
				.add(") FOR UPDATE OF t), ");
		}
		return statement
			.add("stamped AS (UPDATE %s AS t SET %s = operation.token FROM operation%s WHERE ("
				.formatted(table.name().toSql(), deletionTime.toSql(), superseding ? ", before AS b" : ""))
			.add(rows)
			.add(")" + (superseding ? " AND " + table.keyEquals("t", "b") : ""))
			.add(" RETURNING %s, %s AS dp_superseded), ".formatted(table.selectKey("t"),
					superseding ? "b.dp_superseded" : "CAST(NULL AS timestamptz)"));
	}

	/**
	 * Write the row that the relation {@code stamped} names into a chunk of its own.
	 */
	private String chunk(Table table) {
		KeyFormat keys = KeyFormat.of(table);
		return """
				chunk AS (
					INSERT INTO %s (operation_id, next_attempt, table_id, superseded, key_count, hold, %s)
					SELECT operation.id, operation.purge_at, operation.table_id, dp_superseded, 1, %s, %s
					FROM stamped CROSS JOIN operation
					RETURNING id, key_count)
				""".formatted(this.ledger.chunks(), keys.column(), hasHold(table), keys.one(table));
	}

	/**
	 * Write the rows that the relation {@code stamped} names into chunks of
	 * {@code operation}.
	 */
	private String chunks(Table table, String nextAttempt, String root) {
		KeyFormat keys = KeyFormat.of(table);
		return """
				numbered AS (
					SELECT *, (row_number() OVER (PARTITION BY dp_superseded ORDER BY %1$s) - 1) / %2$d AS part FROM stamped),
				chunk AS (
					INSERT INTO %3$s (operation_id, next_attempt, table_id, root, superseded, key_count, hold, %4$s)
					SELECT operation.id, %5$s, operation.table_id, %6$s, dp_superseded, count(*), %8$s, %7$s
					FROM numbered CROSS JOIN operation
					GROUP BY operation.id, %5$s, operation.table_id, dp_superseded, part
					RETURNING id, key_count)
				"""
			.formatted(table.keyAliases(""), CHUNK_SIZE, this.ledger.chunks(), keys.column(), nextAttempt, root,
					keys.aggregate(table), hasHold(table));
	}

	/**
	 * Return whether a hold condition may keep the rows: a node that does not know it
	 * must not purge them.
	 */
	private boolean hasHold(Table table) {
		return this.deletionTimes.holdCondition(table) != null;
	}

	/**
	 * Stamp the dependants of rows that were stamped before in the same operation, and
	 * record them.
	 * @param sparing whether the operation takes several transactions, between which rows
	 * may have been restored that stay live then
	 */
	public Stamped stampDependants(UUID operationId, Stamped parents, Path path, boolean sparing) {
		Node from = path.steps().get(0).parent();
		Table table = path.end().table();
		Column deletionTime = path.end().requireDeletionTime();
		Join join = path.join("d", "t");
		while (true) {
			int tableId = this.tableIds.of(table.name(), deletionTime.name());
			Sql statement = Sql
				.of("""
						WITH operation AS MATERIALIZED (
							SELECT o.id, o.token, l.id AS table_id FROM %s o CROSS JOIN %s l
							WHERE o.id = ? AND l.id = ? AND l.schema_name = ? AND l.table_name = ? AND l.time_column = ?),
						stamped AS (
							UPDATE %s AS t SET %s = operation.token FROM operation CROSS JOIN (
								SELECT c.superseded AS dp_superseded, k.* FROM %s c CROSS JOIN %s
								WHERE c.operation_id = ? AND c.id BETWEEN ? AND ?) AS d%s
							WHERE %s AND (%s IS NULL OR %s = d.dp_superseded)"""
					.formatted(this.ledger.operations(), this.ledger.tables(), table.name().toSql(),
							deletionTime.toSql(), this.ledger.chunks(), KeyFormat.of(from.table()).unnest(from.table()),
							join.from(), join.condition(), deletionTime.toSql("t"), deletionTime.toSql("t")),
						operationId, tableId, table.name().schema(), table.name().name(), deletionTime.name(),
						operationId, parents.first(), parents.last())
				.add(sparing ? Sql.of(" AND ").add(isNotSpared(operationId, table)) : Sql.of(""))
				.add(" RETURNING %s, d.dp_superseded), ".formatted(table.selectKey("t")))
				.add(chunks(table, "CAST(NULL AS timestamptz)", "false"))
				.add(" SELECT s.* FROM operation CROSS JOIN (%s) s".formatted(SUMMARY));
			Stamped stamped = statement.first(this.jdbc, Stamped::from);
			if (stamped != null) {
				return stamped;
			}
			this.tableIds.forget(table.name(), deletionTime.name());
		}
	}

	/**
	 * Return the condition that a row was not restored one by one after an operation that
	 * is still at work had stamped it.
	 */
	public Sql isNotSpared(UUID operationId, Table table) {
		return Sql.of(
				"""
						NOT EXISTS (SELECT FROM %s c JOIN %s l ON l.id = c.table_id
							WHERE c.operation_id = ? AND l.schema_name = ? AND l.table_name = ? AND %s)"""
					.formatted(this.ledger.sparedRows(), this.ledger.tables(), KeyFormat.of(table).holdsKeyOf(table)),
				operationId, table.name().schema(), table.name().name());
	}

	/**
	 * The database's {@code interval} keeps hours and microseconds apart from days, whose
	 * length depends on the session's time zone.
	 */
	public static double secondsBelowHours(Duration delay) {
		long micros = delay.minusHours(delay.toHours()).toNanos() / 1000;
		return micros / 1_000_000d;
	}

	/**
	 * Return the keys that an operation holds of a table, in chunks from one on.
	 */
	public Sql keysOf(UUID operationId, long first, Table table, Column deletionTime) {
		return Sql.of(
				"""
						(SELECT k.* FROM %s l JOIN %s c ON c.table_id = l.id AND c.operation_id = ? AND c.id >= ? CROSS JOIN %s
						WHERE l.schema_name = ? AND l.table_name = ? AND l.time_column = ?)"""
					.formatted(this.ledger.tables(), this.ledger.chunks(), KeyFormat.of(table).unnest(table)),
				operationId, first, table.name().schema(), table.name().name(), deletionTime.name());
	}

	/**
	 * What stamping did.
	 *
	 */
	public record Stamp(Instant token, @Nullable Instant purgeAt, Stamped stamped) {

		static Stamp from(ResultSet rs, int row) throws SQLException {
			return new Stamp(Instants.get(rs, "token"), Instants.find(rs, "purge_at"), Stamped.from(rs, row));
		}

		/**
		 * Return how many rows were stamped.
		 */
		public long rows() {
			return this.stamped.rows();
		}

	}

	/**
	 * Rows that one statement stamped, and the chunks that it recorded them in.
	 *
	 */
	public record Stamped(long rows, long first, long last) {

		static Stamped from(ResultSet rs, int row) throws SQLException {
			return new Stamped(rs.getLong("stamped"), rs.getLong("first_chunk"), rs.getLong("last_chunk"));
		}

	}

}
