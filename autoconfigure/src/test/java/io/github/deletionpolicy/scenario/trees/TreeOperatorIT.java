package io.github.deletionpolicy.scenario.trees;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.PendingPurges.PendingPurge;
import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.PendingPurges.TableSummary;
import io.github.deletionpolicy.scenario.TreeTables;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

/**
 * What an operator sees of trees that wait for their purge, and can do about them.
 * Customer 2 has the orders 21 and 22, and each order a parcel and a label of the same
 * number.
 */
class TreeOperatorIT {

	private static final Duration LATER = Duration.ofDays(31);

	private static final List<String> WITHOUT_CUSTOMER_2 = List.of("1 3 4", "11 12 31 32 41 42", "11 12 31 32 41 42",
			"11 12 31 32 41 42");

	@RegisterExtension
	private static final TreeTables shop = TreeTables.shop();

	@BeforeEach
	void fourCustomers() {
		shop.resetToFourCustomers();
	}

	@Test
	void aTreeCanBeMadeDueNow() {
		DeletionResult result = shop.deletes().from("customers").byId(2).execute();
		shop.deletes().from("customers").byId(3).execute();
		assertThat(shop.purgeAfter(Duration.ZERO).didSomething()).isFalse();
		shop.application().pending().purgeNow(result.operationId());
		shop.purgeAfter(Duration.ZERO);
		assertThat(shop.shopRows()).containsExactly("1 (3) 4", "11 12 (31) (32) 41 42", "11 12 31 32 41 42",
				"11 12 (31) (32) 41 42");
	}

	/**
	 * Held and live rows stay whatever an operator says.
	 */
	@Test
	void aTreeThatIsMadeDueNowIsStillKeptByWhatMustStay() {
		DeletionResult result = shop.deletes().from("customers").all().execute();
		shop.sql("UPDATE orders SET legal_hold = true WHERE id = 11; INSERT INTO orders VALUES (23, 2)");
		shop.application().pending().purgeNow(result.operationId());
		shop.purgeAfter(Duration.ZERO);
		assertThat(shop.rows("customers")).isEqualTo("(1) (2)");
		assertThat(shop.rows("orders").split(" ")).contains("(11)", "23");
	}

	@Test
	void aTreeWhosePurgeIsCancelledStaysDeletedAndCanBeRestoredWhole() {
		DeletionResult result = shop.deletes().from("customers").byId(2).execute();
		shop.application().pending().cancel(result.operationId());
		assertThat(shop.purgeAfter(Duration.ofDays(3650)).didSomething()).isFalse();
		assertThat(shop.shopRows()).containsExactly("1 (2) 3 4", "11 12 (21) (22) 31 32 41 42",
				"11 12 21 22 31 32 41 42", "11 12 (21) (22) 31 32 41 42");
		assertThat(shop.application().pending().forRow("customers", 2).map(PendingPurge::purgeAt)).isEmpty();
		assertThat(shop.application().pending().forRow("orders", 21).map(PendingPurge::purgeAt)).isEmpty();
		assertThat(shop.deletes().restore(result.operationId()).cascaded())
			.isEqualTo(Map.of("public.orders", 2L, "public.labels", 2L));
		assertThat(shop.rows("labels")).isEqualTo("11 12 21 22 31 32 41 42");
	}

	@Test
	void aBlockedTreeIsTriedAgainWhenAnOperatorSaysSo() {
		DeletionResult result = shop.deletes().from("customers").byId(2).execute();
		shop.sql("INSERT INTO orders VALUES (23, 2)");
		shop.purgeAfter(LATER);
		PendingPurge blocked = shop.application().pending().forRow("customers", 2).orElseThrow();
		assertThat(blocked.state()).isEqualTo(State.BLOCKED);
		assertThat(blocked.attempts()).isOne();
		assertThat(blocked.lastError()).contains("public.orders");
		shop.sql("DELETE FROM orders WHERE id = 23");
		assertThat(shop.purgeAfter(LATER).total()).isZero();
		shop.application().pending().retry(result.operationId());
		shop.purgeAfter(LATER);
		assertThat(shop.shopRows()).isEqualTo(WITHOUT_CUSTOMER_2);
	}

	@Test
	void aDependantIsDueWithItsRoot() {
		DeletionResult result = shop.deletes().from("customers").byId(2).execute();
		PendingPurge label = shop.application().pending().forRow("labels", 21).orElseThrow();
		assertThat(label.operationId()).isEqualTo(result.operationId());
		assertThat(label.table()).isEqualTo("public.labels");
		assertThat(label.deletionTime()).isEqualTo(result.deletionTime());
		assertThat(label.purgeAt()).isEqualTo(result.purgeAt());
		assertThat(label.state()).isEqualTo(State.PENDING);
	}

	@Test
	void theSummaryCountsDependantsInTheirOwnTables() {
		shop.deletes().from("customers").byIds(List.of(2, 3)).execute();
		assertThat(shop.application().pending().summary()).filteredOn(
				(summary) -> List.of("public.customers", "public.orders", "public.labels").contains(summary.table()))
			.extracting(TableSummary::table, TableSummary::pending)
			.containsExactlyInAnyOrder(tuple("public.customers", 2L), tuple("public.orders", 4L),
					tuple("public.labels", 4L));
	}

	@Test
	void aPauseOfTheRootsTableKeepsTheTreeWhole() {
		shop.deletes().from("customers").byId(2).execute();
		List<String> deleted = shop.shopRows();
		shop.application().pending().pause("customers");
		assertThat(shop.purgeAfter(LATER).total()).isZero();
		assertThat(shop.shopRows()).isEqualTo(deleted);
		shop.application().pending().resume("customers");
		shop.purgeAfter(LATER);
		assertThat(shop.shopRows()).isEqualTo(WITHOUT_CUSTOMER_2);
	}

	/**
	 * Who pauses a table does not expect its rows to go with those of another.
	 */
	@Test
	void aPauseOfADependantsTableKeepsItsRowsAndTheirParents() {
		shop.deletes().from("customers").byId(2).execute();
		shop.application().pending().pause("orders");
		shop.purgeAfter(LATER);
		assertThat(shop.rows("customers")).isEqualTo("1 (2) 3 4");
		assertThat(shop.rows("orders")).isEqualTo("11 12 (21) (22) 31 32 41 42");
		shop.application().pending().resume("orders");
		shop.purgeAfter(Duration.ofDays(365));
		assertThat(shop.shopRows()).isEqualTo(WITHOUT_CUSTOMER_2);
	}

}
