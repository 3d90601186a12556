package io.github.deletionpolicy.benchmarks.scenario;

import java.util.List;

import io.github.deletionpolicy.benchmarks.database.LedgerTables;
import io.github.deletionpolicy.benchmarks.database.Snapshot;
import io.github.deletionpolicy.benchmarks.database.TableShape;
import io.github.deletionpolicy.benchmarks.measure.Aim;
import io.github.deletionpolicy.benchmarks.measure.Measurement;

/**
 * What the ledger takes up for each pending row, with its indexes.
 */
final class LedgerSize implements Scenario {

	@Override
	public String name() {
		return "ledger-size";
	}

	@Override
	public List<Measurement> measure(Workbench bench) {
		bench.tell("ledger size");
		Snapshot bulk = bench.snapshots().dueInBulk(TableShape.BIGINT, bench.sizes().bulkRows());
		Snapshot single = bench.snapshots().dueOneByOne(bench.sizes().singleRows());
		return List.of(
				Measurement.alone("ledger, %,d rows deleted in bulk".formatted(bulk.rows()), "bytes/row",
						bytesPerRow(bench, bulk), Aim.atMost(10)),
				Measurement.alone("ledger, %,d rows deleted one by one".formatted(single.rows()), "bytes/row",
						bytesPerRow(bench, single), Aim.atMost(150)));
	}

	private static double bytesPerRow(Workbench bench, Snapshot due) {
		due.layOut();
		return (double) LedgerTables.bytes(bench.database()) / due.rows();
	}

}
