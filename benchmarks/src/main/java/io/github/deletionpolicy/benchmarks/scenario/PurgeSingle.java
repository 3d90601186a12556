package io.github.deletionpolicy.benchmarks.scenario;

import java.util.List;

import io.github.deletionpolicy.benchmarks.database.Snapshot;
import io.github.deletionpolicy.benchmarks.measure.Aim;
import io.github.deletionpolicy.benchmarks.measure.Measurement;
import io.github.deletionpolicy.benchmarks.measure.Rounds;

/**
 * Purge of rows that were deleted one by one, in random order, in one worker slot.
 */
final class PurgeSingle implements Scenario {

	@Override
	public String name() {
		return "purge-single";
	}

	@Override
	public List<Measurement> measure(Workbench bench) {
		int rows = bench.sizes().singleRows();
		bench.tell("delete %,d rows one by one".formatted(rows));
		Snapshot due = bench.snapshots().dueOneByOne(rows);
		Rounds<Double> rates = bench.rounds("purge of rows deleted one by one", () -> bench.rawSingleRate(due),
				() -> bench.purgeRate(due, bench.application()));
		return List.of(Measurement
			.againstRaw("purge, deleted one by one", "rows/s", rates.median(0, Double::doubleValue),
					rates.median(1, Double::doubleValue), Aim.ratioAtLeast(0.80))
			.withNote("one worker slot, %,d rows".formatted(rows)));
	}

}
