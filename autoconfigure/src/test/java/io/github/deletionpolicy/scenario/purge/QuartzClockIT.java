package io.github.deletionpolicy.scenario.purge;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.deletionpolicy.PurgeListener;
import io.github.deletionpolicy.purge.PurgeJob;
import io.github.deletionpolicy.purge.Purger;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.support.TestDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.quartz.Scheduler;
import org.quartz.SimpleTrigger;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.relational.core.query.Criteria;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Quartz starts the purge; what is due stands in the ledger.
 */
class QuartzClockIT {

	private static final String[] POLICY = { "deletion-policy.tables.users.mode=scheduled",
			"deletion-policy.tables.users.delay=1s", "deletion-policy.purge.enabled=true",
			"deletion-policy.purge.interval=200ms" };

	private final List<Application> nodes = new ArrayList<>();

	private TestDatabase database;

	@BeforeEach
	void users() {
		this.database = TestDatabase.create();
		this.database.jdbc().sql("CREATE TABLE users (id bigint PRIMARY KEY, deletion_time timestamptz)").update();
		this.database.jdbc().sql("CREATE TABLE purged (id bigint PRIMARY KEY)").update();
		this.database.jdbc().sql("INSERT INTO users SELECT generate_series(1, 3000)").update();
	}

	@AfterEach
	void stop() {
		this.nodes.forEach(Application::close);
	}

	@Test
	void aScheduledDeleteIsPurgedByItself() {
		Application node = start(POLICY);
		node.deletes().from("users").byIds(List.of(1, 2)).execute();
		assertThat(node.ids("users")).hasSize(3000);
		Awaitility.await().until(() -> node.ids("users").size() == 2998);
		assertThat(node.chunks()).isZero();
	}

	@Test
	void theSchedulerHasOneJobWithOneTrigger() throws Exception {
		Scheduler scheduler = start(POLICY).bean(Scheduler.class);
		assertThat(scheduler.getTriggersOfJob(PurgeJob.JOB)).singleElement()
			.isInstanceOfSatisfying(SimpleTrigger.class,
					(trigger) -> assertThat(trigger.getRepeatInterval()).isEqualTo(200));
	}

	@Test
	void anotherIntervalReschedulesAndTheSameDoesNot() throws Exception {
		Application node = start(POLICY);
		Scheduler scheduler = node.bean(Scheduler.class);
		Purger purger = node.bean(Purger.class);
		var before = scheduler.getTrigger(PurgeJob.TRIGGER).getStartTime();
		PurgeJob.schedule(scheduler, purger, Duration.ofMillis(200));
		assertThat(scheduler.getTrigger(PurgeJob.TRIGGER).getStartTime()).isEqualTo(before);
		PurgeJob.schedule(scheduler, purger, Duration.ofHours(1));
		assertThat(((SimpleTrigger) scheduler.getTrigger(PurgeJob.TRIGGER)).getRepeatInterval())
			.isEqualTo(Duration.ofHours(1).toMillis());
	}

	@Test
	void aNodeThatMustNotPurgeRecordsOnly() throws Exception {
		Application recorder = start("deletion-policy.tables.users.mode=scheduled",
				"deletion-policy.tables.users.delay=0");
		recorder.deletes().from("users").byId(1).execute();
		assertThat(recorder.bean(Scheduler.class).checkExists(PurgeJob.JOB)).isFalse();
		assertThat(recorder.pending().forRow("users", 1)).isPresent();
		Application worker = start(POLICY);
		Awaitility.await().until(() -> worker.ids("users").size() == 2999);
	}

	@Test
	void threeNodesPurgeEachRowOnce() {
		for (int i = 0; i < 3; i++) {
			start("deletion-policy.tables.users.mode=scheduled", "deletion-policy.tables.users.delay=0",
					"deletion-policy.purge.enabled=true", "deletion-policy.purge.interval=50ms",
					"deletion-policy.purge.batch-size=50", "deletion-policy.purge.concurrency=2");
		}
		this.nodes.get(0).deletes().from("users").where(Criteria.where("id").greaterThan(1000)).execute();
		for (long id = 1; id <= 200; id++) {
			this.nodes.get((int) (id % 3)).deletes().from("users").byId(id).execute();
		}
		Awaitility.await().until(() -> this.nodes.get(0).ids("users").size() == 800);
		Awaitility.await().until(() -> this.nodes.get(0).chunks() == 0);
		assertThat(this.database.jdbc().sql("SELECT count(*) FROM purged").query(Long.class).single()).isEqualTo(2200);
	}

	private Application start(String... properties) {
		Application node = Application.of(this.database, properties).with(Recorder.class).start();
		this.nodes.add(node);
		return node;
	}

	/**
	 * Writes each purged key down; the primary key of the table refuses a second time.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Recorder {

		@Bean
		PurgeListener recorder(JdbcTemplate jdbc) {
			return (rows) -> rows.keys().forEach((key) -> jdbc.update("INSERT INTO purged VALUES (?)", key));
		}

	}

}
