package io.github.deletionpolicy.benchmarks.scenario;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;

import io.github.deletionpolicy.benchmarks.database.Database;
import io.github.deletionpolicy.benchmarks.database.Snapshots;
import io.github.deletionpolicy.benchmarks.measure.Aim;
import io.github.deletionpolicy.benchmarks.measure.Latencies;
import io.github.deletionpolicy.benchmarks.measure.Load;
import io.github.deletionpolicy.benchmarks.measure.Measurement;
import io.github.deletionpolicy.benchmarks.measure.Rounds;
import io.github.deletionpolicy.benchmarks.peer.DbSchedulerPeer;
import io.github.deletionpolicy.benchmarks.peer.QuartzPeer;

/**
 * Scheduled delete of one row in a transaction of the application, as fast as several
 * connections can, and with work of the application before each commit.
 */
final class ScheduleSingle implements Scenario {

	private static final int ROWS = 50_000;

	private static final Duration USERS_WORK = Duration.ofMillis(20);

	@Override
	public String name() {
		return "schedule-single";
	}

	@Override
	public List<Measurement> measure(Workbench bench) {
		int operations = Math.min(ROWS, bench.sizes().operations());
		List<Measurement> measurements = new ArrayList<>();
		try (QuartzPeer quartz = new QuartzPeer(bench.database());
				DbSchedulerPeer dbScheduler = new DbSchedulerPeer(bench.database())) {
			Contest contest = new Contest(bench, quartz, dbScheduler);
			measurements.addAll(contest.hold(1, operations / 2, Duration.ZERO));
			measurements.addAll(contest.hold(8, operations, Duration.ZERO));
			measurements.addAll(contest.hold(8, Math.max(80, operations / 20), USERS_WORK));
		}
		return measurements;
	}

	private record Contest(Workbench bench, QuartzPeer quartz, DbSchedulerPeer dbScheduler) {

		List<Measurement> hold(int connections, int operations, Duration usersWork) {
			Database database = this.bench.database();
			String what = "scheduled delete of one row, %d connection%s%s".formatted(connections,
					(connections > 1) ? "s" : "",
					usersWork.isZero() ? "" : ", %d ms of the user's own work".formatted(usersWork.toMillis()));
			int fewer = Math.max(80, operations / 10);
			Rounds<Latencies> rounds = this.bench.rounds(what,
					() -> turn(connections, operations, usersWork, (id) -> UserDeletes.mark(database, id)),
					() -> turn(connections, operations, usersWork,
							(id) -> this.bench.application().deletes().from("users").byId(id).execute()),
					() -> turn(connections, fewer, usersWork,
							(id) -> this.quartz.schedule(id, UserDeletes.markReturning(database, id), later())),
					() -> turn(connections, operations, usersWork,
							(id) -> this.dbScheduler.schedule(id, UserDeletes.markReturning(database, id), later())));
			return lines(what, rounds, usersWork.isZero());
		}

		private static List<Measurement> lines(String what, Rounds<Latencies> rounds, boolean withAims) {
			double product = rounds.median(1, Latencies::perSecond);
			return List.of(
					Measurement.againstRaw(what, "tx/s", rounds.median(0, Latencies::perSecond), product,
							withAims ? Aim.ratioAtLeast(0.85) : null),
					Measurement.againstRaw(what + ", p50", "ms", rounds.median(0, Latencies::p50),
							rounds.median(1, Latencies::p50), null),
					Measurement.againstRaw(what + ", p99", "ms", rounds.median(0, Latencies::p99),
							rounds.median(1, Latencies::p99), withAims ? Aim.ratioAtMost(1.3) : null),
					Measurement.compared(what, "tx/s", QuartzPeer.NAME, rounds.median(2, Latencies::perSecond), product,
							null),
					Measurement.compared(what, "tx/s", DbSchedulerPeer.NAME, rounds.median(3, Latencies::perSecond),
							product, null));
		}

		private Latencies turn(int connections, int operations, Duration usersWork, LongConsumer delete) {
			this.bench.snapshots().live(ROWS).layOut();
			this.quartz.clear();
			this.dbScheduler.clear();
			List<Integer> ids = Snapshots.shuffled(ROWS);
			return Load.run(connections, operations, (i) -> this.bench.database().inTransaction(() -> {
				delete.accept(ids.get(i));
				if (!usersWork.isZero()) {
					LockSupport.parkNanos(usersWork.toNanos());
				}
			}));
		}

		private static Instant later() {
			return Instant.now().plusSeconds(3600);
		}

	}

}
