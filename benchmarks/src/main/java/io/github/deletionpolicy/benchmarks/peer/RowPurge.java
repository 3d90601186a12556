package io.github.deletionpolicy.benchmarks.peer;

import io.github.deletionpolicy.benchmarks.database.Database;

/**
 * What a job or task for one row does.
 */
final class RowPurge {

	private RowPurge() {
	}

	static void purge(Database database, long id, String token) {
		database.client()
			.sql("DELETE FROM users WHERE id = ? AND deletion_time = CAST(? AS timestamptz)")
			.param(id)
			.param(token)
			.update();
	}

}
