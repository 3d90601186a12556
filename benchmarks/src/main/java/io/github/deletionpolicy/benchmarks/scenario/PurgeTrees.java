package io.github.deletionpolicy.benchmarks.scenario;

import java.time.Duration;
import java.util.List;

import io.github.deletionpolicy.benchmarks.database.Database;
import io.github.deletionpolicy.benchmarks.database.LedgerTables;
import io.github.deletionpolicy.benchmarks.measure.Measurement;
import io.github.deletionpolicy.benchmarks.measure.Rounds;
import io.github.deletionpolicy.benchmarks.measure.Stopwatch;

/**
 * Purge of parents with children that cascade. The product looks whether something in a
 * tree must stay; plain SQL does not.
 */
final class PurgeTrees implements Scenario {

	private static final int CHILDREN = 10;

	/**
	 * With the children about 1,000 rows.
	 */
	private static final int PARENTS_PER_CHUNK = 90;

	@Override
	public String name() {
		return "purge-trees";
	}

	@Override
	public List<Measurement> measure(Workbench bench) {
		int trees = bench.sizes().trees();
		Rounds<Double> rates = bench.rounds("purge of trees", () -> {
			layOut(bench, trees);
			return Stopwatch.rate(trees, () -> deleteParents(bench.database(), trees));
		}, () -> {
			layOut(bench, trees);
			return Stopwatch.rate(trees, () -> purge(bench));
		});
		bench.database().run("DROP TABLE child, parent");
		LedgerTables.clear(bench.database());
		return List.of(Measurement
			.againstRaw(
					"purge, one worker slot, %,d parents with %d cascading children each".formatted(trees, CHILDREN),
					"parents/s", rates.median(0, Double::doubleValue), rates.median(1, Double::doubleValue), null)
			.withNote("raw SQL is DELETE of %d parents at a time; it guards nothing".formatted(PARENTS_PER_CHUNK)));
	}

	private static void layOut(Workbench bench, int trees) {
		Database database = bench.database();
		LedgerTables.clear(database);
		database.run("DROP TABLE IF EXISTS child, parent");
		database.run("CREATE TABLE parent (id bigint PRIMARY KEY, payload text, deletion_time timestamptz)");
		database.run("""
				CREATE TABLE child (id bigint PRIMARY KEY,
					parent_id bigint NOT NULL REFERENCES parent ON DELETE CASCADE, payload text,
					deletion_time timestamptz)""");
		database.run("CREATE INDEX ON child (parent_id)");
		database.run("INSERT INTO parent SELECT n, repeat('x', 100) FROM generate_series(1, %d) AS n".formatted(trees));
		database.run("INSERT INTO child SELECT n, 1 + n / %d, repeat('x', 100) FROM generate_series(0, %d) AS n"
			.formatted(CHILDREN, trees * CHILDREN - 1));
		database.run("VACUUM ANALYZE parent, child");
		bench.application().deletes().from("parent").all().scheduled(Duration.ZERO).execute();
		database.run("VACUUM ANALYZE parent, child");
		LedgerTables.vacuum(database);
		database.run("CHECKPOINT");
	}

	private static void purge(Workbench bench) {
		bench.application().purge();
		requireEmpty(bench.database());
	}

	private static void deleteParents(Database database, int trees) {
		for (long from = 1; from <= trees; from += PARENTS_PER_CHUNK) {
			Object[] range = { from, from + PARENTS_PER_CHUNK - 1 };
			database.inTransaction(() -> database.jdbc().update("DELETE FROM parent WHERE id BETWEEN ? AND ?", range));
		}
		requireEmpty(database);
	}

	private static void requireEmpty(Database database) {
		long left = database.number("SELECT (SELECT count(*) FROM parent) + (SELECT count(*) FROM child)");
		if (left > 0) {
			throw new IllegalStateException("%d rows are left".formatted(left));
		}
	}

}
