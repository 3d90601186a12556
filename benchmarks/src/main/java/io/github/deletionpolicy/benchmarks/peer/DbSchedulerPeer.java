package io.github.deletionpolicy.benchmarks.peer;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import io.github.deletionpolicy.benchmarks.database.Database;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;

/**
 * One db-scheduler task for each row, executed by 16 threads that lock what they fetch:
 * its fastest way on PostgreSQL.
 *
 * @since 0.1
 */
public final class DbSchedulerPeer implements AutoCloseable {

	/**
	 * What the peer is called in the result.
	 */
	public static final String NAME = "a db-scheduler task per row";

	private static final String TASK = "purge-row";

	private final Database database;

	private final OneTimeTask<String> task;

	private final SchedulerClient client;

	private @Nullable Scheduler running;

	/**
	 * Create the client and its table. Nothing is executed before {@link #start()}.
	 * @param database where
	 */
	public DbSchedulerPeer(Database database) {
		this.database = database;
		database.run("DROP TABLE IF EXISTS scheduled_tasks");
		database.run("""
				CREATE TABLE scheduled_tasks (
					task_name text NOT NULL,
					task_instance text NOT NULL,
					task_data bytea,
					execution_time timestamptz NOT NULL,
					picked boolean NOT NULL,
					picked_by text,
					last_success timestamptz,
					last_failure timestamptz,
					consecutive_failures integer,
					last_heartbeat timestamptz,
					version bigint NOT NULL,
					priority smallint,
					PRIMARY KEY (task_name, task_instance))""");
		database.run("CREATE INDEX ON scheduled_tasks (execution_time)");
		database.run("CREATE INDEX ON scheduled_tasks (last_heartbeat)");
		this.task = Tasks.oneTime(TASK, String.class)
			.execute((instance, context) -> RowPurge.purge(database, Long.parseLong(instance.getId()),
					instance.getData()));
		this.client = SchedulerClient.Builder
			.create(new TransactionAwareDataSourceProxy(database.dataSource()), this.task)
			.build();
	}

	/**
	 * Schedule the removal of a row, in the caller's transaction.
	 * @param id key of the row
	 * @param token its deletion time
	 * @param due when to remove it
	 */
	public void schedule(long id, String token, Instant due) {
		this.client.scheduleIfNotExists(instance(id, token), due);
	}

	/**
	 * Schedule the removal of many rows in one call, in the caller's transaction.
	 * @param tokens the deletion times by key
	 * @param due when to remove them
	 */
	public void scheduleAll(Map<Long, String> tokens, Instant due) {
		List<TaskInstance<?>> instances = tokens.entrySet()
			.stream()
			.<TaskInstance<?>>map((entry) -> instance(entry.getKey(), entry.getValue()))
			.toList();
		this.client.scheduleBatch(instances, due);
	}

	private static TaskInstance<String> instance(long id, String token) {
		return new TaskInstance<>(TASK, Long.toString(id), token);
	}

	/**
	 * Begin to execute what is due.
	 */
	public void start() {
		this.running = Scheduler.create(this.database.dataSource(), this.task)
			.threads(16)
			.pollUsingLockAndFetch(1.0, 4.0)
			.pollingInterval(Duration.ofSeconds(1))
			.shutdownMaxWait(Duration.ofSeconds(10))
			.build();
		this.running.start();
	}

	/**
	 * Stop to execute.
	 */
	public void stop() {
		if (this.running != null) {
			this.running.stop();
			this.running = null;
		}
	}

	/**
	 * Forget all that is scheduled, and vacuum.
	 */
	public void clear() {
		this.database.run("TRUNCATE scheduled_tasks");
		this.database.run("VACUUM ANALYZE scheduled_tasks");
	}

	@Override
	public void close() {
		stop();
	}

}
