package io.github.deletionpolicy.benchmarks.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

import io.github.deletionpolicy.AsyncDeletion;
import io.github.deletionpolicy.AsyncProgress;
import io.github.deletionpolicy.AsyncProgress.State;
import io.github.deletionpolicy.DeleteOperations.Target;
import io.github.deletionpolicy.benchmarks.database.Application;
import io.github.deletionpolicy.benchmarks.database.RawWalk;
import io.github.deletionpolicy.benchmarks.database.RawWalk.Form;
import io.github.deletionpolicy.benchmarks.database.Snapshot;
import io.github.deletionpolicy.benchmarks.measure.Aim;
import io.github.deletionpolicy.benchmarks.measure.Measurement;
import io.github.deletionpolicy.benchmarks.measure.Rounds;
import io.github.deletionpolicy.benchmarks.measure.Stopwatch;
import org.jspecify.annotations.Nullable;

import org.springframework.data.relational.core.query.Criteria;

/**
 * Asynchronous deletes, worked off by one worker from the first batch to the last, beside
 * the faster of two loops that somebody would write by hand.
 */
final class AsyncDeletes implements Scenario {

	private static final String DELETE = "DELETE FROM users";

	private static final String MARK = "UPDATE users SET deletion_time = clock_timestamp()";

	private static final String OTHER = "y".repeat(100);

	@Override
	public String name() {
		return "async";
	}

	@Override
	public List<Measurement> measure(Workbench bench) {
		int rows = bench.sizes().bulkRows();
		Snapshot all = bench.snapshots().live(rows);
		Snapshot halves = bench.snapshots().halves(rows);
		Aim aim = Aim.ratioAtLeast(0.85);
		List<Measurement> lines = new ArrayList<>();
		lines.addAll(compare(bench, "asynchronous hard delete of all rows", rows,
				new Raw(bench, all, DELETE, "true", List.of()), (users) -> users.all().hard().executeAsync(), aim));
		lines.addAll(compare(bench, "asynchronous hard delete of every second row", rows / 2,
				new Raw(bench, halves, DELETE, "payload = ?", List.of(OTHER)),
				(users) -> users.where(Criteria.where("payload").is(OTHER)).hard().executeAsync(), aim));
		lines.addAll(compare(bench, "asynchronous soft delete of all rows", rows,
				new Raw(bench, all, MARK, "deletion_time IS NULL", List.of()),
				(users) -> users.all().soft().executeAsync(), null));
		return lines;
	}

	private List<Measurement> compare(Workbench bench, String what, int rows, Raw raw,
			Function<Target, AsyncDeletion> delete, @Nullable Aim aim) {
		Rounds<Turn> turns = bench.rounds(what, () -> raw.turn(Form.KEYS, rows), () -> raw.turn(Form.RANGE, rows),
				() -> turn(bench.application(), raw.snapshot(), rows, delete));
		double keys = turns.median(0, Turn::rate);
		double range = turns.median(1, Turn::rate);
		return List.of(
				Measurement.againstRaw(what, "rows/s", Math.max(keys, range), turns.median(2, Turn::rate), aim)
					.withNote("%,d rows; raw SQL %,.0f by KEYS, %,.0f by RANGE".formatted(rows, keys, range)),
				Measurement.alone(what + ": until it is accepted", "ms", turns.median(2, Turn::acceptedMillis),
						Aim.atMost(1000)));
	}

	private static Turn turn(Application application, Snapshot snapshot, int rows,
			Function<Target, AsyncDeletion> delete) {
		snapshot.layOutWithoutLedger();
		List<AsyncDeletion> accepted = new ArrayList<>();
		double seconds = Stopwatch
			.seconds(() -> accepted.add(delete.apply(application.deletes().from(snapshot.shape().table()))));
		double rate = Stopwatch.rate(rows, application::purge);
		AsyncProgress progress = accepted.get(0).progress();
		if (progress.state() != State.DONE || progress.done() != rows) {
			throw new IllegalStateException("%d rows were to be deleted: %s".formatted(rows, progress));
		}
		return new Turn(rate, 1000 * seconds);
	}

	/**
	 * The loop by hand.
	 */
	private record Raw(Workbench bench, Snapshot snapshot, String action, String condition, List<Object> parameters) {

		Turn turn(Form form, int rows) {
			this.snapshot.layOutWithoutLedger();
			RawWalk walk = new RawWalk(this.bench.database(), form, this.action, this.condition,
					this.parameters.toArray());
			return new Turn(Stopwatch.rate(rows, () -> walk.run(rows)), 0);
		}

	}

	private record Turn(double rate, double acceptedMillis) {
	}

}
