package io.github.deletionpolicy.autoconfigure.quartz;

import io.github.deletionpolicy.autoconfigure.require.DeletionJdbc;
import io.github.deletionpolicy.purge.PurgeJob;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;

import org.springframework.beans.factory.InitializingBean;

/**
 * Lets a node on which nothing is to be purged leave the purge to the nodes with which it
 * shares a job store.
 */
public class PurgeJobAbstention implements InitializingBean {

	private final Scheduler scheduler;

	private final DeletionJdbc jdbc;

	public PurgeJobAbstention(Scheduler scheduler, DeletionJdbc jdbc) {
		this.scheduler = scheduler;
		this.jdbc = jdbc;
	}

	@Override
	public void afterPropertiesSet() throws SchedulerException {
		PurgeJob.leaveToOthers(this.scheduler, this.jdbc.callers());
	}

}
