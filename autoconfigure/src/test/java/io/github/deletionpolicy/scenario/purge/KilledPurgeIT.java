package io.github.deletionpolicy.scenario.purge;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.scenario.ClusterNode;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.data.relational.core.query.Criteria;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A node is killed while it removes many rows, in the middle of a batch, and another one
 * goes on. In the end exactly the due rows are gone. The build takes a quarter of a
 * million; {@code -Dtest.rows=10000000} takes more.
 */
class KilledPurgeIT {

	private static final int ROWS = Integer.getInteger("test.rows", 250_000);

	/**
	 * Rows of each kind that stay.
	 */
	private static final int OTHERS = 10_000;

	@TempDir
	private Path logs;

	@RegisterExtension
	private final Application recorder = Application.of("""
			CREATE TABLE users (id bigint PRIMARY KEY, kind text NOT NULL, legal_hold boolean NOT NULL,
				deletion_time timestamptz);""" + ClusterNode.TABLES, "deletion-policy.tables.users.mode=scheduled",
			"deletion-policy.tables.users.delay=0", "deletion-policy.tables.users.hold-condition=legal_hold");

	/**
	 * Every row says what is to become of it. The kinds are mixed in the table, and held
	 * rows stand between due ones in their chunks.
	 */
	@BeforeEach
	void deleteMany() {
		insert("held", "n * (%1$d / %2$d)");
		insert("live", "n * (%1$d / %2$d) + 1");
		insert("restored", "n * (%1$d / %2$d) + 2");
		insert("not due", "n * (%1$d / %2$d) + 3");
		this.recorder.database()
			.jdbc()
			.sql("INSERT INTO users SELECT n, 'due', false FROM generate_series(1, ?) n ON CONFLICT DO NOTHING")
			.param(ROWS + 4 * OTHERS)
			.update();
		assertThat(kinds()).isEqualTo(Map.of("due", (long) ROWS, "held", (long) OTHERS, "live", (long) OTHERS,
				"restored", (long) OTHERS, "not due", (long) OTHERS));
		this.recorder.deletes()
			.from("users")
			.where(Criteria.where("kind").is("not due"))
			.scheduled(Duration.ofDays(30))
			.execute();
		UUID due = this.recorder.deletes()
			.from("users")
			.where(Criteria.where("kind").in("due", "held"))
			.execute()
			.operationId();
		assertThat(due).isNotNull();
		UUID restored = this.recorder.deletes()
			.from("users")
			.where(Criteria.where("kind").is("restored"))
			.execute()
			.operationId();
		assertThat(this.recorder.deletes().restore(restored).rows()).isEqualTo(OTHERS);
	}

	private void insert(String kind, String id) {
		this.recorder.database()
			.jdbc()
			.sql("INSERT INTO users SELECT %s, ?, ?, NULL FROM generate_series(1, ?) n"
				.formatted(id.formatted(ROWS + 3 * OTHERS, OTHERS)))
			.params(kind, kind.equals("held"), OTHERS)
			.update();
	}

	@Test
	void anotherNodeGoesOnWhereOneWasKilledInTheMiddleOfABatchAndTheEndIsExact() throws Exception {
		try (ClusterNode first = startNode("first");
				Connection user = this.recorder.database().dataSource().getConnection();
				Statement statement = user.createStatement()) {
			user.setAutoCommit(false);
			statement.execute("""
					SELECT id FROM users WHERE kind = 'due' AND id BETWEEN %1$d AND %1$d + 1000 ORDER BY id LIMIT 1
					FOR UPDATE""".formatted(ROWS / 2));
			Awaitility.await()
				.atMost(Duration.ofMinutes(30))
				.pollDelay(Duration.ZERO)
				.pollInterval(Duration.ofMillis(20))
				.until(this::isWaitingInABatch);
			assertThat(first.isAlive()).isTrue();
			first.kill();
			user.rollback();
		}
		long atTheKill = kinds().get("due");
		assertThat(atTheKill).isPositive().isLessThan(ROWS);
		try (ClusterNode second = startNode("second")) {
			Awaitility.await()
				.atMost(Duration.ofMinutes(30))
				.failFast(() -> assertThat(second.isAlive()).isTrue())
				.until(() -> pending() == 2 * OTHERS);
		}
		assertThat(kinds()).isEqualTo(Map.of("held", (long) OTHERS, "live", (long) OTHERS, "restored", (long) OTHERS,
				"not due", (long) OTHERS));
		assertThat(this.recorder.database()
			.jdbc()
			.sql("""
					SELECT count(*) FROM users WHERE (deletion_time IS NULL) <> (kind IN ('live', 'restored'))""")
			.query(Long.class)
			.single()).isZero();
		assertThat(this.recorder.database().jdbc().sql("""
				SELECT count(*) FROM deletion_chunk c JOIN deletion_operation o ON o.id = c.operation_id
				CROSS JOIN unnest(c.keys_bigint) k LEFT JOIN users u ON u.id = k AND u.deletion_time = o.token
				WHERE u.id IS NULL""").query(Long.class).single()).isZero();
	}

	/**
	 * The lock keeps the batch open in which the first node is killed.
	 */
	private boolean isWaitingInABatch() {
		return this.recorder.database().jdbc().sql("""
				SELECT count(*) FROM pg_stat_activity
				WHERE wait_event_type = 'Lock' AND datname = current_database()""").query(Long.class).single() > 0;
	}

	private ClusterNode startNode(String name) throws IOException {
		return ClusterNode.start(this.recorder.database(), name, this.logs.resolve(name + ".log"),
				"node.recorder=false", "spring.flyway.enabled=false", "deletion-policy.tables.users.mode=scheduled",
				"deletion-policy.tables.users.delay=0", "deletion-policy.tables.users.hold-condition=legal_hold",
				"deletion-policy.purge.interval=500ms", "deletion-policy.purge.retry-delay=10m");
	}

	private long pending() {
		return this.recorder.database()
			.jdbc()
			.sql("SELECT sum(key_count) FROM deletion_chunk WHERE next_attempt IS NOT NULL")
			.query(Long.class)
			.single();
	}

	private Map<String, Long> kinds() {
		return this.recorder.database()
			.jdbc()
			.sql("SELECT kind, count(*) FROM users GROUP BY kind")
			.query((rs, row) -> Map.entry(rs.getString(1), rs.getLong(2)))
			.list()
			.stream()
			.collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
	}

}
