package io.github.deletionpolicy.purge;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.deletionpolicy.purge.batch.DueChunks;
import io.github.deletionpolicy.purge.batch.DueChunks.Overview;
import io.github.deletionpolicy.purge.batch.DueTable;
import io.github.deletionpolicy.purge.batch.TableProgress;

/**
 * The tables in one run: which are due, and some batches of each in turn.
 */
class TableRounds {

	private final PurgeRun run;

	private final DueChunks chunks;

	private final TableOrder order;

	private final PurgeWatermarks watermarks;

	private final TablePurges purges;

	private final Map<Integer, TableProgress> progress = new ConcurrentHashMap<>();

	private final AtomicInteger working = new AtomicInteger();

	TableRounds(PurgeRun run, DueChunks chunks, TableOrder order, PurgeWatermarks watermarks, TablePurges purges) {
		this.run = run;
		this.chunks = chunks;
		this.order = order;
		this.watermarks = watermarks;
		this.purges = purges;
	}

	/**
	 * Work until nothing is left to do or the time is over: a turn of the task, then one
	 * of each table.
	 * @param progress is called before each turn
	 */
	void work(RunTask task, Runnable progress) {
		boolean more = true;
		while (more && !this.run.isOver()) {
			progress.run();
			List<DueTable> due = due();
			RunTask.Turn turn = task.turn(due.isEmpty());
			more = !due.isEmpty() && round(due);
			more |= turn.worked() || (!more && this.run.rest(turn.rest()));
			more = more || startOver();
		}
	}

	/**
	 * List the tables that are due, as far as this run has not come to them.
	 */
	List<DueTable> due() {
		Map<Integer, Instant> from = new HashMap<>(this.watermarks.marks(this.run.now()));
		this.progress.forEach((table, progress) -> {
			Instant reached = progress.reached();
			if (reached != null) {
				from.put(table, reached);
			}
		});
		if (!this.watermarks.isUnsure()) {
			return this.chunks.tables(this.run.now(), from).due();
		}
		long oldest = this.chunks.oldestWriter();
		Overview overview = this.chunks.tables(this.run.now(), from);
		Set<Integer> unseen = new HashSet<>(from.keySet());
		unseen.addAll(overview.paused());
		overview.due().forEach((table) -> unseen.add(table.id()));
		this.watermarks.confirm(oldest, unseen);
		return overview.due();
	}

	/**
	 * Look at everything again: where nothing is due behind the place that this run has
	 * come to, something may have been left behind.
	 * @return whether that may be so
	 */
	boolean startOver() {
		boolean moved = false;
		for (TableProgress progress : this.progress.values()) {
			moved |= progress.startOver();
		}
		return moved;
	}

	/**
	 * Do some batches of each table. Where those that go first have nothing to give,
	 * because others hold their rows or they are left to a newer version, the rest goes
	 * on.
	 * @return whether there was anything to do
	 */
	boolean round(List<DueTable> due) {
		this.run.tally().due(due);
		List<DueTable> inTurn = this.order.inTurn(due);
		List<DueTable> first = this.order.withoutReferredOnes(inTurn);
		boolean worked = false;
		Duration shortestRest = Duration.ZERO;
		for (DueTable table : first) {
			Duration rest = this.run.restOf(table);
			if (rest.isZero()) {
				worked |= turn(table, due.size() == 1);
			}
			else if (shortestRest.isZero() || rest.compareTo(shortestRest) < 0) {
				shortestRest = rest;
			}
		}
		if (!worked && this.run.rest(shortestRest)) {
			return true;
		}
		if (!worked && this.working.get() == 0) {
			for (DueTable table : inTurn) {
				worked |= !first.contains(table) && this.run.restOf(table).isZero() && turn(table, false);
			}
		}
		return worked;
	}

	private boolean turn(DueTable table, boolean only) {
		if (this.run.isOver()) {
			return false;
		}
		this.order.turnOf(table);
		this.working.incrementAndGet();
		try {
			TableProgress progress = this.progress.computeIfAbsent(table.id(), (id) -> newProgress(table));
			return this.purges.turn(this.run, progress, progress.batchesInTurn(only));
		}
		finally {
			this.working.decrementAndGet();
		}
	}

	private TableProgress newProgress(DueTable table) {
		return new TableProgress(table, this.run.backOff(), this.run.batchSize(),
				(result) -> this.run.done(table, result),
				(upTo, horizon) -> this.watermarks.advance(table.id(), upTo, horizon));
	}

}
