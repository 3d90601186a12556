package io.github.deletionpolicy.race;

import java.util.List;

import io.github.deletionpolicy.PendingPurges.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.dao.DataIntegrityViolationException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A child is inserted below a row that a purge is about to remove. Either the child comes
 * first and keeps its parent, or it is refused; it is never taken along.
 */
class ChildInsertedWhilePurgingIT {

	@RegisterExtension
	private static final Races races = Races.of();

	/**
	 * A foreign key holds the parent with a lock for which a purge of trees may not wait:
	 * the child would be committed after the purge looked for children.
	 */
	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "BELOW")
	void aChildThatComesFirstKeepsItsParentAndNoOther(Path path) {
		Met<Integer> met = races.otherFirst(path, (deleted) -> insertChild(path));
		if (path.isFlat()) {
			assertThat(met.waiting()).startsWith(path.statement);
		}
		else {
			assertThat(met.isWaiting()).isFalse();
			assertThat(met.report().blocked()).isOne();
		}
		assertChildKeepsItsParent(path);
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "BELOW")
	void aChildThatComesFirstAndIsRolledBackKeepsNothing(Path path) {
		Met<Integer> met = races.otherFirst(path, (deleted) -> insertChild(path), false);
		assertThat(met.isWaiting()).isEqualTo(path.isFlat());
		races.purgeTheRest(path);
		assertThat(races.rows(path)).isEmpty();
		assertThat(races.told()).containsExactlyElementsOf(path.all());
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.INCLUDE, names = { "SWIFT", "SWIFT_MANY", "CAREFUL" })
	void aChildThatComesWhenThePurgeHasSeenItsParentAndNotLockedItKeepsIt(Path path) {
		Met<Integer> met = races.amidPurge(path, "%" + path.statement + "%", (deleted) -> insertChild(path));
		assertThat(met.isWaiting()).isFalse();
		assertThat(met.answer()).isOne();
		assertChildKeepsItsParent(path);
	}

	/**
	 * The label's parcel belongs to an order that is locked by then or not; the parcel
	 * itself is not.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "WITH RECURSIVE roots%", "SELECT %FOR UPDATE OF t SKIP LOCKED" })
	void aRowThatComesInFurtherBelowWhenThePurgeHasLookedThereKeepsItsTree(String here) {
		Met<Integer> met = races.amidPurge(Path.BELOW, here,
				(deleted) -> races.update("INSERT INTO labels VALUES (21, 21)"));
		assertThat(met.isWaiting()).isFalse();
		assertThat(met.answer()).isOne();
		races.purgeTheRest(Path.BELOW);
		assertThat(races.rows(Path.BELOW)).containsExactly("customers (2)", "orders (21)");
		assertThat(races.told()).containsExactlyElementsOf(Path.BELOW.neighbours());
		assertThat(races.application().ids("labels")).containsExactly(21L);
		assertThat(races.application().ids("parcels")).containsExactly(21L, 91L);
	}

	/**
	 * The order belongs to two customers whose deletes are two operations, and both go in
	 * one batch: the one before it has no orders, and says how many fit.
	 */
	@Test
	void aRowThatComesInBelowARowOfTwoTreesKeepsBoth() {
		Met<Integer> met = races.amidPurge(() -> {
			races.reset();
			races.sql("""
					DELETE FROM orders WHERE id < 90;
					INSERT INTO orders (id, customer_id, payer_id) VALUES (12, 1, 2);
					INSERT INTO parcels VALUES (12, 12)""");
			races.application().deletes().from("customers").byId(3).execute();
			races.application().deletes().from("customers").byId(2).execute();
			return races.application().deletes().from("customers").byId(1).execute();
		}, "SELECT %FOR UPDATE OF t SKIP LOCKED", 12, (deleted) -> races.update("INSERT INTO labels VALUES (22, 12)"));
		assertThat(met.isWaiting()).isFalse();
		assertThat(met.answer()).isOne();
		races.purgeTheRest(Path.TREE);
		assertThat(races.rows(Path.TREE)).containsExactly("customers (1)", "customers (2)", "orders (12)");
		assertThat(races.told()).containsExactly("customers 3");
		assertThat(races.application().ids("labels")).containsExactly(22L);
	}

	/**
	 * The purge has locked the parent, and looks what is below it or removes that.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "WITH RECURSIVE roots%", "SELECT %FOR UPDATE OF t SKIP LOCKED", "WITH dp_d0 AS (DELETE%" })
	void aChildThatComesWhenThePurgeHasLockedItsParentIsRefused(String here) {
		Met<Integer> met = races.amidPurge(Path.TREE, here, 21, (deleted) -> insertChild(Path.TREE));
		assertThat(met.waiting()).startsWith("INSERT INTO orders");
		assertIsRefused(Path.TREE, met);
	}

	@Test
	void aRowThatComesInFurtherBelowWhenThePurgeRemovesThatIsRefused() {
		Met<Integer> met = races.amidPurge(Path.BELOW, "WITH dp_d0 AS (DELETE%",
				(deleted) -> races.update("INSERT INTO labels VALUES (21, 21)"));
		assertThat(met.waiting()).startsWith("INSERT INTO labels");
		assertIsRefused(Path.BELOW, met);
		assertThat(races.application().ids("labels")).isEmpty();
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "BELOW")
	void aChildThatComesSecondIsRefused(Path path) {
		Met<Integer> met = races.purgeFirst(path, (deleted) -> insertChild(path));
		assertThat(met.waiting()).startsWith("INSERT INTO");
		assertIsRefused(path, met);
	}

	private static void assertChildKeepsItsParent(Path path) {
		races.purgeTheRest(path);
		assertThat(races.rows(path))
			.isEqualTo(path.isFlat() ? List.of("users (2)") : List.of("customers (2)", "orders (21)", "orders 22"));
		assertThat(races.told()).containsExactlyElementsOf(path.neighbours());
		assertThat(races.application().pending().forRow(path.table, path.id).orElseThrow().state())
			.isEqualTo(State.BLOCKED);
		races.sql("DELETE FROM invoices; DELETE FROM orders WHERE id = 22");
		races.purgeTheRest(path);
		assertThat(races.rows(path)).isEmpty();
		assertThat(races.told()).containsExactlyElementsOf(path.all());
	}

	private static void assertIsRefused(Path path, Met<Integer> met) {
		assertThat(met.failure()).isInstanceOf(DataIntegrityViolationException.class);
		races.purgeTheRest(path);
		assertThat(races.rows(path)).isEmpty();
		assertThat(races.told()).containsExactlyElementsOf(path.all());
		assertThat(races.record(met.deleted())).isEqualTo("SCHEDULED");
	}

	private static int insertChild(Path path) {
		return races.update(path.isFlat() ? "INSERT INTO invoices VALUES (22, 2)"
				: "INSERT INTO orders (id, customer_id) VALUES (22, 2)");
	}

}
