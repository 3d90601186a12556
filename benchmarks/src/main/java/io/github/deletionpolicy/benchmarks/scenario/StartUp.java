package io.github.deletionpolicy.benchmarks.scenario;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

import io.github.deletionpolicy.benchmarks.measure.Aim;
import io.github.deletionpolicy.benchmarks.measure.Measurement;
import io.github.deletionpolicy.benchmarks.measure.Rounds;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * What the starter adds to the start of an application with many policies, each time in a
 * JVM of its own.
 */
public final class StartUp implements Scenario {

	private static final int TABLES = 50;

	private static final Duration PATIENCE = Duration.ofMinutes(1);

	@Override
	public String name() {
		return "start-up";
	}

	@Override
	public List<Measurement> measure(Workbench bench) throws Exception {
		IntStream.rangeClosed(1, TABLES)
			.forEach((n) -> bench.database()
				.run("CREATE TABLE IF NOT EXISTS t%d (id bigint PRIMARY KEY, deletion_time timestamptz)".formatted(n)));
		List<Double> without = new ArrayList<>();
		List<Double> with = new ArrayList<>();
		for (int i = 0; i < bench.sizes().startUps(); i++) {
			bench.tell("start-up without and with %d policies".formatted(TABLES));
			without.add(start(bench, false));
			with.add(start(bench, true));
		}
		IntStream.rangeClosed(1, TABLES).forEach((n) -> bench.database().run("DROP TABLE t" + n));
		double off = Rounds.median(without);
		double on = Rounds.median(with);
		return List.of(
				Measurement
					.compared("start of an application with %d policies".formatted(TABLES), "ms",
							"deletion-policy.enabled=false", off, on, null)
					.withNote("in a new JVM each time"),
				Measurement.alone("what the starter adds to that", "ms", on - off, Aim.atMost(300)));
	}

	private static double start(Workbench bench, boolean enabled) throws Exception {
		return Double.parseDouble(
				Fork.run(StartUp.class, List.of(), List.of(bench.url(), Boolean.toString(enabled)), PATIENCE).get(0));
	}

	/**
	 * Start and stop an application.
	 * @param arguments the database, and whether the starter is enabled
	 */
	public static void main(String[] arguments) {
		List<String> properties = new ArrayList<>(List.of("--spring.main.banner-mode=off", "--logging.level.root=error",
				"--spring.datasource.url=" + arguments[0], "--deletion-policy.enabled=" + arguments[1]));
		IntStream.rangeClosed(1, TABLES).forEach((n) -> {
			properties.add("--deletion-policy.tables.t%d.mode=scheduled".formatted(n));
			properties.add("--deletion-policy.tables.t%d.delay=30d".formatted(n));
		});
		long start = System.nanoTime();
		ConfigurableApplicationContext context = new SpringApplicationBuilder(Configuration.class)
			.web(WebApplicationType.NONE)
			.run(properties.toArray(String[]::new));
		Fork.print(Double.toString((System.nanoTime() - start) / 1e6));
		context.close();
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Configuration {

	}

}
