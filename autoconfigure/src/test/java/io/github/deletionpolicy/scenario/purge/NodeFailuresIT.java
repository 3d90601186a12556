package io.github.deletionpolicy.scenario.purge;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.scenario.ClusterNode;
import io.github.deletionpolicy.scenario.QuartzTables;
import io.github.deletionpolicy.scenario.TreeTables;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.data.relational.core.query.Criteria;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Nodes in separate JVMs purge what a caller keeps deleting, on either store of Quartz.
 * They are killed and stopped in the middle of a batch and started again, one has a wrong
 * clock, and the ledger's schema moves on under them. In the end exactly the due rows are
 * gone, with one notification each. The build takes 3 nodes, 6,000 rows and 4 faults;
 * {@code -Dtest.nodes=5 -Dtest.rows=200000 -Dtest.faults=20} takes more.
 */
class NodeFailuresIT {

	private static final int NODES = Integer.getInteger("test.nodes", 3);

	private static final int ROWS = Integer.getInteger("test.rows", 6_000);

	private static final int FAULTS = Integer.getInteger("test.faults", 4);

	private static final int WAVE = 500;

	private static final Duration INTERVAL = Duration.ofMillis(200);

	private static final Duration RETRY_DELAY = Duration.ofSeconds(1);

	/**
	 * Longer than the check-in of nodes that share a store, so that the others take this
	 * one for dead.
	 */
	private static final Duration STOPPED = Duration.ofSeconds(4);

	/**
	 * What starting a batch may take on a machine that is busy with several JVMs.
	 */
	private static final Duration SLACK = Duration.ofMinutes(2);

	/**
	 * What the listener of a node takes for one operation in a batch, which it draws out.
	 */
	private static final Duration CALL = Duration.ofMillis(20);

	private static final String[] WRONG_CLOCK = { "faketime", "-f", "+30h" };

	@TempDir
	private Path directory;

	private final Map<String, ClusterNode> nodes = new LinkedHashMap<>();

	private final List<String> faults = new ArrayList<>();

	@RegisterExtension
	private final Application caller = Application.of("""
			CREATE TABLE users (id bigint PRIMARY KEY, kind text NOT NULL, legal_hold boolean NOT NULL,
				deletion_time timestamptz);""" + ClusterNode.TABLES, "deletion-policy.tables.users.mode=scheduled",
			"deletion-policy.tables.users.delay=0", "deletion-policy.tables.users.hold-condition=legal_hold");

	private List<String> properties;

	@AfterEach
	void stop() throws InterruptedException {
		for (ClusterNode node : this.nodes.values()) {
			node.close();
		}
	}

	@ParameterizedTest
	@EnumSource(ClusterIT.Store.class)
	void theEndIsExactWhateverHappensToTheNodes(ClusterIT.Store store) throws Exception {
		startAll(store);
		CompletableFuture<Void> deletes = CompletableFuture.runAsync(this::deleteInWaves, TreeTables.THREADS);
		Random random = new Random(4711);
		long each = ROWS / WAVE;
		long due = (WAVE - 80) * each;
		for (int fault = 0; fault < FAULTS; fault++) {
			long share = due * fault / FAULTS;
			await(Duration.ofMinutes(5)).until(() -> count("SELECT count(*) FROM purged") >= share);
			hit(fault, random);
			if (fault == FAULTS / 2) {
				moveSchemaOn();
			}
		}
		deletes.join();
		Instant afterFaults = now();
		long left = count("SELECT count(*) FROM users WHERE kind = 'due'");
		long calls = count(
				"SELECT count(*) FROM deletion_chunk c JOIN deletion_operation o ON o.id = c.operation_id WHERE o.purge_at <= clock_timestamp()");
		await(INTERVAL.plus(RETRY_DELAY).plus(SLACK).plusMillis(left).plus(CALL.multipliedBy(calls)))
			.until(() -> count("SELECT count(*) FROM users WHERE kind = 'due'") == 0);
		System.out.printf("%s, %d nodes, %d rows, faults: %s; %d rows were left after the last one and gone after %s%n",
				store, NODES, ROWS, this.faults, left, Duration.between(afterFaults, now()));
		assertThat(this.faults).hasSize(FAULTS);
		assertThat(kinds())
			.isEqualTo(Map.of("held", 20 * each, "restored", 20 * each, "live", 20 * each, "later", 20 * each));
		assertThat(count("SELECT count(*) FROM purged")).isEqualTo(due);
		assertThat(count("SELECT count(*) FROM users WHERE (deletion_time IS NULL) <> (kind IN ('live', 'restored'))"))
			.isZero();
		assertThat(count("SELECT count(*) FROM intrusions")).isZero();
		assertThat(count("""
				SELECT count(*) FROM deletion_chunk c JOIN deletion_operation o ON o.id = c.operation_id
				CROSS JOIN unnest(c.keys_bigint) k LEFT JOIN users u ON u.id = k AND u.deletion_time = o.token
				WHERE u.id IS NULL""")).isZero();
		assertThat(count("SELECT count(DISTINCT node) FROM purged")).isGreaterThan(1);
	}

	private void startAll(ClusterIT.Store store) throws IOException {
		this.properties = new ArrayList<>(List.of("deletion-policy.tables.users.mode=scheduled",
				"deletion-policy.tables.users.delay=0", "deletion-policy.tables.users.hold-condition=legal_hold",
				"deletion-policy.purge.interval=" + INTERVAL.toMillis() + "ms", "deletion-policy.purge.batch-size=50",
				"deletion-policy.purge.retry-delay=" + RETRY_DELAY.toMillis() + "ms",
				"deletion-policy.purge.max-rows-per-second=-1"));
		this.properties.addAll(switch (store) {
			case MEMORY -> List.of("spring.flyway.enabled=false");
			case JDBC -> List.of(QuartzTables.migration(Files.createDirectory(this.directory.resolve("migrations"))));
		});
		for (int i = 0; i < NODES; i++) {
			start("node" + i);
		}
		await(Duration.ofMinutes(5)).until(() -> count("SELECT count(*) FROM nodes") == NODES);
	}

	/**
	 * The last node has a wrong clock, if there is a command to shift it; on a store that
	 * nodes share Quartz asks for clocks that agree, so there it has none.
	 */
	private void start(String name) throws IOException {
		List<String> own = new ArrayList<>(this.properties);
		own.add("spring.datasource.hikari.data-source-properties.ApplicationName=" + name);
		String[] all = own.toArray(String[]::new);
		Path log = this.directory.resolve(name + ".log");
		boolean shifted = name.equals("node" + (NODES - 1)) && own.contains("spring.flyway.enabled=false")
				&& Files.isExecutable(Path.of("/usr/bin", WRONG_CLOCK[0]));
		this.nodes.put(name,
				shifted ? ClusterNode.startWithClock(List.of(WRONG_CLOCK), this.caller.database(), name, log, all)
						: ClusterNode.start(this.caller.database(), name, log, all));
	}

	/**
	 * Keep deleting: wave by wave in one call, a tenth one by one, with rows that are
	 * held, restored, live or not due between them.
	 */
	private void deleteInWaves() {
		for (int first = 0; first < ROWS; first += WAVE) {
			this.caller.database()
				.jdbc()
				.sql("""
						INSERT INTO users SELECT g, CASE g % 25 WHEN 1 THEN 'held' WHEN 2 THEN 'restored' WHEN 3 THEN 'live'
							WHEN 4 THEN 'later' ELSE 'due' END, g % 25 = 1 FROM generate_series(?, ?) g""")
				.params(first + 1, first + WAVE)
				.update();
			Criteria wave = Criteria.where("id").between(first + 1, first + WAVE);
			this.caller.deletes()
				.from("users")
				.where(wave.and("kind").is("later"))
				.scheduled(Duration.ofDays(1))
				.execute();
			for (long id : dueOf(first, WAVE / 10)) {
				this.caller.deletes().from("users").byId(id).execute();
			}
			this.caller.transactions().executeWithoutResult((status) -> {
				UUID operation = this.caller.deletes()
					.from("users")
					.where(wave.and("kind").is("restored"))
					.execute()
					.operationId();
				this.caller.deletes().restore(operation);
			});
			this.caller.deletes().from("users").where(wave.and("kind").in("due", "held")).execute();
		}
	}

	private List<Long> dueOf(int first, int limit) {
		return this.caller.database()
			.jdbc()
			.sql("SELECT id FROM users WHERE id > ? AND kind = 'due' ORDER BY id LIMIT ?")
			.params(first, limit)
			.query(Long.class)
			.list();
	}

	/**
	 * Hit a node in the middle of a batch: kill it and start it again, or every third
	 * time stop it for a while.
	 */
	private void hit(int number, Random random) throws Exception {
		String name = stopOneInABatch(random);
		ClusterNode node = this.nodes.get(name);
		if (number % 3 == 2) {
			Instant end = now().plus(STOPPED);
			await(STOPPED.plus(SLACK)).until(() -> now().isAfter(end));
			node.signal("CONT");
			return;
		}
		node.kill();
		start(name);
	}

	/**
	 * What the server says of a stopped node's connection proves where it was.
	 */
	private String stopOneInABatch(Random random) throws Exception {
		while (true) {
			String name = await(Duration.ofMinutes(5)).until(() -> atWork(random), (found) -> !found.isEmpty());
			this.nodes.get(name).signal("STOP");
			String statement = openStatement(name);
			if (!statement.isEmpty()) {
				this.faults.add("%s in %s".formatted(name, statement));
				return name;
			}
			this.nodes.get(name).signal("CONT");
		}
	}

	private String atWork(Random random) {
		List<String> found = this.caller.database().jdbc().sql("""
				SELECT application_name FROM pg_stat_activity WHERE application_name LIKE 'node%'
				AND state = 'active' AND query LIKE '%pg_sleep%'""").query(String.class).list();
		return found.isEmpty() ? "" : found.get(random.nextInt(found.size()));
	}

	private String openStatement(String name) {
		return this.caller.database()
			.jdbc()
			.sql("SELECT coalesce(max(left(query, 30)), '') FROM pg_stat_activity WHERE application_name = ? AND xact_start IS NOT NULL")
			.param(name)
			.query(String.class)
			.single();
	}

	/**
	 * What a newer version would do while older nodes are at work.
	 */
	private void moveSchemaOn() {
		for (String statement : List.of("SET lock_timeout = '5s'",
				"ALTER TABLE deletion_chunk ADD COLUMN of_the_future text",
				"ALTER TABLE deletion_operation ADD COLUMN of_the_future text", "RESET lock_timeout")) {
			this.caller.database().jdbc().sql(statement).update();
		}
		this.caller.database()
			.jdbc()
			.sql("""
					INSERT INTO deletion_operation (id, token, purge_at, table_id, format, mode, source, delay)
					SELECT gen_random_uuid(), clock_timestamp(), clock_timestamp(), id, 99, 'SCHEDULED', 'CALL', interval '0'
					FROM deletion_table LIMIT 1""")
			.update();
	}

	private static ConditionFactory await(Duration atMost) {
		return Awaitility.await().atMost(atMost).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5));
	}

	private Instant now() {
		return this.caller.database()
			.jdbc()
			.sql("SELECT clock_timestamp()")
			.query(OffsetDateTime.class)
			.single()
			.toInstant();
	}

	private Map<String, Long> kinds() {
		return this.caller.database()
			.jdbc()
			.sql("SELECT kind, count(*) FROM users GROUP BY kind")
			.query((rs, row) -> Map.entry(rs.getString(1), rs.getLong(2)))
			.list()
			.stream()
			.collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
	}

	private long count(String query) {
		return this.caller.database().jdbc().sql(query).query(Long.class).single();
	}

}
