package io.github.deletionpolicy.purge;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.purge.LastRuns.TableRun;
import io.github.deletionpolicy.purge.batch.DueTable;
import io.github.deletionpolicy.purge.batch.PurgeResult;

/**
 * Counts what the workers of one run did, and notifies the monitor.
 */
class PurgeTally {

	private final PurgeMonitor monitor;

	private final Map<String, Long> rows = new ConcurrentHashMap<>();

	private final Map<State, AtomicLong> kept = Map.of(State.HELD, new AtomicLong(), State.BLOCKED, new AtomicLong(),
			State.FAILED, new AtomicLong());

	private final Map<Integer, OfTable> tables = new ConcurrentHashMap<>();

	PurgeTally(PurgeMonitor monitor) {
		this.monitor = monitor;
	}

	/**
	 * Note that tables have due rows.
	 */
	void due(Collection<DueTable> due) {
		due.forEach(this::of);
	}

	void add(DueTable table, PurgeResult result) {
		if (!result.removed().isEmpty()) {
			result.removed().forEach((name, count) -> this.rows.merge(name, count, Long::sum));
			of(table).removed.addAndGet(result.total());
			this.monitor.batch(table.name().toString(), result.removed());
		}
		kept(table, State.HELD, result.held());
		kept(table, result.state(), result.others());
	}

	void kept(DueTable table, State state, long count) {
		if (count == 0) {
			return;
		}
		State shown = this.kept.containsKey(state) ? state : State.FAILED;
		this.kept.getOrDefault(shown, new AtomicLong()).addAndGet(count);
		((shown == State.HELD) ? of(table).held : of(table).others).addAndGet(count);
		this.monitor.kept(table.name().toString(), shown, count);
	}

	private OfTable of(DueTable table) {
		return this.tables.computeIfAbsent(table.id(), (id) -> new OfTable());
	}

	PurgeReport report() {
		return new PurgeReport(this.rows, kept(State.HELD), kept(State.BLOCKED), kept(State.FAILED));
	}

	private long kept(State state) {
		return this.kept.getOrDefault(state, new AtomicLong()).get();
	}

	/**
	 * Return what became of the tables that had due rows.
	 */
	List<TableRun> tables() {
		return this.tables.entrySet().stream().map((entry) -> entry.getValue().run(entry.getKey())).toList();
	}

	private static final class OfTable {

		private final AtomicLong removed = new AtomicLong();

		private final AtomicLong held = new AtomicLong();

		private final AtomicLong others = new AtomicLong();

		TableRun run(int table) {
			boolean anyRemoved = this.removed.get() > 0;
			boolean onlyHeld = this.held.get() > 0 && this.others.get() == 0;
			return new TableRun(table, anyRemoved, !anyRemoved && !onlyHeld);
		}

	}

}
