package io.github.deletionpolicy.purge;

import java.time.Duration;
import java.time.Instant;
import java.util.Date;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.quartz.DateBuilder;
import org.quartz.DateBuilder.IntervalUnit;
import org.quartz.DisallowConcurrentExecution;
import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobDetail;
import org.quartz.JobExecutionContext;
import org.quartz.JobExecutionException;
import org.quartz.JobKey;
import org.quartz.ObjectAlreadyExistsException;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.SimpleScheduleBuilder;
import org.quartz.SimpleTrigger;
import org.quartz.Trigger;
import org.quartz.Trigger.TriggerState;
import org.quartz.TriggerBuilder;
import org.quartz.TriggerKey;
import org.quartz.impl.matchers.GroupMatcher;

import org.springframework.transaction.support.TransactionOperations;

/**
 * Quartz's part: a clock that starts a run of the purge every so often. What is due
 * stands in the ledger, so a tick that is lost or comes twice does no harm.
 * <p>
 * The name of this class stands in job stores of running installations; it does not
 * change.
 *
 * @since 0.1
 */
@DisallowConcurrentExecution
public class PurgeJob implements Job {

	/**
	 * Identifies the job.
	 */
	public static final JobKey JOB = JobKey.jobKey("purge", "deletion-policy");

	/**
	 * Identifies its only trigger.
	 */
	public static final TriggerKey TRIGGER = TriggerKey.triggerKey("purge", "deletion-policy");

	/**
	 * More than the 30 seconds that Quartz looks ahead by default.
	 */
	private static final int HAND_OVER_SECONDS = 31;

	private static final Log logger = LogFactory.getLog(PurgeJob.class);

	/**
	 * Where the scheduler keeps what the job needs. It is never stored, and the job asks
	 * nothing of how jobs are made: not every scheduler makes them with Spring.
	 */
	private static final String PURGER = Purger.class.getName();

	/**
	 * Where a node that must not purge keeps what it hands the job over with.
	 */
	private static final String TRANSACTIONS = PurgeJob.class.getName() + ".transactions";

	/**
	 * A group without triggers.
	 */
	private static final String NO_TRIGGERS = PurgeJob.class.getName() + ".none";

	private static final String WARNED = PurgeJob.class.getName() + ".warned";

	@Override
	public void execute(JobExecutionContext context) throws JobExecutionException {
		try {
			if (context.getScheduler().getContext().get(PURGER) instanceof Purger purger) {
				purger.purge();
			}
			else {
				leaveToAnotherNode(context);
			}
		}
		catch (SchedulerException ex) {
			throw new JobExecutionException(ex);
		}
		catch (RuntimeException ex) {
			logger.error(
					"The purge stopped early; the next tick goes on. Nothing is lost: what was not committed is still due.",
					ex);
		}
	}

	/**
	 * A node that has fired a trigger is the first to see it again, and would keep it for
	 * ever. Put off beyond what this node looks ahead to, it is seen by others first.
	 */
	private static void leaveToAnotherNode(JobExecutionContext context) throws SchedulerException {
		Scheduler scheduler = context.getScheduler();
		Trigger fired = context.getTrigger();
		if (!(scheduler.getContext().get(TRANSACTIONS) instanceof TransactionOperations transactions)) {
			warnOnce(scheduler);
		}
		else if (fired.getKey().equals(TRIGGER)) {
			logger.debug("This node does not purge; the next tick may come to another one");
			Trigger later = fired.getTriggerBuilder()
				.startAt(DateBuilder.futureDate(HAND_OVER_SECONDS, IntervalUnit.SECOND))
				.build();
			transactions.executeWithoutResult((status) -> reschedule(scheduler, later));
		}
	}

	private static void warnOnce(Scheduler scheduler) throws SchedulerException {
		if (scheduler.getContext().putIfAbsent(WARNED, true) == null) {
			logger.warn(
					"Quartz started the purge on a node that knows no deletion policies, so nodes that purge may get no turn. Give the scheduler of this node a name of its own (spring.quartz.scheduler-name).");
		}
	}

	private static void reschedule(Scheduler scheduler, Trigger trigger) {
		try {
			scheduler.rescheduleJob(TRIGGER, trigger);
		}
		catch (SchedulerException ex) {
			throw new IllegalStateException("The purge could not be put off.", ex);
		}
	}

	/**
	 * Have a node that must not purge leave the job to others when Quartz fires it there:
	 * nodes that share a job store share the job.
	 * @param scheduler the scheduler of this node
	 * @param transactions opens the transaction that a store in the database needs
	 * @throws SchedulerException if the scheduler refuses
	 */
	public static void leaveToOthers(Scheduler scheduler, TransactionOperations transactions)
			throws SchedulerException {
		scheduler.getContext().put(TRANSACTIONS, transactions);
	}

	/**
	 * See to it that the scheduler has the job and one healthy trigger with this
	 * interval. The first tick of a new trigger comes one interval from now.
	 * @param scheduler the scheduler
	 * @param purger does the work on this node
	 * @param interval time between two ticks
	 * @throws SchedulerException if the scheduler refuses
	 */
	public static void schedule(Scheduler scheduler, Purger purger, Duration interval) throws SchedulerException {
		scheduler.getContext().put(PURGER, purger);
		JobDetail job = JobBuilder.newJob(PurgeJob.class)
			.withIdentity(JOB)
			.withDescription("Removes rows whose scheduled deletion is due")
			.storeDurably()
			.build();
		scheduler.addJob(job, true);
		Trigger present = scheduler.getTrigger(TRIGGER);
		if (present == null) {
			try {
				scheduler.scheduleJob(trigger(interval));
			}
			catch (ObjectAlreadyExistsException ex) {
				logger.debug("Another node was faster to add the trigger");
			}
			return;
		}
		if (!(present instanceof SimpleTrigger simple) || simple.getRepeatInterval() != interval.toMillis()
				|| !simple.getJobKey().equals(JOB) || isPutOff(simple, interval)) {
			scheduler.rescheduleJob(TRIGGER, trigger(interval));
		}
		else if (scheduler.getTriggerState(TRIGGER) == TriggerState.ERROR) {
			scheduler.resetTriggerFromErrorState(TRIGGER);
		}
	}

	/**
	 * Have the scheduler look for its next tick now. It does so when the trigger changes;
	 * where that was inside a transaction it may have looked too early, and would look
	 * again only after half a minute.
	 * @param scheduler the scheduler
	 * @throws SchedulerException if the scheduler refuses
	 */
	public static void wake(Scheduler scheduler) throws SchedulerException {
		scheduler.resumeTriggers(GroupMatcher.triggerGroupEquals(NO_TRIGGERS));
	}

	/**
	 * Start a run ahead of the next tick, unless one is running on this node.
	 * @param scheduler the scheduler
	 * @throws IllegalStateException if the scheduler refuses
	 */
	public static void runNow(Scheduler scheduler) {
		try {
			boolean idle = scheduler.getCurrentlyExecutingJobs()
				.stream()
				.noneMatch((running) -> running.getJobDetail().getKey().equals(JOB));
			if (idle && scheduler.isStarted() && !scheduler.isInStandbyMode()) {
				scheduler.triggerJob(JOB);
			}
		}
		catch (SchedulerException ex) {
			throw new IllegalStateException("The purge could not be started.", ex);
		}
	}

	/**
	 * Return when the next run begins, by Quartz.
	 * @param scheduler the scheduler
	 * @return the instant; {@code null} if no run is planned, or Quartz does not say
	 */
	public static @Nullable Instant nextRun(Scheduler scheduler) {
		try {
			Trigger trigger = scheduler.getTrigger(TRIGGER);
			Date next = (trigger != null) ? trigger.getNextFireTime() : null;
			return (next != null) ? next.toInstant() : null;
		}
		catch (SchedulerException ex) {
			logger.debug("Quartz does not say when the next run begins", ex);
			return null;
		}
	}

	private static boolean isPutOff(SimpleTrigger trigger, Duration interval) {
		Date next = trigger.getNextFireTime();
		return next == null || next.toInstant().isAfter(Instant.now().plus(interval.multipliedBy(2)));
	}

	private static Trigger trigger(Duration interval) {
		return TriggerBuilder.newTrigger()
			.withIdentity(TRIGGER)
			.forJob(JOB)
			.startAt(DateBuilder.futureDate((int) Math.min(interval.toMillis(), Integer.MAX_VALUE),
					IntervalUnit.MILLISECOND))
			.withSchedule(SimpleScheduleBuilder.simpleSchedule()
				.withIntervalInMilliseconds(interval.toMillis())
				.repeatForever()
				.withMisfireHandlingInstructionNextWithRemainingCount())
			.build();
	}

}
