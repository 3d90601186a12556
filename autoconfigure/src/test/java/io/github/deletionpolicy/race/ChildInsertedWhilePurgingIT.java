package io.github.deletionpolicy.race;

import java.util.List;

import io.github.deletionpolicy.PendingPurges.State;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

import org.springframework.dao.DataIntegrityViolationException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A child is inserted below a row that a purge is about to remove. Either the child comes
 * first and keeps its parent, or it is refused; it is never deleted with it.
 */
class ChildInsertedWhilePurgingIT {

	@RegisterExtension
	private static final Races races = Races.of();

	@AfterEach
	void usualShape() {
		races.shape(Races.Shape.TWO_WAYS);
	}

	/**
	 * A foreign key holds the parent with a lock for which a purge of trees may not wait:
	 * the child would be committed after the purge looked for children.
	 */
	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "BELOW")
	void aChildThatComesFirstKeepsItsParentAndNoOther(PurgePath path) {
		RaceResult<Integer> result = races.otherFirst(path, (deleted) -> insertChild(path));
		if (path.isFlat()) {
			assertThat(result.waiting()).startsWith(path.statement);
		}
		else {
			assertThat(result.isWaiting()).isFalse();
			assertThat(result.report().blocked()).isOne();
		}
		assertChildKeepsItsParent(path);
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "BELOW")
	void aChildThatComesFirstAndIsRolledBackKeepsNothing(PurgePath path) {
		RaceResult<Integer> result = races.otherFirst(path, (deleted) -> insertChild(path), false);
		assertThat(result.isWaiting()).isEqualTo(path.isFlat());
		races.purgeTheRest(path);
		assertThat(races.rows(path)).isEmpty();
		assertThat(races.told()).containsExactlyElementsOf(path.all());
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.INCLUDE, names = { "OPTIMISTIC", "OPTIMISTIC_MANY", "CAREFUL" })
	void aChildThatComesWhenThePurgeHasSeenItsParentAndNotLockedItKeepsIt(PurgePath path) {
		RaceResult<Integer> result = races.amidPurge(path, "%" + path.statement + "%", (deleted) -> insertChild(path));
		assertThat(result.isWaiting()).isFalse();
		assertThat(result.answer()).isOne();
		assertChildKeepsItsParent(path);
	}

	/**
	 * The label's parcel belongs to an order that is locked by then or not; the parcel
	 * itself is not.
	 */
	@ParameterizedTest
	@EnumSource
	void aRowThatComesInFurtherBelowWhenThePurgeHasLookedThereKeepsItsTree(Races.Shape shape) {
		races.shape(shape);
		RaceResult<Integer> result = races.amidPurge(PurgePath.BELOW, PurgePath.LOCKS,
				(deleted) -> races.update("INSERT INTO labels VALUES (21, 21)"));
		assertThat(result.isWaiting()).isFalse();
		assertThat(result.answer()).isOne();
		races.purgeTheRest(PurgePath.BELOW);
		assertThat(races.rows(PurgePath.BELOW)).containsExactly("customers (2)", "orders (21)");
		assertThat(races.told()).containsExactlyElementsOf(PurgePath.BELOW.neighbours());
		assertThat(races.application().ids("labels")).containsExactly(21L);
		assertThat(races.application().ids("parcels")).containsExactly(21L, 91L);
	}

	/**
	 * The order belongs to two customers whose deletes are two operations, and both go in
	 * one batch: the one before it has no orders, and says how many fit.
	 */
	@Test
	void aRowThatComesInBelowARowOfTwoTreesKeepsBoth() {
		RaceResult<Integer> result = races.amidPurge(() -> {
			races.reset();
			races.sql("""
					DELETE FROM orders WHERE id < 90;
					INSERT INTO orders (id, customer_id, payer_id) VALUES (12, 1, 2);
					INSERT INTO parcels VALUES (12, 12)""");
			races.application().deletes().from("customers").byId(3).execute();
			races.application().deletes().from("customers").byId(2).execute();
			return races.application().deletes().from("customers").byId(1).execute();
		}, PurgePath.LOCKS, 12, (deleted) -> races.update("INSERT INTO labels VALUES (22, 12)"));
		assertThat(result.isWaiting()).isFalse();
		assertThat(result.answer()).isOne();
		races.purgeTheRest(PurgePath.TREE);
		assertThat(races.rows(PurgePath.TREE)).containsExactly("customers (1)", "customers (2)", "orders (12)");
		assertThat(races.told()).containsExactly("customers 3");
		assertThat(races.application().ids("labels")).containsExactly(22L);
	}

	/**
	 * The purge has locked the parent, and locks what is below it, looks there, or
	 * deletes the parent.
	 */
	@ParameterizedTest
	@CsvSource({ PurgePath.LOCKS + ", 21", PurgePath.DELETES + ", 21", PurgePath.DELETES + ", 2" })
	void aChildThatComesWhenThePurgeHasLockedItsParentIsRefused(String here, long row) {
		RaceResult<Integer> result = races.amidPurge(PurgePath.TREE, here, row,
				(deleted) -> insertChild(PurgePath.TREE));
		assertThat(result.waiting()).startsWith("INSERT INTO orders");
		assertIsRefused(PurgePath.TREE, result);
	}

	/**
	 * All of the tree is locked by then.
	 */
	@ParameterizedTest
	@EnumSource
	void aRowThatComesInFurtherBelowWhenThePurgeRemovesThatIsRefused(Races.Shape shape) {
		races.shape(shape);
		RaceResult<Integer> result = races.amidPurge(PurgePath.BELOW, PurgePath.DELETES,
				(deleted) -> races.update("INSERT INTO labels VALUES (21, 21)"));
		assertThat(result.waiting()).startsWith("INSERT INTO labels");
		assertIsRefused(PurgePath.BELOW, result);
		assertThat(races.application().ids("labels")).isEmpty();
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "BELOW")
	void aChildThatComesSecondIsRefused(PurgePath path) {
		RaceResult<Integer> result = races.purgeFirst(path, (deleted) -> insertChild(path));
		assertThat(result.waiting()).startsWith("INSERT INTO");
		assertIsRefused(path, result);
	}

	private static void assertChildKeepsItsParent(PurgePath path) {
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

	private static void assertIsRefused(PurgePath path, RaceResult<Integer> result) {
		assertThat(result.failure()).isInstanceOf(DataIntegrityViolationException.class);
		races.purgeTheRest(path);
		assertThat(races.rows(path)).isEmpty();
		assertThat(races.told()).containsExactlyElementsOf(path.all());
		assertThat(races.record(result.deleted())).isEqualTo("SCHEDULED");
	}

	private static int insertChild(PurgePath path) {
		return races.update(path.isFlat() ? "INSERT INTO invoices VALUES (22, 2)"
				: "INSERT INTO orders (id, customer_id) VALUES (22, 2)");
	}

}
