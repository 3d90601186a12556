package io.github.deletionpolicy.purge;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

import io.github.deletionpolicy.PurgeListener;
import io.github.deletionpolicy.async.AsyncDeletes;
import io.github.deletionpolicy.async.BatchDeletion;
import io.github.deletionpolicy.catalog.CascadePlans;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.event.DeletionEvents;
import io.github.deletionpolicy.event.PurgeEvents;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.purge.LastRuns.Look;
import io.github.deletionpolicy.purge.batch.CarefulBatch;
import io.github.deletionpolicy.purge.batch.ClaimSql;
import io.github.deletionpolicy.purge.batch.DueChunks;
import io.github.deletionpolicy.purge.batch.PurgeListeners;
import io.github.deletionpolicy.purge.batch.WorkerSlots;
import io.github.deletionpolicy.purge.tree.PointOfNoReturn;
import io.github.deletionpolicy.purge.tree.TreeBatch;
import io.github.deletionpolicy.purge.tree.TreeCleanup;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Works through what is due: batch by batch, table by table in turn, until nothing is
 * left or the time is over. Safe on any number of threads and nodes.
 *
 * @since 0.1
 */
public class Purger {

	private static final Log logger = LogFactory.getLog(Purger.class);

	private static final int FORGET_PAGE = 1000;

	private static final Duration FORGET_INTERVAL = Duration.ofMinutes(1);

	/**
	 * Nanoseconds are counted from anywhere, and their difference must not overflow.
	 */
	private static final Duration LONGEST_RUN = Duration.ofDays(365);

	private static final UUID FIRST = new UUID(0, 0);

	private static final UUID LAST = new UUID(-1, -1);

	private final PurgeTools tools;

	private final Retention retention;

	private final TreeCleanup settled;

	private final LastRuns lastRuns;

	private final ClockJumpBreaker brake;

	private final PurgeMonitor monitor;

	private final PurgeWatermarks frontier = new PurgeWatermarks();

	private final ActiveRuns atWork = new ActiveRuns();

	private final AtomicInteger turn = new AtomicInteger();

	private @Nullable UUID forgotUpTo;

	private long forgotAt = System.nanoTime() - FORGET_INTERVAL.toNanos();

	/**
	 * Create a purger.
	 * @param jdbc runs the statements
	 * @param transactions opens a new transaction, in READ COMMITTED
	 * @param plainTransactions opens a new transaction, whose first statement may set it
	 * up
	 * @param catalog describes the tables
	 * @param ledger where the ledger's tables are
	 * @param deletionTimes says which columns carry the deletion time, and what is held
	 * @param plans says what rows take along
	 * @param settings how hard to work
	 * @param listeners are notified of purged rows, inside the transaction; asked for
	 * when rows are purged
	 * @param events is told of them after the commit
	 * @param monitor watches the runs
	 * @param batchDeletion does the work of one batch of an asynchronous delete
	 */
	public Purger(JdbcOperations jdbc, TransactionOperations transactions, TransactionOperations plainTransactions,
			Catalog catalog, LedgerTables ledger, DeletionTimeColumns deletionTimes, CascadePlans plans,
			PurgeSettings settings, Supplier<List<PurgeListener>> listeners, DeletionEvents events,
			PurgeMonitor monitor, BatchDeletion batchDeletion) {
		DueChunks chunks = new DueChunks(jdbc, ledger);
		PointOfNoReturn point = new PointOfNoReturn(jdbc, ledger);
		PurgeEvents telling = new PurgeEvents(events);
		PurgeListeners told = new PurgeListeners(jdbc, listeners, telling);
		this.settled = new TreeCleanup(jdbc, ledger);
		RateLimiter pace = new RateLimiter(new RateLimits(jdbc, transactions, ledger), settings.maxRowsPerSecond());
		this.tools = new PurgeTools(jdbc, telling.around(transactions), telling.around(plainTransactions), catalog,
				new WorkerSlots(jdbc, ledger), chunks, point, new ClaimSql(ledger), pace, settings, told,
				new CarefulBatch(jdbc, chunks, told), new TreeBatch(jdbc, chunks, point, told, deletionTimes),
				deletionTimes, plans, this.settled, new AsyncDeletes(jdbc, ledger), batchDeletion);
		this.retention = new Retention(jdbc, ledger);
		this.lastRuns = new LastRuns(jdbc, ledger);
		this.brake = new ClockJumpBreaker(this.lastRuns, transactions, settings.brakeAfter());
		this.monitor = monitor;
	}

	/**
	 * Purge what is due by the database's clock with as many workers as there are lanes,
	 * unless others hold them all. Nothing is purged when the last run lies too far from
	 * now, until somebody resumes the purge; nor after {@link #stop}.
	 * @return what was done
	 */
	public PurgeReport purge() {
		return this.monitor.around(this::purgeUnlessBraked);
	}

	/**
	 * Let runs begin, again after {@link #stop}. A new purger does so from the beginning.
	 */
	public void start() {
		this.atWork.start();
	}

	/**
	 * Have {@link #purge()} do nothing until {@link #start()}, and end its runs that are
	 * at work after their batch: nothing of them is then cut off in the middle.
	 * @param patience how long to wait for them
	 * @return whether they have ended
	 */
	public boolean stop(Duration patience) {
		return this.atWork.stop(patience);
	}

	private PurgeReport purgeUnlessBraked() {
		if (this.atWork.isStopped()) {
			return PurgeReport.NOTHING;
		}
		Look look = this.lastRuns.look();
		if (this.brake.holds(look)) {
			return PurgeReport.NOTHING;
		}
		Duration maxRuntime = this.tools.settings().maxRuntime();
		Duration runtime = (maxRuntime.compareTo(LONGEST_RUN) < 0) ? maxRuntime : LONGEST_RUN;
		RunHeartbeat record = new RunHeartbeat(this.lastRuns, this.tools.transactions(), look,
				this.tools.settings().noteRunsEvery());
		PurgeRun run = new PurgeRun(this.tools, look.now(), System.nanoTime() + runtime.toNanos(), false, this.turn,
				this.frontier, this.monitor, record);
		if (!this.atWork.begin(run)) {
			return PurgeReport.NOTHING;
		}
		try {
			if (run.hasWork()) {
				workInAllLanes(run);
			}
			record.ended(run.tally());
			forgetSettled();
		}
		finally {
			this.atWork.ended(run);
		}
		PurgeReport report = run.report();
		if (report.didSomething()) {
			logger.info("Deletion policy: " + report);
		}
		return report;
	}

	/**
	 * Purge in this thread what is due, waiting for other workers if need be and however
	 * long it takes. It is not the run of a worker: it trips no brake and leaves no
	 * record of itself.
	 * @param now the instant that stands for the clock in due times and next attempts;
	 * {@code null} for the database's clock
	 * @return what was done
	 */
	public PurgeReport purgeAsOf(@Nullable Instant now) {
		PurgeRun run = new PurgeRun(this.tools, (now != null) ? now : this.tools.chunks().now(), Long.MAX_VALUE, true,
				this.turn, new PurgeWatermarks(), this.monitor, null);
		run.work();
		return run.report();
	}

	private void workInAllLanes(PurgeRun run) {
		int helpers = this.tools.settings().concurrency() - 1;
		if (helpers == 0) {
			run.work();
			return;
		}
		ExecutorService executor = Executors.newFixedThreadPool(helpers);
		try {
			List<CompletableFuture<Void>> lanes = new ArrayList<>();
			for (int i = 0; i < helpers; i++) {
				lanes.add(CompletableFuture.runAsync(run::work, executor));
			}
			run.work();
			lanes.forEach(CompletableFuture::join);
		}
		finally {
			executor.shutdown();
		}
	}

	private synchronized void forgetSettled() {
		if (System.nanoTime() - this.forgotAt >= FORGET_INTERVAL.toNanos()) {
			UUID after = this.forgotUpTo;
			this.forgotUpTo = forgetSettled(after);
			if (this.forgotUpTo == null) {
				this.frontier.forget();
				this.forgotAt = System.nanoTime();
			}
		}
	}

	/**
	 * In a transaction, also where connections do not commit by themselves.
	 */
	private @Nullable UUID forgetSettled(@Nullable UUID after) {
		AtomicReference<@Nullable UUID> last = new AtomicReference<>();
		List<UUID> unsettled = this.tools.inTransaction(() -> {
			this.retention.forgetEnded(this.tools.settings().retention(), FORGET_PAGE);
			last.set(this.retention.forgetSettled(after, this.tools.settings().retention(), FORGET_PAGE));
			return this.settled.find((after != null) ? after : FIRST, (last.get() != null) ? last.get() : LAST);
		});
		this.tools.settle(unsettled);
		return last.get();
	}

}
