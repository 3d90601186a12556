package io.github.deletionpolicy.scenario;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.github.deletionpolicy.support.TestDatabase;
import org.assertj.core.api.SoftAssertions;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A limit on rows per second is kept, and made use of, over a minute by the database's
 * clock: by two lanes in one JVM, and by two nodes with each of Quartz's stores. All have
 * a database of their own and run in the same minute.
 */
class PurgeRateIT {

	private static final Duration MINUTE = Duration.ofMinutes(1);

	@TempDir
	private Path directory;

	private final List<AutoCloseable> running = new ArrayList<>();

	@AfterEach
	void stop() throws Exception {
		for (AutoCloseable closeable : this.running) {
			closeable.close();
		}
	}

	@Test
	void theRateIsKeptAndMadeUseOfWithinATenthOverAMinute() throws Exception {
		Map<String, Site> sites = new LinkedHashMap<>();
		sites.put("two lanes in one JVM", new Site(2000));
		sites.put("two nodes, Quartz in memory", new Site(1000));
		sites.put("two nodes, Quartz in the database", new Site(1000));
		sites.put("two lanes with small batches", new Site(2000));
		List<Site> inOrder = List.copyOf(sites.values());
		startNodes(inOrder.get(1), "spring.flyway.enabled=false");
		startNodes(inOrder.get(2), QuartzTables.migration(Files.createDirectory(this.directory.resolve("migrations"))));
		this.running.add(Application.start(inOrder.get(0).database, inOrder.get(0).properties()));
		this.running.add(Application.start(inOrder.get(3).database,
				inOrder.get(3).properties("deletion-policy.purge.batch-size=100")));
		Awaitility.await()
			.atMost(Duration.ofMinutes(2))
			.until(() -> inOrder.stream()
				.allMatch((site) -> site.sample().rows() < site.rows && site.nodes() == site.startedNodes));
		Map<String, Sample> before = sample(sites);
		Awaitility.await()
			.atMost(MINUTE.multipliedBy(2))
			.pollInterval(Duration.ofMillis(500))
			.until(() -> inOrder.get(2)
				.sample()
				.since(before.get("two nodes, Quartz in the database"))
				.compareTo(MINUTE) >= 0);
		Map<String, Sample> after = sample(sites);
		SoftAssertions softly = new SoftAssertions();
		sites.forEach((name, site) -> {
			Sample end = after.get(name);
			Sample start = before.get(name);
			double rate = (start.rows() - end.rows()) * 1e9 / end.since(start).toNanos();
			softly.assertThat(end.since(start)).isGreaterThanOrEqualTo(MINUTE);
			softly.assertThat(end.rows()).as("rows left of %s", name).isPositive();
			softly.assertThat(rate / site.rate)
				.as("%s: %s rows per second of %s", name, Math.round(rate), site.rate)
				.isBetween(0.9, 1.1);
		});
		softly.assertAll();
		assertThat(inOrder.get(1).workers()).hasSize(2);
		assertThat(inOrder.get(2).workers()).isNotEmpty();
	}

	private static Map<String, Sample> sample(Map<String, Site> sites) {
		Map<String, Sample> samples = new LinkedHashMap<>();
		sites.forEach((name, site) -> samples.put(name, site.sample()));
		return samples;
	}

	private void startNodes(Site site, String... store) throws IOException {
		List<String> properties = new ArrayList<>(Arrays.asList(store));
		properties.addAll(Arrays.asList(site.properties()));
		for (String name : List.of("a", "b")) {
			Path log = this.directory.resolve("%s-%d.log".formatted(name, this.running.size()));
			this.running.add(ClusterNode.start(site.database, name, log, properties.toArray(String[]::new)));
			site.startedNodes++;
		}
	}

	/**
	 * A database with more due rows than go in the time at its rate.
	 */
	private static final class Site {

		private final TestDatabase database = TestDatabase.create();

		private final int rate;

		private final int rows;

		private int startedNodes;

		Site(int rate) {
			this.rate = rate;
			this.rows = rate * 100;
			for (String statement : ("CREATE TABLE users (id bigint PRIMARY KEY, deletion_time timestamptz);"
					+ ClusterNode.TABLES)
				.split(";")) {
				this.database.jdbc().sql(statement).update();
			}
			this.database.jdbc().sql("INSERT INTO users SELECT generate_series(1, ?)").param(this.rows).update();
			try (Application recorder = Application.start(this.database)) {
				recorder.deletes().from("users").all().scheduled().execute();
			}
		}

		String[] properties(String... more) {
			return Stream
				.of(new String[] { "deletion-policy.purge.enabled=true", "deletion-policy.purge.interval=1s",
						"deletion-policy.purge.concurrency=2",
						"deletion-policy.purge.max-rows-per-second=" + this.rate }, more)
				.flatMap(Stream::of)
				.toArray(String[]::new);
		}

		Sample sample() {
			return this.database.jdbc()
				.sql("SELECT count(*), clock_timestamp() FROM users")
				.query((rs, row) -> new Sample(rs.getLong(1), rs.getObject(2, OffsetDateTime.class).toInstant()))
				.single();
		}

		long nodes() {
			return this.database.jdbc().sql("SELECT count(*) FROM nodes").query(Long.class).single();
		}

		List<String> workers() {
			return this.database.jdbc().sql("SELECT DISTINCT node FROM purged").query(String.class).list();
		}

	}

	/**
	 * How many rows are left.
	 *
	 * @param rows the rows
	 * @param at when, by the database's clock
	 */
	private record Sample(long rows, Instant at) {

		Duration since(Sample other) {
			return Duration.between(other.at, this.at);
		}

	}

}
