package io.github.deletionpolicy.benchmarks.peer;

import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;

import io.github.deletionpolicy.benchmarks.database.Database;
import org.quartz.JobBuilder;
import org.quartz.JobDetail;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.TriggerBuilder;

import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.scheduling.quartz.SchedulerFactoryBean;

/**
 * One Quartz trigger for each row, in a clustered store in the database, with Spring's
 * factory and Quartz's ten threads.
 *
 * @since 0.1
 */
public final class QuartzPeer implements AutoCloseable {

	/**
	 * What the peer is called in the result.
	 */
	public static final String NAME = "a Quartz trigger per row";

	private final Database database;

	private final SchedulerFactoryBean factory = new SchedulerFactoryBean();

	private final Scheduler scheduler;

	private final JobDetail job = JobBuilder.newJob(TokenPurgeJob.class)
		.withIdentity("purge-row")
		.storeDurably()
		.build();

	/**
	 * Create the scheduler and its tables. Nothing is executed before {@link #start()}.
	 * @param database where
	 */
	public QuartzPeer(Database database) {
		this.database = database;
		new ResourceDatabasePopulator(new ClassPathResource("org/quartz/impl/jdbcjobstore/tables_postgres.sql"))
			.execute(database.dataSource());
		Properties properties = new Properties();
		properties.putAll(Map.of("org.quartz.scheduler.instanceId", "AUTO", "org.quartz.jobStore.isClustered", "true",
				"org.quartz.jobStore.useProperties", "true", "org.quartz.jobStore.acquireTriggersWithinLock", "true",
				"org.quartz.jobStore.driverDelegateClass", "org.quartz.impl.jdbcjobstore.PostgreSQLDelegate",
				"org.quartz.threadPool.threadCount", "10"));
		this.factory.setQuartzProperties(properties);
		this.factory.setSchedulerName("peer");
		this.factory.setDataSource(database.dataSource());
		this.factory.setTransactionManager(database.transactionManager());
		this.factory.setSchedulerContextAsMap(Map.of(TokenPurgeJob.DATABASE, database));
		this.factory.setAutoStartup(false);
		try {
			this.factory.afterPropertiesSet();
		}
		catch (Exception ex) {
			throw new IllegalStateException("Quartz does not start", ex);
		}
		this.scheduler = Objects.requireNonNull(this.factory.getObject());
		database.inTransaction(() -> call(() -> this.scheduler.addJob(this.job, true)));
	}

	/**
	 * Schedule the removal of a row, in the caller's transaction.
	 * @param id key of the row
	 * @param token its deletion time
	 * @param due when to remove it
	 */
	public void schedule(long id, String token, Instant due) {
		call(() -> this.scheduler.scheduleJob(TriggerBuilder.newTrigger()
			.withIdentity("row-" + id)
			.forJob(this.job)
			.usingJobData("id", Long.toString(id))
			.usingJobData("token", token)
			.startAt(Date.from(due))
			.build()));
	}

	/**
	 * Begin to execute what is due.
	 */
	public void start() {
		call(this.scheduler::start);
	}

	/**
	 * Stop to execute, until started again.
	 */
	public void standBy() {
		call(this.scheduler::standby);
	}

	/**
	 * Forget all that is scheduled, and vacuum.
	 */
	public void clear() {
		this.database.run("TRUNCATE qrtz_triggers, qrtz_fired_triggers CASCADE");
		this.database.run("VACUUM ANALYZE qrtz_triggers, qrtz_simple_triggers, qrtz_fired_triggers, qrtz_locks");
	}

	@Override
	public void close() {
		try {
			this.factory.destroy();
		}
		catch (SchedulerException ex) {
			throw new IllegalStateException("Quartz does not stop", ex);
		}
	}

	private static void call(SchedulerCall call) {
		try {
			call.run();
		}
		catch (SchedulerException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private interface SchedulerCall {

		void run() throws SchedulerException;

	}

}
