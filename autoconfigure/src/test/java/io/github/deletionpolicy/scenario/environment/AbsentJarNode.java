package io.github.deletionpolicy.scenario.environment;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.deletionpolicy.DeleteTemplate;
import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.support.TestDatabase;
import io.github.deletionpolicy.test.PurgeRunner;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * An application in its own JVM, from whose class path some jars are left out. It deletes
 * a user, purges it, says which beans it has, and ends. It names no class that may be
 * absent.
 */
final class AbsentJarNode {

	private static final String BEANS = "beans: ";

	private AbsentJarNode() {
	}

	public static void main(String[] arguments) {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Configuration.class)
			.web(WebApplicationType.NONE)
			.run(arguments)) {
			use(context);
			System.out.println(BEANS + String.join(",", context.getBeanDefinitionNames()));
		}
	}

	/**
	 * Delete a user and purge it.
	 */
	static void use(ConfigurableApplicationContext context) {
		DeletionResult result = context.getBean(DeleteTemplate.class).from("users").byId(1).execute();
		long purged = context.getBean(PurgeRunner.class).runDueAsOf(Instant.now().plus(Duration.ofDays(31))).total();
		if (result.rows() != 1 || purged != 1) {
			throw new IllegalStateException("%d deleted, %d purged".formatted(result.rows(), purged));
		}
	}

	/**
	 * Run the application to its end.
	 * @param jars pattern that finds the names of the jars to leave out
	 */
	static Outcome run(TestDatabase database, Pattern jars, Path log, String... properties)
			throws IOException, InterruptedException {
		List<String> all = Arrays.asList(System.getProperty("java.class.path").split(File.pathSeparator));
		List<String> present = all.stream().filter((entry) -> !jars.matcher(new File(entry).getName()).find()).toList();
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m",
						"-XX:TieredStopAtLevel=1", "-cp", String.join(File.pathSeparator, present),
						AbsentJarNode.class.getName()));
		Stream.of(database.properties(), properties)
			.flatMap(Stream::of)
			.forEach((property) -> command.add("--" + property));
		Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
		try {
			if (!process.waitFor(10, TimeUnit.MINUTES)) {
				throw new IllegalStateException("The application did not end. " + Files.readString(log));
			}
			return new Outcome(all.size() - present.size(), process.exitValue() == 0, Files.readString(log));
		}
		finally {
			process.destroyForcibly();
		}
	}

	/**
	 * How the application ended.
	 *
	 * @param absent how many jars were left out
	 * @param started whether it started and did its work
	 * @param output what it wrote
	 */
	record Outcome(int absent, boolean started, String output) {

		List<String> beans() {
			return this.output.lines()
				.filter((line) -> line.startsWith(BEANS))
				.flatMap((line) -> Stream.of(line.substring(BEANS.length()).split(",")))
				.collect(Collectors.toList());
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Configuration {

	}

}
