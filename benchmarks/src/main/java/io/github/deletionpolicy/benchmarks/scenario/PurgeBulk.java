package io.github.deletionpolicy.benchmarks.scenario;

import java.util.ArrayList;
import java.util.List;

import io.github.deletionpolicy.benchmarks.database.Snapshot;
import io.github.deletionpolicy.benchmarks.database.TableShape;
import io.github.deletionpolicy.benchmarks.measure.Aim;
import io.github.deletionpolicy.benchmarks.measure.Measurement;
import io.github.deletionpolicy.benchmarks.measure.Rounds;

/**
 * Purge of rows that were deleted in one call, in one worker slot, by type of key.
 */
final class PurgeBulk implements Scenario {

	@Override
	public String name() {
		return "purge-bulk";
	}

	@Override
	public List<Measurement> measure(Workbench bench) {
		List<Measurement> measurements = new ArrayList<>();
		for (TableShape shape : TableShape.values()) {
			boolean isBigint = shape == TableShape.BIGINT;
			int rows = isBigint ? bench.sizes().bulkRows() : bench.sizes().bulkRows() / 2;
			Snapshot due = bench.snapshots().dueInBulk(shape, rows);
			Rounds<Double> rates = bench.rounds("purge in bulk, " + shape.title(), () -> bench.rawBulkRate(due, 1),
					() -> bench.purgeRate(due, bench.application()));
			measurements.add(Measurement
				.againstRaw("purge, deleted in bulk, key " + shape.title(), "rows/s",
						rates.median(0, Double::doubleValue), rates.median(1, Double::doubleValue),
						Aim.ratioAtLeast(isBigint ? 0.90 : 0.85))
				.withNote("one worker slot, %,d rows".formatted(rows)));
			if (!isBigint) {
				bench.snapshots().drop(due);
			}
		}
		return measurements;
	}

}
