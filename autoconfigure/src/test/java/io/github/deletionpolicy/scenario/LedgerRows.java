package io.github.deletionpolicy.scenario;

import io.github.deletionpolicy.support.TestDatabase;

/**
 * Fills the ledger by SQL with what deletes would have written, in less time.
 */
public final class LedgerRows {

	private LedgerRows() {
	}

	/**
	 * Record deletes of yesterday from the only table that the ledger knows. The lists of
	 * keys are short, to save time.
	 * @param from number of the first delete, which makes tokens and keys differ
	 * @param count how many deletes
	 * @param delay after which they are due
	 * @param chunks chunks of each delete; if it is one, its key is the number of the
	 * delete
	 * @param keyCount keys that each chunk says it has
	 */
	public static void addDeletes(TestDatabase database, long from, int count, String delay, int chunks, int keyCount) {
		database.execute(
				"""
						WITH t AS MATERIALIZED (
							SELECT n, gen_random_uuid() AS id, l.id AS table_id, interval '%3$s' AS delay,
								date_trunc('day', now()) - interval '1 day' + n * interval '1 microsecond' AS token
							FROM deletion_table l CROSS JOIN generate_series(CAST(%1$d AS bigint), %1$d + %2$d - 1) n),
						o AS (
							INSERT INTO deletion_operation (id, token, purge_at, table_id, format, mode, source, delay)
							SELECT id, token, token + delay, table_id, 1, 'SCHEDULED', 'TABLE', delay FROM t)
						INSERT INTO deletion_chunk (operation_id, next_attempt, table_id, key_count, keys_bigint)
						SELECT id, token + delay, table_id, %5$d, ARRAY[n * %4$d + c - 1] FROM t CROSS JOIN generate_series(1, %4$d) c"""
					.formatted(from, count, delay, chunks, keyCount));
	}

}
