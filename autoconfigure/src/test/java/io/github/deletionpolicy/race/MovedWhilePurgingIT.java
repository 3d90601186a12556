package io.github.deletionpolicy.race;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import io.github.deletionpolicy.PendingPurges.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.dao.DataIntegrityViolationException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A row is moved to another parent while a purge is about to remove it or that parent.
 * One that is moved away in time does not go along, and one that is moved in keeps its
 * new parent.
 */
class MovedWhilePurgingIT {

	@RegisterExtension
	private static final Races races = Races.of("deletion-policy.purge.batch-size=4");

	@Test
	void aRowThatIsMovedAwayFirstStaysDeletedAndCanBeRestored() {
		Met<Integer> met = races.otherFirst(Path.BELOW, (deleted) -> move(21, 9));
		assertThat(met.isWaiting()).isFalse();
		assertThat(met.report().blocked()).isOne();
		assertRowStaysAndItsTreeGoes(met);
	}

	/**
	 * The purge stops where it looks for what goes along, or where it locks that.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "WITH RECURSIVE roots%", "SELECT %FOR UPDATE OF t SKIP LOCKED" })
	void aRowThatIsMovedAwayWhenThePurgeHasSeenItStaysDeletedAndCanBeRestored(String here) {
		Met<Integer> met = races.amidPurge(Path.BELOW, here, (deleted) -> move(21, 9));
		assertThat(met.isWaiting()).isFalse();
		assertThat(met.answer()).isOne();
		assertRowStaysAndItsTreeGoes(met);
	}

	/**
	 * Parcels carry no deletion time: they live as long as their order does.
	 */
	@Test
	void aRowWithoutDeletionTimeThatIsMovedToALiveParentWhenThePurgeHasSeenItLives() {
		Met<Integer> met = races.amidPurge(Path.BELOW, "SELECT %FOR UPDATE OF t SKIP LOCKED", (deleted) -> {
			assertThat(races.update("INSERT INTO parcels VALUES (31, 31)")).isOne();
			return races.update("UPDATE parcels SET order_id = 91 WHERE id = 21");
		});
		System.err
			.println("REPORT " + met + races.rows(Path.BELOW) + races.told() + races.application().ids("parcels"));
		assertThat(met.isWaiting()).isFalse();
		assertThat(met.answer()).isOne();
		races.purgeTheRest(Path.BELOW);
		assertThat(races.rows(Path.BELOW)).isEmpty();
		assertThat(races.told()).containsExactlyElementsOf(Path.BELOW.all());
		assertThat(races.application().ids("parcels")).containsExactly(21L, 91L);
	}

	@Test
	void aRowIsNotMovedToAnotherTreeThatGoesInTheSameTransaction() {
		Met<Integer> met = races.amidPurge(Path.BELOW, "WITH RECURSIVE roots%", (deleted) -> move(21, 3));
		assertThat(met.waiting()).startsWith("UPDATE orders");
		assertThat(met.failure()).isInstanceOf(DataIntegrityViolationException.class);
		races.purgeTheRest(Path.BELOW);
		assertThat(races.rows(Path.BELOW)).isEmpty();
		assertThat(races.told()).containsExactlyElementsOf(Path.BELOW.all());
	}

	/**
	 * A tree of seven rows below its root goes in several transactions of four. The row
	 * is among the last of them, and nothing has locked it when the first ones go.
	 */
	@Test
	void aRowThatIsMovedAwayBetweenTwoTransactionsOfABigTreeStaysDeleted() {
		races.reset();
		races.sql("INSERT INTO orders (id, customer_id) SELECT n, 2 FROM generate_series(22, 26) n");
		races.application().deletes().from("customers").byId(2).execute();
		var moved = new AtomicReference<Long>();
		races.inPurge((rows) -> rows.table().equals("public.orders"), () -> {
			List<Long> left = CompletableFuture
				.supplyAsync(() -> races.application()
					.jdbc()
					.sql("SELECT id FROM orders WHERE customer_id = 2 FOR UPDATE SKIP LOCKED")
					.query(Long.class)
					.list(), Races.THREADS)
				.join();
			moved.set(left.get(left.size() - 1));
			assertThat(CompletableFuture.supplyAsync(() -> move(moved.get(), 9), Races.THREADS).join()).isOne();
		});
		races.purge();
		races.purgeTheRest(Path.BELOW);
		assertThat(moved.get()).isNotNull();
		assertThat(races.rows(Path.BELOW)).contains("orders (" + moved.get() + ")")
			.doesNotContain("customers (2)")
			.hasSize(Path.BELOW.all().size() - 2 + 1);
		assertThat(races.told()).hasSize(6).doesNotContain("orders " + moved.get());
	}

	@Test
	void aRowIsNotMovedAwayWhenItIsGone() {
		Met<Integer> met = races.purgeFirst(Path.BELOW, (deleted) -> move(21, 9));
		assertThat(met.waiting()).startsWith("UPDATE orders");
		assertThat(met.answer()).isZero();
		races.purgeTheRest(Path.BELOW);
		assertThat(races.rows(Path.BELOW)).isEmpty();
		assertThat(races.told()).containsExactlyElementsOf(Path.BELOW.all());
	}

	@Test
	void aLiveRowThatIsMovedInFirstKeepsItsNewParent() {
		Met<Integer> met = races.otherFirst(Path.TREE, (deleted) -> move(91, 2));
		assertThat(met.isWaiting()).isFalse();
		assertThat(met.report().blocked()).isOne();
		races.purgeTheRest(Path.TREE);
		assertThat(races.rows(Path.TREE)).containsExactly("customers (2)", "orders (21)");
		assertThat(races.told()).containsExactlyElementsOf(Path.TREE.neighbours());
		assertThat(races.application().pending().forRow("customers", 2).orElseThrow().state()).isEqualTo(State.BLOCKED);
	}

	@ParameterizedTest
	@ValueSource(strings = { "WITH RECURSIVE roots%", "WITH dp_d0 AS (DELETE%" })
	void aLiveRowIsNotMovedInWhenThePurgeHasSeenItsNewParent(String here) {
		Met<Integer> met = races.amidPurge(Path.TREE, here, 21, (deleted) -> move(91, 2));
		assertThat(met.waiting()).startsWith("UPDATE orders");
		assertIsRefused(met);
	}

	@Test
	void aLiveRowIsNotMovedInWhenItsNewParentIsGone() {
		Met<Integer> met = races.purgeFirst(Path.TREE, (deleted) -> move(91, 2));
		assertThat(met.waiting()).startsWith("UPDATE orders");
		assertIsRefused(met);
	}

	private static void assertIsRefused(Met<Integer> met) {
		assertThat(met.failure()).isInstanceOf(DataIntegrityViolationException.class);
		races.purgeTheRest(Path.TREE);
		assertThat(races.rows(Path.TREE)).isEmpty();
		assertThat(races.told()).containsExactlyElementsOf(Path.TREE.all());
	}

	private static void assertRowStaysAndItsTreeGoes(Met<Integer> met) {
		races.purgeTheRest(Path.BELOW);
		assertThat(races.rows(Path.BELOW)).containsExactly("orders (21)");
		assertThat(races.told()).containsExactlyElementsOf(
				Stream.concat(Path.BELOW.neighbours().stream(), Stream.of("customers 2")).sorted().toList());
		assertThat(races.application().deletionTime("orders", 21L)).isEqualTo(met.deleted().deletionTime());
		assertThat(races.record(met.deleted())).isEqualTo("SOFT orders {21}");
		assertThat(races.application().deletes().restoreFrom("orders").byId(21).execute().rows()).isOne();
		assertThat(races.rows(Path.BELOW)).containsExactly("orders 21");
	}

	private static int move(long order, long customer) {
		return races.update("UPDATE orders SET customer_id = ? WHERE id = ?", customer, order);
	}

}
