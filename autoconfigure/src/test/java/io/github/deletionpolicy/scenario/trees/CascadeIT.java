package io.github.deletionpolicy.scenario.trees;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;

import io.github.deletionpolicy.CascadeMode;
import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.scenario.TreeTables;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import org.springframework.data.relational.core.query.Criteria;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a soft or scheduled delete cascades to, and which deletion time it gets. Customer
 * 2 has the orders 21 and 22, and each order a parcel and a label of the same number.
 */
class CascadeIT {

	@RegisterExtension
	private static final TreeTables shop = TreeTables.shop("""
			CREATE TABLE memos (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers ON DELETE CASCADE,
				deleted_at timestamptz);
			CREATE TABLE notes (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers ON DELETE CASCADE,
				deletion_time timestamptz)""", "deletion-policy.tables.memos.mode=soft",
			"deletion-policy.tables.memos.deletion-time-column=deleted_at", "deletion-policy.tables.notes.mode=hard");

	@BeforeEach
	void fourCustomers() {
		shop.resetToFourCustomers();
	}

	@Test
	void dependantsGetTheSameDeletionTimeThroughTablesWithoutOne() {
		DeletionResult result = shop.execute(shop.deletes().from("customers").byId(2));
		assertThat(result.rows()).isOne();
		assertThat(result.cascaded()).isEqualTo(Map.of("public.orders", 2L, "public.labels", 2L));
		assertThat(shop.shopRows()).containsExactly("1 (2) 3 4", "11 12 (21) (22) 31 32 41 42",
				"11 12 21 22 31 32 41 42", "11 12 (21) (22) 31 32 41 42");
		assertThat(deletionTimes()).containsOnly(result.deletionTime());
	}

	@Test
	void theWholeTreeGoesAtPurgeAndNothingElse() {
		shop.execute(shop.deletes().from("customers").byIds(List.of(1, 2, 3)));
		assertThat(shop.purgeAfter(Duration.ofDays(29)).didSomething()).isFalse();
		assertThat(shop.purgeAfter(Duration.ofDays(31)).rows())
			.isEqualTo(Map.of("public.customers", 3L, "public.orders", 6L, "public.labels", 6L));
		assertThat(shop.shopRows()).containsExactly("4", "41 42", "41 42", "41 42");
		assertThat(shop.application().chunks()).isZero();
	}

	@Test
	void aSoftTreeIsNeverPurged() {
		shop.execute(shop.deletes().from("customers").all().soft());
		List<String> deleted = shop.shopRows();
		assertThat(shop.purgeAfter(Duration.ofDays(3650)).didSomething()).isFalse();
		assertThat(shop.shopRows()).isEqualTo(deleted);
	}

	@Test
	void whatHadBeenDeletedBeforeKeepsItsDeletionTimeAndDeadline() {
		DeletionResult order = shop.execute(shop.deletes().from("orders").byId(21).scheduled(Duration.ofDays(5)));
		DeletionResult customer = shop.execute(shop.deletes().from("customers").byId(2));
		assertThat(customer.cascaded()).isEqualTo(Map.of("public.orders", 1L, "public.labels", 1L));
		assertThat(shop.application().deletionTime("orders", 21)).isEqualTo(order.deletionTime());
		assertThat(shop.application().deletionTime("labels", 21)).isEqualTo(order.deletionTime());
		assertThat(shop.application().deletionTime("orders", 22)).isEqualTo(customer.deletionTime());
		shop.purgeAfter(Duration.ofDays(6));
		assertThat(shop.rows("customers")).isEqualTo("1 (2) 3 4");
		assertThat(shop.rows("labels")).isEqualTo("11 12 (22) 31 32 41 42");
		shop.purgeAfter(Duration.ofDays(31));
		assertThat(shop.rows("customers")).isEqualTo("1 3 4");
		assertThat(shop.rows("labels")).isEqualTo("11 12 31 32 41 42");
	}

	@Test
	void aRowThatIsDeletedAgainTakesNothingAlong() {
		shop.execute(shop.deletes().from("customers").byId(2).soft().cascade(CascadeMode.NONE));
		DeletionResult again = shop.execute(shop.deletes().from("customers").byId(2));
		assertThat(again.rows()).isZero();
		assertThat(again.cascaded()).isEmpty();
		assertThat(shop.rows("orders")).isEqualTo("11 12 21 22 31 32 41 42");
	}

	@Test
	void withoutCascadeOnlyTheSelectedRowsAreMarked() {
		DeletionResult soft = shop.execute(shop.deletes().from("customers").byId(1).soft().cascade(CascadeMode.NONE));
		assertThat(soft.rows()).isOne();
		assertThat(soft.cascaded()).isEmpty();
		DeletionResult scheduled = shop.execute(shop.deletes().from("customers").byId(2).cascade(CascadeMode.NONE));
		assertThat(scheduled.cascaded()).isEmpty();
		assertThat(shop.rows("customers")).isEqualTo("(1) (2) 3 4");
		assertThat(shop.rows("orders")).isEqualTo("11 12 21 22 31 32 41 42");
		assertThat(shop.rows("labels")).isEqualTo("11 12 21 22 31 32 41 42");
		shop.purgeAfter(Duration.ofDays(31));
		assertThat(shop.rows("customers")).isEqualTo("(1) (2) 3 4");
		assertThat(shop.state("customers", 2)).isEqualTo(State.BLOCKED);
	}

	@Test
	void includingDeletedMovesTheRowAndWhatItHadTakenAlong() {
		shop.execute(shop.deletes().from("labels").byId(22).scheduled(Duration.ofDays(90)));
		Instant label = shop.application().deletionTime("labels", 22);
		DeletionResult first = shop.execute(shop.deletes().from("customers").byId(2).scheduled(Duration.ofDays(1)));
		shop.sql("INSERT INTO orders VALUES (23, 2)");
		DeletionResult second = shop.execute(shop.deletes().from("customers").byId(2).includingDeleted());
		assertThat(second.rows()).isOne();
		assertThat(second.cascaded()).isEqualTo(Map.of("public.orders", 3L, "public.labels", 1L));
		assertThat(second.deletionTime()).isAfter(first.deletionTime());
		assertThat(deletionTimes()).containsOnly(second.deletionTime(), label);
		assertThat(shop.application().deletionTime("labels", 22)).isEqualTo(label);
		assertThat(shop.purgeAfter(Duration.ofDays(2)).total()).isZero();
		assertThat(shop.deletes().restore(first.operationId()).rows()).isZero();
		assertThat(shop.deletes().restore(second.operationId()).cascaded())
			.isEqualTo(Map.of("public.orders", 3L, "public.labels", 1L));
		assertThat(shop.rows("labels")).isEqualTo("11 12 21 (22) 31 32 41 42");
	}

	/**
	 * The deletion time that moves along is that of each row itself: customer 1 had been
	 * deleted in another call than its order 11.
	 */
	@Test
	void includingDeletedLeavesOtherDeletionTimesBelowEachRow() {
		DeletionResult order = shop.execute(shop.deletes().from("orders").byId(11));
		shop.execute(shop.deletes().from("customers").byIds(List.of(1, 2)));
		DeletionResult again = shop.execute(shop.deletes().from("customers").all().includingDeleted());
		assertThat(again.rows()).isEqualTo(4);
		assertThat(again.cascaded()).isEqualTo(Map.of("public.orders", 7L, "public.labels", 7L));
		assertThat(shop.application().deletionTime("orders", 11)).isEqualTo(order.deletionTime());
		assertThat(shop.application().deletionTime("labels", 11)).isEqualTo(order.deletionTime());
		assertThat(shop.application().deletionTime("orders", 12)).isEqualTo(again.deletionTime());
		assertThat(shop.application().deletionTime("labels", 31)).isEqualTo(again.deletionTime());
	}

	/**
	 * The root's policy decides what a delete of the tree means. A dependant's own policy
	 * says which column carries the deletion time, no more.
	 */
	@Test
	void dependantsAreMarkedInTheirOwnColumnWhateverTheirOwnPolicy() {
		shop.sql("INSERT INTO memos VALUES (1, 1), (2, 2); INSERT INTO notes VALUES (1, 1), (2, 2)");
		DeletionResult result = shop.execute(shop.deletes().from("customers").byId(2));
		assertThat(result.cascaded()).containsEntry("public.memos", 1L).containsEntry("public.notes", 1L);
		assertThat(shop.rows("memos")).isEqualTo("1 (2)");
		assertThat(shop.rows("notes")).isEqualTo("1 (2)");
		assertThat(shop.number("SELECT count(*) FROM memos JOIN customers c ON c.deletion_time = deleted_at")).isOne();
		shop.purgeAfter(Duration.ofDays(31));
		assertThat(shop.rows("memos")).isEqualTo("1");
		assertThat(shop.rows("notes")).isEqualTo("1");
	}

	@Test
	void aSubtreeCanBeDeletedAlone() {
		DeletionResult result = shop.execute(shop.deletes().from("orders").where(Criteria.where("customer_id").is(2)));
		assertThat(result.rows()).isEqualTo(2);
		assertThat(result.cascaded()).isEqualTo(Map.of("public.labels", 2L));
		shop.purgeAfter(Duration.ofDays(31));
		assertThat(shop.shopRows()).containsExactly("1 2 3 4", "11 12 31 32 41 42", "11 12 31 32 41 42",
				"11 12 31 32 41 42");
	}

	@Test
	void aHardDeleteLeavesTheTreeToTheDatabase() {
		shop.execute(shop.deletes().from("orders").byId(21).soft());
		DeletionResult result = shop.execute(shop.deletes().from("customers").byId(2).hard());
		assertThat(result.rows()).isOne();
		assertThat(shop.shopRows()).containsExactly("1 3 4", "11 12 31 32 41 42", "11 12 31 32 41 42",
				"11 12 31 32 41 42");
	}

	@Test
	void returningReadsTheSelectedRowsOnly() {
		assertThat(shop.deletes().from("orders").byIds(List.of(21, 22)).returning(Map.class).execute().rows())
			.extracting((row) -> row.get("id"))
			.containsExactlyInAnyOrder(21L, 22L);
	}

	@Test
	void aTreeThatIsRolledBackWasNeverDeleted() {
		String before = shop.everything();
		shop.application().transactions().executeWithoutResult((status) -> {
			shop.deletes().from("customers").all().execute();
			status.setRollbackOnly();
		});
		assertThat(shop.everything()).isEqualTo(before);
	}

	private static List<Instant> deletionTimes() {
		return shop.application()
			.jdbc()
			.sql("""
					SELECT deletion_time FROM customers WHERE deletion_time IS NOT NULL UNION
					SELECT deletion_time FROM orders WHERE deletion_time IS NOT NULL UNION
					SELECT deletion_time FROM labels WHERE deletion_time IS NOT NULL""")
			.query((rs, row) -> rs.getObject(1, OffsetDateTime.class).toInstant())
			.list();
	}

}
