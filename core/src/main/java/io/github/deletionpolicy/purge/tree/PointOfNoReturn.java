package io.github.deletionpolicy.purge.tree;

import java.time.Instant;
import java.util.UUID;

import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.KeyFormat;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.purge.batch.ChunkRef;
import io.github.deletionpolicy.sql.Instants;
import io.github.deletionpolicy.sql.Sql;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * The point beyond which a tree that is purged in several transactions is not restored,
 * and what of other operations may go with it.
 *
 * @since 0.1
 */
public class PointOfNoReturn {

	private final JdbcOperations jdbc;

	private final LedgerTables ledger;

	/**
	 * Create the view.
	 * @param jdbc runs the statements, in the worker's transaction
	 * @param ledger the tables
	 */
	public PointOfNoReturn(JdbcOperations jdbc, LedgerTables ledger) {
		this.jdbc = jdbc;
		this.ledger = ledger;
	}

	/**
	 * Return whether the tree below the only row of a chunk is being purged in several
	 * transactions. It stays so, and keeps restores out.
	 * @param chunk the chunk
	 * @return whether the first of them has committed
	 */
	public boolean isPast(ChunkRef chunk) {
		return !this.jdbc
			.queryForList("SELECT 1 FROM %s WHERE operation_id = ? AND id = ? AND purging_since IS NOT NULL"
				.formatted(this.ledger.chunks()), chunk.operationId(), chunk.id())
			.isEmpty();
	}

	/**
	 * Keep restores out of an operation until the transaction ends.
	 * @param operationId the operation
	 * @return whether that was possible without waiting
	 */
	public boolean lock(UUID operationId) {
		return !this.jdbc
			.queryForList("SELECT 1 FROM %s WHERE id = ? FOR UPDATE SKIP LOCKED".formatted(this.ledger.operations()),
					operationId)
			.isEmpty();
	}

	/**
	 * Note that the first rows of a tree go, and others will follow.
	 * @param chunk the chunk of its root, claimed; its operation is locked
	 */
	public void pass(ChunkRef chunk) {
		this.jdbc.update("UPDATE %s SET purging_since = clock_timestamp() WHERE operation_id = ? AND id = ?"
			.formatted(this.ledger.chunks()), chunk.operationId(), chunk.id());
	}

	/**
	 * Return the tokens that were taken over from others, among those of rows. Dependants
	 * may carry the same without having gone along.
	 * @param roots a relation with the column {@code dp_token}
	 * @return a query of {@code dp_token}
	 */
	public String adoptedTokens(String roots) {
		return "SELECT DISTINCT r.dp_token FROM %s r JOIN %s ol ON true JOIN %s o ON o.table_id = ol.id AND o.token = r.dp_token WHERE o.format = %d"
			.formatted(roots, this.ledger.tables(), this.ledger.operations(), LedgerTables.ADOPTED);
	}

	/**
	 * Return the operation, as a scalar sub-select, that deleted a row by itself and is
	 * due.
	 * @param table the table of the row {@code t}
	 * @param deletionTime the column that carries its token
	 * @param now what is due by then
	 * @param knowsHold whether this node knows the hold condition of the table, if there
	 * is one
	 * @return the sub-select; null where there is no such operation
	 */
	public Sql dueOperationOf(Table table, Column deletionTime, Instant now, boolean knowsHold) {
		return Sql.of("""
				(SELECT o.id FROM %1$s l JOIN %1$s ol ON true JOIN %2$s o ON o.table_id = ol.id AND o.token = %3$s
				JOIN %4$s c ON c.operation_id = o.id AND c.table_id = l.id AND %5$s
				WHERE l.schema_name = ? AND l.table_name = ? AND l.time_column = ?
				AND o.mode = 'SCHEDULED' AND o.purge_at <= ? AND %6$s LIMIT 1)""".formatted(this.ledger.tables(),
				this.ledger.operations(), deletionTime.toSql("t"), this.ledger.chunks(),
				KeyFormat.of(table).holdsKeyOf(table), knowsHold ? "true" : "NOT c.hold"), table.name().schema(),
				table.name().name(), deletionTime.name(), Instants.parameter(now));
	}

}
