package io.github.deletionpolicy.scenario.restore;

import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.RestoreConflictException;
import io.github.deletionpolicy.RestoreResult;
import io.github.deletionpolicy.scenario.TreeTables;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A restore brings a tree back as its delete found it. Customer 2 has the orders 21 and
 * 22, and each order a parcel and a label of the same number.
 */
class TreeRestoreIT {

	private static final Duration LATER = Duration.ofDays(31);

	private static final List<String> ALL_LIVE = List.of("1 2 3 4", "11 12 21 22 31 32 41 42",
			"11 12 21 22 31 32 41 42", "11 12 21 22 31 32 41 42");

	@RegisterExtension
	private static final TreeTables shop = TreeTables.shop("""
			CREATE TABLE accounts (id bigint PRIMARY KEY, deletion_time timestamptz);
			CREATE TABLE transfers (id bigint PRIMARY KEY, source bigint REFERENCES accounts ON DELETE CASCADE,
				target bigint REFERENCES accounts ON DELETE CASCADE, deletion_time timestamptz)""");

	@BeforeEach
	void fourCustomers() {
		shop.resetToFourCustomers();
	}

	@Test
	void anOperationComesBackWithItsDependantsAndIsNotPurged() {
		DeletionResult result = shop.deletes().from("customers").all().execute();
		assertRestored(shop.deletes().restore(result.operationId()), 4, 8, 8);
		assertThat(shop.shopRows()).isEqualTo(ALL_LIVE);
		assertRestored(shop.deletes().restore(result.operationId()), 0, 0, 0);
		assertThat(shop.purgeAfter(LATER).didSomething()).isFalse();
		assertThat(shop.shopRows()).isEqualTo(ALL_LIVE);
	}

	@Test
	void whatHadBeenDeletedBeforeStaysDeletedOnEveryLevel() {
		DeletionResult label = shop.deletes().from("labels").byId(11).soft().execute();
		DeletionResult order = shop.deletes().from("orders").byId(22).execute();
		DeletionResult customer = shop.deletes().from("customers").byId(3).execute();
		DeletionResult all = shop.deletes().from("customers").all().execute();
		assertRestored(shop.deletes().restore(all.operationId()), 3, 5, 4);
		assertThat(shop.shopRows()).containsExactly("1 2 (3) 4", "11 12 21 (22) (31) (32) 41 42",
				"11 12 21 22 31 32 41 42", "(11) 12 21 (22) (31) (32) 41 42");
		assertRestored(shop.deletes().restore(customer.operationId()), 1, 2, 2);
		assertThat(shop.deletes().restore(order.operationId()))
			.isEqualTo(new RestoreResult(1, Map.of("public.labels", 1L)));
		assertThat(shop.deletes().restore(label.operationId())).isEqualTo(new RestoreResult(1, Map.of()));
		assertThat(shop.shopRows()).isEqualTo(ALL_LIVE);
	}

	@Test
	void aRootComesBackAloneWithWhatItTookAlong() {
		shop.deletes().from("labels").byId(22).scheduled(Duration.ofDays(30)).execute();
		shop.deletes().from("customers").all().execute();
		assertRestored(shop.deletes().restoreFrom("customers").byId(2).execute(), 1, 2, 1);
		assertThat(shop.shopRows()).containsExactly("(1) 2 (3) (4)", "(11) (12) 21 22 (31) (32) (41) (42)",
				"11 12 21 22 31 32 41 42", "(11) (12) 21 (22) (31) (32) (41) (42)");
		shop.purgeAfter(LATER);
		assertThat(shop.shopRows()).containsExactly("2", "21 22", "21 22", "21");
	}

	@Test
	void aChildOfALiveParentComesBackWithItsOwnDependants() {
		shop.deletes().from("orders").byIds(List.of(21, 22)).execute();
		RestoreResult restored = shop.deletes().restoreFrom("orders").byId(21).execute();
		assertThat(restored).isEqualTo(new RestoreResult(1, Map.of("public.labels", 1L)));
		assertThat(shop.rows("orders")).isEqualTo("11 12 21 (22) 31 32 41 42");
		assertThat(shop.rows("labels")).isEqualTo("11 12 21 (22) 31 32 41 42");
	}

	@Test
	void aChildOfADeletedParentCannotComeBackByItself() {
		shop.deletes().from("customers").all().execute();
		String before = shop.everything();
		shop.application().transactions().executeWithoutResult((status) -> {
			assertThatExceptionOfType(RestoreConflictException.class)
				.isThrownBy(() -> shop.deletes().restoreFrom("orders").byId(21).execute())
				.withMessageContaining("public.orders")
				.withMessageContaining("public.customers");
			assertThat(shop.everything()).isEqualTo(before);
			shop.application().jdbc().sql("INSERT INTO customers VALUES (5)").update();
		});
		assertThat(shop.rows("customers")).isEqualTo("(1) (2) (3) (4) 5");
	}

	/**
	 * Between the label and its order is a table without a deletion time.
	 */
	@Test
	void aParentIsSoughtThroughTablesWithoutADeletionTime() {
		shop.deletes().from("orders").byId(21).execute();
		assertThatExceptionOfType(RestoreConflictException.class)
			.isThrownBy(() -> shop.deletes().restoreFrom("labels").byId(21).execute())
			.withMessageContaining("public.orders");
		assertThat(shop.rows("labels")).isEqualTo("11 12 (21) 22 31 32 41 42");
	}

	@Test
	void aChildWhoseParentIsMissingCannotComeBackByItself() {
		shop.deletes().from("orders").byIds(List.of(21, 31)).execute();
		shop.sql("SET session_replication_role = replica; DELETE FROM customers WHERE id = 2");
		assertThatExceptionOfType(RestoreConflictException.class)
			.isThrownBy(() -> shop.deletes().restoreFrom("orders").byIds(List.of(21, 31)).execute())
			.withMessageContaining("public.customers");
		assertThat(shop.rows("orders")).isEqualTo("11 12 (21) 22 (31) 32 41 42");
	}

	@Test
	void aChildWithoutAParentComesBack() {
		shop.sql("UPDATE orders SET customer_id = NULL WHERE id = 21");
		shop.deletes().from("orders").byId(21).execute();
		assertThat(shop.deletes().restoreFrom("orders").byId(21).execute().rows()).isOne();
	}

	@Test
	void aUniqueConflictOfADependantNamesConstraintAndKeyAndChangesNothing() {
		DeletionResult result = shop.deletes().from("customers").byIds(List.of(1, 2)).execute();
		shop.sql("INSERT INTO orders (id, customer_id, code) VALUES (99, 4, 'code 22')");
		String before = shop.everything();
		shop.application().transactions().executeWithoutResult((status) -> {
			assertThatExceptionOfType(RestoreConflictException.class)
				.isThrownBy(() -> shop.deletes().restore(result.operationId()))
				.withMessageContaining("orders_code")
				.withMessageContaining("(code)=(code 22)");
			assertThatExceptionOfType(RestoreConflictException.class)
				.isThrownBy(() -> shop.deletes().restoreFrom("customers").byId(2).execute())
				.withMessageContaining("orders_code");
			assertThat(shop.everything()).isEqualTo(before);
		});
		assertThat(shop.deletes().restoreFrom("customers").byId(1).execute().rows()).isOne();
		shop.purgeAfter(LATER);
		assertThat(shop.rows("customers")).isEqualTo("1 3 4");
	}

	/**
	 * The second operation did not mark the transfer, so its restore does not bring it
	 * back either: the first one does, as soon as both accounts are live.
	 */
	@Test
	void aChildOfTwoDeletedParentsWaitsForBoth() {
		twoAccounts();
		DeletionResult one = shop.deletes().from("accounts").byId(1).scheduled(Duration.ofDays(30)).execute();
		DeletionResult two = shop.deletes().from("accounts").byId(2).scheduled(Duration.ofDays(30)).execute();
		assertThat(shop.deletes().restore(one.operationId())).isEqualTo(new RestoreResult(1, Map.of()));
		assertThat(shop.rows("transfers")).isEqualTo("(12)");
		assertThat(shop.deletes().restore(two.operationId())).isEqualTo(new RestoreResult(1, Map.of()));
		assertThat(shop.rows("transfers")).isEqualTo("(12)");
		shop.purgeAfter(LATER);
		assertThat(shop.rows("transfers")).isEqualTo("(12)");
		assertThat(shop.deletes().restore(one.operationId()))
			.isEqualTo(new RestoreResult(0, Map.of("public.transfers", 1L)));
		assertThat(shop.rows("transfers")).isEqualTo("12");
	}

	@Test
	void aChildOfTwoDeletedParentsComesBackWithTheOneThatTookItAlong() {
		twoAccounts();
		DeletionResult one = shop.deletes().from("accounts").byId(1).scheduled(Duration.ofDays(30)).execute();
		DeletionResult two = shop.deletes().from("accounts").byId(2).scheduled(Duration.ofDays(30)).execute();
		assertThat(shop.deletes().restore(two.operationId())).isEqualTo(new RestoreResult(1, Map.of()));
		assertThat(shop.deletes().restore(one.operationId()))
			.isEqualTo(new RestoreResult(1, Map.of("public.transfers", 1L)));
		assertThat(shop.rows("transfers")).isEqualTo("12");
	}

	@Test
	void aChildOfTwoParentsOfOneOperationWaitsForTheSecond() {
		twoAccounts();
		DeletionResult both = shop.deletes().from("accounts").all().soft().execute();
		assertThat(shop.deletes().restoreFrom("accounts").byId(1).execute()).isEqualTo(new RestoreResult(1, Map.of()));
		assertThat(shop.rows("transfers")).isEqualTo("(12)");
		assertThat(shop.deletes().restore(both.operationId()))
			.isEqualTo(new RestoreResult(1, Map.of("public.transfers", 1L)));
	}

	@Test
	void aRootThatWasMarkedAnewStaysWithItsTree() {
		DeletionResult first = shop.deletes().from("customers").all().execute();
		shop.sql("UPDATE customers SET deletion_time = clock_timestamp() WHERE id = 2");
		shop.deletes().from("customers").byId(3).soft().includingDeleted().execute();
		assertRestored(shop.deletes().restore(first.operationId()), 2, 4, 4);
		assertThat(shop.shopRows()).containsExactly("1 (2) (3) 4", "11 12 (21) (22) (31) (32) 41 42",
				"11 12 21 22 31 32 41 42", "11 12 (21) (22) (31) (32) 41 42");
	}

	/**
	 * The label would be live below an order that is not.
	 */
	@Test
	void aMiddleRowThatWasMarkedAnewKeepsWhatIsBelowIt() {
		DeletionResult result = shop.deletes().from("customers").byId(2).execute();
		shop.sql("UPDATE orders SET deletion_time = clock_timestamp() WHERE id = 21");
		assertRestored(shop.deletes().restore(result.operationId()), 1, 1, 1);
		assertThat(shop.rows("orders")).isEqualTo("11 12 (21) 22 31 32 41 42");
		assertThat(shop.rows("labels")).isEqualTo("11 12 (21) 22 31 32 41 42");
	}

	@Test
	void treesWithinOneTableComeBackWhole() {
		shop.sql("""
				CREATE TABLE category (id bigint PRIMARY KEY, parent_id bigint REFERENCES category ON DELETE CASCADE,
					deletion_time timestamptz);
				INSERT INTO category VALUES (1, NULL), (11, 1), (12, 1), (111, 11), (121, 12), (2, NULL)""");
		shop.deletes().from("category").byId(12).soft().execute();
		DeletionResult result = shop.deletes().from("category").all().soft().execute();
		assertThat(result.rows() + result.cascaded().getOrDefault("public.category", 0L)).isEqualTo(4);
		RestoreResult restored = shop.deletes().restore(result.operationId());
		assertThat(restored.rows() + restored.cascaded().getOrDefault("public.category", 0L)).isEqualTo(4);
		assertThat(shop.rows("category")).isEqualTo("1 11 111 (12) (121) 2");
	}

	@Test
	void aRestoreThatIsRolledBackLeavesThePurge() {
		DeletionResult result = shop.deletes().from("customers").byId(2).execute();
		shop.application().transactions().executeWithoutResult((status) -> {
			assertThat(shop.deletes().restore(result.operationId()).rows()).isOne();
			status.setRollbackOnly();
		});
		shop.purgeAfter(LATER);
		assertThat(shop.shopRows()).containsExactly("1 3 4", "11 12 31 32 41 42", "11 12 31 32 41 42",
				"11 12 31 32 41 42");
	}

	@Test
	void aStaleSaveAfterARestoreDoesNotLeadToAPurge() {
		DeletionResult result = shop.deletes().from("customers").byIds(List.of(1, 2)).execute();
		shop.deletes().restoreFrom("customers").byId(1).execute();
		shop.deletes().restore(result.operationId());
		for (String table : List.of("customers", "orders", "labels")) {
			shop.application()
				.jdbc()
				.sql("UPDATE %s SET deletion_time = ? WHERE left(CAST(id AS text), 1) IN ('1', '2')".formatted(table))
				.param(OffsetDateTime.ofInstant(result.deletionTime(), ZoneOffset.UTC))
				.update();
		}
		assertThat(shop.purgeAfter(Duration.ofDays(365)).total()).isZero();
		assertThat(shop.rows("labels")).isEqualTo("(11) (12) (21) (22) 31 32 41 42");
	}

	@Test
	void aTreeThatIsPurgedCannotComeBack() {
		DeletionResult result = shop.deletes().from("customers").byId(2).execute();
		shop.purgeAfter(LATER);
		assertThatExceptionOfType(RestoreConflictException.class)
			.isThrownBy(() -> shop.deletes().restore(result.operationId()));
	}

	@Test
	void aParentThatIsBeingDeletedWaitsForTheRestoreOfItsChildAndTakesItAlong() {
		shop.deletes().from("orders").byId(21).execute();
		var delete = new AtomicReference<CompletableFuture<DeletionResult>>();
		shop.application().transactions().executeWithoutResult((status) -> {
			shop.deletes().restoreFrom("orders").byId(21).execute();
			delete.set(CompletableFuture.supplyAsync(() -> shop.deletes().from("customers").byId(2).execute()));
			shop.application().awaitLockWaiter();
		});
		assertThat(delete.get().join().cascaded()).isEqualTo(Map.of("public.orders", 2L, "public.labels", 2L));
		assertThat(shop.rows("orders")).isEqualTo("11 12 (21) (22) 31 32 41 42");
	}

	@RepeatedTest(20)
	void aRestoreAndAPurgeThatStartTogetherEndInOneOfTheirTwoStates() {
		DeletionResult result = shop.deletes().from("customers").byId(2).scheduled(Duration.ZERO).execute();
		CompletableFuture<Long> restore = CompletableFuture.supplyAsync(() -> {
			try {
				return shop.deletes().restore(result.operationId()).rows();
			}
			catch (RestoreConflictException ex) {
				return 0L;
			}
		});
		long purged = shop.application().purges().runDue().total();
		if (restore.join() == 1) {
			assertThat(purged).isZero();
			assertThat(shop.shopRows()).isEqualTo(ALL_LIVE);
		}
		else {
			assertThat(purged).isEqualTo(5);
			assertThat(shop.shopRows()).containsExactly("1 3 4", "11 12 31 32 41 42", "11 12 31 32 41 42",
					"11 12 31 32 41 42");
		}
	}

	private static void twoAccounts() {
		shop.sql("INSERT INTO accounts VALUES (1), (2); INSERT INTO transfers VALUES (12, 1, 2)");
	}

	private static void assertRestored(RestoreResult result, long customers, long orders, long labels) {
		assertThat(result.rows()).isEqualTo(customers);
		assertThat(result.cascaded().getOrDefault("public.orders", 0L)).isEqualTo(orders);
		assertThat(result.cascaded().getOrDefault("public.labels", 0L)).isEqualTo(labels);
	}

}
