package io.github.deletionpolicy.scenario.purge;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.scenario.ClusterNode;
import io.github.deletionpolicy.scenario.QuartzTables;
import io.github.deletionpolicy.support.TestDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A limit on rows per second is kept, and made use of, over a minute by the database's
 * clock: by two worker slots in one JVM, and by two nodes with each of Quartz's stores.
 * All have their own database and run in the same minute.
 */
class PurgeRateIT {

	private static final Duration MINUTE = Duration.ofMinutes(1);

	/**
	 * A machine that is busy with something else may need another minute to make use of a
	 * rate. It is exceeded in none.
	 */
	private static final int ATTEMPTS = 3;

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
		String[] inMemory = { "spring.flyway.enabled=false" };
		String[] inTheDatabase = QuartzTables.migration(this.directory);
		sites.put("two nodes, Quartz in memory", new Site(1000, inMemory).withAnotherNode());
		sites.put("two nodes, Quartz in the database", new Site(1000, inTheDatabase).withAnotherNode());
		sites.put("two worker slots in one JVM", new Site(2000));
		sites.put("two worker slots with small batches", new Site(2000, "deletion-policy.purge.batch-size=100"));
		for (Site site : sites.values()) {
			site.start();
		}
		Awaitility.await().until(() -> sites.values().stream().allMatch(Site::isAtWork));
		Map<String, Site> open = new LinkedHashMap<>(sites);
		for (int attempt = 0; attempt < ATTEMPTS && !open.isEmpty(); attempt++) {
			Map<String, Double> shares = sharesOfTheRate(open);
			assertThat(shares.values()).as("%s", shares).allMatch((share) -> share <= 1.1);
			open.keySet().removeIf((name) -> shares.get(name) >= 0.9);
		}
		assertThat(open).as("did not make use of their rates").isEmpty();
		assertThat(sites.get("two nodes, Quartz in memory").workers()).hasSize(2);
	}

	/**
	 * Measure for a minute which share of its rate each of them purges.
	 */
	private static Map<String, Double> sharesOfTheRate(Map<String, Site> sites) {
		Map<String, Sample> before = sample(sites);
		Sample last = List.copyOf(before.values()).get(sites.size() - 1);
		Site any = sites.values().iterator().next();
		Awaitility.await()
			.pollInterval(Duration.ofMillis(500))
			.until(() -> any.sample().since(last).compareTo(MINUTE) >= 0);
		Map<String, Double> shares = new LinkedHashMap<>();
		sample(sites).forEach((name, end) -> {
			Sample start = before.get(name);
			assertThat(end.since(start)).isGreaterThanOrEqualTo(MINUTE);
			assertThat(end.rows()).as("rows left of %s", name).isPositive();
			shares.put(name, (start.rows() - end.rows()) * 1e9 / end.since(start).toNanos() / sites.get(name).rate);
		});
		return shares;
	}

	private static Map<String, Sample> sample(Map<String, Site> sites) {
		Map<String, Sample> samples = new LinkedHashMap<>();
		sites.forEach((name, site) -> samples.put(name, site.sample()));
		return samples;
	}

	/**
	 * A database with more due rows than go in the time at its rate, and who purges them.
	 */
	private final class Site {

		private final TestDatabase database = TestDatabase.create();

		private final int rate;

		private final int rows;

		private final String[] properties;

		private int otherNodes;

		Site(int rate, String... properties) {
			this.rate = rate;
			this.rows = rate * 190;
			this.database
				.execute("CREATE TABLE users (id bigint PRIMARY KEY, deletion_time timestamptz);" + ClusterNode.TABLES);
			this.properties = Stream
				.of(new String[] { "deletion-policy.purge.enabled=true", "deletion-policy.purge.interval=1s",
						"deletion-policy.purge.concurrency=2", "deletion-policy.purge.max-rows-per-second=" + rate },
						properties)
				.flatMap(Stream::of)
				.toArray(String[]::new);
		}

		/**
		 * Start a node in its own JVM.
		 */
		Site withAnotherNode() throws IOException {
			Path log = PurgeRateIT.this.directory.resolve("node-%d.log".formatted(PurgeRateIT.this.running.size()));
			PurgeRateIT.this.running.add(ClusterNode.start(this.database, "other", log, this.properties));
			this.otherNodes++;
			return this;
		}

		/**
		 * Start a node in this JVM, and give it and the other one something to do.
		 */
		void start() {
			List<String> properties = new ArrayList<>(List.of(this.properties));
			properties.add("node.name=this");
			Application application = Application.of(this.database, properties.toArray(String[]::new))
				.with(ClusterNode.Recorder.class)
				.start();
			PurgeRateIT.this.running.add(application);
			application.jdbc().sql("INSERT INTO users SELECT generate_series(1, ?)").param(this.rows).update();
			application.deletes().from("users").all().scheduled().execute();
		}

		boolean isAtWork() {
			return sample().rows() < this.rows && this.database.jdbc()
				.sql("SELECT count(*) FROM nodes")
				.query(Integer.class)
				.single() == this.otherNodes;
		}

		Sample sample() {
			return this.database.jdbc()
				.sql("SELECT count(*), clock_timestamp() FROM users")
				.query((rs, row) -> new Sample(rs.getLong(1), rs.getObject(2, OffsetDateTime.class).toInstant()))
				.single();
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
