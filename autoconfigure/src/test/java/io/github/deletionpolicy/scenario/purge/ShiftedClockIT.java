package io.github.deletionpolicy.scenario.purge;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import io.github.deletionpolicy.support.TestDatabase;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A node whose clock is hours off purges nothing early and nothing late. The clock is
 * that of a whole JVM, shifted by Debian's package faketime: nothing can go round it.
 */
class ShiftedClockIT {

	@TempDir
	private Path directory;

	@ParameterizedTest
	@ValueSource(strings = { "+30h", "-30h" })
	void aNodeWithAWrongClockGoesByTheDatabases(String shift) throws Exception {
		requireFaketime();
		TestDatabase database = TestDatabase.create();
		database.jdbc().sql("CREATE TABLE users (id bigint PRIMARY KEY, deletion_time timestamptz)").update();
		database.jdbc().sql("INSERT INTO users VALUES (1), (2)").update();
		Instant before = Instant.now();
		Map<String, String> seen = runShifted(database, shift);
		Duration shifted = Duration.between(before, Instant.parse(seen.get("jvm")));
		assertThat(shifted.abs()).isGreaterThan(Duration.ofHours(29));
		assertThat(Instant.parse(seen.get("deletionTime"))).isBetween(before, Instant.now());
		assertThat(seen).containsEntry("purged", "1");
		assertThat(database.jdbc().sql("SELECT id FROM users").query(Long.class).list()).containsExactly(1L);
	}

	@Test
	void aShiftThatDoesNotTakeEffectWouldBeNoticed() throws Exception {
		TestDatabase database = TestDatabase.create();
		database.jdbc().sql("CREATE TABLE users (id bigint PRIMARY KEY, deletion_time timestamptz)").update();
		database.jdbc().sql("INSERT INTO users VALUES (1), (2)").update();
		Map<String, String> seen = run(database, List.of());
		assertThat(Duration.between(Instant.now(), Instant.parse(seen.get("jvm"))).abs())
			.isLessThan(Duration.ofHours(1));
	}

	private Map<String, String> runShifted(TestDatabase database, String shift) throws Exception {
		return run(database, List.of("faketime", "-f", shift));
	}

	private Map<String, String> run(TestDatabase database, List<String> prefix) throws Exception {
		Path output = this.directory.resolve("seen.txt");
		List<String> command = new ArrayList<>(prefix);
		command.addAll(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
				System.getProperty("java.class.path"), ShiftedNode.class.getName(), database.url(), output.toString()));
		ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
			.redirectOutput(this.directory.resolve("log.txt").toFile());
		Process process = builder.start();
		try {
			assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
		}
		finally {
			process.destroyForcibly();
		}
		assertThat(process.exitValue()).as(log()).isZero();
		return Files.readAllLines(output)
			.stream()
			.map((line) -> line.split("=", 2))
			.collect(Collectors.toMap((pair) -> pair[0], (pair) -> pair[1]));
	}

	private String log() throws IOException {
		return Files.readString(this.directory.resolve("log.txt"), StandardCharsets.UTF_8);
	}

	private static void requireFaketime() throws InterruptedException {
		boolean present;
		try {
			present = new ProcessBuilder("faketime", "--version").redirectErrorStream(true)
				.redirectOutput(ProcessBuilder.Redirect.DISCARD)
				.start()
				.waitFor() == 0;
		}
		catch (IOException ex) {
			present = false;
		}
		String absent = "faketime is not installed, so no JVM was started with a wrong clock. On Debian: apt-get install faketime";
		if ("true".equals(System.getenv("CI"))) {
			assertThat(present).as(absent).isTrue();
		}
		Assumptions.assumeTrue(present, absent);
	}

}
