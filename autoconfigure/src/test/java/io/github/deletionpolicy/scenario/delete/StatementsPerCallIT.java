package io.github.deletionpolicy.scenario.delete;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.scenario.StatementRecorder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How many statements a call takes once its tables are known. The first statement of each
 * call looks its table up.
 */
class StatementsPerCallIT {

	@RegisterExtension
	private static final Application application = Application.of("""
			CREATE TABLE users (id bigint PRIMARY KEY, deletion_time timestamptz);
			CREATE TABLE customers (id bigint PRIMARY KEY, deletion_time timestamptz);
			CREATE TABLE orders (id bigint PRIMARY KEY, customer bigint REFERENCES customers ON DELETE CASCADE,
				deletion_time timestamptz);
			INSERT INTO users SELECT generate_series(1, 20);
			INSERT INTO customers SELECT generate_series(1, 20);
			INSERT INTO orders SELECT i, i FROM generate_series(1, 20) i""", "deletion-policy.tables.users.mode=soft",
			"deletion-policy.tables.customers.mode=soft", "deletion-policy.tables.orders.mode=soft")
		.with(StatementRecorder.Recording.class);

	private final Map<String, Integer> statements = new LinkedHashMap<>();

	@Test
	void tableIsLookedUpOnce() {
		deletes().from("users").byId(1).execute();
		deletes().from("customers").byId(1).execute();
		count("delete", () -> deletes().from("users").byId(2).execute());
		count("hard delete", () -> deletes().from("users").byId(3).hard().execute());
		count("preview", () -> assertThat(deletes().from("users").byId(4).preview().rows()).isOne());
		count("delete returning", () -> deletes().from("users").byId(4).returning(Map.class).execute());
		count("hard delete returning", () -> deletes().from("users").byId(5).hard().returning(Map.class).execute());
		count("delete of a tree", () -> deletes().from("customers").byId(2).execute());
		UUID user = deletes().from("users").byId(6).execute().operationId();
		count("restore of an operation", () -> deletes().restore(user));
		UUID customer = deletes().from("customers").byId(6).execute().operationId();
		count("restore of a tree", () -> deletes().restore(customer));
		deletes().from("users").byId(7).execute();
		count("restore of a row", () -> deletes().restoreFrom("users").byId(7).execute());
		deletes().from("customers").byId(7).execute();
		count("restore of a root", () -> deletes().restoreFrom("customers").byId(7).execute());
		assertThat(this.statements).isEqualTo(Map.of("delete", 2, "hard delete", 2, "preview", 2, "delete returning", 3,
				"hard delete returning", 2, "delete of a tree", 4, "restore of an operation", 11, "restore of a tree",
				18, "restore of a row", 19, "restore of a root", 29));
	}

	private void count(String call, Runnable work) {
		this.statements.put(call, StatementRecorder.record(work).size());
	}

	private static DeleteOperations deletes() {
		return application.deletes();
	}

}
