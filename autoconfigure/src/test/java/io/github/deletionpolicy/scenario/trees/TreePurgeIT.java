package io.github.deletionpolicy.scenario.trees;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.PendingPurges.PendingPurge;
import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.purge.PurgeReport;
import io.github.deletionpolicy.scenario.TreeTables;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Histories between a delete and its purge after which something must stay. All four
 * customers are deleted for a month; only customer 2 is special, and the other trees must
 * go in the first run. Customer 2 has the orders 21 and 22, and each order a parcel and a
 * label of the same number.
 */
class TreePurgeIT {

	private static final Duration FIRST_RUN = Duration.ofDays(31);

	/** When back-off and every delay here are over. */
	private static final Duration LAST_RUN = Duration.ofDays(365);

	@RegisterExtension
	private static final TreeTables shop = TreeTables.shop("""
			CREATE TABLE accounts (id bigint PRIMARY KEY, deletion_time timestamptz);
			CREATE TABLE transfers (id bigint PRIMARY KEY, source bigint REFERENCES accounts ON DELETE CASCADE,
				target bigint REFERENCES accounts ON DELETE CASCADE, deletion_time timestamptz)""");

	private UUID operation;

	@BeforeEach
	void fourCustomersAreThere() {
		shop.resetToFourCustomers();
	}

	/**
	 * Whichever table the live row is in, nothing that it hangs on may go.
	 */
	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			INSERT INTO orders VALUES (23, 2)                     | (2) | 23   | '' | ''
			INSERT INTO labels VALUES (23, 21)                    | (2) | (21) | 21 | 23
			UPDATE orders SET deletion_time = NULL WHERE id = 21  | (2) | 21   | 21 | ''
			UPDATE labels SET deletion_time = NULL WHERE id = 21  | (2) | (21) | 21 | 21
			UPDATE labels SET deletion_time = now() WHERE id = 21 | (2) | (21) | 21 | (21)
			""")
	void aRowThatMustStayKeepsAllThatItHangsOn(String change, String customer, String order, String parcel,
			String label) {
		customersAreDeleted();
		shop.sql(change);
		PurgeReport report = shop.purgeAfter(FIRST_RUN);
		assertThat(shop.rows("customers")).isEqualTo(customer);
		assertThat(shop.rows("orders").split(" ")).contains(order);
		assertThat(shop.rows("parcels")).contains(parcel);
		assertThat(shop.rows("labels")).contains(label);
		assertThatTheNeighboursAreGone();
		assertThat(report.blocked()).isPositive();
		assertThat(shop.state("customers", 2)).isEqualTo(State.BLOCKED);
		shop.sql("DELETE FROM orders WHERE deletion_time IS NULL");
		shop.sql(
				"DELETE FROM labels WHERE deletion_time IS NULL OR deletion_time NOT IN (SELECT deletion_time FROM customers)");
		shop.purgeAfter(LAST_RUN);
		assertThatEverythingIsGone();
	}

	@Test
	void aChildThatIsDeletedAgainFreesItsParent() {
		customersAreDeleted();
		shop.sql("UPDATE orders SET deletion_time = NULL WHERE id = 21");
		shop.purgeAfter(FIRST_RUN);
		assertThat(shop.rows("customers")).isEqualTo("(2)");
		shop.deletes().from("orders").byId(21).execute();
		shop.purgeAfter(LAST_RUN);
		assertThatEverythingIsGone();
	}

	/**
	 * The delete of its order cascaded to the label. The order is live again, so the
	 * label no longer hangs on a row that goes.
	 */
	@Test
	void whatHangsBelowALiveRowStaysDeletedAndIsNotRemoved() {
		customersAreDeleted();
		shop.sql("UPDATE orders SET deletion_time = NULL WHERE id = 21");
		shop.purgeAfter(FIRST_RUN);
		shop.purgeAfter(LAST_RUN);
		assertThat(shop.rows("labels").split(" ")).contains("(21)");
		assertThat(shop.rows("parcels")).contains("21");
	}

	@Test
	void aHeldChildKeepsItsParentUntilItIsReleased() {
		customersAreDeleted();
		shop.sql("UPDATE orders SET legal_hold = true WHERE id = 21");
		PurgeReport report = shop.purgeAfter(FIRST_RUN);
		assertThat(shop.rows("customers")).isEqualTo("(2)");
		assertThat(shop.rows("orders").split(" ")).contains("(21)");
		assertThatTheNeighboursAreGone();
		assertThat(report.held() + report.blocked()).isPositive();
		assertThat(shop.state("customers", 2)).isIn(State.HELD, State.BLOCKED);
		shop.sql("UPDATE orders SET legal_hold = false");
		shop.application().pending().retry(this.operation);
		shop.purgeAfter(FIRST_RUN);
		assertThatEverythingIsGone();
	}

	@Test
	void aChildThatWasDeletedEarlierAndIsDueLaterKeepsItsParentUntilThen() {
		shop.execute(shop.deletes().from("orders").byId(21).scheduled(Duration.ofDays(60)));
		customersAreDeleted();
		shop.purgeAfter(FIRST_RUN);
		assertThat(shop.rows("customers")).isEqualTo("(2)");
		assertThat(shop.rows("orders").split(" ")).contains("(21)");
		assertThat(shop.rows("labels").split(" ")).contains("(21)");
		assertThatTheNeighboursAreGone();
		assertThat(shop.state("customers", 2)).isEqualTo(State.BLOCKED);
		shop.purgeAfter(Duration.ofDays(61));
		assertThatEverythingIsGone();
	}

	/**
	 * Both in the first run, without waiting for the next attempt.
	 */
	@ParameterizedTest
	@ValueSource(ints = { 0, 5, 30 })
	void aChildThatWasDeletedEarlierAndIsDueTooGoesWithItsParent(int days) {
		shop.execute(shop.deletes().from("labels").byId(11).scheduled(Duration.ofDays(days)));
		shop.execute(shop.deletes().from("orders").byId(21).scheduled(Duration.ofDays(days)));
		customersAreDeleted();
		shop.purgeAfter(FIRST_RUN);
		assertThatEverythingIsGone();
	}

	@Test
	void aChildThatWasDeletedEarlierForGoodKeepsItsParentForEver() {
		DeletionResult soft = shop.execute(shop.deletes().from("labels").byId(21).soft());
		customersAreDeleted();
		shop.purgeAfter(FIRST_RUN);
		assertThatTheNeighboursAreGone();
		shop.purgeAfter(LAST_RUN);
		assertThat(shop.rows("customers")).isEqualTo("(2)");
		assertThat(shop.rows("orders")).isEqualTo("(21) (22)");
		assertThat(shop.rows("labels")).isEqualTo("(21) (22)");
		assertThat(shop.application().deletionTime("labels", 21)).isEqualTo(soft.deletionTime());
	}

	/**
	 * An earlier delete that is cancelled is a soft one from then on.
	 */
	@Test
	void aChildWhosePurgeWasCancelledKeepsItsParent() {
		DeletionResult order = shop.execute(shop.deletes().from("orders").byId(21).scheduled(Duration.ofDays(5)));
		customersAreDeleted();
		shop.application().pending().cancel(order.operationId());
		shop.purgeAfter(FIRST_RUN);
		assertThat(shop.rows("customers")).isEqualTo("(2)");
		assertThat(shop.rows("orders").split(" ")).contains("(21)");
		assertThatTheNeighboursAreGone();
	}

	@Test
	void aRootThatWasRestoredByHandKeepsItsDependantsOnRecord() {
		customersAreDeleted();
		shop.sql("UPDATE customers SET deletion_time = NULL WHERE id = 2");
		shop.purgeAfter(FIRST_RUN);
		assertThat(shop.shopRows()).containsExactly("2", "(21) (22)", "21 22", "(21) (22)");
		assertThat(shop.purgeAfter(LAST_RUN).total()).isZero();
		assertThat(shop.shopRows()).containsExactly("2", "(21) (22)", "21 22", "(21) (22)");
		assertThat(shop.deletes().restore(this.operation).cascaded())
			.isEqualTo(Map.of("public.orders", 2L, "public.labels", 2L));
		assertThat(shop.shopRows()).containsExactly("2", "21 22", "21 22", "21 22");
	}

	@Test
	void aChildThatWasMovedToALiveParentStaysDeletedAndCanBeRestored() {
		shop.sql("INSERT INTO customers VALUES (5)");
		customersAreDeleted(1, 2, 3, 4);
		shop.sql("UPDATE orders SET customer_id = 5 WHERE id = 21");
		shop.purgeAfter(FIRST_RUN);
		assertThat(shop.shopRows()).containsExactly("5", "(21)", "21", "(21)");
		assertThat(shop.application().pending().forRow("orders", 21).map(PendingPurge::purgeAt)).isEmpty();
		assertThat(shop.purgeAfter(LAST_RUN).total()).isZero();
		assertThat(shop.deletes().restore(this.operation).cascaded())
			.isEqualTo(Map.of("public.orders", 1L, "public.labels", 1L));
		assertThat(shop.shopRows()).containsExactly("5", "21", "21", "21");
	}

	/**
	 * It hangs on a tree that goes now; its deletion time is that of another operation,
	 * whose purge is not due.
	 */
	@Test
	void aChildThatWasMovedToATreeThatGoesEarlierProtectsIt() {
		customersAreDeleted(1, 3, 4);
		shop.execute(shop.deletes().from("customers").byId(2).scheduled(Duration.ofDays(60)));
		shop.sql("UPDATE orders SET customer_id = 1 WHERE id = 21");
		shop.purgeAfter(FIRST_RUN);
		assertThat(shop.rows("customers")).isEqualTo("(1) (2)");
		assertThat(shop.rows("orders").split(" ")).contains("(21)", "(22)");
	}

	@Test
	void aRootThatWasMarkedAnewByHandIsLeftAloneWithItsTree() {
		customersAreDeleted();
		shop.sql("UPDATE customers SET deletion_time = clock_timestamp() WHERE id = 2");
		shop.purgeAfter(FIRST_RUN);
		shop.purgeAfter(LAST_RUN);
		assertThat(shop.shopRows()).containsExactly("(2)", "(21) (22)", "21 22", "(21) (22)");
	}

	/**
	 * The delete of either account cascaded to the transfer. It refers to no live row
	 * that it could protect, and goes with the one that goes.
	 */
	@Test
	void aChildOfTwoParentsGoesWithTheOneThatIsStillDeleted() {
		threeAccounts();
		DeletionResult result = shop.execute(shop.deletes().from("accounts").all().scheduled(Duration.ofDays(30)));
		assertThat(result.cascaded()).isEqualTo(Map.of("public.transfers", 3L));
		shop.sql("UPDATE accounts SET deletion_time = NULL WHERE id = 2");
		shop.purgeAfter(FIRST_RUN);
		assertThat(shop.rows("accounts")).isEqualTo("2");
		assertThat(shop.rows("transfers")).isEmpty();
	}

	@Test
	void aLiveChildOfTwoParentsProtectsBoth() {
		threeAccounts();
		shop.execute(shop.deletes().from("accounts").all().scheduled(Duration.ofDays(30)));
		shop.sql("UPDATE transfers SET deletion_time = NULL WHERE id = 12");
		shop.purgeAfter(FIRST_RUN);
		assertThat(shop.rows("accounts")).isEqualTo("(1) (2)");
		assertThat(shop.rows("transfers").split(" ")).contains("12").doesNotContain("(33)");
	}

	@Test
	void listenersAreToldTableByTableWithTheOperationAndItsDeletionTime() {
		DeletionResult result = customersAreDeleted();
		shop.whenTold((rows) -> {
			assertThat(rows.operationId()).isEqualTo(result.operationId());
			assertThat(rows.deletionTime()).isEqualTo(result.deletionTime());
		});
		assertThat(shop.purgeAfter(FIRST_RUN).failed()).isZero();
		assertThat(shop.told()).hasSize(20).contains("public.customers 2", "public.orders 21", "public.labels 21");
		assertThatEverythingIsGone();
	}

	@Test
	void aChildThatGoesAlongIsToldWithTheOperationThatDeletedIt() {
		DeletionResult order = shop.execute(shop.deletes().from("orders").byId(21).scheduled(Duration.ofDays(30)));
		DeletionResult customers = customersAreDeleted();
		shop.whenTold((rows) -> assertThat(rows.operationId())
			.isEqualTo((rows.keys().contains(21L)) ? order.operationId() : customers.operationId()));
		assertThat(shop.purgeAfter(FIRST_RUN).failed()).isZero();
		assertThatEverythingIsGone();
	}

	private DeletionResult customersAreDeleted(Object... ids) {
		DeletionResult result = (ids.length == 0) ? shop.execute(shop.deletes().from("customers").all())
				: shop.execute(shop.deletes().from("customers").byIds(List.of(ids)));
		this.operation = result.operationId();
		return result;
	}

	private static void threeAccounts() {
		shop.sql(
				"INSERT INTO accounts VALUES (1), (2), (3); INSERT INTO transfers VALUES (12, 1, 2), (21, 2, 1), (33, 3, 3)");
	}

	private static void assertThatTheNeighboursAreGone() {
		for (String table : List.of("customers", "orders", "parcels", "labels")) {
			assertThat(shop.number("SELECT count(*) FROM %s WHERE left(CAST(id AS text), 1) <> '2'".formatted(table)))
				.as(table)
				.isZero();
		}
	}

	private static void assertThatEverythingIsGone() {
		assertThat(shop.shopRows()).containsOnly("");
		assertThat(shop.application().chunks()).isZero();
	}

}
