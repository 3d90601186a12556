package io.github.deletionpolicy.purge;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.async.AsyncDeletesTask;
import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.BackOff;
import io.github.deletionpolicy.purge.batch.ClaimSql.Span;
import io.github.deletionpolicy.purge.batch.DueChunks.Outcome;
import io.github.deletionpolicy.purge.batch.DueChunks.Overview;
import io.github.deletionpolicy.purge.batch.DueTable;
import io.github.deletionpolicy.purge.batch.FailureMessages;
import io.github.deletionpolicy.purge.batch.PurgeResult;
import io.github.deletionpolicy.purge.batch.SqlStates;
import io.github.deletionpolicy.sql.Sql;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.DataAccessException;

/**
 * One run, by one or several threads. It keeps the same idea of "now" from its first
 * batch to its last, so that what could not be purged is not tried twice in it.
 */
public class PurgeRun {

	private static final Log logger = LogFactory.getLog(PurgeRun.class);

	public static final int MOST_BATCHES = 16;

	private final PurgeTools tools;

	private final Instant now;

	private final BackOff backOff;

	private final long deadline;

	private final boolean patient;

	private final AtomicInteger turn;

	private final PurgeWatermarks frontier;

	/**
	 * How far this run has come in each table.
	 */
	private final Map<Integer, Instant> reached = new ConcurrentHashMap<>();

	private final PurgeTally tally;

	private final @Nullable RunHeartbeat record;

	private final AsyncDeletesTask async;

	private volatile boolean endsEarly;

	private final AtomicInteger working = new AtomicInteger();

	private final Map<Integer, Integer> claimSizes = new ConcurrentHashMap<>();

	private final Map<Integer, Integer> rootsPerBatch = new ConcurrentHashMap<>();

	private final Map<Integer, Integer> batchesPerTurn = new ConcurrentHashMap<>();

	/**
	 * Create a run.
	 * @param tools what it works with
	 * @param now what is due by then is due
	 * @param deadline when to stop, as {@link System#nanoTime()} tells it;
	 * {@link Long#MAX_VALUE} for never
	 * @param patient whether to wait for a lane
	 * @param turn the number of the table that was last tried
	 * @param frontier how far earlier runs have come
	 * @param monitor watches it
	 * @param record where it is written down; {@code null} for nowhere
	 */
	PurgeRun(PurgeTools tools, Instant now, long deadline, boolean patient, AtomicInteger turn,
			PurgeWatermarks frontier, PurgeMonitor monitor, @Nullable RunHeartbeat record) {
		this.tools = tools;
		this.now = now;
		this.backOff = BackOff.of(now, tools.settings().retryDelay());
		this.deadline = deadline;
		this.patient = patient;
		this.turn = turn;
		this.frontier = frontier;
		this.tally = new PurgeTally(monitor);
		this.record = record;
		this.async = new AsyncDeletesTask(tools, this);
	}

	boolean hasWork() {
		return !due().isEmpty() || this.async.haveWork();
	}

	/**
	 * Where nothing is left to do from where this run has come to, something may have
	 * been left behind.
	 */
	void work() {
		boolean more = true;
		while (more && !isOver()) {
			if (this.record != null) {
				this.record.goesOn(this.tally);
			}
			List<DueTable> due = due();
			AsyncDeletesTask.Turn turn = this.async.turn(due.isEmpty());
			more = !due.isEmpty() && round(due);
			more |= turn.worked() || (!more && !turn.rest().isZero() && rest(turn.rest()));
			if (!more && !this.reached.isEmpty()) {
				this.reached.clear();
				more = true;
			}
		}
	}

	private List<DueTable> due() {
		Map<Integer, Instant> from = new HashMap<>(this.frontier.marks(this.now));
		from.putAll(this.reached);
		if (!this.frontier.isUnsure()) {
			return this.tools.chunks().tables(this.now, from).due();
		}
		long oldest = this.tools.chunks().oldestWriter();
		Overview overview = this.tools.chunks().tables(this.now, from);
		Set<Integer> unseen = new HashSet<>(from.keySet());
		unseen.addAll(overview.paused());
		overview.due().forEach((table) -> unseen.add(table.id()));
		this.frontier.confirm(oldest, unseen);
		return overview.due();
	}

	/**
	 * Return what of a table is due, from where this run has come to.
	 */
	Span span(DueTable table) {
		return new Span(this.now, this.reached.get(table.id()));
	}

	PurgeReport report() {
		return this.tally.report();
	}

	/**
	 * Do one batch of each table. Where those that go first have nothing to give, because
	 * others hold their rows or they are left to a newer version, the rest goes on.
	 */
	private boolean round(List<DueTable> due) {
		this.tally.due(due);
		List<DueTable> inTurn = inTurn(due);
		List<DueTable> first = withoutReferredOnes(inTurn);
		boolean worked = false;
		Duration shortestRest = Duration.ZERO;
		for (DueTable table : first) {
			Duration rest = restOf(table);
			if (rest.isZero()) {
				worked |= batches(table, due.size() == 1);
			}
			else if (shortestRest.isZero() || rest.compareTo(shortestRest) < 0) {
				shortestRest = rest;
			}
		}
		if (!worked && !shortestRest.isZero()) {
			return rest(shortestRest);
		}
		if (!worked && this.working.get() == 0) {
			for (DueTable table : inTurn) {
				worked |= !first.contains(table) && restOf(table).isZero() && batches(table, false);
			}
		}
		return worked;
	}

	private boolean rest(Duration time) {
		LockSupport.parkNanos(Math.min(time.toNanos(), remaining()));
		return true;
	}

	/**
	 * Do some batches of a table: of the only one that is due, many, else one at first
	 * and more from turn to turn. What does not change between two of them is asked once.
	 */
	private boolean batches(DueTable table, boolean only) {
		if (isOver()) {
			return false;
		}
		this.turn.set(table.id());
		this.working.incrementAndGet();
		try {
			int batches = only ? MOST_BATCHES
					: this.batchesPerTurn.merge(table.id(), 1, (before, one) -> Math.min(2 * before, MOST_BATCHES));
			return purge(table, batches);
		}
		finally {
			this.working.decrementAndGet();
		}
	}

	/**
	 * Begin after the table that was last tried: one that takes up all the time of a run
	 * is then the last in the next.
	 */
	private List<DueTable> inTurn(List<DueTable> due) {
		int last = this.turn.get();
		List<DueTable> inTurn = new ArrayList<>(due.stream().filter((table) -> table.id() > last).toList());
		due.stream().filter((table) -> table.id() <= last).forEach(inTurn::add);
		return inTurn;
	}

	/**
	 * Leave out tables to which due rows of another one may refer: those go first, so
	 * that a tree that was deleted bottom-up goes in one run.
	 */
	private List<DueTable> withoutReferredOnes(List<DueTable> due) {
		if (due.size() == 1) {
			return due;
		}
		List<TableName> names = due.stream().map(DueTable::name).toList();
		List<DueTable> free = due.stream().filter((table) -> !isReferredTo(table, names)).toList();
		return free.isEmpty() ? due : free;
	}

	private boolean isReferredTo(DueTable due, List<TableName> names) {
		try {
			return this.tools.catalog()
				.table(due.name())
				.referredToBy()
				.stream()
				.anyMatch((key) -> !key.child().equals(due.name()) && names.contains(key.child()));
		}
		catch (DataAccessException ex) {
			return false;
		}
	}

	private boolean purge(DueTable due, int batches) {
		TablePurge purge;
		try {
			purge = purgeOf(due);
		}
		catch (DataAccessException ex) {
			if (SqlStates.isEnvironment(ex)) {
				throw ex;
			}
			return postponeAll(due, ex, 1);
		}
		int done = 0;
		while (done < batches && purge.next()) {
			done++;
			if (isOver() || !restOf(due).isZero()) {
				break;
			}
		}
		return done > 0;
	}

	/**
	 * Note that nothing of a table can be purged.
	 * @return whether anything was noted
	 */
	boolean postponeAll(DueTable due, RuntimeException ex, int attempts) {
		Instant next = this.backOff.after(attempts);
		Outcome outcome = new Outcome(State.FAILED, FailureMessages.of(ex));
		long rows = this.tools.inTransaction(() -> this.tools.chunks().postponeAll(due, this.now, outcome, next));
		if (rows > 0) {
			this.tally.kept(due, State.FAILED, rows);
			logger.warn("Deletion policy: nothing of %s can be purged, which is tried again after %s. %s"
				.formatted(due.name(), next, outcome.error()));
		}
		return rows > 0;
	}

	private TablePurge purgeOf(DueTable due) {
		Table table = this.tools.catalog().table(due.name());
		table.recordableKey();
		Column deletionTime = table.deletionTime(due.deletionTime());
		CascadePlan plan = this.tools.plans().planFor(table, deletionTime);
		String hold = this.tools.deletionTimes().holdCondition(table);
		return new TablePurge(this.tools, this, due, plan,
				(hold != null) ? Sql.of("((" + hold + ")) IS TRUE") : Sql.of("false"));
	}

	/**
	 * Note what a transaction did that has committed.
	 */
	public void done(DueTable table, PurgeResult result) {
		this.tally.add(table, result);
		this.tools.pace().removed(table, result.total());
	}

	/**
	 * Note that what was due by an instant, and free, is gone or put off.
	 * @param horizon transactions with a lower number may bring in more of it
	 */
	void reached(DueTable table, Instant upTo, long horizon) {
		this.reached.merge(table.id(), upTo, (one, other) -> one.isAfter(other) ? one : other);
		this.frontier.advance(table.id(), upTo, horizon);
	}

	/**
	 * Return how long a table must rest.
	 */
	public Duration restOf(DueTable table) {
		return this.tools.pace().restOf(table);
	}

	public Instant now() {
		return this.now;
	}

	public boolean isPatient() {
		return this.patient;
	}

	PurgeTally tally() {
		return this.tally;
	}

	/**
	 * Return how many chunks of a table to claim. How many keys a chunk has is not known
	 * before; what the last claim found is the guess for the next.
	 */
	int claimSize(DueTable table) {
		return this.claimSizes.getOrDefault(table.id(), 1);
	}

	/**
	 * Return how many rows of a table to purge at once: fewer where they take many others
	 * along.
	 */
	int rootsPerBatch(DueTable table) {
		return Math.min(this.tools.batchSize(), this.rootsPerBatch.getOrDefault(table.id(), Integer.MAX_VALUE));
	}

	void learnRootsPerBatch(DueTable table, int roots) {
		this.rootsPerBatch.put(table.id(), roots);
	}

	void learnClaimSize(DueTable table, long chunks, long keys) {
		long size = this.tools.batchSize() * chunks / Math.max(1, keys);
		this.claimSizes.put(table.id(), (int) Math.max(1, Math.min(this.tools.batchSize(), size)));
	}

	/**
	 * Return when to try again what could not be purged in this run.
	 */
	public BackOff backOff() {
		return this.backOff;
	}

	public boolean isOver() {
		return this.endsEarly || remaining() <= 0;
	}

	/**
	 * Have the run end after the batch that it is at.
	 */
	void endEarly() {
		this.endsEarly = true;
	}

	private long remaining() {
		return (this.deadline == Long.MAX_VALUE) ? Long.MAX_VALUE : this.deadline - System.nanoTime();
	}

}
