package io.github.deletionpolicy.operator;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Objects;

import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.ReadOnlyDeletionException;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.KeyFormat;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.ledger.LedgerWriter;
import io.github.deletionpolicy.ledger.RecordedKeyCheck;
import io.github.deletionpolicy.ledger.TableIds;
import io.github.deletionpolicy.sql.Instants;
import io.github.deletionpolicy.sql.Sql;

import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Records rows that were stamped by other code, as if a scheduled delete had done it: an
 * operation for each deletion time, which is its token. Where another operation of the
 * table has that token already, the rows get the next free microsecond instead.
 */
record Adoption(JdbcOperations jdbc, LedgerTables ledger, DeletionPolicyRegistry policies,
		DeletionTimeColumns deletionTimes) {

	/**
	 * How many microseconds are tried. Each further one takes rows that were stamped
	 * within a microsecond of each other, and all of them are updated again.
	 */
	private static final int STEPS = 10_000;

	/**
	 * Refuse what needs no transaction to be refused.
	 */
	static void requireUsable(String table, Instant since) {
		if (since == null) {
			throw new InvalidDataAccessApiUsageException(
					"The argument 'since' for rows of %s is null. Write Instant.EPOCH for all of them."
						.formatted(table));
		}
		if (TransactionSynchronizationManager.isCurrentTransactionReadOnly()) {
			throw new ReadOnlyDeletionException(
					"adopt() for %s was called in a read-only transaction. Leave out readOnly = true there."
						.formatted(table));
		}
	}

	/**
	 * Record the rows of a table, in the current transaction. The server's statistics may
	 * not know yet how many rows are deleted, and a nested loop over all of them, chosen
	 * for a few, would take for ever.
	 * @return how many rows were recorded
	 */
	long adopt(Table table, Instant since) {
		Duration delay = delayOf(table);
		table.recordableKey();
		Column deletionTime = Objects.requireNonNull(this.deletionTimes.find(table));
		int tableId = lock(table.name(), deletionTime.name());
		Request request = new Request(table, deletionTime, delay, parameter(since), tableId, recordedAs(table.name()));
		RecordedKeyCheck.require(this.jdbc, table, Sql
			.of("FROM %s c JOIN %s o ON o.id = c.operation_id WHERE c.table_id = ANY(CAST(? AS integer[])) AND o.token >= ?"
				.formatted(this.ledger.chunks(), this.ledger.operations()), request.recordedAs(), request.since()));
		String nestedLoops = this.jdbc.queryForObject("SHOW enable_nestloop", String.class);
		this.jdbc.execute("SET LOCAL enable_nestloop = off");
		long rows = record(request);
		this.jdbc.execute("SET LOCAL enable_nestloop = " + nestedLoops);
		return rows;
	}

	private Duration delayOf(Table table) {
		TableName name = table.name();
		if (table.partitionOf() != null) {
			throw new UnsupportedTableException(
					"Table %s is a partition of %s. Rows are adopted for the whole table: name %s.".formatted(name,
							table.partitionOf(), table.partitionOf()));
		}
		DeletionPolicy policy = this.policies.policyFor(name.toString());
		if (policy instanceof DeletionPolicy.Scheduled scheduled) {
			return scheduled.delay();
		}
		String found = (policy instanceof DeletionPolicy.Soft)
				? "has a soft policy (%s)".formatted(this.policies.originOf(name.toString()))
				: "has no scheduled policy";
		throw new UnsupportedTableException(
				"Table %s %s, so the due time of adopted rows is unknown. Declare one: deletion-policy.tables: { %s: { mode: scheduled, delay: 30d } }"
					.formatted(name, found, name.name()));
	}

	/**
	 * Find the table's number, and keep others from adopting its rows until the
	 * transaction ends. The statements that follow see what they have recorded.
	 */
	private int lock(TableName table, String deletionTime) {
		int tableId = new TableIds(this.jdbc, this.ledger).of(table, deletionTime);
		Sql.of("SELECT pg_advisory_xact_lock(?, ?)", this.ledger.adoptionSpace(), tableId)
			.list(this.jdbc, (rs, row) -> true);
		return tableId;
	}

	/**
	 * Return the numbers, as an array of SQL, under which rows of the table may have been
	 * recorded: its partitions have numbers of their own, and so had the column under
	 * another name.
	 */
	private String recordedAs(TableName table) {
		return Sql
			.of("""
					SELECT CAST(array_agg(l.id) AS text) FROM %s l WHERE (l.schema_name, l.table_name) IN (
						SELECT n.nspname, r.relname FROM pg_catalog.pg_class r JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
						WHERE r.oid = to_regclass(?) OR r.oid IN (SELECT relid FROM pg_catalog.pg_partition_tree(to_regclass(?))))"""
				.formatted(this.ledger.tables()), table.toSql(), table.toSql())
			.list(this.jdbc, (rs, row) -> rs.getString(1))
			.get(0);
	}

	private long record(Request request) {
		Taken taken = recordFreeTokens(request);
		long rows = taken.adopted();
		for (int step = 1; taken.left() > 0 && step <= STEPS; step++) {
			taken = stampAgain(request, step);
			rows += taken.adopted();
		}
		return rows;
	}

	private Taken recordFreeTokens(Request request) {
		return begin(request).add(operation(request, "SELECT DISTINCT dp_token FROM candidate"))
			.add("""
					, adopted AS (SELECT o.id AS dp_operation, c.* FROM candidate c JOIN operation o ON o.token = c.dp_token),
					""")
			.add(chunks(request))
			.add("""
					SELECT adopted, (SELECT count(*) FROM candidate) - adopted, '{}'
					FROM (SELECT coalesce(sum(key_count), 0) AS adopted FROM chunk) s""")
			.list(this.jdbc, Taken::from)
			.get(0);
	}

	/**
	 * Stamp rows whose token is taken, and record them. The token on a row and the one in
	 * the ledger must be the same, and the operation that has it now is another delete
	 * with a time of its own. Rows that have changed meanwhile are left alone; an
	 * operation without any row is removed again.
	 */
	private Taken stampAgain(Request request, int step) {
		Table table = request.table();
		Taken taken = begin(request).add("""
				target AS MATERIALIZED (
					SELECT DISTINCT c.dp_token AS dp_old, c.dp_token + ? * interval '1 microsecond' AS dp_token
					FROM candidate c JOIN %s o ON o.token = c.dp_token AND o.table_id = ?),
				""".formatted(this.ledger.operations()), step, request.tableId())
			.add(operation(request, "SELECT dp_token FROM target"))
			.add("""
					, adopted AS (
						UPDATE %s AS t SET %s = o.token FROM candidate b JOIN target g ON g.dp_old = b.dp_token
							JOIN operation o ON o.token = g.dp_token
						WHERE %s AND %s = b.dp_token RETURNING o.id AS dp_operation, o.token AS dp_token, %s),
					""".formatted(table.name().toSql(), request.deletionTime().toSql(), table.keyEquals("t", "b"),
					request.deletionTime().toSql("t"), table.selectKey("t")))
			.add(chunks(request))
			.add("""
					SELECT (SELECT coalesce(sum(key_count), 0) FROM chunk), (SELECT count(*) FROM target) - (SELECT count(*) FROM operation),
						CAST(ARRAY(SELECT id FROM operation EXCEPT SELECT operation_id FROM chunk) AS text)""")
			.list(this.jdbc, Taken::from)
			.get(0);
		if (!taken.empty().equals("{}")) {
			this.jdbc.update("DELETE FROM %s WHERE id = ANY(CAST(? AS uuid[]))".formatted(this.ledger.operations()),
					taken.empty());
		}
		return taken;
	}

	/**
	 * Begin a statement with {@code candidate}, the rows that nobody has recorded.
	 */
	private Sql begin(Request request) {
		Table table = request.table();
		return Sql.of(
				"""
						WITH clock AS MATERIALIZED (
							SELECT clock_timestamp() AS now, make_interval(hours => ?, secs => ?) AS delay),
						candidate AS MATERIALIZED (
							SELECT %1$s, %2$s AS dp_token FROM %3$s AS t
							WHERE %2$s >= ? AND %2$s > '-infinity' AND %2$s < 'infinity'
							EXCEPT
							SELECT %4$s, o.token FROM %5$s c JOIN %6$s o ON o.id = c.operation_id CROSS JOIN %7$s
							WHERE c.table_id = ANY(CAST(? AS integer[])) AND o.token >= ?),
						""".formatted(table.selectKey("t"), request.deletionTime().toSql("t"), table.name().toSql(),
						table.keyAliases("k"), this.ledger.chunks(), this.ledger.operations(),
						KeyFormat.of(table).unnest(table)),
				Math.toIntExact(request.delay().toHours()), LedgerWriter.secondsBelowHours(request.delay()),
				request.since(), request.recordedAs(), request.since());
	}

	private Sql operation(Request request, String tokens) {
		return Sql
			.of("""
					operation AS (
						INSERT INTO %s (id, token, purge_at, table_id, format, mode, source, delay)
						SELECT gen_random_uuid(), d.dp_token, clock.now + clock.delay, ?, ?, 'SCHEDULED', 'TABLE', clock.delay
						FROM (%s) d CROSS JOIN clock
						ON CONFLICT (table_id, token) DO NOTHING
						RETURNING id, token)"""
				.formatted(this.ledger.operations(), tokens), request.tableId(), LedgerTables.ADOPTED);
	}

	private Sql chunks(Request request) {
		Table table = request.table();
		KeyFormat keys = KeyFormat.of(table);
		return Sql
			.of("""
					numbered AS (
						SELECT *, (row_number() OVER (PARTITION BY dp_operation ORDER BY %1$s) - 1) / %2$d AS part FROM adopted),
					chunk AS (
						INSERT INTO %3$s (operation_id, next_attempt, table_id, key_count, hold, %4$s)
						SELECT dp_operation, clock.now + clock.delay, ?, count(*), ?, %5$s
						FROM numbered CROSS JOIN clock GROUP BY dp_operation, part, clock.now, clock.delay
						RETURNING operation_id, key_count)
					"""
				.formatted(table.keyAliases(""), LedgerWriter.CHUNK_SIZE, this.ledger.chunks(), keys.column(),
						keys.aggregate(table)),
					request.tableId(), this.deletionTimes.holdCondition(table) != null);
	}

	/**
	 * Round up to microseconds: a row that is earlier by less was deleted before.
	 */
	private static OffsetDateTime parameter(Instant since) {
		if (since.isBefore(PageCursor.FIRST)) {
			return OffsetDateTime.MIN;
		}
		return since.isAfter(PageCursor.LAST) ? OffsetDateTime.MAX : Instants.parameter(since.plusNanos(999));
	}

	/**
	 * What to adopt.
	 *
	 * @param tableId number of the table in the ledger
	 * @param recordedAs all its numbers, as an array of SQL
	 */
	private record Request(Table table, Column deletionTime, Duration delay, OffsetDateTime since, int tableId,
			String recordedAs) {
	}

	/**
	 * How many rows one statement has recorded, how many rows or tokens have to be tried
	 * again with another token, and the operations, as an array of SQL, that got no row
	 * because all of them had changed before.
	 */
	private record Taken(long adopted, long left, String empty) {

		static Taken from(ResultSet rs, int row) throws SQLException {
			return new Taken(rs.getLong(1), rs.getLong(2), rs.getString(3));
		}

	}

}
