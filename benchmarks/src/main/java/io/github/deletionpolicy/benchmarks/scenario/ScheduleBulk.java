package io.github.deletionpolicy.benchmarks.scenario;

import java.time.Instant;
import java.util.List;

import io.github.deletionpolicy.benchmarks.database.Database;
import io.github.deletionpolicy.benchmarks.database.Snapshot;
import io.github.deletionpolicy.benchmarks.measure.Aim;
import io.github.deletionpolicy.benchmarks.measure.Measurement;
import io.github.deletionpolicy.benchmarks.measure.Rounds;
import io.github.deletionpolicy.benchmarks.measure.Stopwatch;
import io.github.deletionpolicy.benchmarks.peer.DbSchedulerPeer;
import io.github.deletionpolicy.benchmarks.peer.QuartzPeer;

/**
 * Scheduled delete of many rows in one call, inside a transaction of the application.
 * Every contender stamps the rows; peers then add a job or task for each.
 */
final class ScheduleBulk implements Scenario {

	@Override
	public String name() {
		return "schedule-bulk";
	}

	@Override
	public List<Measurement> measure(Workbench bench) {
		Sizes sizes = bench.sizes();
		Database database = bench.database();
		int rows = sizes.scheduledRows();
		try (QuartzPeer quartz = new QuartzPeer(database);
				DbSchedulerPeer dbScheduler = new DbSchedulerPeer(database)) {
			Rounds<Double> rates = bench.rounds("schedule in bulk",
					() -> rate(bench, rows, () -> UserDeletes.markAll(database)),
					() -> rate(bench, rows, () -> bench.application().deletes().from("users").all().execute()), () -> {
						quartz.clear();
						return rate(bench, sizes.quartzRows(), () -> UserDeletes.markAllReturning(database)
							.forEach((id, token) -> quartz.schedule(id, token, Instant.now().plusSeconds(3600))));
					}, () -> {
						dbScheduler.clear();
						return rate(bench, rows, () -> dbScheduler.scheduleAll(UserDeletes.markAllReturning(database),
								Instant.now().plusSeconds(3600)));
					});
			double product = rates.median(1, Double::doubleValue);
			String what = "scheduled delete in one call";
			return List.of(
					Measurement
						.againstRaw(what, "rows/s", rates.median(0, Double::doubleValue), product,
								Aim.ratioAtLeast(0.90))
						.withNote("%,d rows".formatted(rows)),
					Measurement
						.compared(what, "rows/s", QuartzPeer.NAME, rates.median(2, Double::doubleValue), product,
								Aim.ratioAtLeast(100))
						.withNote("%,d rows there, %,d here".formatted(sizes.quartzRows(), rows)),
					Measurement
						.compared(what, "rows/s", DbSchedulerPeer.NAME, rates.median(3, Double::doubleValue), product,
								Aim.ratioAtLeast(2))
						.withNote("%,d rows, by its batch call".formatted(rows)));
		}
	}

	private static double rate(Workbench bench, int rows, Runnable work) {
		Snapshot live = bench.snapshots().live(rows);
		live.layOut();
		return Stopwatch.rate(rows, () -> bench.database().inTransaction(work));
	}

}
