package io.github.deletionpolicy.scenario;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.purge.PurgeReport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.dao.DataIntegrityViolationException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What others do while a purge of trees runs. Customer 2 has the orders 21 and 22, and
 * each order a parcel and a label of the same number.
 */
class TreePurgeRaceIT {

	private static final Duration FIRST_RUN = Duration.ofDays(31);

	private static final Duration LAST_RUN = Duration.ofDays(365);

	private static TreeTables shop;

	@BeforeAll
	static void start() {
		shop = TreeTables.shop("", "deletion-policy.purge.concurrency=2", "deletion-policy.purge.batch-size=50");
	}

	@AfterAll
	static void stop() {
		shop.close();
	}

	@BeforeEach
	void fourCustomers() {
		shop.resetToFourCustomers();
	}

	/**
	 * The foreign key holds the parent with a lock that a purge may not wait for: the
	 * child would be committed after the purge looked for children.
	 */
	@Test
	void aParentWhoseNewChildIsNotCommittedIsSkippedAndItsNeighboursGo() {
		shop.execute(shop.deletes().from("customers").all());
		shop.application().transactions().executeWithoutResult((status) -> {
			shop.application().jdbc().sql("INSERT INTO orders VALUES (23, 2)").update();
			assertThat(elsewhere().rows()).containsEntry("public.customers", 3L);
		});
		assertThat(shop.rows("customers")).isEqualTo("(2)");
		assertThat(shop.rows("orders").split(" ")).contains("23");
		assertThat(shop.rows("labels")).doesNotContain("11", "31", "41");
		shop.purgeAfter(LAST_RUN);
		assertThat(shop.rows("customers")).isEqualTo("(2)");
		assertThat(shop.rows("orders").split(" ")).contains("23");
		assertThat(shop.state("customers", 2)).isEqualTo(State.BLOCKED);
	}

	@Test
	void aParentWhoseNewChildIsRolledBackGoesWithALaterRun() {
		shop.execute(shop.deletes().from("customers").all());
		shop.application().transactions().executeWithoutResult((status) -> {
			shop.application().jdbc().sql("INSERT INTO orders VALUES (23, 2)").update();
			assertThat(elsewhere().rows()).containsEntry("public.customers", 3L);
			status.setRollbackOnly();
		});
		shop.purgeAfter(LAST_RUN);
		assertThat(shop.shopRows()).containsOnly("");
	}

	@Test
	void aDependantThatSomebodyHasLockedKeepsItsParentAndNoOther() {
		shop.execute(shop.deletes().from("customers").all());
		shop.application().transactions().executeWithoutResult((status) -> {
			shop.application().jdbc().sql("UPDATE labels SET deletion_time = NULL WHERE id = 21").update();
			assertThat(elsewhere().rows()).containsEntry("public.customers", 3L);
		});
		assertThat(shop.rows("customers")).isEqualTo("(2)");
		assertThat(shop.rows("orders").split(" ")).contains("(21)");
		assertThat(shop.rows("labels").split(" ")).contains("21");
		assertThat(shop.rows("labels")).doesNotContain("11", "31", "41");
	}

	/**
	 * A trigger stops the purge in the middle of the tree until the insert waits for it,
	 * or is through. Either the child came first and lives, or the parent went first and
	 * there can be no child.
	 */
	@Test
	void aChildThatComesInTheMiddleOfAPurgeLivesWithItsParentOrIsRefused() {
		shop.sql(
				"""
						CREATE SEQUENCE meetings;
						CREATE FUNCTION meet() RETURNS trigger LANGUAGE plpgsql AS '
						BEGIN
							IF nextval(''meetings'') = 1 THEN
								PERFORM pg_advisory_xact_lock(4711);
								LOOP
									EXIT WHEN EXISTS (SELECT FROM pg_locks WHERE NOT granted) OR EXISTS (SELECT FROM orders WHERE id = 23);
								END LOOP;
							END IF;
							RETURN NULL;
						END';
						CREATE TRIGGER meet AFTER DELETE ON labels EXECUTE FUNCTION meet()""");
		try {
			shop.execute(shop.deletes().from("customers").all());
			CompletableFuture<PurgeReport> purge = CompletableFuture.supplyAsync(TreePurgeRaceIT::elsewhere);
			Awaitility.await()
				.until(() -> shop
					.number("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711") == 1);
			boolean came = comesThrough("INSERT INTO orders VALUES (23, 2)");
			purge.join();
			assertThat(shop.rows("customers")).isEqualTo(came ? "(2)" : "");
			assertThat(shop.rows("orders").contains("23")).isEqualTo(came);
			assertThat(shop.number("SELECT last_value FROM meetings")).isPositive();
		}
		finally {
			shop.sql("DROP FUNCTION meet() CASCADE; DROP SEQUENCE meetings");
		}
	}

	/**
	 * When listeners are told, the rows are gone but not yet committed.
	 */
	@Test
	void aChildThatComesBeforeThePurgeCommitsIsRefused() {
		shop.execute(shop.deletes().from("customers").all());
		var insert = new AtomicReference<CompletableFuture<Boolean>>();
		shop.whenTold((rows) -> {
			if (insert.get() == null && rows.table().equals("public.customers")) {
				insert.set(CompletableFuture.supplyAsync(() -> comesThrough("INSERT INTO orders VALUES (23, 2)")));
				shop.application().awaitLockWaiter();
			}
		});
		assertThat(shop.purgeAfter(FIRST_RUN).rows()).containsEntry("public.customers", 4L);
		assertThat(insert.get().join()).isFalse();
		assertThat(shop.shopRows()).containsOnly("");
	}

	@Test
	void twoLanesShareOneOperation() {
		shop.sql("""
				INSERT INTO customers SELECT generate_series(1001, 1400);
				INSERT INTO orders SELECT id, id FROM customers WHERE id > 1000;
				INSERT INTO parcels SELECT id, id FROM orders WHERE id > 1000;
				INSERT INTO labels SELECT id, id FROM parcels WHERE id > 1000;
				UPDATE orders SET legal_hold = true WHERE id = 1200""");
		DeletionResult result = shop.execute(shop.deletes().from("customers").all());
		var start = new CyclicBarrier(2);
		List<CompletableFuture<PurgeReport>> lanes = IntStream.range(0, 2)
			.mapToObj((lane) -> CompletableFuture.supplyAsync(() -> {
				await(start);
				return shop.application().purges().runDueAsOf(result.purgeAt());
			}, TreeTables.THREADS))
			.toList();
		List<PurgeReport> reports = lanes.stream().map(CompletableFuture::join).toList();
		assertThat(reports).allSatisfy((report) -> assertThat(report.failed()).isZero());
		assertThat(reports.stream().mapToLong((report) -> report.rows().getOrDefault("public.customers", 0L)).sum())
			.isEqualTo(403);
		assertThat(shop.rows("customers")).isEqualTo("(1200)");
		assertThat(shop.rows("orders")).isEqualTo("(1200)");
		assertThat(shop.told()).doesNotHaveDuplicates()
			.doesNotContain("public.customers 1200", "public.orders 1200")
			.hasSizeBetween(403 + 407 + 407, 403 + 407 + 408);
	}

	/**
	 * The dependants of one root are the roots of another operation.
	 */
	@Test
	void twoLanesOnOperationsThatOverlapEndWithoutFailures() {
		shop.sql("""
				INSERT INTO customers SELECT generate_series(1001, 1200);
				INSERT INTO orders SELECT c * 10 + n, c FROM generate_series(1001, 1200) c, generate_series(1, 3) n""");
		for (int n = 1; n <= 2; n++) {
			shop.deletes()
				.from("orders")
				.byIds(shop.application()
					.jdbc()
					.sql("SELECT id FROM orders WHERE id > 1000 AND id % 10 = ?")
					.param(n)
					.query(Long.class)
					.list())
				.execute();
		}
		DeletionResult last = shop.deletes().from("customers").all().execute();
		assertThat(last.cascaded()).isEqualTo(Map.of("public.orders", 208L, "public.labels", 8L));
		var start = new CyclicBarrier(2);
		List<CompletableFuture<PurgeReport>> lanes = IntStream.range(0, 2)
			.mapToObj((lane) -> CompletableFuture.supplyAsync(() -> {
				await(start);
				return elsewhere();
			}, TreeTables.THREADS))
			.toList();
		lanes.forEach((lane) -> assertThat(lane.join().failed()).isZero());
		shop.application().purgeAfter(LAST_RUN);
		assertThat(shop.shopRows()).containsOnly("");
		assertThat(shop.told()).doesNotHaveDuplicates().hasSize(204 + 608 + 8);
	}

	private static boolean comesThrough(String insert) {
		try {
			shop.sql(insert);
			return true;
		}
		catch (DataIntegrityViolationException ex) {
			return false;
		}
	}

	private static PurgeReport elsewhere() {
		return CompletableFuture
			.supplyAsync(() -> shop.application().purges().runDueAsOf(shop.application().now().plus(FIRST_RUN)))
			.join();
	}

	private static void await(CyclicBarrier barrier) {
		try {
			barrier.await();
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

}
