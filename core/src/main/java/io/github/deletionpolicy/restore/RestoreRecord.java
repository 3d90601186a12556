package io.github.deletionpolicy.restore;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.RowSecurity;
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
 * time then matches nothing. Rows are given as a condition on the row {@code t} of their
 * table.
 */
class RestoreRecord {

	private static final String ORIGIN = "SELECT o.id, l.schema_name, l.table_name, o.mode FROM %s o JOIN %s l ON l.id = o.table_id";

	/**
	 * Binds identifiers as texts: the driver has no array of UUIDs.
	 */
	private static final String ANY = "ANY(CAST(CAST(? AS text[]) AS uuid[]))";

	private final JdbcOperations jdbc;

	private final LedgerTables ledger;

	private final TableIds tableIds;

	RestoreRecord(JdbcOperations jdbc, LedgerTables ledger) {
		this.jdbc = jdbc;
		this.ledger = ledger;
		this.tableIds = new TableIds(jdbc, ledger);
	}

	/**
	 * Find what an operation deleted from, and lock it; {@code null} if it is not
	 * recorded.
	 */
	@Nullable Origin lock(UUID operationId) {
		return Sql
			.of((ORIGIN + " WHERE o.id = ? FOR UPDATE OF o").formatted(this.ledger.operations(), this.ledger.tables()),
					operationId)
			.first(this.jdbc, Origin::from);
	}

	/**
	 * Find the operations that deleted rows, and others with the same token that deleted
	 * what may be below them.
	 * @param deletionTime the column that carries the tokens of the rows
	 * @param tables the tables of rows that may be restored, that of the rows among them
	 * @param lock whether to lock the operations
	 */
	List<Origin> operationsOf(Table table, Column deletionTime, Sql rows, List<TableName> tables, boolean lock) {
		return Sql
			.of((ORIGIN + " WHERE o.token IN (SELECT %s FROM %s AS t WHERE ").formatted(this.ledger.operations(),
					this.ledger.tables(), deletionTime.toSql("t"), table.name().toSql()))
			.add(rows)
			.add(") AND EXISTS (SELECT FROM %s c JOIN %s cl ON cl.id = c.table_id WHERE c.operation_id = o.id AND (cl.schema_name, cl.table_name) IN (SELECT * FROM unnest(CAST(? AS text[]), CAST(? AS text[])))) ORDER BY o.id"
				.formatted(this.ledger.chunks(), this.ledger.tables()),
					tables.stream().map(TableName::schema).toArray(String[]::new),
					tables.stream().map(TableName::name).toArray(String[]::new))
			.add(lock ? " FOR UPDATE OF o" : "")
			.list(this.jdbc, Origin::from);
	}

	/**
	 * Lock what locked operations have recorded: a purge that is at it ends first, and
	 * none begins.
	 */
	void lockChunks(List<UUID> operations) {
		ChunkLocks.lock(this.jdbc, Sql.of("FROM %s c WHERE c.operation_id = %s".formatted(this.ledger.chunks(), ANY),
				(Object) texts(operations)));
	}

	/**
	 * Return whether a tree of a locked operation is past the point of no return.
	 */
	boolean isPurging(UUID operationId) {
		return exists(Sql.of("SELECT 1 FROM %s WHERE operation_id = ? AND purging_since IS NOT NULL LIMIT 1"
			.formatted(this.ledger.chunks()), operationId));
	}

	/**
	 * Return whether one of these rows is the root of a tree past that point.
	 * @param operations the operations that deleted them, locked
	 */
	boolean isPurging(List<UUID> operations, Table table, Sql rows) {
		return exists(Sql
			.of("SELECT 1 FROM %s c WHERE c.operation_id = %s AND c.purging_since IS NOT NULL AND EXISTS (SELECT FROM %s AS t WHERE %s AND ("
				.formatted(this.ledger.chunks(), ANY, table.name().toSql(), KeyFormat.of(table).holdsKeyOf(table)),
					(Object) texts(operations))
			.add(rows)
			.add(")) LIMIT 1"));
	}

	private boolean exists(Sql query) {
		return !query.list(this.jdbc, (rs, row) -> true).isEmpty();
	}

	/**
	 * List what an operation holds of which tables, what was asked for first.
	 * @param tables describes tables
	 */
	List<Part> parts(UUID operationId, Function<TableName, Table> tables) {
		return Sql.of("""
				SELECT l.id, l.schema_name, l.table_name, l.time_column, c.root FROM %s c JOIN %s l ON l.id = c.table_id
				WHERE c.operation_id = ? GROUP BY l.id, l.schema_name, l.table_name, l.time_column, c.root
				ORDER BY min(c.id)""".formatted(this.ledger.chunks(), this.ledger.tables()), operationId)
			.list(this.jdbc, (rs, row) -> new Part(operationId, rs.getInt(1),
					tables.apply(new TableName(rs.getString(2), rs.getString(3))), rs.getString(4), rs.getBoolean(5)));
	}

	/**
	 * Refuse operations whose keys of a table were recorded with another primary key than
	 * the table has now.
	 */
	void requireReadable(List<UUID> operations, Table table) {
		RecordedKeyCheck.require(this.jdbc, table, Sql.of(
				"FROM %s c JOIN %s l ON l.id = c.table_id WHERE c.operation_id = %s AND l.schema_name = ? AND l.table_name = ?"
					.formatted(this.ledger.chunks(), this.ledger.tables(), ANY),
				texts(operations), table.name().schema(), table.name().name()));
	}

	/**
	 * Return the keys of a part with the token of each, as a relation (a sub-select in
	 * parentheses) with the columns {@code dp_token, dp_k1, dp_k2, …}.
	 */
	Sql keys(Part part) {
		return Sql.of(
				"""
						(SELECT coalesce(o.token, c.superseded) AS dp_token, k.* FROM %s c LEFT JOIN %s o ON o.id = c.operation_id
						CROSS JOIN %s WHERE c.operation_id = ? AND c.table_id = ? AND c.root = ?)"""
					.formatted(this.ledger.chunks(), this.ledger.operations(),
							KeyFormat.of(part.table()).unnest(part.table())),
				part.operationId(), part.tableId(), part.root());
	}

	/**
	 * Strike the keys of an operation that are no longer deleted by it, and note that it
	 * was restored if none is left. A row that is not seen may be hidden by row-level
	 * security, and is not struck where that is so.
	 */
	void strikeRestored(UUID operationId, List<Part> parts) {
		for (Part part : parts) {
			Table table = part.table();
			String row = "SELECT FROM %s t WHERE %s".formatted(table.name().toSql(), table.keyEquals("t", "k"));
			keep(List.of(operationId), part, Sql
				.of("EXISTS (%s AND %s = c.token) OR (NOT EXISTS (%s) AND ".formatted(row,
						part.deletionTime().toSql("t"), row))
				.add(RowSecurity.mayHide(table.name()))
				.add(")"));
		}
		markRestored(List.of(operationId));
	}

	/**
	 * Strike keys that have been made live from the operations that deleted their rows.
	 * @param scratch what was made live, recorded like an operation; it is removed
	 * @param parts its parts
	 * @param operations the operations, locked
	 */
	void strikeElsewhere(UUID scratch, List<Part> parts, List<UUID> operations) {
		List<UUID> recorded = withKeys(operations);
		for (Part part : parts) {
			Table table = part.table();
			keep(operations, part, Sql.of("NOT EXISTS (SELECT FROM ")
				.add(keys(part))
				.add(" s JOIN %s t ON %s AND %s IS DISTINCT FROM s.dp_token WHERE s.dp_token = c.token AND (%s) = (%s))"
					.formatted(table.name().toSql(), table.keyEquals("t", "s"), part.deletionTime().toSql("t"),
							table.keyAliases("s"), table.keyAliases("k"))));
		}
		spare(scratch, operations);
		this.jdbc.update("DELETE FROM %s WHERE operation_id = ?".formatted(this.ledger.chunks()), scratch);
		markRestored(recorded);
	}

	/**
	 * Return those of the operations that have keys. A purge has ended the others while
	 * the restore waited for it.
	 */
	List<UUID> withKeys(List<UUID> operations) {
		return this.jdbc.queryForList(
				"SELECT DISTINCT operation_id FROM %s WHERE operation_id = %s".formatted(this.ledger.chunks(), ANY),
				UUID.class, (Object) texts(operations));
	}

	/**
	 * An asynchronous delete may still come to rows that it has stamped as dependants of
	 * others.
	 */
	private void spare(UUID scratch, List<UUID> operations) {
		this.jdbc.update(
				"""
						INSERT INTO %s (operation_id, table_id, keys_bigint, keys_uuid, keys_json)
						SELECT a.operation_id, c.table_id, c.keys_bigint, c.keys_uuid, c.keys_json FROM %s c CROSS JOIN %s a
						WHERE c.operation_id = ? AND a.operation_id = %s AND a.ended_at IS NULL"""
					.formatted(this.ledger.sparedRows(), this.ledger.chunks(), this.ledger.asyncDeletes(), ANY),
				scratch, texts(operations));
	}

	/**
	 * Keep the keys {@code k} of chunks {@code c} for which a condition holds.
	 */
	private void keep(List<UUID> operations, Part part, Sql condition) {
		ChunkTrimming.keep(this.jdbc, this.ledger, part.table(),
				Sql.of("c.operation_id = %s AND c.table_id = ?".formatted(ANY), texts(operations), part.tableId()),
				condition);
	}

	/**
	 * Of a scheduled operation without chunks the purge is over, unless it says that it
	 * is soft.
	 */
	private void markRestored(List<UUID> operations) {
		this.jdbc.update("""
				UPDATE %s o SET mode = 'SOFT' WHERE o.id = %s AND o.mode <> 'SOFT'
				AND NOT EXISTS (SELECT FROM %s c WHERE c.operation_id = o.id)""".formatted(this.ledger.operations(),
				ANY, this.ledger.chunks()), (Object) texts(operations));
	}

	/**
	 * Return a common table expression that records rows as if an operation had deleted
	 * them.
	 * @param name name of the expression
	 * @param root whether they were asked for
	 * @param rows query of {@code dp_k1, dp_k2, …, dp_old}, keys and tokens
	 */
	Sql writing(String name, UUID operationId, Table table, Column deletionTime, boolean root, String rows) {
		this.tableIds.forget(table.name(), deletionTime.name());
		KeyFormat keys = KeyFormat.of(table);
		return Sql.of("""
				%s AS (INSERT INTO %s (operation_id, table_id, root, superseded, key_count, %s)
					SELECT ?, ?, ?, dp_old, count(*), %s FROM (
						SELECT *, (row_number() OVER (PARTITION BY dp_old ORDER BY %s) - 1) / %d AS part FROM (%s) r) r
					GROUP BY dp_old, part)""".formatted(name, this.ledger.chunks(), keys.column(),
				keys.aggregate(table), table.keyAliases(""), LedgerWriter.CHUNK_SIZE, rows), operationId,
				this.tableIds.of(table.name(), deletionTime.name()), root);
	}

	private static String[] texts(Collection<UUID> operations) {
		return operations.stream().map(UUID::toString).toArray(String[]::new);
	}

	/**
	 * What an operation deleted from.
	 *
	 * @param operationId the operation
	 * @param table the table
	 * @param isScheduled whether its rows are to be purged, or have been
	 */
	record Origin(UUID operationId, TableName table, boolean isScheduled) {

		static Origin from(ResultSet rs, int row) throws SQLException {
			return new Origin(rs.getObject(1, UUID.class), new TableName(rs.getString(2), rs.getString(3)),
					"SCHEDULED".equals(rs.getString(4)));
		}

	}

	/**
	 * What an operation holds of one table.
	 *
	 * @param operationId the operation
	 * @param tableId number of the table in the ledger
	 * @param table the table
	 * @param timeColumn the column that carries the deletion time
	 * @param root whether the rows were asked for; else they are dependants
	 */
	record Part(UUID operationId, int tableId, Table table, String timeColumn, boolean root) {

		Column deletionTime() {
			return this.table.deletionTime(this.timeColumn);
		}

	}

}
