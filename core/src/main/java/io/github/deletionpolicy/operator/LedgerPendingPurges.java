package io.github.deletionpolicy.operator;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import io.github.deletionpolicy.AsyncDeletion;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.InvalidIdException;
import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.async.AsyncDeletes;
import io.github.deletionpolicy.async.RecordedAsyncDeletion;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.KeyFormat;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.operator.Backlog.TableBacklog;
import io.github.deletionpolicy.rows.KeyReader;
import io.github.deletionpolicy.sql.Database;
import io.github.deletionpolicy.sql.Instants;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

/**
 * Lists what is pending, and hands changes on to those who make them.
 *
 * @since 0.1
 */
public class LedgerPendingPurges implements PendingPurges {

	private static final String PENDING = """
			SELECT c.operation_id, c.id, c.next_attempt, c.key_count, c.attempts, c.state, c.last_error,
				o.mode, o.token, o.purge_at, c.purging_since
			""";

	private final Database database;

	private final Catalog catalog;

	private final LedgerTables ledger;

	private final Backlog backlog;

	private final PurgeControl control;

	private final Adoption adoption;

	private final AsyncDeletes asyncDeletes;

	public LedgerPendingPurges(Database database, Catalog catalog, LedgerTables ledger, DeletionPolicyRegistry policies,
			DeletionTimeColumns deletionTimes) {
		this.database = database;
		this.catalog = catalog;
		this.ledger = ledger;
		this.backlog = new Backlog(database.jdbc(), ledger);
		this.asyncDeletes = new AsyncDeletes(database.jdbc(), ledger);
		this.control = new PurgeControl(database, ledger, this.asyncDeletes);
		this.adoption = new Adoption(database, ledger, policies, deletionTimes);
	}

	@Override
	public List<TableSummary> summary() {
		return this.backlog.tables().stream().map(TableBacklog::summary).toList();
	}

	@Override
	public Page page(String table, @Nullable String after, int limit) {
		PageCursor.requireLimit("a page", limit, PAGE_CAP);
		TableName name = nameOf(table);
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
		List<Entry> entries = statement.list(this.database.jdbc(),
				(rs, row) -> new Entry(purge(rs, name), PageCursor.from(rs)));
		String next = (entries.size() > limit) ? entries.get(limit - 1).cursor().toString() : null;
		return new Page(entries.stream().limit(limit).map(Entry::purge).toList(), next);
	}

	@Override
	public Optional<PendingPurge> forRow(String table, Object id) {
		if (id == null) {
			throw new InvalidIdException(
					"The id for table %s is null, and no primary key is. Name a row.".formatted(table));
		}
		Table described = this.catalog.table(TableName.parse(table));
		Sql row = new KeyReader(described).read(List.of(id)).on(described);
		return this.ledger.timeColumns(this.database.jdbc(), described.name())
			.stream()
			.filter((column) -> described.find(column) != null)
			.flatMap((column) -> find(described, column, row).stream())
			.findFirst();
	}

	private List<PendingPurge> find(Table table, String deletionTime, Sql row) {
		return Sql
			.of(PENDING + """
					FROM %1$s l JOIN %1$s ol ON true JOIN %2$s o ON o.table_id = ol.id
					JOIN %3$s t ON o.token = %4$s
					JOIN %5$s c ON c.operation_id = o.id AND c.table_id = l.id AND %6$s
					WHERE l.schema_name = ? AND l.table_name = ? AND l.time_column = ? AND o.purge_at IS NOT NULL
					AND (""".formatted(this.ledger.tables(), this.ledger.operations(), table.name().toSql(),
					table.column(deletionTime).toSql("t"), this.ledger.chunks(), KeyFormat.of(table).holdsKeyOf(table)),
					table.name().schema(), table.name().name(), deletionTime)
			.add(row)
			.add(")")
			.list(this.database.jdbc(), (rs, number) -> purge(rs, table.name()));
	}

	private static PendingPurge purge(ResultSet rs, TableName table) throws SQLException {
		return new PendingPurge(rs.getObject("operation_id", UUID.class), table.toString(),
				DeletionMode.valueOf(rs.getString("mode")), Instants.get(rs, "token"), Instants.find(rs, "purge_at"),
				rs.getLong("key_count"), LedgerRow.state(rs), rs.getInt("attempts"), rs.getString("last_error"));
	}

	@Override
	public void purgeNow(UUID operationId) {
		this.control.purgeNow(operationId);
	}

	@Override
	public void cancel(UUID operationId) {
		this.control.cancel(operationId);
	}

	@Override
	public void retry(UUID operationId) {
		this.control.retry(operationId);
	}

	@Override
	public void pause(@Nullable String table) {
		this.control.setPaused((table != null) ? nameOf(table) : null, true);
	}

	@Override
	public void resume(@Nullable String table) {
		this.control.setPaused((table != null) ? nameOf(table) : null, false);
	}

	private TableName nameOf(String table) {
		return this.catalog.table(TableName.parse(table)).name();
	}

	@Override
	public long adopt(String table, Instant since) {
		Adoption.requireUsable(table, since);
		return this.database.callers()
			.execute((status) -> this.adoption.adopt(this.catalog.table(TableName.parse(table)), since));
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
