package io.github.deletionpolicy.benchmarks.database;

import java.util.List;

/**
 * The product's tables that grow with what is pending. They are found by name, whatever
 * the product keeps in them.
 *
 * @since 0.1
 */
public final class LedgerTables {

	private LedgerTables() {
	}

	/**
	 * List the tables.
	 * @param database where
	 * @return their names
	 */
	public static List<String> names(Database database) {
		return database.jdbc().queryForList("""
				SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
				AND relname LIKE 'deletion\\_%' AND relname NOT IN
				('deletion_table', 'deletion_purge_state', 'deletion_last_run', 'deletion_last_purge',
					'deletion_policy_schema_history') ORDER BY relname
				""", String.class);
	}

	/**
	 * Forget all that is pending.
	 * @param database where
	 */
	public static void clear(Database database) {
		database.run("TRUNCATE " + String.join(", ", names(database)));
	}

	/**
	 * Vacuum, as the server would do by itself in time.
	 * @param database where
	 */
	public static void vacuum(Database database) {
		database.run("VACUUM ANALYZE " + String.join(", ", names(database)));
	}

	/**
	 * Return the size of the tables with their indexes.
	 * @param database where
	 * @return bytes
	 */
	public static long bytes(Database database) {
		return names(database).stream()
			.mapToLong((table) -> database.number("SELECT pg_total_relation_size(CAST(? AS regclass))", table))
			.sum();
	}

}
