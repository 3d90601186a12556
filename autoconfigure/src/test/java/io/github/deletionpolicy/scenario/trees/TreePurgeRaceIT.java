package io.github.deletionpolicy.scenario.trees;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.IntStream;

import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.purge.PurgeReport;
import io.github.deletionpolicy.scenario.TreeTables;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What others do while a purge of trees runs. Customer 2 has the orders 21 and 22, and
 * each order a parcel and a label of the same number.
 */
class TreePurgeRaceIT {

	private static final Duration FIRST_RUN = Duration.ofDays(31);

	private static final Duration LAST_RUN = Duration.ofDays(365);

	@RegisterExtension
	private static final TreeTables shop = TreeTables.shop("", "deletion-policy.purge.concurrency=2",
			"deletion-policy.purge.batch-size=50");

	@BeforeEach
	void fourCustomers() {
		shop.resetToFourCustomers();
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
