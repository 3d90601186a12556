package io.github.deletionpolicy.benchmarks.scenario;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.deletionpolicy.benchmarks.measure.Measurement;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * What the product itself takes up of a delete, without a database.
 */
public final class Methods implements Scenario {

	private static final Duration PATIENCE = Duration.ofMinutes(2);

	@Override
	public String name() {
		return "methods";
	}

	@Override
	public List<Measurement> measure(Workbench bench) throws Exception {
		bench.tell("single methods");
		List<Measurement> measurements = new ArrayList<>();
		for (String line : Fork.run(Methods.class, List.of(), List.of(), PATIENCE)) {
			String[] result = line.split(" ", 2);
			measurements
				.add(Measurement.alone("method " + result[0] + ", mean", "ns", Double.parseDouble(result[1]), null));
		}
		if (measurements.isEmpty()) {
			throw new IllegalStateException("JMH has run nothing");
		}
		return measurements;
	}

	/**
	 * Run the methods.
	 * @param arguments none
	 * @throws RunnerException if JMH fails
	 */
	public static void main(String[] arguments) throws RunnerException {
		var options = new OptionsBuilder().include(MethodBenchmark.class.getName())
			.forks(1)
			.warmupIterations(2)
			.warmupTime(TimeValue.milliseconds(300))
			.measurementIterations(3)
			.measurementTime(TimeValue.milliseconds(300))
			.verbosity(VerboseMode.SILENT)
			.shouldFailOnError(true)
			.build();
		for (RunResult result : new Runner(options).run()) {
			Fork.print(result.getPrimaryResult().getLabel() + " " + result.getPrimaryResult().getScore());
		}
	}

}
