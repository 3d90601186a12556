package io.github.deletionpolicy.scenario.purge;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import javax.sql.DataSource;

import io.github.deletionpolicy.purge.PurgeJob;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.scenario.ClusterNode;
import io.github.deletionpolicy.scenario.QuartzTables;
import io.github.deletionpolicy.support.TestDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quartz.Scheduler;
import org.quartz.SimpleTrigger;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Quartz keeps its jobs in the database, in tables that the application's own migrations
 * create, and several nodes share them.
 */
class QuartzJdbcStoreIT {

	private static final String IDLE_WAIT_TIME = "spring.quartz.properties.org.quartz.scheduler.idleWaitTime=";

	/**
	 * As Quartz does it unless told otherwise.
	 */
	private static final String QUARTZ_LOOKS_AHEAD = IDLE_WAIT_TIME + 30_000;

	@TempDir
	private static Path migrations;

	@TempDir
	private static Path logs;

	private final List<Application> nodes = new ArrayList<>();

	private TestDatabase database;

	@BeforeEach
	void users() {
		this.database = TestDatabase.create();
		Stream.of("CREATE TABLE users (id bigint PRIMARY KEY, deletion_time timestamptz)", ClusterNode.TABLES)
			.flatMap((script) -> Stream.of(script.split(";")))
			.forEach((statement) -> this.database.jdbc().sql(statement).update());
		this.database.jdbc().sql("INSERT INTO users SELECT generate_series(1, 100)").update();
	}

	@AfterEach
	void stop() {
		this.nodes.forEach(Application::close);
	}

	@Test
	void aScheduledDeleteIsPurgedByItself() throws Exception {
		Application node = start();
		assertThat(node.bean(Scheduler.class).getMetaData().isJobStoreClustered()).isTrue();
		node.deletes().from("users").byIds(List.of(1, 2)).execute();
		awaitPurge(98);
		assertThat(trigger("job_name || ' ' || job_group")).isEqualTo("purge deletion-policy");
	}

	@Test
	void anotherStartLeavesAHealthyTriggerAlone() throws Exception {
		start("deletion-policy.purge.interval=1h");
		String before = trigger("start_time || ' ' || next_fire_time || ' ' || repeat_interval");
		stopAll();
		start("deletion-policy.purge.interval=1h");
		assertThat(trigger("start_time || ' ' || next_fire_time || ' ' || repeat_interval")).isEqualTo(before);
	}

	@ParameterizedTest
	@ValueSource(strings = { "UPDATE qrtz_triggers SET trigger_state = 'ERROR'",
			"DELETE FROM qrtz_simple_triggers; DELETE FROM qrtz_triggers",
			"DELETE FROM qrtz_simple_triggers; DELETE FROM qrtz_triggers; DELETE FROM qrtz_job_details",
			"UPDATE qrtz_simple_triggers SET repeat_interval = 86400000; UPDATE qrtz_triggers SET next_fire_time = next_fire_time + 86400000",
			"UPDATE qrtz_job_details SET job_class_name = 'com.example.Gone'" })
	void aSpoiltTriggerIsRightAgainAfterAStart(String damage) throws Exception {
		start().deletes().from("users").byId(1).execute();
		awaitPurge(99);
		stopAll();
		Stream.of(damage.split(";"))
			.forEach((statement) -> assertThat(this.database.jdbc().sql(statement).update()).isOne());
		Application node = start();
		assertThat(((SimpleTrigger) node.bean(Scheduler.class).getTrigger(PurgeJob.TRIGGER)).getRepeatInterval())
			.isEqualTo(200);
		node.deletes().from("users").byId(2).execute();
		awaitPurge(98);
		assertThat(trigger("trigger_state")).isNotEqualTo("ERROR");
	}

	/**
	 * Quartz adds the row that it locks when it first needs it. The second of two nodes
	 * rolls the transaction back that we opened and tries again, so nothing of ours may
	 * have gone before in it.
	 */
	@Test
	void anotherNodeMayBeFasterToAddQuartzsLock() throws Exception {
		start();
		stopAll();
		for (String table : List.of("locks", "simple_triggers", "triggers", "job_details")) {
			this.database.jdbc().sql("DELETE FROM qrtz_" + table).update();
		}
		DataSource faster = this.database.dataSource();
		CompletableFuture<Application> starting = new CompletableFuture<>();
		new TransactionTemplate(new DataSourceTransactionManager(faster)).executeWithoutResult((status) -> {
			JdbcClient.create(faster)
				.sql("INSERT INTO qrtz_locks VALUES ('quartzScheduler', 'TRIGGER_ACCESS')")
				.update();
			starting.completeAsync(this::startUnchecked);
			Awaitility.await()
				.until(() -> this.database.jdbc()
					.sql("""
							SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'
							AND datname = current_database() AND query LIKE 'INSERT INTO QRTZ_LOCKS%'""")
					.query(Long.class)
					.single() > 0);
		});
		starting.get(5, TimeUnit.MINUTES).deletes().from("users").byId(1).execute();
		awaitPurge(99);
	}

	@Test
	void anotherIntervalTakesTheOldOnesPlace() throws Exception {
		start("deletion-policy.purge.interval=1d");
		stopAll();
		start().deletes().from("users").byId(1).execute();
		awaitPurge(99);
		assertThat(trigger("count(*) OVER ()")).isEqualTo("1");
	}

	@Test
	void aNodeThatMustNotPurgeDoesNotThoughQuartzFiresThere() throws Exception {
		start();
		stopAll();
		Application recorder = start("deletion-policy.purge.enabled=false");
		recorder.deletes().from("users").byId(1).execute();
		awaitThatTheTriggerIsPutOff();
		recorder.bean(Scheduler.class).triggerJob(PurgeJob.JOB);
		Awaitility.await()
			.until(() -> this.database.jdbc()
				.sql("SELECT count(*) FROM qrtz_triggers")
				.query(Long.class)
				.single() == 1);
		assertThat(recorder.ids("users")).hasSize(100);
	}

	@Test
	void aNodeThatMayPurgeGetsItsTurnAsSoonAsItStarts() throws Exception {
		start();
		stopAll();
		try (ClusterNode recorder = startRecorder()) {
			awaitThatTheTriggerIsPutOff();
			long putOffTo = nextFireTime();
			start(QUARTZ_LOOKS_AHEAD).deletes().from("users").byId(1).execute();
			awaitPurge(99);
			assertThat(System.currentTimeMillis()).isLessThan(putOffTo);
			assertThat(recorder.isAlive()).isTrue();
		}
	}

	/**
	 * A node that has fired a trigger is the first to see it again. Put off, it comes
	 * within the half minute that Quartz looks ahead while that node still waits.
	 */
	@Test
	void aNodeThatMayPurgeGetsItsTurnWhenAnotherHadIt() throws Exception {
		Application worker = start(QUARTZ_LOOKS_AHEAD);
		try (ClusterNode recorder = startRecorder()) {
			worker.bean(Scheduler.class).standby();
			worker.deletes().from("users").byId(1).execute();
			awaitThatTheTriggerIsPutOff();
			Awaitility.await().until(() -> nextFireTime() < System.currentTimeMillis() + 29_000);
			worker.bean(Scheduler.class).start();
			awaitPurge(99);
			assertThat(recorder.isAlive()).isTrue();
		}
	}

	/**
	 * In its own JVM: Quartz finds connections by the scheduler's name, in a registry
	 * that all applications in a JVM share.
	 */
	private ClusterNode startRecorder() throws IOException {
		List<String> properties = new ArrayList<>(Arrays.asList(QuartzTables.migration(migrations)));
		properties.addAll(List.of("deletion-policy.purge.enabled=false", QUARTZ_LOOKS_AHEAD));
		return ClusterNode.start(this.database, "recorder", logs.resolve("recorder.log"),
				properties.toArray(String[]::new));
	}

	private void awaitThatTheTriggerIsPutOff() {
		Awaitility.await().until(() -> nextFireTime() > System.currentTimeMillis() + 5000);
	}

	private long nextFireTime() {
		return Long.parseLong(trigger("next_fire_time"));
	}

	private void awaitPurge(int left) {
		Awaitility.await()
			.until(() -> this.database.jdbc().sql("SELECT count(*) FROM users").query(Integer.class).single() == left);
	}

	private String trigger(String expression) {
		return this.database.jdbc()
			.sql("SELECT %s FROM qrtz_triggers LEFT JOIN qrtz_simple_triggers USING (sched_name, trigger_name, trigger_group) WHERE trigger_name = 'purge'"
				.formatted(expression))
			.query(String.class)
			.single();
	}

	/**
	 * Quartz's thread may outlive its scheduler for a moment, and go on with the
	 * connections of the next one.
	 */
	private void stopAll() {
		this.nodes.forEach(Application::close);
		this.nodes.clear();
		Awaitility.await()
			.until(() -> Thread.getAllStackTraces()
				.keySet()
				.stream()
				.noneMatch((thread) -> thread.getName().endsWith("_QuartzSchedulerThread")));
	}

	private Application startUnchecked() {
		try {
			return start();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private Application start(String... properties) throws IOException {
		List<String> all = new ArrayList<>(Arrays.asList(QuartzTables.migration(migrations)));
		all.addAll(List.of("deletion-policy.tables.users.mode=scheduled", "deletion-policy.tables.users.delay=0",
				"deletion-policy.purge.enabled=true", "deletion-policy.purge.interval=200ms", IDLE_WAIT_TIME + 1000));
		all.addAll(Arrays.asList(properties));
		Application node = Application.of(this.database, all.toArray(String[]::new)).start();
		this.nodes.add(node);
		return node;
	}

}
