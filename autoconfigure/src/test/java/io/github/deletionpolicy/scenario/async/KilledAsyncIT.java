package io.github.deletionpolicy.scenario.async;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import io.github.deletionpolicy.AsyncDeletion;
import io.github.deletionpolicy.AsyncProgress;
import io.github.deletionpolicy.AsyncProgress.State;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.scenario.ClusterNode;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.data.relational.core.query.Criteria;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A node with a heap of 64 MiB is killed in the middle of a batch of an asynchronous
 * delete, and another one goes on. In the end exactly the rows are gone, or marked, that
 * were meant. The build takes 200,000; {@code -Dtest.rows=10000000} takes more.
 */
class KilledAsyncIT {

	private static final int ROWS = Integer.getInteger("test.rows", 200_000);

	private static final int HEAP = 64;

	/**
	 * Every so many rows there is one that stays.
	 */
	private static final int OTHERS = 100;

	@TempDir
	private Path logs;

	@RegisterExtension
	private final Application caller = Application.of("""
			CREATE TABLE logs (id bigint PRIMARY KEY, kind text NOT NULL, deletion_time timestamptz);
			""" + ClusterNode.TABLES, "deletion-policy.tables.logs.mode=soft");

	private final List<AsyncProgress> seen = new ArrayList<>();

	@BeforeEach
	void fill() {
		this.caller.database()
			.jdbc()
			.sql("INSERT INTO logs SELECT n, CASE WHEN n % ? = 0 THEN 'kept' ELSE 'old' END FROM generate_series(1, ?) n")
			.params(OTHERS, ROWS)
			.update();
	}

	@ParameterizedTest
	@EnumSource(names = { "HARD", "SOFT" })
	void anotherNodeGoesOnWhereOneWasKilledInTheMiddleOfABatchAndTheEndIsExact(DeletionMode mode) throws Exception {
		var rows = this.caller.deletes().from("logs").where(Criteria.where("kind").is("old"));
		long begin = System.nanoTime();
		AsyncDeletion deletion = (mode == DeletionMode.HARD) ? rows.hard().executeAsync() : rows.soft().executeAsync();
		System.out.printf("%s delete of %d rows: accepted in %s%n", mode, ROWS,
				Duration.ofNanos(System.nanoTime() - begin));
		this.caller.database().jdbc().sql("INSERT INTO logs VALUES (?, 'old')").param(ROWS + 1).update();
		this.caller.database().jdbc().sql("UPDATE logs SET kind = 'changed' WHERE id = ?").param(ROWS - 1).update();
		try (ClusterNode first = startNode("first");
				Connection user = this.caller.database().dataSource().getConnection();
				Statement statement = user.createStatement()) {
			user.setAutoCommit(false);
			statement.execute("SELECT id FROM logs WHERE id = %d FOR UPDATE".formatted(ROWS / 2 + 1));
			Awaitility.await()
				.atMost(Duration.ofMinutes(30))
				.pollDelay(Duration.ZERO)
				.pollInterval(Duration.ofMillis(20))
				.failFast(() -> assertThat(first.isAlive()).isTrue())
				.until(() -> look(deletion) && isWaitingInABatch());
			first.kill();
			user.rollback();
		}
		AsyncProgress atTheKill = deletion.progress();
		assertThat(atTheKill.state()).isEqualTo(State.RUNNING);
		assertThat(atTheKill.fraction()).isBetween(0.4, 0.6);
		try (ClusterNode second = startNode("second")) {
			Awaitility.await()
				.atMost(Duration.ofMinutes(30))
				.pollInterval(Duration.ofMillis(50))
				.failFast(() -> assertThat(second.isAlive()).isTrue())
				.until(() -> look(deletion) && deletion.progress().state() != State.RUNNING);
		}
		look(deletion);
		long deleted = ROWS - ROWS / OTHERS - 1;
		assertThat(deletion.progress()).isEqualTo(new AsyncProgress(State.DONE, deleted, 0, 1));
		assertThat(this.seen.stream().map(AsyncProgress::fraction).toList()).isSorted().endsWith(1.0);
		assertThat(this.seen.stream().map(AsyncProgress::done).toList()).isSorted().endsWith(deleted);
		assertThat(liveKinds()).isEqualTo(Map.of("kept", (long) ROWS / OTHERS, "changed", 1L, "old", 1L));
		assertThat(count("SELECT count(*) FROM logs WHERE deletion_time IS NOT NULL"))
			.isEqualTo((mode == DeletionMode.SOFT) ? deleted : 0);
		assertThat(count("SELECT count(*) FROM (SELECT unnest(keys_bigint) FROM deletion_chunk) c"))
			.isEqualTo((mode == DeletionMode.SOFT) ? deleted : 0);
		assertThat(count("""
				SELECT count(*) FROM deletion_chunk c JOIN deletion_operation o ON o.id = c.operation_id
				CROSS JOIN unnest(c.keys_bigint) k LEFT JOIN logs l ON l.id = k AND l.deletion_time = o.token
				WHERE l.id IS NULL""")).isZero();
	}

	private boolean look(AsyncDeletion deletion) {
		return this.seen.add(deletion.progress());
	}

	/**
	 * The lock keeps the batch open in which the first node is killed.
	 */
	private boolean isWaitingInABatch() {
		return count("""
				SELECT count(*) FROM pg_stat_activity
				WHERE wait_event_type = 'Lock' AND datname = current_database()""") > 0;
	}

	private ClusterNode startNode(String name) throws IOException {
		return ClusterNode.startWithHeap(HEAP, this.caller.database(), name, this.logs.resolve(name + ".log"),
				"node.recorder=false", "spring.flyway.enabled=false", "deletion-policy.tables.logs.mode=soft",
				"deletion-policy.purge.interval=500ms", "deletion-policy.purge.max-rows-per-second=-1",
				"deletion-policy.purge.retry-delay=1s");
	}

	private Map<String, Long> liveKinds() {
		return this.caller.database()
			.jdbc()
			.sql("SELECT kind, count(*) FROM logs WHERE deletion_time IS NULL GROUP BY kind")
			.query((rs, row) -> Map.entry(rs.getString(1), rs.getLong(2)))
			.list()
			.stream()
			.collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
	}

	private long count(String query) {
		return this.caller.database().jdbc().sql(query).query(Long.class).single();
	}

}
