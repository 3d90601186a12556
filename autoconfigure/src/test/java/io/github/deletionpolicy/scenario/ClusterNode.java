package io.github.deletionpolicy.scenario;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import io.github.deletionpolicy.PurgeListener;
import io.github.deletionpolicy.PurgedRows;
import io.github.deletionpolicy.support.TestDatabase;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * A node of a cluster that runs in its own JVM until it is stopped or its standard input
 * is closed. Inside each purge it writes down what was purged and whether another purge
 * was under way, unless the property {@code node.recorder} is {@code false}.
 */
public final class ClusterNode implements AutoCloseable {

	/**
	 * What a node writes to. A key that is purged twice breaks the primary key.
	 */
	public static final String TABLES = """
			CREATE TABLE nodes (name text PRIMARY KEY);
			CREATE TABLE purged (id bigint PRIMARY KEY, node text NOT NULL);
			CREATE TABLE intrusions (node text NOT NULL)""";

	private static final long LOCK = 4711;

	private final Process process;

	private ClusterNode(Process process) {
		this.process = process;
	}

	/**
	 * Start a node. It is up when its name is in the table {@code nodes}.
	 */
	public static ClusterNode start(TestDatabase database, String name, Path log, String... properties)
			throws IOException {
		return startWithHeap(256, database, name, log, properties);
	}

	/**
	 * Start a node that ends when its heap is full.
	 */
	public static ClusterNode startWithHeap(int mebibytes, TestDatabase database, String name, Path log,
			String... properties) throws IOException {
		return start(List.of(), mebibytes, database, name, log, properties);
	}

	/**
	 * Start a node whose clock is wrong.
	 * @param clock the beginning of a command that shifts it
	 */
	public static ClusterNode startWithClock(List<String> clock, TestDatabase database, String name, Path log,
			String... properties) throws IOException {
		return start(clock, 256, database, name, log, properties);
	}

	private static ClusterNode start(List<String> prefix, int mebibytes, TestDatabase database, String name, Path log,
			String... properties) throws IOException {
		List<String> command = new ArrayList<>(prefix);
		command.addAll(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-Xmx" + mebibytes + "m", "-XX:+ExitOnOutOfMemoryError", "-XX:TieredStopAtLevel=1", "-cp",
				System.getProperty("java.class.path"), ClusterNode.class.getName()));
		Stream.of(database.properties(), new String[] { "node.name=" + name }, properties)
			.flatMap(Stream::of)
			.forEach((property) -> command.add("--" + property));
		return new ClusterNode(
				new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start());
	}

	public static void main(String[] arguments) throws Exception {
		try (var context = new SpringApplicationBuilder(Application.Configuration.class, Recorder.class)
			.web(WebApplicationType.NONE)
			.run(arguments)) {
			context.getBean(JdbcTemplate.class)
				.update("INSERT INTO nodes VALUES (?) ON CONFLICT DO NOTHING",
						context.getEnvironment().getRequiredProperty("node.name"));
			while (System.in.read() != -1) {
				// The test holds the other end open as long as it lives.
			}
		}
	}

	public boolean isAlive() {
		return this.process.isAlive();
	}

	/**
	 * Send a signal, to the process itself and to one that was started by a command in
	 * front of it.
	 */
	public void signal(String signal) throws IOException, InterruptedException {
		List<String> command = new ArrayList<>(List.of("kill", "-" + signal, String.valueOf(this.process.pid())));
		this.process.descendants().forEach((child) -> command.add(String.valueOf(child.pid())));
		new ProcessBuilder(command).inheritIO().start().waitFor();
	}

	/**
	 * End the node at once, in the middle of whatever it does.
	 */
	public void kill() throws InterruptedException {
		this.process.descendants().forEach(ProcessHandle::destroyForcibly);
		this.process.destroyForcibly().waitFor();
	}

	@Override
	public void close() throws InterruptedException {
		kill();
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnProperty(name = "node.recorder", matchIfMissing = true)
	public static class Recorder {

		@Bean
		PurgeListener recorder(JdbcTemplate jdbc, Environment environment) {
			String node = environment.getRequiredProperty("node.name");
			return (rows) -> record(rows, node, jdbc);
		}

		/**
		 * The lock is held until the batch commits. The batch is drawn out, so that
		 * another one would have the time to come between.
		 */
		private static void record(PurgedRows rows, String node, JdbcTemplate jdbc) {
			Boolean alone = jdbc.queryForObject("SELECT pg_try_advisory_xact_lock(?)", Boolean.class, LOCK);
			if (!Boolean.TRUE.equals(alone)) {
				jdbc.update("INSERT INTO intrusions VALUES (?)", node);
			}
			jdbc.batchUpdate("INSERT INTO purged VALUES (?, ?)",
					rows.keys().stream().map((key) -> new Object[] { key, node }).toList());
			jdbc.execute("SELECT pg_sleep(0.01)");
		}

	}

}
