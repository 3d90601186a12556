package io.github.deletionpolicy.benchmarks.scenario;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.time.Duration;
import java.util.List;

import io.github.deletionpolicy.benchmarks.database.Application;
import io.github.deletionpolicy.benchmarks.measure.Aim;
import io.github.deletionpolicy.benchmarks.measure.Measurement;

/**
 * Many rows are deleted, scheduled and purged by a JVM with a small heap.
 */
public final class ClientHeap implements Scenario {

	private static final int MEBIBYTES = 64;

	private static final Duration PATIENCE = Duration.ofMinutes(12);

	@Override
	public String name() {
		return "client-heap";
	}

	@Override
	public List<Measurement> measure(Workbench bench) throws Exception {
		int rows = bench.sizes().heapRows();
		bench.tell("%,d rows through a heap of %d MiB".formatted(rows, MEBIBYTES));
		try {
			String peak = Fork
				.run(ClientHeap.class, List.of("-Xmx" + MEBIBYTES + "m", "-XX:+ExitOnOutOfMemoryError"),
						List.of(bench.url(), Integer.toString(rows)), PATIENCE)
				.get(0);
			return List.of(Measurement
				.alone("%,d rows scheduled and purged, and as many deleted hard: peak heap".formatted(rows), "MiB",
						Double.parseDouble(peak), Aim.atMost(MEBIBYTES))
				.withNote("in a JVM with -Xmx%dm".formatted(MEBIBYTES)));
		}
		finally {
			bench.database().run("DROP TABLE IF EXISTS many");
		}
	}

	/**
	 * Delete, schedule and purge.
	 * @param arguments the database, and the number of rows
	 */
	public static void main(String[] arguments) {
		long rows = Long.parseLong(arguments[1]);
		try (Application application = Application.start(arguments[0])) {
			fill(application, rows);
			application.deletes().from("many").all().scheduled(Duration.ZERO).execute();
			application.purge(rows);
			fill(application, rows);
			long removed = application.deletes().from("many").all().hard().execute().rows();
			if (removed != rows) {
				throw new IllegalStateException("%d rows were deleted".formatted(removed));
			}
		}
		long peak = ManagementFactory.getMemoryPoolMXBeans()
			.stream()
			.filter((pool) -> pool.getType() == MemoryType.HEAP)
			.mapToLong((pool) -> pool.getPeakUsage().getUsed())
			.sum();
		Fork.print(Double.toString(Math.min(peak, Runtime.getRuntime().maxMemory()) / 1024.0 / 1024.0));
	}

	private static void fill(Application application, long rows) {
		application.database().run("DROP TABLE IF EXISTS many");
		application.database().run("CREATE TABLE many (id bigint PRIMARY KEY, deletion_time timestamptz)");
		application.database().run("INSERT INTO many SELECT n FROM generate_series(1, %d) AS n".formatted(rows));
	}

}
