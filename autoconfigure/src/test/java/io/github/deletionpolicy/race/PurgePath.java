package io.github.deletionpolicy.race;

import java.time.Duration;
import java.util.List;

import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.scenario.Application;

/**
 * A way that a purge takes, and the row on it that others are after.
 */
enum PurgePath {

	/** All in one statement, which takes one chunk of several rows. */
	OPTIMISTIC("users", 2, "WITH first AS MATERIALIZED", "SELECT current_setting('deletion_policy.claim'") {

		@Override
		DeletionResult delete(Application application) {
			return ofThree(application);
		}

	},

	/** All in one statement, which takes many chunks of one row each. */
	OPTIMISTIC_MANY("users", 2, "WITH edge AS MATERIALIZED", "SELECT current_setting('deletion_policy.claim'") {

		@Override
		DeletionResult delete(Application application) {
			return List.of(1, 2, 3)
				.stream()
				.map((id) -> application.deletes().from("users").byId(id).execute())
				.toList()
				.get(1);
		}

	},

	/**
	 * Step by step, since a batch before had a row that is held.
	 */
	CAREFUL("users", 2, "DELETE FROM \"public\".\"users\" AS t USING (SELECT c.operation_id",
			"SET CONSTRAINTS ALL IMMEDIATE") {

		@Override
		DeletionResult delete(Application application) {
			application.jdbc().sql("UPDATE users SET held = true WHERE id = 8").update();
			application.deletes().from("users").byId(8).scheduled(Duration.ZERO).execute();
			return ofThree(application);
		}

	},

	/** With the rows that they cascade to; others are after a row that was asked for. */
	TREE("customers", 2, "WITH RECURSIVE dp_top", "SELECT d.dp_k1 FROM ROWS FROM (") {

		@Override
		DeletionResult delete(Application application) {
			return ofThree(application);
		}

	},

	/** With the rows that they cascade to; others are after one of these. */
	BELOW("orders", 21, "WITH RECURSIVE dp_top", "SELECT d.dp_k1 FROM ROWS FROM (") {

		@Override
		DeletionResult delete(Application application) {
			return application.deletes().from("customers").byIds(List.of(1, 2, 3)).execute();
		}

	};

	/**
	 * What the statement is like in which a purge of trees locks what is below roots.
	 */
	static final String LOCKS = "%WITH RECURSIVE dp_top%FOR UPDATE OF t SKIP LOCKED%";

	/**
	 * What the statement is like in which it looks for what must stay, and deletes.
	 */
	static final String DELETES = "%WITH RECURSIVE dp_top%DELETE FROM%";

	/**
	 * The table of the row.
	 */
	final String table;

	/**
	 * The id of the row.
	 */
	final long id;

	/**
	 * How the statement begins that removes it.
	 */
	final String statement;

	/**
	 * How the statement begins after which listeners are notified.
	 */
	final String before;

	PurgePath(String table, long id, String statement, String before) {
		this.table = table;
		this.id = id;
		this.statement = statement;
		this.before = before;
	}

	/**
	 * Delete three rows, which are due at once.
	 * @return the delete that took the row
	 */
	abstract DeletionResult delete(Application application);

	DeletionResult ofThree(Application application) {
		return application.deletes().from(this.table).byIds(List.of(1, 2, 3)).execute();
	}

	boolean isFlat() {
		return this.table.equals("users");
	}

	/**
	 * Return the three rows and those that they cascade to.
	 */
	List<String> all() {
		return isFlat() ? List.of("users 1", "users 2", "users 3")
				: List.of("customers 1", "customers 2", "customers 3", "orders 11", "orders 21", "orders 31");
	}

	/**
	 * Return all of them that have nothing to do with the row.
	 */
	List<String> neighbours() {
		return all().stream().filter((row) -> !row.endsWith(" 2") && !row.endsWith(" 21")).toList();
	}

	/**
	 * Return the row and what goes with it.
	 */
	List<String> raced() {
		return all().stream().filter((row) -> row.endsWith(" 2") || row.endsWith(" 21")).toList();
	}

}
