package io.github.deletionpolicy.race;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import io.github.deletionpolicy.PendingPurges.State;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.dao.DataIntegrityViolationException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A row is moved to another parent while a purge is about to remove it or that parent.
 * One that is moved away in time is not deleted with it, and one that is moved in keeps
 * its new parent.
 */
class MovedWhilePurgingIT {

	@RegisterExtension
	private static final Races races = Races.of("deletion-policy.purge.batch-size=4");

	@AfterEach
	void usualShape() {
		races.shape(Races.Shape.TWO_WAYS);
	}

	@Test
	void aRowThatIsMovedAwayFirstStaysDeletedAndCanBeRestored() {
		RaceResult<Integer> result = races.otherFirst(PurgePath.BELOW, (deleted) -> move(21, 9));
		assertThat(result.isWaiting()).isFalse();
		assertThat(result.report().blocked()).isOne();
		assertRowStaysAndItsTreeGoes(result);
	}

	/**
	 * The purge stops where it looks for the rows that it cascades to and has not locked
	 * them.
	 */
	@ParameterizedTest
	@EnumSource
	void aRowThatIsMovedAwayWhenThePurgeHasSeenItStaysDeletedAndCanBeRestored(Races.Shape shape) {
		races.shape(shape);
		RaceResult<Integer> result = races.amidPurge(PurgePath.BELOW, PurgePath.LOCKS, (deleted) -> move(21, 9));
		assertThat(result.isWaiting()).isFalse();
		assertThat(result.answer()).isOne();
		assertRowStaysAndItsTreeGoes(result);
	}

	/**
	 * Parcels carry no deletion time: they live as long as their order does.
	 */
	@ParameterizedTest
	@EnumSource
	void aRowWithoutDeletionTimeThatIsMovedToALiveParentWhenThePurgeHasSeenItLives(Races.Shape shape) {
		races.shape(shape);
		RaceResult<Integer> result = races.amidPurge(PurgePath.BELOW, PurgePath.LOCKS, (deleted) -> {
			assertThat(races.update("INSERT INTO parcels VALUES (31, 31)")).isOne();
			return races.update("UPDATE parcels SET order_id = 91 WHERE id = 21");
		});
		assertThat(result.isWaiting()).isFalse();
		assertThat(result.answer()).isOne();
		races.purgeTheRest(PurgePath.BELOW);
		assertThat(races.rows(PurgePath.BELOW)).isEmpty();
		assertThat(races.told()).containsExactlyElementsOf(PurgePath.BELOW.all());
		assertThat(races.application().ids("parcels")).containsExactly(21L, 91L);
	}

	@Test
	void aRowIsNotMovedToAnotherTreeThatGoesInTheSameTransaction() {
		RaceResult<Integer> result = races.amidPurge(PurgePath.BELOW, PurgePath.LOCKS, (deleted) -> move(21, 3));
		assertThat(result.waiting()).startsWith("UPDATE orders");
		assertThat(result.failure()).isInstanceOf(DataIntegrityViolationException.class);
		races.purgeTheRest(PurgePath.BELOW);
		assertThat(races.rows(PurgePath.BELOW)).isEmpty();
		assertThat(races.told()).containsExactlyElementsOf(PurgePath.BELOW.all());
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
		races.purgeTheRest(PurgePath.BELOW);
		assertThat(moved.get()).isNotNull();
		assertThat(races.rows(PurgePath.BELOW)).contains("orders (" + moved.get() + ")")
			.doesNotContain("customers (2)")
			.hasSize(PurgePath.BELOW.all().size() - 2 + 1);
		assertThat(races.told()).hasSize(6).doesNotContain("orders " + moved.get());
	}

	@Test
	void aRowIsNotMovedAwayWhenItIsGone() {
		RaceResult<Integer> result = races.purgeFirst(PurgePath.BELOW, (deleted) -> move(21, 9));
		assertThat(result.waiting()).startsWith("UPDATE orders");
		assertThat(result.answer()).isZero();
		races.purgeTheRest(PurgePath.BELOW);
		assertThat(races.rows(PurgePath.BELOW)).isEmpty();
		assertThat(races.told()).containsExactlyElementsOf(PurgePath.BELOW.all());
	}

	@Test
	void aLiveRowThatIsMovedInFirstKeepsItsNewParent() {
		RaceResult<Integer> result = races.otherFirst(PurgePath.TREE, (deleted) -> move(91, 2));
		assertThat(result.isWaiting()).isFalse();
		assertThat(result.report().blocked()).isOne();
		races.purgeTheRest(PurgePath.TREE);
		assertThat(races.rows(PurgePath.TREE)).containsExactly("customers (2)", "orders (21)");
		assertThat(races.told()).containsExactlyElementsOf(PurgePath.TREE.neighbours());
		assertThat(races.application().pending().forRow("customers", 2).orElseThrow().state()).isEqualTo(State.BLOCKED);
	}

	@ParameterizedTest
	@CsvSource({ PurgePath.LOCKS + ", 21", PurgePath.DELETES + ", 21", PurgePath.DELETES + ", 2" })
	void aLiveRowIsNotMovedInWhenThePurgeHasSeenItsNewParent(String here, long row) {
		RaceResult<Integer> result = races.amidPurge(PurgePath.TREE, here, row, (deleted) -> move(91, 2));
		assertThat(result.waiting()).startsWith("UPDATE orders");
		assertIsRefused(result);
	}

	@Test
	void aLiveRowIsNotMovedInWhenItsNewParentIsGone() {
		RaceResult<Integer> result = races.purgeFirst(PurgePath.TREE, (deleted) -> move(91, 2));
		assertThat(result.waiting()).startsWith("UPDATE orders");
		assertIsRefused(result);
	}

	private static void assertIsRefused(RaceResult<Integer> result) {
		assertThat(result.failure()).isInstanceOf(DataIntegrityViolationException.class);
		races.purgeTheRest(PurgePath.TREE);
		assertThat(races.rows(PurgePath.TREE)).isEmpty();
		assertThat(races.told()).containsExactlyElementsOf(PurgePath.TREE.all());
	}

	private static void assertRowStaysAndItsTreeGoes(RaceResult<Integer> result) {
		races.purgeTheRest(PurgePath.BELOW);
		assertThat(races.rows(PurgePath.BELOW)).containsExactly("orders (21)");
		assertThat(races.told()).containsExactlyElementsOf(
				Stream.concat(PurgePath.BELOW.neighbours().stream(), Stream.of("customers 2")).sorted().toList());
		assertThat(races.application().deletionTime("orders", 21L)).isEqualTo(result.deleted().deletionTime());
		assertThat(races.record(result.deleted())).isEqualTo("SOFT orders {21}");
		assertThat(races.application().deletes().restoreFrom("orders").byId(21).execute().rows()).isOne();
		assertThat(races.rows(PurgePath.BELOW)).containsExactly("orders 21");
	}

	private static int move(long order, long customer) {
		return races.update("UPDATE orders SET customer_id = ? WHERE id = ?", customer, order);
	}

}
