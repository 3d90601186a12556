package io.github.deletionpolicy.ledger;

import java.util.List;
import java.util.UUID;

import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.Sql;
import io.github.deletionpolicy.catalog.Table;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * What a restore reads and writes of the ledger. Keys are struck in the transaction that
 * makes their rows live: a stale copy of a row that is saved later with its old deletion
 * time then matches nothing.
 *
 * @since 0.1
 */
public class RecordedKeys {

	private final JdbcOperations jdbc;

	private final LedgerTables ledger;

	/**
	 * Create the reader and writer.
	 * @param jdbc runs the statements, in the caller's transaction
	 * @param ledger where the ledger's tables are
	 */
	public RecordedKeys(JdbcOperations jdbc, LedgerTables ledger) {
		this.jdbc = jdbc;
		this.ledger = ledger;
	}

	/**
	 * Find what an operation was about and lock it, its chunks included: a purge that is
	 * at them ends first, and none begins.
	 * @param operationId the operation
	 * @return its table; {@code null} if it is not recorded
	 */
	public @Nullable Origin lock(UUID operationId) {
		Origin origin = Sql
			.of("""
					SELECT l.schema_name, l.table_name, l.time_column FROM %s o JOIN %s l ON l.id = o.table_id
					WHERE o.id = ? FOR UPDATE OF o""".formatted(this.ledger.operations(), this.ledger.tables()),
					operationId)
			.first(this.jdbc,
					(rs, row) -> new Origin(new TableName(rs.getString(1), rs.getString(2)), rs.getString(3)));
		if (origin != null) {
			ChunkLocks.lock(this.jdbc,
					Sql.of("FROM %s c WHERE c.operation_id = ?".formatted(this.ledger.chunks()), operationId));
		}
		return origin;
	}

	/**
	 * Refuse an operation whose keys can no longer be read.
	 * @param operationId the operation
	 * @param table its table
	 * @throws io.github.deletionpolicy.UnsupportedTableException if the table has another
	 * primary key than when the rows were deleted
	 */
	public void requireReadable(UUID operationId, Table table) {
		RecordedKeyCheck.require(this.jdbc, table,
				Sql.of("FROM %s c WHERE c.operation_id = ?".formatted(this.ledger.chunks()), operationId));
	}

	/**
	 * Return the keys of an operation with its token, as a relation with the columns
	 * {@code dp_token, dp_k1, dp_k2, …}.
	 * @param operationId the operation
	 * @param table its table
	 * @return the relation, a sub-select in parentheses
	 */
	public Sql of(UUID operationId, Table table) {
		return Sql.of(
				"(SELECT o.token AS dp_token, k.* FROM %s o JOIN %s c ON c.operation_id = o.id CROSS JOIN %s WHERE o.id = ?)"
					.formatted(this.ledger.operations(), this.ledger.chunks(), KeyFormat.of(table).unnest(table)),
				operationId);
	}

	/**
	 * Strike all keys of an operation.
	 * @param operationId the operation
	 */
	public void strikeAll(UUID operationId) {
		this.jdbc.update("DELETE FROM %s WHERE operation_id = ?".formatted(this.ledger.chunks()), operationId);
	}

	/**
	 * Strike the keys of single rows, which are locked and still carry their tokens.
	 * @param table the table
	 * @param deletionTime the column that carries the tokens
	 * @param rows condition on the row {@code t}
	 */
	public void strike(Table table, Column deletionTime, Sql rows) {
		Sql chunks = chunksOf(table, deletionTime, rows);
		ChunkLocks.lock(this.jdbc, chunks);
		RecordedKeyCheck.require(this.jdbc, table, chunks);
		KeyFormat keys = KeyFormat.of(table);
		List<String> columns = List.of(table.name().toSql(), deletionTime.toSql("t"));
		Sql statement = Sql.of("""
				WITH picked AS MATERIALIZED (
					SELECT %1$s AS dp_token, %2$s FROM %3$s t WHERE %1$s IS NOT NULL AND (
				""".formatted(columns.get(1), table.selectKey("t"), columns.get(0)))
			.add(rows)
			.add("""
					)),
					affected AS MATERIALIZED (
						SELECT c.*, o.token FROM %1$s l JOIN %2$s o ON o.table_id = l.id
						JOIN %3$s c ON c.operation_id = o.id AND c.table_id = l.id
						WHERE l.schema_name = ? AND l.table_name = ? AND l.time_column = ?
						AND o.token IN (SELECT dp_token FROM picked) FOR UPDATE OF c),
					kept AS (
						SELECT operation_id, id, count(*) AS key_count, %4$s AS keys FROM (
							SELECT c.operation_id, c.id, k.* FROM affected c CROSS JOIN %5$s
							WHERE NOT EXISTS (SELECT FROM picked p WHERE p.dp_token = c.token AND (%6$s) = (%7$s))) k
						GROUP BY operation_id, id),
					gone AS (
						DELETE FROM %3$s c USING affected a WHERE c.operation_id = a.operation_id AND c.id = a.id
						AND NOT EXISTS (SELECT FROM kept WHERE kept.operation_id = a.operation_id AND kept.id = a.id))
					UPDATE %3$s c SET %8$s = kept.keys, key_count = kept.key_count FROM kept
					WHERE c.operation_id = kept.operation_id AND c.id = kept.id AND c.key_count <> kept.key_count
					""".formatted(this.ledger.tables(), this.ledger.operations(), this.ledger.chunks(),
					keys.aggregate(table), keys.unnest(table), table.keyAliases("p"), table.keyAliases("k"),
					keys.column()), table.name().schema(), table.name().name(), deletionTime.name());
		statement.update(this.jdbc);
	}

	private Sql chunksOf(Table table, Column deletionTime, Sql rows) {
		return Sql
			.of("""
					FROM %s l JOIN %s o ON o.table_id = l.id JOIN %s c ON c.operation_id = o.id AND c.table_id = l.id
					WHERE l.schema_name = ? AND l.table_name = ? AND l.time_column = ? AND o.token IN (
						SELECT %s FROM %s t WHERE (""".formatted(this.ledger.tables(), this.ledger.operations(),
					this.ledger.chunks(), deletionTime.toSql("t"), table.name().toSql()), table.name().schema(),
					table.name().name(), deletionTime.name())
			.add(rows)
			.add("))");
	}

	/**
	 * What an operation deleted from.
	 *
	 * @param table the table
	 * @param deletionTime the column that carries the deletion time
	 */
	public record Origin(TableName table, String deletionTime) {
	}

}
