package io.github.deletionpolicy.benchmarks.database;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.github.deletionpolicy.benchmarks.measure.Load;

/**
 * Snapshots that scenarios share, each made once.
 *
 * @since 0.1
 */
public final class Snapshots {

	private static final int WRITERS = 8;

	private final Application application;

	private final Map<String, Snapshot> taken = new LinkedHashMap<>();

	/**
	 * Create an empty collection.
	 * @param application deletes what is to be deleted in a snapshot
	 */
	public Snapshots(Application application) {
		this.application = application;
	}

	/**
	 * Return a table with live rows only.
	 * @param rows how many
	 * @return the snapshot
	 */
	public Snapshot live(long rows) {
		return this.taken.computeIfAbsent("live_" + rows,
				(name) -> Snapshot.take(this.application.database(), TableShape.BIGINT, name, rows, () -> {
				}));
	}

	/**
	 * Return a table with live rows only, of which every second one has another payload.
	 * @param rows how many
	 * @return the snapshot
	 */
	public Snapshot halves(long rows) {
		Database database = this.application.database();
		return this.taken.computeIfAbsent("halves_" + rows,
				(name) -> Snapshot.take(database, TableShape.BIGINT, name, rows, () -> {
					database.run("UPDATE users SET payload = repeat('y', 100) WHERE id % 2 = 0");
					database.run("CLUSTER users USING users_pkey");
				}));
	}

	/**
	 * Return a table whose rows were deleted in one call and are due.
	 * @param shape the table
	 * @param rows how many
	 * @return the snapshot
	 */
	public Snapshot dueInBulk(TableShape shape, long rows) {
		return this.taken.computeIfAbsent("bulk_" + rows + "_" + shape.table(),
				(name) -> Snapshot.take(this.application.database(), shape, name, rows,
						() -> this.application.deletes().from(shape.table()).all().scheduled(Duration.ZERO).execute()));
	}

	/**
	 * Return a table whose rows were deleted one by one, in random order, and are due.
	 * @param rows how many
	 * @return the snapshot
	 */
	public Snapshot dueOneByOne(int rows) {
		return this.taken.computeIfAbsent("single_" + rows, (name) -> Snapshot.take(this.application.database(),
				TableShape.BIGINT, name, rows, () -> deleteOneByOne(rows)));
	}

	private void deleteOneByOne(int rows) {
		List<Integer> ids = shuffled(rows);
		Load.run(WRITERS, rows,
				(i) -> this.application.deletes()
					.from(TableShape.BIGINT.table())
					.byId(ids.get(i))
					.scheduled(Duration.ZERO)
					.execute());
	}

	/**
	 * Return the keys of a table in random order, the same at each call.
	 * @param rows how many rows the table has
	 * @return the numbers from 1 to that
	 */
	public static List<Integer> shuffled(int rows) {
		List<Integer> ids = IntStream.rangeClosed(1, rows).boxed().collect(Collectors.toList());
		Collections.shuffle(ids, new Random(rows));
		return ids;
	}

	/**
	 * Drop a snapshot that is not needed any more.
	 * @param snapshot the snapshot
	 */
	public void drop(Snapshot snapshot) {
		this.taken.values().removeIf(snapshot::equals);
		snapshot.drop();
	}

}
