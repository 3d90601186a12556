package io.github.deletionpolicy.restore;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;

import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.ChunkLocks;
import io.github.deletionpolicy.ledger.ChunkTrimming;
import io.github.deletionpolicy.ledger.KeyFormat;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.ledger.LedgerWriter;
import io.github.deletionpolicy.ledger.RecordedKeyCheck;
import io.github.deletionpolicy.ledger.TableIds;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * What a restore reads and writes of the ledger. Keys are struck in the transaction that
 * makes their rows live: a stale copy of a row that is saved later with its old deletion
 * time then matches nothing.
 *
 * @since 0.1
 */
public class RestoreRecord {

	private static final String ORIGIN = "SELECT o.id, l.schema_name, l.table_name, o.mode FROM %s o JOIN %s l ON l.id = o.table_id";

	private final JdbcOperations jdbc;

	private final LedgerTables ledger;

	private final TableIds tableIds;

	/**
	 * Create the reader and writer.
	 * @param jdbc runs the statements, in the caller's transaction
	 * @param ledger where the ledger's tables are
	 */
	public RestoreRecord(JdbcOperations jdbc, LedgerTables ledger) {
		this.jdbc = jdbc;
		this.ledger = ledger;
		this.tableIds = new TableIds(jdbc, ledger);
	}

	/**
	 * Find what an operation was about and lock it.
	 * @param operationId the operation
	 * @return what it was about; {@code null} if it is not recorded
	 */
	public @Nullable Origin lock(UUID operationId) {
		return Sql
			.of((ORIGIN + " WHERE o.id = ? FOR UPDATE OF o").formatted(this.ledger.operations(), this.ledger.tables()),
					operationId)
			.first(this.jdbc, Origin::from);
	}

	/**
	 * Lock the operations that deleted rows, and others with the same token that deleted
	 * what may be below them.
	 * @param table the table of the rows
	 * @param deletionTime the column that carries their tokens
	 * @param rows condition on the row {@code t}
	 * @param tables the tables of rows that may come back, that one among them
	 * @return the operations
	 */
	public List<Origin> lockOperationsOf(Table table, Column deletionTime, Sql rows, Set<TableName> tables) {
		return operations(table, deletionTime, rows, tables).add(" FOR UPDATE OF o").list(this.jdbc, Origin::from);
	}

	/**
	 * Find those operations.
	 * @param table the table of the rows
	 * @param deletionTime the column that carries their tokens
	 * @param rows condition on the row {@code t}
	 * @param tables the tables of rows that may come back, that one among them
	 * @return the operations
	 */
	public List<Origin> operationsOf(Table table, Column deletionTime, Sql rows, Set<TableName> tables) {
		return operations(table, deletionTime, rows, tables).list(this.jdbc, Origin::from);
	}

	private Sql operations(Table table, Column deletionTime, Sql rows, Set<TableName> tables) {
		return Sql
			.of((ORIGIN + " WHERE o.token IN (SELECT %s FROM %s AS t WHERE ").formatted(this.ledger.operations(),
					this.ledger.tables(), deletionTime.toSql("t"), table.name().toSql()))
			.add(rows)
			.add(") AND EXISTS (SELECT FROM %s c JOIN %s cl ON cl.id = c.table_id WHERE c.operation_id = o.id AND (cl.schema_name, cl.table_name) IN (SELECT * FROM unnest(CAST(? AS text[]), CAST(? AS text[]))))"
				.formatted(this.ledger.chunks(), this.ledger.tables()),
					tables.stream().map(TableName::schema).toArray(String[]::new),
					tables.stream().map(TableName::name).toArray(String[]::new))
			.add(" ORDER BY o.id");
	}

	/**
	 * Lock what operations have recorded: a purge that is at it ends first, and none
	 * begins.
	 * @param origins the operations, locked
	 */
	public void lockChunks(List<Origin> origins) {
		ChunkLocks.lock(this.jdbc, Sql.of("FROM %s c WHERE c.operation_id = ANY(%s)".formatted(this.ledger.chunks(),
				"CAST(CAST(? AS text[]) AS uuid[])"), (Object) ids(origins)));
	}

	private static String[] ids(List<Origin> origins) {
		return origins.stream().map((origin) -> origin.operationId().toString()).toArray(String[]::new);
	}

	/**
	 * Return whether a tree of an operation is being purged in several transactions.
	 * @param operationId the operation, locked
	 * @return whether the first of them has committed
	 */
	public boolean isPurging(UUID operationId) {
		return !this.jdbc
			.queryForList("SELECT 1 FROM %s WHERE operation_id = ? AND purging_since IS NOT NULL LIMIT 1"
				.formatted(this.ledger.chunks()), operationId)
			.isEmpty();
	}

	/**
	 * Return whether one of these rows is the root of such a tree.
	 * @param origins the operations that deleted them, locked
	 * @param table their table
	 * @param rows condition on the row {@code t}
	 * @return whether the first transaction has committed
	 */
	public boolean isPurging(List<Origin> origins, Table table, Sql rows) {
		return !Sql
			.of("SELECT 1 FROM %s c WHERE c.operation_id = ANY(CAST(CAST(? AS text[]) AS uuid[])) AND c.purging_since IS NOT NULL AND EXISTS (SELECT FROM %s AS t WHERE %s AND ("
				.formatted(this.ledger.chunks(), table.name().toSql(), KeyFormat.of(table).holdsKeyOf(table)),
					(Object) ids(origins))
			.add(rows)
			.add(")) LIMIT 1")
			.list(this.jdbc, (rs, row) -> true)
			.isEmpty();
	}

	/**
	 * List what an operation holds of which tables, what was asked for first.
	 * @param operationId the operation
	 * @return its parts
	 */
	public List<Part> parts(UUID operationId) {
		return Sql.of("""
				SELECT l.id, l.schema_name, l.table_name, l.time_column, c.root FROM %s c JOIN %s l ON l.id = c.table_id
				WHERE c.operation_id = ? GROUP BY l.id, l.schema_name, l.table_name, l.time_column, c.root
				ORDER BY min(c.id)""".formatted(this.ledger.chunks(), this.ledger.tables()), operationId)
			.list(this.jdbc, Part::from);
	}

	/**
	 * Refuse keys that can no longer be read.
	 * @param operationId the operation
	 * @param part the part
	 * @param table its table
	 * @throws io.github.deletionpolicy.UnsupportedTableException if the table has another
	 * primary key than when the rows were deleted
	 */
	public void requireReadable(UUID operationId, Part part, Table table) {
		RecordedKeyCheck.require(this.jdbc, table,
				Sql.of("FROM %s c WHERE c.operation_id = ? AND c.table_id = ?".formatted(this.ledger.chunks()),
						operationId, part.tableId()));
	}

	/**
	 * Refuse operations whose keys of a table can no longer be read.
	 * @param origins the operations
	 * @param table the table
	 * @throws io.github.deletionpolicy.UnsupportedTableException if the table has another
	 * primary key than when the rows were deleted
	 */
	public void requireReadable(List<Origin> origins, Table table) {
		RecordedKeyCheck.require(this.jdbc, table, Sql.of(
				"FROM %s c JOIN %s l ON l.id = c.table_id WHERE c.operation_id = ANY(CAST(CAST(? AS text[]) AS uuid[])) AND l.schema_name = ? AND l.table_name = ?"
					.formatted(this.ledger.chunks(), this.ledger.tables()),
				ids(origins), table.name().schema(), table.name().name()));
	}

	/**
	 * Return the keys of a part with the token of each, as a relation with the columns
	 * {@code dp_token, dp_k1, dp_k2, …}.
	 * @param operationId the operation
	 * @param part the part
	 * @param table its table
	 * @return the relation, a sub-select in parentheses
	 */
	public Sql keys(UUID operationId, Part part, Table table) {
		return Sql.of(
				"""
						(SELECT coalesce(o.token, c.superseded) AS dp_token, k.* FROM %s c LEFT JOIN %s o ON o.id = c.operation_id
						CROSS JOIN %s WHERE c.operation_id = ? AND c.table_id = ? AND c.root = ?)"""
					.formatted(this.ledger.chunks(), this.ledger.operations(), KeyFormat.of(table).unnest(table)),
				operationId, part.tableId(), part.root());
	}

	/**
	 * Strike the keys of an operation that are no longer deleted by it, and note that it
	 * was restored if none is left.
	 * @param operationId the operation
	 * @param parts its parts
	 * @param tables describes tables
	 */
	public void strikeRevived(UUID operationId, List<Part> parts, Function<TableName, Table> tables) {
		for (Part part : parts) {
			Table table = tables.apply(part.table());
			keep(List.of(operationId), part, table,
					Sql.of("EXISTS (SELECT FROM %s t WHERE %s AND %s = c.token)".formatted(table.name().toSql(),
							table.keyEquals("t", "k"), table.deletionTime(part.deletionTime()).toSql("t"))));
		}
		markRestored(List.of(operationId));
	}

	/**
	 * Strike keys that have been made live from the operations that deleted their rows.
	 * @param scratch what was made live, recorded like an operation; it is removed
	 * @param parts its parts
	 * @param origins the operations, locked
	 * @param tables describes tables
	 */
	public void strikeElsewhere(UUID scratch, List<Part> parts, List<Origin> origins,
			Function<TableName, Table> tables) {
		List<UUID> operations = origins.stream().map(Origin::operationId).toList();
		List<UUID> recorded = withKeys(operations);
		for (Part part : parts) {
			Table table = tables.apply(part.table());
			keep(operations, part, table, Sql.of("NOT EXISTS (SELECT FROM ")
				.add(keys(scratch, part, table))
				.add(" s JOIN %s t ON %s AND %s IS DISTINCT FROM s.dp_token WHERE s.dp_token = c.token AND (%s) = (%s))"
					.formatted(table.name().toSql(), table.keyEquals("t", "s"),
							table.deletionTime(part.deletionTime()).toSql("t"), table.keyAliases("s"),
							table.keyAliases("k"))));
		}
		spare(scratch, operations);
		this.jdbc.update("DELETE FROM %s WHERE operation_id = ?".formatted(this.ledger.chunks()), scratch);
		markRestored(recorded);
	}

	/**
	 * Leave out those that a purge has brought to an end while the restore waited for it.
	 */
	private List<UUID> withKeys(List<UUID> operations) {
		return this.jdbc.queryForList(
				"SELECT DISTINCT operation_id FROM %s WHERE operation_id = ANY(CAST(CAST(? AS text[]) AS uuid[]))"
					.formatted(this.ledger.chunks()),
				UUID.class, (Object) operations.stream().map(UUID::toString).toArray(String[]::new));
	}

	/**
	 * An asynchronous delete may still come to rows that it has marked as dependants of
	 * others.
	 */
	private void spare(UUID scratch, List<UUID> operations) {
		this.jdbc.update(
				"""
						INSERT INTO %s (operation_id, table_id, keys_bigint, keys_uuid, keys_json)
						SELECT a.operation_id, c.table_id, c.keys_bigint, c.keys_uuid, c.keys_json FROM %s c CROSS JOIN %s a
						WHERE c.operation_id = ? AND a.operation_id = ANY(CAST(CAST(? AS text[]) AS uuid[]))
						AND a.ended_at IS NULL"""
					.formatted(this.ledger.sparedRows(), this.ledger.chunks(), this.ledger.asyncDeletes()),
				scratch, operations.stream().map(UUID::toString).toArray(String[]::new));
	}

	/**
	 * Keep the keys {@code k} of chunks {@code c} for which a condition holds.
	 */
	private void keep(List<UUID> operations, Part part, Table table, Sql condition) {
		ChunkTrimming.keep(this.jdbc, this.ledger, table,
				Sql.of("c.operation_id = ANY(CAST(CAST(? AS text[]) AS uuid[])) AND c.table_id = ?",
						operations.stream().map(UUID::toString).toArray(String[]::new), part.tableId()),
				condition);
	}

	/**
	 * Of a scheduled operation without chunks the purge is over, unless it says that it
	 * is soft.
	 */
	private void markRestored(List<UUID> operations) {
		this.jdbc.update(
				"""
						UPDATE %s o SET mode = 'SOFT' WHERE o.id = ANY(CAST(CAST(? AS text[]) AS uuid[])) AND o.mode <> 'SOFT'
						AND NOT EXISTS (SELECT FROM %s c WHERE c.operation_id = o.id)"""
					.formatted(this.ledger.operations(), this.ledger.chunks()),
				(Object) operations.stream().map(UUID::toString).toArray(String[]::new));
	}

	/**
	 * Return the number of a table in the ledger.
	 * @param table the table
	 * @param deletionTime its column that carries the deletion time
	 * @return the number
	 */
	public int idOf(Table table, Column deletionTime) {
		this.tableIds.forget(table.name(), deletionTime.name());
		return this.tableIds.of(table.name(), deletionTime.name());
	}

	/**
	 * Return a common table expression that records rows as if an operation had deleted
	 * them.
	 * @param name name of the expression
	 * @param operationId the operation
	 * @param tableId number of the table
	 * @param table the table
	 * @param root whether they were asked for
	 * @param rows query of {@code dp_k1, dp_k2, …, dp_old}, keys and tokens
	 * @return the expression
	 */
	public Sql writing(String name, UUID operationId, int tableId, Table table, boolean root, String rows) {
		KeyFormat keys = KeyFormat.of(table);
		return Sql.of("""
				%s AS (INSERT INTO %s (operation_id, table_id, root, superseded, key_count, %s)
					SELECT ?, ?, ?, dp_old, count(*), %s FROM (
						SELECT *, (row_number() OVER (PARTITION BY dp_old ORDER BY %s) - 1) / %d AS part FROM (%s) r) r
					GROUP BY dp_old, part)""".formatted(name, this.ledger.chunks(), keys.column(),
				keys.aggregate(table), table.keyAliases(""), LedgerWriter.CHUNK_SIZE, rows), operationId, tableId,
				root);
	}

	/**
	 * What an operation deleted from.
	 *
	 * @param operationId the operation
	 * @param table the table
	 * @param isScheduled whether its rows are to be purged, or have been
	 */
	public record Origin(UUID operationId, TableName table, boolean isScheduled) {

		static Origin from(ResultSet rs, int row) throws SQLException {
			return new Origin(rs.getObject(1, UUID.class), new TableName(rs.getString(2), rs.getString(3)),
					"SCHEDULED".equals(rs.getString(4)));
		}

	}

	/**
	 * What an operation holds of one table.
	 *
	 * @param tableId number of the table in the ledger
	 * @param table the table
	 * @param deletionTime the column that carries the deletion time
	 * @param root whether the rows were asked for, and not taken along
	 */
	public record Part(int tableId, TableName table, String deletionTime, boolean root) {

		static Part from(ResultSet rs, int row) throws SQLException {
			return new Part(rs.getInt(1), new TableName(rs.getString(2), rs.getString(3)), rs.getString(4),
					rs.getBoolean(5));
		}

	}

}
