package io.github.deletionpolicy.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import io.github.deletionpolicy.benchmarks.measure.Outcome;
import io.github.deletionpolicy.benchmarks.measure.Progress;
import io.github.deletionpolicy.benchmarks.report.CsvReport;
import io.github.deletionpolicy.benchmarks.report.MarkdownReport;
import io.github.deletionpolicy.benchmarks.report.RatioChart;
import io.github.deletionpolicy.benchmarks.scenario.Scenario;
import io.github.deletionpolicy.benchmarks.scenario.Workbench;

/**
 * Runs scenarios, prints what they measured as a table, and writes it to
 * {@code target/benchmarks.md}, {@code .csv} and {@code .svg}.
 *
 * @since 0.1
 */
public final class Benchmarks {

	private static final String TABLE = "benchmarks.md";

	private Benchmarks() {
	}

	/**
	 * Run the benchmarks.
	 * @param arguments {@code quick}, {@code rows=100000}, and names of scenarios, in any
	 * order; everything at full size if left out
	 * @throws IOException if the result cannot be written
	 * @throws IllegalStateException if a scenario failed
	 */
	public static void main(String[] arguments) throws IOException {
		System.setProperty("java.awt.headless", "true");
		Options options = Options.parse(arguments);
		Progress progress = new Progress();
		List<Outcome> outcomes = new ArrayList<>();
		try (Workbench bench = new Workbench(options.sizes(), progress)) {
			String machine = machine(bench);
			for (Scenario scenario : options.scenarios()) {
				outcomes.add(run(scenario, bench, progress));
				write(outcomes, machine);
			}
		}
		System.out.println(Files.readString(target().resolve(TABLE)));
		List<String> failed = outcomes.stream().filter((it) -> it.failure() != null).map(Outcome::scenario).toList();
		if (!failed.isEmpty()) {
			throw new IllegalStateException("Failed: " + String.join(", ", failed));
		}
	}

	private static Outcome run(Scenario scenario, Workbench bench, Progress progress) {
		progress.tell(scenario.name());
		double start = progress.seconds();
		try {
			return new Outcome(scenario.name(), scenario.measure(bench), null, progress.seconds() - start);
		}
		catch (Exception ex) {
			ex.printStackTrace();
			return new Outcome(scenario.name(), List.of(), ex.toString(), progress.seconds() - start);
		}
	}

	/**
	 * Write what is there so far: a run that is ended leaves its figures.
	 */
	private static void write(List<Outcome> outcomes, String machine) throws IOException {
		Path target = Files.createDirectories(target());
		Files.writeString(target.resolve(TABLE), MarkdownReport.of(outcomes, machine));
		Files.writeString(target.resolve("benchmarks.csv"), CsvReport.of(outcomes));
		RatioChart.write(outcomes, target.resolve("benchmarks.svg"));
	}

	/**
	 * Maven runs us in the folder that it was started in.
	 */
	private static Path target() {
		Path module = Path.of("benchmarks");
		return (Files.isDirectory(module) ? module : Path.of("")).resolve("target");
	}

	private static String machine(Workbench bench) {
		String server = bench.database().client().sql("""
				SELECT 'PostgreSQL ' || current_setting('server_version') || ', fsync ' || current_setting('fsync')
				|| ', synchronous_commit ' || current_setting('synchronous_commit')
				|| ', full_page_writes ' || current_setting('full_page_writes')
				|| ', autovacuum ' || current_setting('autovacuum')""").query(String.class).single();
		return "%s, JDK %s, %d cores that server and client share".formatted(server, Runtime.version().feature(),
				Runtime.getRuntime().availableProcessors());
	}

}
