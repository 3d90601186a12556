package io.github.deletionpolicy.autoconfigure.quartz;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;

import io.github.deletionpolicy.autoconfigure.require.DeletionJdbc;
import io.github.deletionpolicy.operator.RowDiagnosis;
import io.github.deletionpolicy.purge.PurgeJob;
import io.github.deletionpolicy.purge.Purger;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;

import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextRefreshedEvent;

/**
 * Puts the purge on the application's scheduler when the application starts, before the
 * scheduler does: what that finds wrong with the job it would put into the state ERROR
 * after we have looked. The job stays there: in a store that a cluster shares, other
 * nodes go on.
 */
public class PurgeJobSchedule
		implements SmartLifecycle, ApplicationListener<ContextRefreshedEvent>, RowDiagnosis.NextRun {

	private static final Log logger = LogFactory.getLog(PurgeJobSchedule.class);

	/**
	 * How long an application that stops waits for a batch; most take milliseconds.
	 */
	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private final Scheduler scheduler;

	private final Purger purger;

	private final DeletionJdbc jdbc;

	private final Duration interval;

	private final AtomicBoolean soon = new AtomicBoolean();

	private volatile boolean running;

	public PurgeJobSchedule(Scheduler scheduler, Purger purger, DeletionJdbc jdbc, Duration interval) {
		this.scheduler = scheduler;
		this.purger = purger;
		this.jdbc = jdbc;
		this.interval = interval;
	}

	/**
	 * A store in the database loses its row locks outside a transaction.
	 */
	@Override
	public void start() {
		if (this.jdbc.missing() == null) {
			this.purger.start();
			this.jdbc.callers().executeWithoutResult((status) -> schedule());
			this.jdbc.callers().executeWithoutResult((status) -> wake());
			this.running = true;
		}
	}

	private void schedule() {
		try {
			PurgeJob.schedule(this.scheduler, this.purger, this.interval);
		}
		catch (SchedulerException ex) {
			throw new IllegalStateException("The purge could not be put on the Quartz scheduler.", ex);
		}
	}

	private void wake() {
		try {
			PurgeJob.wake(this.scheduler);
		}
		catch (SchedulerException ex) {
			throw new IllegalStateException("The Quartz scheduler could not be woken for the purge.", ex);
		}
	}

	/**
	 * Have a run begin now, unless one is at it on this node and will find what there is.
	 * A thread of its own does so: whoever asks may still hold the only connection there
	 * is. If it fails the next tick comes anyway.
	 */
	public void runSoon() {
		if (this.running && this.soon.compareAndSet(false, true)) {
			Thread thread = new Thread(this::runNow, "deletion-policy-start");
			thread.setDaemon(true);
			thread.start();
		}
	}

	private void runNow() {
		this.soon.set(false);
		try {
			this.jdbc.callers().executeWithoutResult((status) -> PurgeJob.runNow(this.scheduler));
		}
		catch (RuntimeException ex) {
			logger.debug("A run of the purge could not be started ahead of the next tick", ex);
		}
	}

	@Override
	public @Nullable Instant nextRun() {
		return PurgeJob.nextRun(this.scheduler);
	}

	@Override
	public void onApplicationEvent(ContextRefreshedEvent event) {
		try {
			if (this.running && !this.scheduler.isStarted()) {
				logger.info(
						"The Quartz scheduler is not started, so nothing is purged on this node before it is (spring.quartz.auto-startup, spring.quartz.startup-delay)");
			}
		}
		catch (SchedulerException ex) {
			throw new IllegalStateException("The Quartz scheduler does not say whether it is started.", ex);
		}
	}

	/**
	 * The pool is still there, which it is not when the scheduler shuts down: a run that
	 * goes on would fail in the middle of a batch.
	 */
	@Override
	public void stop() {
		this.running = false;
		if (!this.purger.stop(PATIENCE)) {
			logger.warn(
					"The purge is still at a batch after %s and will be cut off. Nothing is lost: it is rolled back, and still due."
						.formatted(PATIENCE));
		}
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

}
