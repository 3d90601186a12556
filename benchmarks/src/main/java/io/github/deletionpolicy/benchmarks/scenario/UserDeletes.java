package io.github.deletionpolicy.benchmarks.scenario;

import java.util.LinkedHashMap;
import java.util.Map;

import io.github.deletionpolicy.benchmarks.database.Database;

/**
 * What an application would write by hand to mark rows of {@code users} as deleted.
 */
final class UserDeletes {

	private static final String MARK_ALL = "UPDATE users SET deletion_time = (SELECT clock_timestamp()) WHERE deletion_time IS NULL";

	private static final String MARK_ONE = "UPDATE users SET deletion_time = clock_timestamp() WHERE id = ? AND deletion_time IS NULL";

	private UserDeletes() {
	}

	/**
	 * Mark all live rows.
	 */
	static void markAll(Database database) {
		database.client().sql(MARK_ALL).update();
	}

	/**
	 * Mark all live rows and read back what a job for each of them needs.
	 */
	static Map<Long, String> markAllReturning(Database database) {
		return read(database, MARK_ALL + " RETURNING id, CAST(deletion_time AS text)");
	}

	/**
	 * Mark one row.
	 */
	static void mark(Database database, long id) {
		if (database.client().sql(MARK_ONE).param(id).update() != 1) {
			throw new IllegalStateException("Row %d was not marked".formatted(id));
		}
	}

	/**
	 * Mark one row and read back its token.
	 */
	static String markReturning(Database database, long id) {
		return database.client()
			.sql(MARK_ONE + " RETURNING CAST(deletion_time AS text)")
			.param(id)
			.query(String.class)
			.single();
	}

	/**
	 * Read what a job for each marked row needs.
	 */
	static Map<Long, String> tokens(Database database) {
		return read(database, "SELECT id, CAST(deletion_time AS text) FROM users ORDER BY id");
	}

	private static Map<Long, String> read(Database database, String sql) {
		Map<Long, String> tokens = new LinkedHashMap<>();
		database.jdbc().query(sql, (row) -> {
			tokens.put(row.getLong(1), row.getString(2));
		});
		return tokens;
	}

}
