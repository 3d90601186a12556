package io.github.deletionpolicy.operator;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BooleanSupplier;

import io.github.deletionpolicy.AsyncDeletion;
import io.github.deletionpolicy.AsyncProgress;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.InvalidIdException;
import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.ReadOnlyDeletionException;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.UnknownOperationException;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.async.AsyncDeletes;
import io.github.deletionpolicy.async.RecordedAsyncDeletion;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.ChunkLocks;
import io.github.deletionpolicy.ledger.KeyFormat;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.rows.KeyReader;
import io.github.deletionpolicy.sql.Instants;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Reads and changes what is pending.
 *
 * @since 0.1
 */
public class LedgerPendingPurges implements PendingPurges {

	private static final String PENDING = """
			SELECT c.operation_id, c.id, c.next_attempt, c.key_count, c.attempts, c.state, c.last_error,
				o.mode, o.token, o.purge_at, c.purging_since
			""";

	private final JdbcOperations jdbc;

	private final TransactionOperations transactions;

	private final Catalog catalog;

	private final LedgerTables ledger;

	private final DeletionPolicyRegistry policies;

	private final DeletionTimeColumns deletionTimes;

	private final Adoption adoption;

	private final AsyncDeletes asyncDeletes;

	/**
	 * Create the view.
	 * @param jdbc runs the statements
	 * @param transactions joins the caller's transaction, or opens one
	 * @param catalog describes tables
	 * @param ledger where the ledger's tables are
	 * @param policies say when rows that are taken over are due
	 * @param deletionTimes says which columns carry the deletion time
	 */
	public LedgerPendingPurges(JdbcOperations jdbc, TransactionOperations transactions, Catalog catalog,
			LedgerTables ledger, DeletionPolicyRegistry policies, DeletionTimeColumns deletionTimes) {
		this.jdbc = jdbc;
		this.transactions = transactions;
		this.catalog = catalog;
		this.ledger = ledger;
		this.policies = policies;
		this.deletionTimes = deletionTimes;
		this.adoption = new Adoption(jdbc, ledger);
		this.asyncDeletes = new AsyncDeletes(jdbc, ledger);
	}

	@Override
	public List<TableSummary> summary() {
		TreeMap<String, TableSummary> byTable = new TreeMap<>();
		Sql.of("""
				SELECT l.schema_name, l.table_name, (l.paused_at IS NOT NULL OR s.paused_at IS NOT NULL) AS paused,
					p.pending + d.pending AS pending, p.due + d.due AS due, p.held, p.blocked, p.failed, p.oldest_due
				FROM %s l CROSS JOIN %s s CROSS JOIN LATERAL (
					SELECT coalesce(sum(key_count), 0) AS pending,
						coalesce(sum(key_count) FILTER (WHERE next_attempt <= now.now), 0) AS due,
						coalesce(sum(key_count) FILTER (WHERE state = 'HELD'), 0) AS held,
						coalesce(sum(key_count) FILTER (WHERE state = 'BLOCKED'), 0) AS blocked,
						coalesce(sum(key_count) FILTER (WHERE state = 'FAILED'), 0) AS failed,
						min(next_attempt) FILTER (WHERE next_attempt <= now.now) AS oldest_due
					FROM (SELECT clock_timestamp() AS now) now LEFT JOIN (
						SELECT key_count, next_attempt, state FROM %s c
						WHERE c.table_id = l.id AND c.next_attempt IS NOT NULL
						ORDER BY c.next_attempt LIMIT ?) c ON true) p
				CROSS JOIN LATERAL (
					SELECT coalesce(sum(key_count), 0) AS pending,
						coalesce(sum(key_count) FILTER (WHERE o.purge_at <= clock_timestamp()), 0) AS due
					FROM (SELECT key_count, operation_id FROM %s c WHERE c.table_id = l.id AND NOT c.root LIMIT ?) c
					JOIN %s o ON o.id = c.operation_id AND o.purge_at IS NOT NULL) d
				""".formatted(this.ledger.tables(), this.ledger.state(), this.ledger.chunks(), this.ledger.chunks(),
				this.ledger.operations()), COUNT_CAP, COUNT_CAP)
			.list(this.jdbc, (rs, row) -> summary(rs))
			.forEach((summary) -> byTable.merge(summary.table(), summary, LedgerPendingPurges::sum));
		return List.copyOf(byTable.values());
	}

	@Override
	public Page page(String table, @Nullable String after, int limit) {
		if (limit < 1 || limit > PAGE_CAP) {
			throw new InvalidDataAccessApiUsageException(
					"The limit of a page is %d. Write 1 to %d.".formatted(limit, PAGE_CAP));
		}
		TableName name = this.catalog.table(TableName.parse(table)).name();
		Sql statement = Sql.of(PENDING
				+ " FROM %s l CROSS JOIN LATERAL (SELECT * FROM %s c WHERE c.table_id = l.id AND c.next_attempt IS NOT NULL "
					.formatted(this.ledger.tables(), this.ledger.chunks()));
		if (after != null) {
			PageCursor cursor = PageCursor.parse(after);
			statement.add("AND c.next_attempt >= ? AND (c.next_attempt, c.operation_id, c.id) > (?, ?, ?) ",
					Instants.parameter(cursor.nextAttempt()), Instants.parameter(cursor.nextAttempt()),
					cursor.operationId(), cursor.chunk());
		}
		// Limited before the join: the planner would rather read all operations.
		statement
			.add("ORDER BY c.next_attempt, c.operation_id, c.id LIMIT ?) c JOIN %s o ON o.id = c.operation_id "
				.formatted(this.ledger.operations()), limit + 1)
			.add("WHERE l.schema_name = ? AND l.table_name = ? ORDER BY c.next_attempt, c.operation_id, c.id LIMIT ?",
					name.schema(), name.name(), limit + 1);
		List<Entry> entries = statement.list(this.jdbc, (rs, row) -> Entry.from(rs, name));
		boolean more = entries.size() > limit;
		List<Entry> shown = more ? entries.subList(0, limit) : entries;
		return new Page(shown.stream().map(Entry::purge).toList(),
				more ? shown.get(shown.size() - 1).cursor().toString() : null);
	}

	@Override
	public Optional<PendingPurge> forRow(String table, Object id) {
		if (id == null) {
			throw new InvalidIdException(
					"The id for table %s is null, and no primary key is. Name a row.".formatted(table));
		}
		Table described = this.catalog.table(TableName.parse(table));
		Sql row = new KeyReader(described).read(List.of(id)).on(described);
		return columnsOf(described.name()).stream()
			.filter((column) -> described.find(column) != null)
			.map((column) -> Sql
				.of(PENDING + """
						FROM %s l JOIN %s ol ON true JOIN %s o ON o.table_id = ol.id
						JOIN %s t ON o.token = %s
						JOIN %s c ON c.operation_id = o.id AND c.table_id = l.id AND %s
						WHERE l.schema_name = ? AND l.table_name = ? AND l.time_column = ? AND o.purge_at IS NOT NULL
						AND (""".formatted(this.ledger.tables(), this.ledger.tables(), this.ledger.operations(),
						described.name().toSql(), described.column(column).toSql("t"), this.ledger.chunks(),
						KeyFormat.of(described).holdsKeyOf(described)), described.name().schema(),
						described.name().name(), column)
				.add(row)
				.add(")")
				.first(this.jdbc, (rs, number) -> Entry.purge(rs, described.name())))
			.flatMap((purge) -> Optional.ofNullable(purge).stream())
			.findFirst();
	}

	private List<String> columnsOf(TableName table) {
		return Sql
			.of("SELECT time_column FROM %s WHERE schema_name = ? AND table_name = ?".formatted(this.ledger.tables()),
					table.schema(), table.name())
			.list(this.jdbc, (rs, row) -> rs.getString(1));
	}

	@Override
	public void purgeNow(UUID operationId) {
		change(operationId, "next_attempt = n.now, state = NULL", "purge_at = least(o.purge_at, n.now)");
	}

	@Override
	public void cancel(UUID operationId) {
		if (ofAsync(() -> this.asyncDeletes.end(operationId, AsyncProgress.State.CANCELLED, null)
				|| this.asyncDeletes.giveUpFailed(operationId))) {
			return;
		}
		if (!this.jdbc
			.queryForList("SELECT 1 FROM %s WHERE operation_id = ? AND purging_since IS NOT NULL LIMIT 1"
				.formatted(this.ledger.chunks()), operationId)
			.isEmpty()) {
			throw new InvalidDataAccessApiUsageException(
					"The purge of operation %s has begun and is past the point of no return, so it cannot be cancelled. Pause its table, or restore rows of other trees one by one."
						.formatted(operationId));
		}
		change(operationId, "next_attempt = NULL, state = NULL, last_error = NULL", "mode = 'SOFT', purge_at = NULL");
	}

	@Override
	public void retry(UUID operationId) {
		if (ofAsync(() -> this.asyncDeletes.resume(operationId))) {
			return;
		}
		change(operationId, """
				next_attempt = CASE WHEN state IS NULL THEN next_attempt ELSE least(next_attempt, n.now) END,
				attempts = 0""", "mode = o.mode");
	}

	private boolean ofAsync(BooleanSupplier change) {
		return this.transactions.execute((status) -> change.getAsBoolean());
	}

	@Override
	public List<AsyncSummary> asyncDeletions() {
		return this.asyncDeletes.list(ASYNC_CAP);
	}

	@Override
	public AsyncDeletion asyncDeletion(UUID operationId) {
		RecordedAsyncDeletion deletion = new RecordedAsyncDeletion(operationId, this.asyncDeletes, this.transactions,
				() -> false);
		deletion.progress();
		return deletion;
	}

	private void change(UUID operationId, String ofChunks, String ofOperation) {
		Sql statement = Sql.of("""
				WITH chunks AS (
					UPDATE %s c SET %s FROM (SELECT clock_timestamp() AS now) n
					WHERE c.operation_id = ? AND c.next_attempt IS NOT NULL RETURNING n.now)
				UPDATE %s o SET %s FROM (SELECT min(now) AS now FROM chunks) n WHERE o.id = ? AND n.now IS NOT NULL
				""".formatted(this.ledger.chunks(), ofChunks, this.ledger.operations(), ofOperation), operationId,
				operationId);
		int operations = this.transactions.execute((status) -> {
			lock(operationId);
			return statement.update(this.jdbc);
		});
		if (operations == 0) {
			throw new UnknownOperationException(
					"No purge is pending for operation %s: it is unknown, soft, cancelled or over."
						.formatted(operationId));
		}
	}

	/**
	 * In the same order as a restore.
	 */
	private void lock(UUID operationId) {
		Sql.of("SELECT id FROM %s WHERE id = ? FOR UPDATE".formatted(this.ledger.operations()), operationId)
			.list(this.jdbc, (rs, row) -> true);
		ChunkLocks.lock(this.jdbc,
				Sql.of("FROM %s c WHERE c.operation_id = ?".formatted(this.ledger.chunks()), operationId));
	}

	@Override
	public void pause(@Nullable String table) {
		setPaused(table, true);
	}

	@Override
	public void resume(@Nullable String table) {
		setPaused(table, false);
	}

	/**
	 * A worker holds a share of the gate and of these rows as long as a batch lasts.
	 * Whoever waits at the gate keeps newcomers out, who share the rows whoever waits for
	 * them; to lock the rows makes newcomers see the change.
	 */
	private void setPaused(@Nullable String table, boolean paused) {
		String value = paused ? "coalesce(p.paused_at, clock_timestamp())" : "NULL";
		if (table == null) {
			set(Sql.of("VALUES (0)"), Sql
				.of("WITH locked AS (SELECT single FROM %1$s FOR UPDATE) UPDATE %1$s p SET paused_at = %2$s FROM locked"
					.formatted(this.ledger.state(), value)));
			return;
		}
		TableName name = this.catalog.table(TableName.parse(table)).name();
		String ids = "SELECT id FROM %s WHERE schema_name = ? AND table_name = ?".formatted(this.ledger.tables());
		int rows = set(Sql.of(ids + " ORDER BY id", name.schema(), name.name()),
				Sql.of("WITH locked AS (" + ids + " FOR UPDATE)", name.schema(), name.name())
					.add(" UPDATE %s p SET paused_at = %s FROM locked WHERE p.id = locked.id"
						.formatted(this.ledger.tables(), value)));
		if (rows == 0) {
			throw new UnsupportedTableException(
					"Nothing was ever marked as deleted in table %s, and it has no policy for that. Name another table."
						.formatted(name));
		}
	}

	private int set(Sql gates, Sql update) {
		return this.transactions.execute((status) -> {
			Sql.of("SELECT pg_advisory_xact_lock(?, g.id) FROM (", this.ledger.gateSpace())
				.add(gates)
				.add(") AS g (id)")
				.list(this.jdbc, (rs, row) -> true);
			return update.update(this.jdbc);
		});
	}

	@Override
	public long adopt(String table, Instant since) {
		if (since == null) {
			throw new InvalidDataAccessApiUsageException(
					"Nothing says since when rows of %s are to be taken over: since is null. Write Instant.EPOCH for all of them."
						.formatted(table));
		}
		if (TransactionSynchronizationManager.isCurrentTransactionReadOnly()) {
			throw new ReadOnlyDeletionException(
					"Rows of %s were to be taken over in a read-only transaction. Leave out readOnly = true there."
						.formatted(table));
		}
		return this.transactions.execute((status) -> {
			Table described = this.catalog.table(TableName.parse(table));
			Duration delay = delayOf(described);
			described.recordableKey();
			return this.adoption.adopt(described, Objects.requireNonNull(this.deletionTimes.find(described)), delay,
					since);
		});
	}

	private Duration delayOf(Table table) {
		if (table.partitionOf() != null) {
			throw new UnsupportedTableException(
					"Table %s is a partition of %s, whose rows are taken over as a whole. Name %s."
						.formatted(table.name(), table.partitionOf(), table.partitionOf()));
		}
		DeletionPolicy policy = this.policies.policyFor(table.name().toString());
		if (policy instanceof DeletionPolicy.Scheduled scheduled) {
			return scheduled.delay();
		}
		String said = (policy instanceof DeletionPolicy.Soft)
				? "has a soft policy (%s)".formatted(this.policies.originOf(table.name().toString()))
				: "has no scheduled policy";
		throw new UnsupportedTableException(
				("Table %s %s, so nothing says when rows that others have marked as deleted are to be purged. "
						+ "Give it one: deletion-policy.tables: { %s: { mode: scheduled, delay: 30d } }")
					.formatted(table.name(), said, table.name().name()));
	}

	private static TableSummary summary(ResultSet rs) throws SQLException {
		return new TableSummary(new TableName(rs.getString("schema_name"), rs.getString("table_name")).toString(),
				rs.getLong("pending"), rs.getLong("due"), rs.getLong("held"), rs.getLong("blocked"),
				rs.getLong("failed"), rs.getBoolean("paused"), Instants.find(rs, "oldest_due"));
	}

	private static TableSummary sum(TableSummary one, TableSummary other) {
		Instant oldest = one.oldestDue();
		Instant otherOldest = other.oldestDue();
		if (oldest == null || (otherOldest != null && otherOldest.isBefore(oldest))) {
			oldest = otherOldest;
		}
		return new TableSummary(one.table(), one.pending() + other.pending(), one.due() + other.due(),
				one.held() + other.held(), one.blocked() + other.blocked(), one.failed() + other.failed(),
				one.paused() || other.paused(), oldest);
	}

	private record Entry(PendingPurge purge, PageCursor cursor) {

		static Entry from(ResultSet rs, TableName table) throws SQLException {
			PendingPurge purge = purge(rs, table);
			return new Entry(purge,
					new PageCursor(Instants.get(rs, "next_attempt"), purge.operationId(), rs.getLong("id")));
		}

		static PendingPurge purge(ResultSet rs, TableName table) throws SQLException {
			String state = rs.getString("state");
			State otherwise = (rs.getObject("purging_since") != null) ? State.PURGING : State.PENDING;
			return new PendingPurge(rs.getObject("operation_id", UUID.class), table.toString(),
					DeletionMode.valueOf(rs.getString("mode")), Instants.get(rs, "token"),
					Instants.find(rs, "purge_at"), rs.getLong("key_count"),
					(state != null) ? State.valueOf(state) : otherwise, rs.getInt("attempts"),
					rs.getString("last_error"));
		}

	}

}
