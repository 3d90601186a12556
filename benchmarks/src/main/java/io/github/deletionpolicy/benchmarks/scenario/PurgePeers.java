package io.github.deletionpolicy.benchmarks.scenario;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

import io.github.deletionpolicy.benchmarks.database.Database;
import io.github.deletionpolicy.benchmarks.database.Snapshot;
import io.github.deletionpolicy.benchmarks.database.TableShape;
import io.github.deletionpolicy.benchmarks.measure.Aim;
import io.github.deletionpolicy.benchmarks.measure.Measurement;
import io.github.deletionpolicy.benchmarks.measure.Rounds;
import io.github.deletionpolicy.benchmarks.measure.Stopwatch;
import io.github.deletionpolicy.benchmarks.peer.DbSchedulerPeer;
import io.github.deletionpolicy.benchmarks.peer.QuartzPeer;

/**
 * Purge with one job or task for each row. Peers get fewer rows; rates are compared.
 */
final class PurgePeers implements Scenario {

	private static final Duration PATIENCE = Duration.ofMinutes(5);

	@Override
	public String name() {
		return "purge-peers";
	}

	@Override
	public List<Measurement> measure(Workbench bench) {
		Sizes sizes = bench.sizes();
		Snapshot due = bench.snapshots().dueInBulk(TableShape.BIGINT, sizes.bulkRows());
		try (QuartzPeer quartz = new QuartzPeer(bench.database());
				DbSchedulerPeer dbScheduler = new DbSchedulerPeer(bench.database())) {
			Rounds<Double> rates = bench.rounds("purge with peers",
					() -> quartzRate(quartz, bench.database(),
							bench.snapshots().dueInBulk(TableShape.BIGINT, sizes.quartzRows())),
					() -> dbSchedulerRate(dbScheduler, bench.database(),
							bench.snapshots().dueInBulk(TableShape.BIGINT, sizes.dbSchedulerRows())),
					() -> bench.purgeRate(due, bench.application()));
			double product = rates.median(2, Double::doubleValue);
			return List.of(
					against(QuartzPeer.NAME, sizes.quartzRows(), rates.median(0, Double::doubleValue), product, 500,
							bench),
					against(DbSchedulerPeer.NAME, sizes.dbSchedulerRows(), rates.median(1, Double::doubleValue),
							product, 50, bench));
		}
	}

	private static Measurement against(String peer, int rows, double rate, double product, double aim,
			Workbench bench) {
		return Measurement
			.compared("purge, one worker slot, rows deleted in bulk", "rows/s", peer, rate, product,
					Aim.ratioAtLeast(aim))
			.withNote("%,d rows there, %,d here".formatted(rows, bench.sizes().bulkRows()));
	}

	private static double quartzRate(QuartzPeer quartz, Database database, Snapshot due) {
		due.layOutWithoutLedger();
		quartz.clear();
		Map<Long, String> tokens = UserDeletes.tokens(database);
		Instant now = Instant.now();
		database.inTransaction(() -> tokens.forEach((id, token) -> quartz.schedule(id, token, now)));
		database.run("CHECKPOINT");
		double rate = Stopwatch.rate(due.rows(), () -> {
			quartz.start();
			awaitEmpty(database);
		});
		quartz.standBy();
		return rate;
	}

	private static double dbSchedulerRate(DbSchedulerPeer dbScheduler, Database database, Snapshot due) {
		due.layOutWithoutLedger();
		dbScheduler.clear();
		Map<Long, String> tokens = UserDeletes.tokens(database);
		database.inTransaction(() -> dbScheduler.scheduleAll(tokens, Instant.now()));
		database.run("VACUUM ANALYZE scheduled_tasks");
		database.run("CHECKPOINT");
		double rate = Stopwatch.rate(due.rows(), () -> {
			dbScheduler.start();
			awaitEmpty(database);
		});
		dbScheduler.stop();
		return rate;
	}

	private static void awaitEmpty(Database database) {
		long end = System.nanoTime() + PATIENCE.toNanos();
		while (database.number("SELECT count(*) FROM (SELECT FROM users LIMIT 1) AS row") > 0) {
			if (System.nanoTime() > end) {
				throw new IllegalStateException("Rows are left after " + PATIENCE);
			}
			LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
		}
	}

}
