package io.github.deletionpolicy.operator;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

import io.github.deletionpolicy.AsyncDeletion;
import io.github.deletionpolicy.AsyncProgress;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.InvalidIdException;
import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.UnknownOperationException;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.async.AsyncDeletes;
import io.github.deletionpolicy.async.RecordedAsyncDeletion;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.ChunkLocks;
import io.github.deletionpolicy.ledger.KeyFormat;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.operator.Backlog.TableBacklog;
import io.github.deletionpolicy.rows.KeyReader;
import io.github.deletionpolicy.sql.Database;
import io.github.deletionpolicy.sql.Instants;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.jdbc.core.JdbcOperations;

/**
 * Lists what is pending, and changes it: makes operations due, cancels and retries them,
 * pauses and resumes tables.
 *
 * @since 0.1
 */
public class LedgerPendingPurges implements PendingPurges {

	private static final String PENDING = """
			SELECT c.operation_id, c.id, c.next_attempt, c.key_count, c.attempts, c.state, c.last_error,
				o.mode, o.token, o.purge_at, c.purging_since
			""";

	private final Database database;

	private final JdbcOperations jdbc;

	private final Catalog catalog;

	private final LedgerTables ledger;

	private final AsyncDeletes asyncDeletes;

	private final Adoption adoption;

	public LedgerPendingPurges(Database database, Catalog catalog, LedgerTables ledger, DeletionPolicyRegistry policies,
			DeletionTimeColumns deletionTimes) {
		this.database = database;
		this.jdbc = database.jdbc();
		this.catalog = catalog;
		this.ledger = ledger;
		this.asyncDeletes = new AsyncDeletes(this.jdbc, ledger);
		this.adoption = new Adoption(this.jdbc, ledger, policies, deletionTimes);
	}

	@Override
	public List<TableSummary> summary() {
		return new Backlog(this.jdbc, this.ledger).tables().stream().map(TableBacklog::summary).toList();
	}

	/**
	 * Chunks are limited before the join: the planner would rather read all operations.
	 */
	@Override
	public Page page(String table, @Nullable String after, int limit) {
		PageCursor.requireLimit("a page", limit, PAGE_CAP);
		TableName name = table(table).name();
		PageCursor start = (after != null) ? PageCursor.parse(after) : PageCursor.START;
		OffsetDateTime time = Instants.parameter(start.nextAttempt());
		List<Entry> entries = Sql
			.of(PENDING + """
					FROM %s l CROSS JOIN LATERAL (
						SELECT * FROM %s c WHERE c.table_id = l.id AND c.next_attempt IS NOT NULL
						AND c.next_attempt >= ? AND (c.next_attempt, c.operation_id, c.id) > (?, ?, ?)
						ORDER BY c.next_attempt, c.operation_id, c.id LIMIT ?) c
					JOIN %s o ON o.id = c.operation_id WHERE l.schema_name = ? AND l.table_name = ?
					ORDER BY c.next_attempt, c.operation_id, c.id LIMIT ?""".formatted(this.ledger.tables(),
					this.ledger.chunks(), this.ledger.operations()), time, time, start.operationId(), start.chunk(),
					limit + 1, name.schema(), name.name(), limit + 1)
			.list(this.jdbc, (rs, row) -> new Entry(purge(rs, name), PageCursor.from(rs)));
		String next = (entries.size() > limit) ? entries.get(limit - 1).cursor().toString() : null;
		return new Page(entries.stream().limit(limit).map(Entry::purge).toList(), next);
	}

	@Override
	public Optional<PendingPurge> forRow(String table, Object id) {
		if (id == null) {
			throw new InvalidIdException(
					"The id for table %s is null, but a primary key is never null. Pass the id of a row."
						.formatted(table));
		}
		Table described = table(table);
		Sql row = new KeyReader(described).read(List.of(id)).on(described);
		return this.ledger.timeColumns(this.jdbc, described.name())
			.stream()
			.map(described::find)
			.filter(Objects::nonNull)
			.flatMap((column) -> find(described, column, row).stream())
			.findFirst();
	}

	private List<PendingPurge> find(Table table, Column deletionTime, Sql row) {
		return Sql
			.of(PENDING + """
					FROM %1$s l JOIN %1$s ol ON true JOIN %2$s o ON o.table_id = ol.id
					JOIN %3$s t ON o.token = %4$s
					JOIN %5$s c ON c.operation_id = o.id AND c.table_id = l.id AND %6$s
					WHERE l.schema_name = ? AND l.table_name = ? AND l.time_column = ? AND o.purge_at IS NOT NULL
					AND (""".formatted(this.ledger.tables(), this.ledger.operations(), table.name().toSql(),
					deletionTime.toSql("t"), this.ledger.chunks(), KeyFormat.of(table).holdsKeyOf(table)),
					table.name().schema(), table.name().name(), deletionTime.name())
			.add(row)
			.add(")")
			.list(this.jdbc, (rs, number) -> purge(rs, table.name()));
	}

	private static PendingPurge purge(ResultSet rs, TableName table) throws SQLException {
		return new PendingPurge(rs.getObject("operation_id", UUID.class), table.toString(),
				DeletionMode.valueOf(rs.getString("mode")), Instants.get(rs, "token"), Instants.find(rs, "purge_at"),
				rs.getLong("key_count"), LedgerRow.state(rs), rs.getInt("attempts"), rs.getString("last_error"));
	}

	private Table table(String name) {
		return this.catalog.table(TableName.parse(name));
	}

	@Override
	public void purgeNow(UUID operationId) {
		change(operationId, "next_attempt = n.now, state = NULL", "purge_at = least(o.purge_at, n.now)");
	}

	@Override
	public void cancel(UUID operationId) {
		boolean async = this.database.callers()
			.execute((status) -> this.asyncDeletes.end(operationId, AsyncProgress.State.CANCELLED, null)
					|| this.asyncDeletes.giveUpFailed(operationId));
		if (async) {
			return;
		}
		Sql purging = Sql.of("SELECT 1 FROM %s WHERE operation_id = ? AND purging_since IS NOT NULL LIMIT 1"
			.formatted(this.ledger.chunks()), operationId);
		if (purging.first(this.jdbc, (rs, row) -> true) != null) {
			throw new InvalidDataAccessApiUsageException(
					"The purge of operation %s has begun and is past the point of no return, so it cannot be cancelled. Pause its table, or restore rows of other trees one by one."
						.formatted(operationId));
		}
		change(operationId, "next_attempt = NULL, state = NULL, last_error = NULL", "mode = 'SOFT', purge_at = NULL");
	}

	@Override
	public void retry(UUID operationId) {
		boolean async = this.database.callers().execute((status) -> this.asyncDeletes.resume(operationId));
		if (!async) {
			change(operationId, """
					next_attempt = CASE WHEN state IS NULL THEN next_attempt ELSE least(next_attempt, n.now) END,
					attempts = 0""", "mode = o.mode");
		}
	}

	/**
	 * Locks in the same order as a restore: the operation, then its chunks.
	 */
	private void change(UUID operationId, String ofChunks, String ofOperation) {
		int operations = this.database.callers().execute((status) -> {
			Sql.of("SELECT id FROM %s WHERE id = ? FOR UPDATE".formatted(this.ledger.operations()), operationId)
				.list(this.jdbc, (rs, row) -> true);
			ChunkLocks.lock(this.jdbc,
					Sql.of("FROM %s c WHERE c.operation_id = ?".formatted(this.ledger.chunks()), operationId));
			return this.jdbc.update(
					"""
							WITH chunks AS (
								UPDATE %1$s c SET %2$s FROM (SELECT clock_timestamp() AS now) n
								WHERE c.operation_id = ? AND c.next_attempt IS NOT NULL RETURNING n.now)
							UPDATE %3$s o SET %4$s FROM (SELECT min(now) AS now FROM chunks) n WHERE o.id = ? AND n.now IS NOT NULL
							"""
						.formatted(this.ledger.chunks(), ofChunks, this.ledger.operations(), ofOperation),
					operationId, operationId);
		});
		if (operations == 0) {
			throw new UnknownOperationException(
					"No purge is pending for operation %s: it is unknown, soft, cancelled or over."
						.formatted(operationId));
		}
	}

	@Override
	public void pause(@Nullable String table) {
		setPaused(table, "coalesce(p.paused_at, clock_timestamp())");
	}

	@Override
	public void resume(@Nullable String table) {
		setPaused(table, "NULL");
	}

	/**
	 * Pause or resume a table, or all of them. A worker holds a share of the gate and of
	 * these rows as long as a batch lasts. Whoever waits at the gate keeps newcomers out,
	 * who share the rows whoever waits for them; to lock the rows makes newcomers see the
	 * change.
	 */
	private void setPaused(@Nullable String table, String pausedAt) {
		TableName name = (table != null) ? table(table).name() : null;
		String relation = (name != null) ? this.ledger.tables() : this.ledger.state();
		String key = (name != null) ? "id" : "single";
		Sql rows = Sql.of(" FROM " + relation);
		if (name != null) {
			rows.add(" WHERE schema_name = ? AND table_name = ? ORDER BY id", name.schema(), name.name());
		}
		int changed = this.database.callers().execute((status) -> {
			Sql.of("SELECT pg_advisory_xact_lock(?, g.id) FROM (SELECT " + ((name != null) ? "id" : "0 AS id"),
					this.ledger.gateSpace())
				.add(rows)
				.add(") g")
				.list(this.jdbc, (rs, row) -> true);
			return Sql.of("WITH locked AS (SELECT " + key)
				.add(rows)
				.add(" FOR UPDATE) UPDATE %1$s p SET paused_at = %2$s FROM locked WHERE p.%3$s = locked.%3$s"
					.formatted(relation, pausedAt, key))
				.update(this.jdbc);
		});
		if (changed == 0) {
			throw new UnsupportedTableException(
					"No row of table %s was ever stamped as deleted, and it has no policy. Name another table."
						.formatted(name));
		}
	}

	@Override
	public long adopt(String table, Instant since) {
		Adoption.requireUsable(table, since);
		return this.database.callers().execute((status) -> this.adoption.adopt(table(table), since));
	}

	@Override
	public List<AsyncSummary> asyncDeletions() {
		return this.asyncDeletes.list(ASYNC_CAP);
	}

	@Override
	public AsyncDeletion asyncDeletion(UUID operationId) {
		RecordedAsyncDeletion deletion = new RecordedAsyncDeletion(operationId, this.asyncDeletes,
				this.database.callers(), () -> false);
		deletion.progress();
		return deletion;
	}

	private record Entry(PendingPurge purge, PageCursor cursor) {
	}

}
