package io.github.deletionpolicy.scenario.purge;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.scenario.ClusterNode;
import io.github.deletionpolicy.scenario.QuartzTables;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.data.relational.core.query.Criteria;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Three nodes, each in its own JVM, purge every row exactly once and one at a time,
 * wherever Quartz keeps its jobs.
 */
class ClusterIT {

	@TempDir
	private Path directory;

	private final Map<String, ClusterNode> nodes = new LinkedHashMap<>();

	@RegisterExtension
	private final Application recorder = Application.of(
			"CREATE TABLE users (id bigint PRIMARY KEY, deletion_time timestamptz);" + ClusterNode.TABLES,
			"deletion-policy.tables.users.mode=scheduled", "deletion-policy.tables.users.delay=0");

	@AfterEach
	void stop() throws InterruptedException {
		for (ClusterNode node : this.nodes.values()) {
			node.close();
		}
	}

	@ParameterizedTest
	@EnumSource(Store.class)
	void everyRowIsPurgedOnceAndInOneWorkerSlot(Store store) throws Exception {
		startThree(store, 1);
		int rows = deleteWave(0);
		awaitPurged(rows);
		assertThat(count("SELECT count(*) FROM intrusions")).isZero();
	}

	@ParameterizedTest
	@EnumSource(Store.class)
	void othersGoOnWhenTheNodeAtWorkIsKilled(Store store) throws Exception {
		startThree(store, 1);
		int rows = deleteWave(0);
		Awaitility.await().until(() -> count("SELECT count(*) FROM purged") > 0);
		String atWork = this.recorder.database()
			.jdbc()
			.sql("SELECT node FROM purged LIMIT 1")
			.query(String.class)
			.single();
		this.nodes.get(atWork).kill();
		rows += deleteWave(rows);
		awaitPurged(rows);
		assertThat(this.recorder.database().jdbc().sql("SELECT DISTINCT node FROM purged").query(String.class).list())
			.contains(atWork)
			.hasSizeGreaterThan(1);
		assertThat(count("SELECT count(*) FROM intrusions")).isZero();
	}

	/**
	 * What would be seen if one worker slot were not kept to.
	 */
	@Test
	void moreLanesOverlapAndStillPurgeOnce() throws Exception {
		startThree(Store.MEMORY, 2);
		int rows = deleteWave(0);
		awaitPurged(rows);
		assertThat(count("SELECT count(*) FROM intrusions")).isPositive();
	}

	private void startThree(Store store, int lanes) throws IOException {
		List<String> properties = new ArrayList<>(List.of("deletion-policy.purge.interval=50ms",
				"deletion-policy.purge.batch-size=20", "deletion-policy.purge.concurrency=" + lanes));
		properties.addAll(switch (store) {
			case MEMORY -> List.of("spring.flyway.enabled=false");
			case JDBC -> List.of(QuartzTables.migration(Files.createDirectory(this.directory.resolve("migrations"))));
		});
		for (String name : List.of("a", "b", "c")) {
			this.nodes.put(name,
					ClusterNode.start(this.recorder.database(), name, log(name), properties.toArray(String[]::new)));
		}
		Awaitility.await()
			.failFast(() -> this.nodes
				.forEach((name, node) -> assertThat(node.isAlive()).as(() -> read(log(name))).isTrue()))
			.until(() -> count("SELECT count(*) FROM nodes") == 3);
	}

	private Path log(String node) {
		return this.directory.resolve(node + ".log");
	}

	private static String read(Path log) {
		try (Stream<String> lines = Files.lines(log)) {
			return String.join("\n", lines.toList());
		}
		catch (IOException ex) {
			return ex.toString();
		}
	}

	/**
	 * Delete 1,500 new rows, most of them in chunks, some one by one.
	 */
	private int deleteWave(int first) {
		this.recorder.database()
			.jdbc()
			.sql("INSERT INTO users SELECT generate_series(?, ?)")
			.params(first + 1, first + 1500)
			.update();
		this.recorder.deletes().from("users").where(Criteria.where("id").between(first + 101, first + 1500)).execute();
		for (int id = first + 1; id <= first + 100; id++) {
			this.recorder.deletes().from("users").byId(id).execute();
		}
		return 1500;
	}

	private void awaitPurged(int rows) {
		Awaitility.await().until(() -> count("SELECT count(*) FROM users") == 0);
		Awaitility.await().until(() -> this.recorder.chunks() == 0);
		assertThat(count("SELECT count(*) FROM purged")).isEqualTo(rows);
	}

	private long count(String query) {
		return this.recorder.database().jdbc().sql(query).query(Long.class).single();
	}

	enum Store {

		MEMORY, JDBC

	}

}
