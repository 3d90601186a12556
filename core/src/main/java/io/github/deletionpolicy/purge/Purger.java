package io.github.deletionpolicy.purge;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.purge.LastRuns.Look;
import io.github.deletionpolicy.purge.batch.DueChunks;
import io.github.deletionpolicy.sql.Database;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Works through what is due: batch by batch, table by table in turn, until nothing is
 * left or the time is over. Safe on any number of threads and nodes.
 *
 * @since 0.1
 */
public class Purger {

	private static final Log logger = LogFactory.getLog(Purger.class);

	/**
	 * Nanoseconds are counted from anywhere, and their difference must not overflow.
	 */
	private static final Duration LONGEST_RUN = Duration.ofDays(365);

	private final Database database;

	private final PurgeSettings settings;

	private final TablePurges purges;

	private final PurgeMonitor monitor;

	private final Function<PurgeRun, RunTask> tasks;

	private final DueChunks chunks;

	private final TableOrder order;

	private final RateLimiter rateLimiter;

	private final LastRuns lastRuns;

	private final ClockJumpBreaker breaker;

	private final Retention retention;

	private final PurgeWatermarks watermarks = new PurgeWatermarks();

	private final ActiveRuns activeRuns = new ActiveRuns();

	/**
	 * Create a purger.
	 * @param database the database
	 * @param ledger where the ledger's tables are
	 * @param catalog describes the tables
	 * @param settings how hard to work
	 * @param purges begins to purge a table
	 * @param monitor watches the runs
	 * @param tasks returns what else a run does
	 */
	public Purger(Database database, LedgerTables ledger, Catalog catalog, PurgeSettings settings, TablePurges purges,
			PurgeMonitor monitor, Function<PurgeRun, RunTask> tasks) {
		this.database = database;
		this.settings = settings;
		this.purges = purges;
		this.monitor = monitor;
		this.tasks = tasks;
		this.chunks = new DueChunks(database.jdbc(), ledger);
		this.order = new TableOrder(catalog);
		this.rateLimiter = new RateLimiter(new RateLimits(database, ledger)::reserve, settings.maxRowsPerSecond(),
				System::nanoTime);
		this.lastRuns = new LastRuns(database.jdbc(), ledger);
		this.breaker = new ClockJumpBreaker(this.lastRuns, database.workers(), settings.brakeAfter());
		this.retention = new Retention(database, ledger, catalog, settings.retention());
	}

	/**
	 * Purge what is due by the database's clock with as many workers as allowed, unless
	 * others take all places. Nothing is purged when the last run lies too far from now,
	 * until somebody resumes the purge; nor after {@link #stop}.
	 * @return what was done
	 */
	public PurgeReport purge() {
		return this.monitor.around(this::purgeUnlessStopped);
	}

	/**
	 * Let runs begin, again after {@link #stop}. A new purger does so from the beginning.
	 */
	public void start() {
		this.activeRuns.start();
	}

	/**
	 * Have {@link #purge()} do nothing until {@link #start()}, and end its runs after the
	 * batch that is running: nothing of them is then cut off in the middle.
	 * @param patience how long to wait for them
	 * @return whether they have ended
	 */
	public boolean stop(Duration patience) {
		return this.activeRuns.stop(patience);
	}

	private PurgeReport purgeUnlessStopped() {
		if (this.activeRuns.isStopped()) {
			return PurgeReport.NOTHING;
		}
		Look look = this.lastRuns.look();
		if (this.breaker.isOpen(look)) {
			return PurgeReport.NOTHING;
		}
		Duration runtime = (this.settings.maxRuntime().compareTo(LONGEST_RUN) < 0) ? this.settings.maxRuntime()
				: LONGEST_RUN;
		PurgeRun run = newRun(look.now(), System.nanoTime() + runtime.toNanos(), false);
		if (!this.activeRuns.begin(run)) {
			return PurgeReport.NOTHING;
		}
		try {
			work(run, new RunHeartbeat(this.lastRuns, this.database.workers(), look, this.settings.noteRunsEvery()));
		}
		finally {
			this.activeRuns.ended(run);
		}
		PurgeReport report = run.report();
		if (report.didSomething()) {
			logger.info("Deletion policy: " + report);
		}
		return report;
	}

	private PurgeRun newRun(Instant now, long deadline, boolean patient) {
		return new PurgeRun(this.settings, this.rateLimiter, this.monitor, now, deadline, patient);
	}

	private void work(PurgeRun run, RunHeartbeat heartbeat) {
		TableRounds tables = new TableRounds(run, this.chunks, this.order, this.watermarks, this.purges);
		RunTask task = this.tasks.apply(run);
		if (!tables.due().isEmpty() || task.hasWork()) {
			inAllWorkers(() -> tables.work(task, () -> heartbeat.goesOn(run.tally())));
		}
		heartbeat.ended(run.tally());
		if (this.retention.removeNext()) {
			this.watermarks.forget();
		}
	}

	/**
	 * Purge in this thread what is due, waiting for other workers if need be and however
	 * long it takes. It is not the run of a worker: it does not look at when the last run
	 * was, and leaves no record of itself.
	 * @param now the instant that stands for the clock in due times and next attempts;
	 * {@code null} for the database's clock
	 * @return what was done
	 */
	public PurgeReport purgeAsOf(@Nullable Instant now) {
		PurgeRun run = newRun((now != null) ? now : this.chunks.now(), Long.MAX_VALUE, true);
		new TableRounds(run, this.chunks, this.order, new PurgeWatermarks(), this.purges).work(this.tasks.apply(run),
				() -> {
				});
		return run.report();
	}

	private void inAllWorkers(Runnable work) {
		int helpers = this.settings.concurrency() - 1;
		if (helpers == 0) {
			work.run();
			return;
		}
		ExecutorService executor = Executors.newFixedThreadPool(helpers);
		try {
			List<CompletableFuture<Void>> workers = new ArrayList<>();
			for (int i = 0; i < helpers; i++) {
				workers.add(CompletableFuture.runAsync(work, executor));
			}
			work.run();
			workers.forEach(CompletableFuture::join);
		}
		finally {
			executor.shutdown();
		}
	}

}
