package io.github.deletionpolicy.benchmarks.scenario;

import java.util.List;

import io.github.deletionpolicy.benchmarks.database.Application;
import io.github.deletionpolicy.benchmarks.database.Snapshot;
import io.github.deletionpolicy.benchmarks.database.TableShape;
import io.github.deletionpolicy.benchmarks.measure.Aim;
import io.github.deletionpolicy.benchmarks.measure.Measurement;
import io.github.deletionpolicy.benchmarks.measure.Rounds;

/**
 * What a second worker slot gains, and what a second connection gains raw SQL on this
 * machine.
 */
final class PurgeLanes implements Scenario {

	private static final double AIM = 1.6;

	@Override
	public String name() {
		return "purge-lanes";
	}

	@Override
	public List<Measurement> measure(Workbench bench) {
		int rows = bench.sizes().bulkRows();
		Snapshot due = bench.snapshots().dueInBulk(TableShape.BIGINT, rows);
		try (Application twoLanes = Application.start(bench.url(), "deletion-policy.purge.concurrency=2")) {
			Rounds<Double> rates = bench.rounds("one worker slot and two", () -> bench.rawBulkRate(due, 1),
					() -> bench.rawBulkRate(due, 2), () -> bench.purgeRate(due, bench.application()),
					() -> bench.purgeRate(due, twoLanes));
			double rawGain = rates.median(1, Double::doubleValue) / rates.median(0, Double::doubleValue);
			return List.of(
					Measurement.compared("purge, two worker slots, %,d rows deleted in bulk".formatted(rows), "rows/s",
							"one worker slot", rates.median(2, Double::doubleValue),
							rates.median(3, Double::doubleValue), Aim.ratioAtLeast(Math.min(AIM, rawGain))),
					Measurement
						.compared("raw SQL, two connections", "rows/s", "one connection",
								rates.median(0, Double::doubleValue), rates.median(1, Double::doubleValue), null)
						.withNote("what this machine can gain; both figures are of raw SQL"));
		}
	}

}
