package io.github.deletionpolicy.scenario.operations;

import java.time.Duration;
import java.util.List;
import java.util.UUID;

import io.github.deletionpolicy.AsyncOptions;
import io.github.deletionpolicy.DeleteTemplate;
import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.purge.Purger;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.scenario.StatementRecorder;
import io.github.deletionpolicy.scenario.StatementRecorder.Recorded;
import io.github.deletionpolicy.support.TestDatabase;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the meters of a node count and show, and what that costs the database.
 */
class PurgeMetersIT {

	private final TestDatabase database = TestDatabase.create();

	private Application application;

	@BeforeEach
	void start() {
		execute("CREATE TABLE users (id bigint PRIMARY KEY, legal_hold boolean DEFAULT false, deletion_time timestamptz)");
		execute("""
				CREATE TABLE documents (id bigint PRIMARY KEY, user_id bigint REFERENCES users ON DELETE CASCADE,
					deletion_time timestamptz)""");
		execute("INSERT INTO users SELECT generate_series(1, 20)");
		execute("INSERT INTO documents SELECT n, n FROM generate_series(1, 5) n");
		this.application = Application
			.of(this.database, "deletion-policy.tables.users.mode=scheduled", "deletion-policy.tables.users.delay=0s",
					"deletion-policy.tables.users.hold-condition=legal_hold",
					"deletion-policy.tables.documents.mode=soft")
			.with(StatementRecorder.Recording.class)
			.start();
	}

	@AfterEach
	void stop() {
		this.application.close();
	}

	@Test
	void whatIsCommittedIsCountedAndWhatIsRolledBackIsNot() {
		DeleteTemplate deletes = this.application.deletes();
		DeletionResult result = deletes.from("users").byIds(List.of(1, 2)).execute();
		this.application.transactions().executeWithoutResult((status) -> deletes.from("users").byId(3).execute());
		this.application.transactions().executeWithoutResult((status) -> {
			deletes.from("users").byId(4).execute();
			status.setRollbackOnly();
		});
		deletes.from("users").byId(20).hard().execute();
		deletes.restore(result.operationId());
		assertThat(count("rows.deleted", "public.users", "mode", "scheduled")).isEqualTo(3);
		assertThat(count("rows.deleted", "public.documents", "mode", "scheduled")).isEqualTo(3);
		assertThat(count("rows.deleted", "public.users", "mode", "hard")).isEqualTo(1);
		assertThat(count("rows.restored", "public.users")).isEqualTo(2);
		assertThat(count("rows.restored", "public.documents")).isEqualTo(2);
	}

	@Test
	void rowsThatWerePurgedOrKeptAreCounted() {
		execute("UPDATE users SET legal_hold = true WHERE id = 2");
		this.application.deletes().from("users").byIds(List.of(1, 2)).execute();
		this.application.bean(Purger.class).purge();
		assertThat(count("rows.purged", "public.users")).isEqualTo(1);
		assertThat(count("rows.purged", "public.documents")).isEqualTo(1);
		assertThat(count("purge.batches", "public.users")).isEqualTo(1);
		assertThat(count("rows.kept", "public.users", "state", "held")).isEqualTo(1);
	}

	@Test
	void rowsOfAsynchronousDeletesAreCountedBatchByBatch() {
		AsyncOptions twoByTwo = new AsyncOptions(2, Duration.ZERO);
		this.application.deletes().from("users").byIds(List.of(1, 2, 3)).soft().executeAsync(twoByTwo);
		this.application.deletes().from("users").byIds(List.of(8, 9, 10)).hard().executeAsync(twoByTwo);
		this.application.deletes().from("users").byIds(List.of(4)).hard().executeAsync().cancel();
		this.application.bean(Purger.class).purge();
		assertThat(count("rows.deleted", "public.users", "mode", "soft")).isEqualTo(3);
		assertThat(count("rows.deleted", "public.documents", "mode", "soft")).isEqualTo(3);
		assertThat(count("rows.deleted", "public.users", "mode", "hard")).isEqualTo(3);
		assertThat(count("rows.purged", "public.users")).isZero();
	}

	@Test
	void gaugesShowAsynchronousDeletesThatAreOpenOrHaveFailed() {
		for (int i = 0; i < 6; i++) {
			this.application.deletes().from("users").all().hard().executeAsync();
		}
		execute("UPDATE deletion_async SET state = 'FAILED', ended_at = clock_timestamp() WHERE operation_id IN (SELECT operation_id FROM deletion_async LIMIT 2)");
		this.application.pending().cancel(anyWhere("state = 'FAILED'"));
		this.application.pending().cancel(anyWhere("ended_at IS NULL"));
		Gauge open = registry().get("deletion.policy.async.open").gauge();
		Awaitility.await().untilAsserted(() -> assertThat(open.value()).isEqualTo(3));
		assertThat(registry().get("deletion.policy.async.failed").gauge().value()).isOne();
	}

	private UUID anyWhere(String condition) {
		return this.database.jdbc()
			.sql("SELECT operation_id FROM deletion_async WHERE %s LIMIT 1".formatted(condition))
			.query(UUID.class)
			.single();
	}

	@Test
	void deletesRestoresAndRunsAreTimed() {
		DeletionResult result = this.application.deletes().from("users").byId(1).execute();
		this.application.deletes().restore(result.operationId());
		this.application.deletes().from("users").byId(2).execute();
		this.application.bean(Purger.class).purge();
		this.application.bean(Purger.class).purge();
		assertThat(timer("delete", "table", "public.users", "mode", "scheduled").count()).isEqualTo(2);
		assertThat(timer("restore", "by", "operation").count()).isOne();
		assertThat(timer("purge", "outcome", "purged").count()).isOne();
		assertThat(timer("purge", "outcome", "idle").count()).isOne();
	}

	/**
	 * The meters are read before anything is, and not within the seconds for which a
	 * reading is good.
	 */
	@Test
	void gaugesShowWhatWaitsAndOneScrapeReadsOnce() {
		this.application.deletes().from("users").byIds(List.of(1, 2)).scheduled(Duration.ofDays(1)).execute();
		this.application.deletes().from("users").byIds(List.of(6, 7, 8)).execute();
		this.application.bean(PendingPurges.class).pause("users");
		this.application.bean(Purger.class).purge();
		Gauge pending = gauge("rows.pending");
		Awaitility.await().untilAsserted(() -> assertThat(pending.value()).isEqualTo(5));
		assertThat(gauge("rows.due").value()).isEqualTo(3);
		assertThat(gauge("rows.failed").value()).isZero();
		assertThat(gauge("due.age").value()).isPositive();
		assertThat(gauge("paused").value()).isOne();
		assertThat(registry().get("deletion.policy.last.run.age").gauge().value()).isBetween(0.0, 60.0);
		assertThat(registry().get("deletion.policy.braked").gauge().value()).isZero();
		List<Recorded> statements = StatementRecorder.record(() -> registry().getMeters()
			.stream()
			.filter((meter) -> meter.getId().getName().startsWith("deletion.policy."))
			.forEach((meter) -> meter.measure().forEach((measurement) -> measurement.getValue())));
		assertThat(statements.size()).isLessThanOrEqualTo(2);
	}

	@Test
	void countingCostsADeleteNothing() {
		assertThat(this.application.bean(MeterRegistry.class)).isNotNull();
		List<Recorded> counted = inATransaction(1);
		try (Application without = Application
			.of(this.database, "deletion-policy.tables.users.mode=scheduled", "deletion-policy.tables.users.delay=0s",
					"spring.autoconfigure.exclude=" + Application.WITHOUT_JPA
							+ ",io.github.deletionpolicy.autoconfigure.DeletionPolicyMetricsAutoConfiguration")
			.with(StatementRecorder.Recording.class)
			.start()) {
			Application counting = this.application;
			this.application = without;
			try {
				assertThat(counted).hasSameSizeAs(inATransaction(2));
			}
			finally {
				this.application = counting;
			}
		}
	}

	private List<Recorded> inATransaction(long id) {
		this.application.deletes().from("users").byId(10 + id).execute();
		return StatementRecorder.record(() -> this.application.transactions()
			.executeWithoutResult((status) -> this.application.deletes().from("users").byId(id).execute()));
	}

	private double count(String name, String table, String... tags) {
		return registry().get("deletion.policy." + name)
			.tags("table", table)
			.tags(tags)
			.counters()
			.stream()
			.mapToDouble(Counter::count)
			.sum();
	}

	private Timer timer(String name, String... tags) {
		return registry().get("deletion.policy." + name).tags(tags).timer();
	}

	private Gauge gauge(String name) {
		return registry().get("deletion.policy." + name).tags("table", "public.users").gauge();
	}

	private MeterRegistry registry() {
		return this.application.bean(MeterRegistry.class);
	}

	private void execute(String sql) {
		this.database.jdbc().sql(sql).update();
	}

}
