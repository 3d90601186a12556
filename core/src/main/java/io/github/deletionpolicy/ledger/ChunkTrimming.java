package io.github.deletionpolicy.ledger;

import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.sql.Sql;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Strikes keys from chunks, and chunks of which none is left.
 */
public final class ChunkTrimming {

	private ChunkTrimming() {
	}

	/**
	 * Keep the keys for which a condition holds.
	 * @param jdbc runs the statement
	 * @param ledger where the ledger's tables are
	 * @param table the table of the keys
	 * @param chunks condition on the chunks {@code c}, which are locked
	 * @param condition condition on the key {@code k} of the chunk {@code c}, which has
	 * the token of its operation too
	 */
	public static void keep(JdbcOperations jdbc, LedgerTables ledger, Table table, Sql chunks, Sql condition) {
		KeyFormat keys = KeyFormat.of(table);
		Sql.of("""
				WITH affected AS MATERIALIZED (
					SELECT c.*, o.token FROM %s c JOIN %s o ON o.id = c.operation_id WHERE
				""".formatted(ledger.chunks(), ledger.operations())).add(chunks).add("""
				), kept AS MATERIALIZED (
					SELECT operation_id, id, count(*) AS key_count, %s AS keys FROM (
						SELECT c.operation_id, c.id, k.* FROM affected c CROSS JOIN %s WHERE
				""".formatted(keys.aggregate(table), keys.unnest(table))).add(condition).add("""
				) k GROUP BY operation_id, id),
				gone AS (
					DELETE FROM %1$s c USING affected a WHERE c.operation_id = a.operation_id AND c.id = a.id
					AND NOT EXISTS (SELECT FROM kept WHERE kept.operation_id = a.operation_id AND kept.id = a.id))
				UPDATE %1$s c SET %2$s = kept.keys, key_count = kept.key_count FROM kept
				WHERE c.operation_id = kept.operation_id AND c.id = kept.id AND c.key_count <> kept.key_count
				""".formatted(ledger.chunks(), keys.column())).update(jdbc);
	}

}
