package io.github.deletionpolicy.benchmarks.peer;

import java.util.Objects;

import io.github.deletionpolicy.benchmarks.database.Database;
import org.quartz.Job;
import org.quartz.JobDataMap;
import org.quartz.JobExecutionContext;
import org.quartz.JobExecutionException;
import org.quartz.SchedulerException;

/**
 * Removes one row, if it still carries its token.
 *
 * @since 0.1
 */
public class TokenPurgeJob implements Job {

	static final String DATABASE = "database";

	@Override
	public void execute(JobExecutionContext context) throws JobExecutionException {
		JobDataMap data = context.getMergedJobDataMap();
		try {
			Database database = (Database) Objects.requireNonNull(context.getScheduler().getContext().get(DATABASE));
			RowPurge.purge(database, data.getLongFromString("id"), data.getString("token"));
		}
		catch (SchedulerException ex) {
			throw new JobExecutionException(ex);
		}
	}

}
