package io.github.deletionpolicy.benchmarks.scenario;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

import io.github.deletionpolicy.benchmarks.database.Application;
import io.github.deletionpolicy.benchmarks.database.Database;
import io.github.deletionpolicy.benchmarks.database.LedgerTables;
import io.github.deletionpolicy.benchmarks.database.Snapshot;
import io.github.deletionpolicy.benchmarks.database.TableShape;
import io.github.deletionpolicy.benchmarks.measure.Aim;
import io.github.deletionpolicy.benchmarks.measure.Latencies;
import io.github.deletionpolicy.benchmarks.measure.Load;
import io.github.deletionpolicy.benchmarks.measure.Measurement;
import io.github.deletionpolicy.benchmarks.measure.Rounds;

/**
 * What an application notices of a purge with the limits it has by default: four
 * connections read and update rows of the same table at a steady pace.
 */
final class Foreground implements Scenario {

	private static final int LIVE = 20_000;

	private static final int CONNECTIONS = 4;

	private static final Duration PERIOD = Duration.ofMillis(5);

	@Override
	public String name() {
		return "foreground";
	}

	@Override
	public List<Measurement> measure(Workbench bench) {
		BatchTimes batches = new BatchTimes();
		Snapshot due = bench.snapshots().dueInBulk(TableShape.BIGINT, bench.sizes().bulkRows());
		try (Application purging = Application.startWithDefaultLimits(bench.url(), batches)) {
			List<Latencies> alone = new ArrayList<>();
			List<Latencies> beside = new ArrayList<>();
			for (int round = 0; round <= bench.sizes().repetitions(); round++) {
				bench.tell("foreground, without and with a purge");
				layOut(bench, due);
				Latencies without = load(bench, () -> true);
				layOut(bench, due);
				Latencies with = loadBesidePurge(bench, purging, batches);
				if (round > 0) {
					alone.add(without);
					beside.add(with);
				}
			}
			LedgerTables.clear(bench.database());
			String what = "%d connections read and update, a purge of default limits runs".formatted(CONNECTIONS);
			return List.of(
					Measurement.compared(what + ", p50", "ms", "no purge", median(alone, false), median(beside, false),
							null),
					Measurement
						.compared(what + ", p99", "ms", "no purge", median(alone, true), median(beside, true),
								Aim.ratioAtMost(1.3))
						.withNote("each begins an operation every %d ms".formatted(PERIOD.toMillis())),
					Measurement.alone("one batch of a purge, first statement to commit, p50", "ms",
							batches.latencies().p50(), null),
					Measurement.alone("one batch of a purge, first statement to commit, p99", "ms",
							batches.latencies().p99(), Aim.atMost(250)));
		}
	}

	private static double median(List<Latencies> latencies, boolean p99) {
		return Rounds.median(latencies.stream().map((it) -> p99 ? it.p99() : it.p50()).toList());
	}

	private static void layOut(Workbench bench, Snapshot due) {
		due.layOut();
		bench.database()
			.run("""
					INSERT INTO users SELECT -n, 'live-' || n, repeat('x', 100) FROM generate_series(1, %d) AS n"""
				.formatted(LIVE));
		bench.database().run("VACUUM ANALYZE users");
		bench.database().run("CHECKPOINT");
	}

	private static Latencies loadBesidePurge(Workbench bench, Application purging, BatchTimes batches) {
		ExecutorService executor = Executors.newSingleThreadExecutor();
		try {
			CompletableFuture<Void> purge = CompletableFuture.runAsync(() -> batches.watch(purging::purge), executor);
			Latencies latencies = load(bench, () -> !purge.isDone());
			purging.pending().pause(null);
			purge.join();
			return latencies;
		}
		finally {
			purging.pending().resume(null);
			executor.shutdown();
		}
	}

	private static Latencies load(Workbench bench, BooleanSupplier goesOn) {
		long end = System.nanoTime() + Duration.ofSeconds(bench.sizes().foregroundSeconds()).toNanos();
		Database database = bench.database();
		return Load.paced(CONNECTIONS, PERIOD, () -> System.nanoTime() < end && goesOn.getAsBoolean(), (i) -> {
			long id = -1 - (i * 7919L) % LIVE;
			if (i % 2 == 0) {
				database.client().sql("SELECT payload FROM users WHERE id = ?").param(id).query(String.class).single();
			}
			else {
				database.client().sql("UPDATE users SET payload = repeat('y', 100) WHERE id = ?").param(id).update();
			}
		});
	}

}
