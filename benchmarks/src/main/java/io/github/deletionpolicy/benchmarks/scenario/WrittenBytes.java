package io.github.deletionpolicy.benchmarks.scenario;

import java.util.ArrayList;
import java.util.List;

import io.github.deletionpolicy.benchmarks.database.Application;
import io.github.deletionpolicy.benchmarks.database.Database;
import io.github.deletionpolicy.benchmarks.database.RawPurge;
import io.github.deletionpolicy.benchmarks.database.Snapshot;
import io.github.deletionpolicy.benchmarks.database.TableShape;
import io.github.deletionpolicy.benchmarks.measure.Measurement;

/**
 * What goes to the write-ahead log and what is left for vacuum. The application has one
 * connection, so that its counters are up to date.
 */
final class WrittenBytes implements Scenario {

	@Override
	public String name() {
		return "written-bytes";
	}

	@Override
	public List<Measurement> measure(Workbench bench) {
		bench.tell("write-ahead log and dead tuples");
		int rows = bench.sizes().scheduledRows();
		Snapshot live = bench.snapshots().live(rows);
		Snapshot due = bench.snapshots().dueInBulk(TableShape.BIGINT, rows);
		Snapshot dueSingle = bench.snapshots().dueOneByOne(bench.sizes().singleRows());
		List<Measurement> measurements = new ArrayList<>();
		try (Application counting = Application.start(bench.url(), "spring.datasource.hikari.maximum-pool-size=1")) {
			Database database = counting.database();
			live.layOut();
			Written rawSchedule = written(database, rows,
					() -> database.inTransaction(() -> UserDeletes.markAll(database)));
			live.layOut();
			Written schedule = written(database, rows, () -> counting.deletes().from("users").all().execute());
			measurements.addAll(lines("scheduled delete in bulk", rawSchedule, schedule));
			due.layOutWithoutLedger();
			RawPurge raw = RawPurge.inBulk(database, due);
			Written rawPurge = written(database, rows, () -> raw.run(1));
			due.layOut();
			Written purge = written(database, rows, () -> counting.purge(due.rows()));
			measurements.addAll(lines("purge of rows deleted in bulk", rawPurge, purge));
			dueSingle.layOutWithoutLedger();
			RawPurge rawSingle = RawPurge.oneByOne(database, dueSingle);
			Written rawSinglePurge = written(database, dueSingle.rows(), () -> rawSingle.run(1));
			dueSingle.layOut();
			Written singlePurge = written(database, dueSingle.rows(), () -> counting.purge(dueSingle.rows()));
			measurements.addAll(lines("purge of rows deleted one by one", rawSinglePurge, singlePurge));
		}
		return measurements;
	}

	private static List<Measurement> lines(String what, Written raw, Written product) {
		return List.of(
				Measurement.againstRaw(what + ": write-ahead log per 1,000 rows", "KiB", raw.kibibytes(),
						product.kibibytes(), null),
				Measurement.againstRaw(what + ": dead tuples per 1,000 rows", "tuples", raw.deadTuples(),
						product.deadTuples(), null));
	}

	private static Written written(Database database, long rows, Runnable work) {
		long deadBefore = deadTuples(database);
		long bytes = database.walBytesOf(work);
		long dead = deadTuples(database) - deadBefore;
		return new Written(bytes / 1024.0 / rows * 1000, (double) dead / rows * 1000);
	}

	private static long deadTuples(Database database) {
		database.jdbc().queryForList("SELECT 1 FROM pg_stat_force_next_flush()");
		return database.number("""
				SELECT sum(n_dead_tup) FROM pg_stat_user_tables
				WHERE relname = 'users' OR relname LIKE 'deletion\\_%'""");
	}

	private record Written(double kibibytes, double deadTuples) {
	}

}
