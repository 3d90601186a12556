package io.github.deletionpolicy.benchmarks.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

import io.github.deletionpolicy.benchmarks.database.Snapshot;
import io.github.deletionpolicy.benchmarks.database.TableShape;
import io.github.deletionpolicy.benchmarks.measure.Aim;
import io.github.deletionpolicy.benchmarks.measure.Measurement;
import io.github.deletionpolicy.benchmarks.measure.Rounds;
import io.github.deletionpolicy.benchmarks.measure.Stopwatch;

import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Purge while an old transaction, such as a dump, keeps all dead rows and index entries
 * in place, and the first poll after it.
 */
final class HeldSnapshot implements Scenario {

	@Override
	public String name() {
		return "old-snapshot";
	}

	@Override
	public List<Measurement> measure(Workbench bench) {
		List<Measurement> measurements = new ArrayList<>();
		measurements.addAll(
				measure(bench, "in bulk", bench.snapshots().dueInBulk(TableShape.BIGINT, bench.sizes().bulkRows())));
		measurements.addAll(measure(bench, "one by one", bench.snapshots().dueOneByOne(bench.sizes().singleRows())));
		return measurements;
	}

	private static List<Measurement> measure(Workbench bench, String how, Snapshot due) {
		Rounds<Drain> drains = bench.rounds("old snapshot, rows deleted " + how, () -> {
			due.layOut();
			return drain(bench, due);
		}, () -> {
			due.layOut();
			return drainBesideOldSnapshot(bench, due);
		});
		String what = "%,d rows deleted %s, old snapshot held".formatted(due.rows(), how);
		return List.of(
				Measurement.compared(what + ": purge", "rows/s", "no old snapshot", drains.median(0, Drain::rate),
						drains.median(1, Drain::rate), Aim.ratioAtLeast(0.5)),
				Measurement.compared(what + ", no vacuum: next poll", "ms", "no old snapshot",
						drains.median(0, Drain::nextPoll), drains.median(1, Drain::nextPoll), Aim.atMost(10)));
	}

	private static Drain drainBesideOldSnapshot(Workbench bench, Snapshot due) {
		TransactionTemplate old = new TransactionTemplate(bench.database().transactionManager());
		old.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
		old.setReadOnly(true);
		return Objects.requireNonNull(old.execute((status) -> {
			bench.database().number("SELECT count(*) FROM users");
			return CompletableFuture.supplyAsync(() -> drain(bench, due), (task) -> new Thread(task).start()).join();
		}));
	}

	private static Drain drain(Workbench bench, Snapshot due) {
		double rate = Stopwatch.rate(due.rows(), () -> bench.application().purge(due.rows()));
		return new Drain(rate, Stopwatch.seconds(() -> bench.application().purge(0)) * 1000);
	}

	/**
	 * How a purge went.
	 *
	 * @param rate rows per second
	 * @param nextPoll how long the first poll after it took, in milliseconds
	 */
	private record Drain(double rate, double nextPoll) {
	}

}
