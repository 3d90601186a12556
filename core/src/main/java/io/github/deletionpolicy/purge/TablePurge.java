package io.github.deletionpolicy.purge;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.purge.batch.ChunkRef;
import io.github.deletionpolicy.purge.batch.ClaimSql.Span;
import io.github.deletionpolicy.purge.batch.DueChunks;
import io.github.deletionpolicy.purge.batch.DueChunks.Outcome;
import io.github.deletionpolicy.purge.batch.DueTable;
import io.github.deletionpolicy.purge.batch.FailureMessages;
import io.github.deletionpolicy.purge.batch.OptimisticBatch;
import io.github.deletionpolicy.purge.batch.PurgeResult;
import io.github.deletionpolicy.purge.batch.SqlStates;
import io.github.deletionpolicy.purge.batch.WorkerTransaction;
import io.github.deletionpolicy.purge.tree.BigTree;
import io.github.deletionpolicy.purge.tree.TreeTooBigException;
import io.github.deletionpolicy.sql.Sql;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * What a run does in one table: a batch per transaction, and when one fails, the search
 * for the rows that are to blame, so that their neighbours go.
 */
class TablePurge {

	private static final Log logger = LogFactory.getLog(TablePurge.class);

	private static final int REPETITIONS = 3;

	/**
	 * How many batches to go carefully after one that could not go swiftly.
	 */
	private static final int CAREFUL_BATCHES = 4;

	private final PurgeTools tools;

	private final DueChunks chunks;

	private final PurgeRun run;

	private final DueTable due;

	private final CascadePlan plan;

	private final Table table;

	private final Sql hold;

	private final WorkerTransaction entrance;

	private final OptimisticBatch swift;

	private int carefully;

	/**
	 * Whether to wait for rows that others have locked; they are left out otherwise.
	 */
	private boolean waiting = true;

	TablePurge(PurgeTools tools, PurgeRun run, DueTable due, CascadePlan plan, Sql hold) {
		this.tools = tools;
		this.chunks = tools.chunks();
		this.run = run;
		this.due = due;
		this.plan = plan;
		this.table = plan.root().table();
		this.hold = hold;
		this.entrance = new WorkerTransaction(tools, due, plan, run.isPatient());
		this.swift = new OptimisticBatch(tools, due, plan.root(), hold, this.entrance);
		this.carefully = (plan.isAlone() && !this.table.hasCascadingKeyIntoIt()) ? 0 : Integer.MAX_VALUE;
	}

	/**
	 * Purge the next batch.
	 * @return whether there was something to do
	 */
	boolean next() {
		if (this.carefully > 0) {
			this.carefully--;
			return nextCarefully();
		}
		return nextSwiftly() || nextCarefully();
	}

	/**
	 * Go ahead as if nothing were in the way.
	 * @return whether that was so
	 */
	private boolean nextSwiftly() {
		Span span = this.run.span(this.due);
		int room = this.run.rootsPerBatch(this.due);
		try {
			OptimisticBatch.Done done = this.tools.inPlainTransaction(() -> (this.run.claimSize(this.due) > 1)
					? this.swift.purgeMany(span, this.run.claimSize(this.due), room) : this.swift.purgeOne(span, room));
			if (done.isNothing()) {
				return false;
			}
			this.run.done(this.due, done.result());
			this.run.learnClaimSize(this.due, done.claim().chunks(), done.claim().keys());
			this.run.reached(this.due, done.claim().upTo(), done.claim().horizon());
			return true;
		}
		catch (RuntimeException ex) {
			if (SqlStates.isEnvironment(ex)) {
				throw ex;
			}
			logger.debug("A batch of %s goes carefully".formatted(this.due.name()), ex);
			this.carefully = CAREFUL_BATCHES;
			this.waiting = !SqlStates.isWaiting(SqlStates.of(ex));
			return false;
		}
	}

	private boolean nextCarefully() {
		List<ChunkRef> claimed = new ArrayList<>();
		AtomicLong horizon = new AtomicLong();
		try {
			this.run.done(this.due, this.tools.inTransaction(() -> {
				if (enter(this.waiting)) {
					claimed.addAll(claim());
				}
				int room = this.run.rootsPerBatch(this.due);
				if (claimed.size() == 1 && claimed.get(0).keyCount() > room) {
					this.chunks.split(claimed.get(0), this.table, room);
					return PurgeResult.NOTHING;
				}
				horizon.set(claimed.isEmpty() ? 0 : this.chunks.nextWriter());
				return purge(claimed, !this.waiting);
			}));
			settle(claimed);
		}
		catch (RuntimeException ex) {
			if (!claimed.isEmpty()) {
				recover(claimed, ex, !this.waiting || !this.plan.isAlone(), 1);
			}
			else if (SqlStates.mayConcernAllRows(SqlStates.of(ex))) {
				this.run.postponeAll(this.due, ex, 1);
			}
			else if (!SqlStates.isWaiting(SqlStates.of(ex))) {
				throw ex;
			}
		}
		if (horizon.get() > 0 && !this.run.isOver()) {
			this.run.reached(this.due, claimed.get(claimed.size() - 1).due(), horizon.get());
		}
		return !claimed.isEmpty();
	}

	/**
	 * Purge chunks that were claimed before, in a transaction of their own.
	 */
	private void retry(List<ChunkRef> again, boolean skipLocked, int repetition) {
		if (this.run.isOver()) {
			return;
		}
		try {
			this.run.done(this.due, this.tools.inTransaction(() -> enter(!skipLocked)
					? purge(this.chunks.claimAgain(again, this.run.now()), skipLocked) : PurgeResult.NOTHING));
			settle(again);
		}
		catch (RuntimeException ex) {
			recover(again, ex, skipLocked, repetition);
		}
	}

	/**
	 * Leave out locked rows, repeat what can be repeated, else divide until the culprit
	 * stands alone.
	 */
	private void recover(List<ChunkRef> claimed, RuntimeException ex, boolean skippedLocked, int repetition) {
		String state = SqlStates.of(ex);
		if (SqlStates.isEnvironment(ex)) {
			throw ex;
		}
		if (ex instanceof TreeTooBigException) {
			divide(claimed);
		}
		else if (SqlStates.isWaiting(state) && !skippedLocked) {
			retry(claimed, true, repetition);
		}
		else if (SqlStates.isRepeatable(state) && repetition < REPETITIONS) {
			retry(claimed, skippedLocked, repetition + 1);
		}
		else if (SqlStates.mayConcernAllRows(state) && isRefusedWithoutRows()) {
			this.run.postponeAll(this.due, ex, claimed.get(0).attempts() + 1);
		}
		else if (claimed.size() > 1) {
			int half = claimed.size() / 2;
			retry(claimed.subList(0, half), skippedLocked, 1);
			retry(claimed.subList(half, claimed.size()), skippedLocked, 1);
		}
		else if (claimed.get(0).keyCount() > 1) {
			int half = (claimed.get(0).keyCount() + 1) / 2;
			cut(claimed.get(0), half).forEach((part) -> retry(List.of(part), skippedLocked, 1));
		}
		else {
			postpone(claimed.get(0), ex, SqlStates.isBlocking(state) ? State.BLOCKED : State.FAILED);
		}
	}

	private void settle(List<ChunkRef> claimed) {
		if (!this.plan.isAlone()) {
			this.tools.settle(claimed.stream().map(ChunkRef::operationId).collect(Collectors.toSet()));
		}
	}

	/**
	 * Take fewer trees at once; one that is too big by itself goes in several
	 * transactions.
	 */
	private void divide(List<ChunkRef> claimed) {
		int roots = claimed.stream().mapToInt(ChunkRef::keyCount).sum();
		if (roots > 1) {
			this.run.learnRootsPerBatch(this.due, Math.max(1, roots / 4));
			return;
		}
		try {
			new BigTree(this.tools, this.run, this.due, this.plan, this.hold, () -> enter(false)).purge(claimed.get(0));
		}
		catch (RuntimeException ex) {
			if (SqlStates.isEnvironment(ex)) {
				throw ex;
			}
			postpone(claimed.get(0), ex, SqlStates.isBlocking(SqlStates.of(ex)) ? State.BLOCKED : State.FAILED);
		}
	}

	/**
	 * What cannot be read cannot be cut either, and must not stand in the way of others.
	 */
	private List<ChunkRef> cut(ChunkRef chunk, int size) {
		try {
			return this.tools.inTransaction(() -> this.chunks.split(chunk, this.table, size));
		}
		catch (RuntimeException ex) {
			if (SqlStates.isEnvironment(ex)) {
				throw ex;
			}
			postpone(chunk, ex, State.FAILED);
			return List.of();
		}
	}

	/**
	 * Try the statement without a key: what refuses that refuses every row, and to search
	 * for the culprit among them would take them all apart.
	 */
	private boolean isRefusedWithoutRows() {
		try {
			this.tools.inTransaction(() -> enter(false)
					? this.tools.batch().purge(List.of(), this.plan.root(), this.hold, false, this.run.backOff())
					: PurgeResult.NOTHING);
			return false;
		}
		catch (RuntimeException ex) {
			return SqlStates.mayConcernAllRows(SqlStates.of(ex));
		}
	}

	private void postpone(ChunkRef chunk, RuntimeException ex, State state) {
		Outcome outcome = new Outcome(state, FailureMessages.of(ex));
		Instant next = this.run.backOff().after(chunk.attempts() + 1);
		boolean postponed = this.tools.inTransaction(() -> {
			boolean ours = !this.chunks.claimAgain(List.of(chunk), this.run.now()).isEmpty();
			if (ours) {
				this.chunks.postpone(chunk, outcome, next);
			}
			return ours;
		});
		if (postponed) {
			this.run.tally().kept(this.due, state, chunk.keyCount());
			logger.warn("Deletion policy: %d row(s) of %s could not be purged and will be tried again after %s. %s"
				.formatted(chunk.keyCount(), this.table.name(), next, outcome.error()));
		}
	}

	private boolean enter(boolean wait) {
		return this.entrance.enter(wait && this.plan.isAlone());
	}

	private List<ChunkRef> claim() {
		List<ChunkRef> found = this.chunks.claim(this.due, this.run.span(this.due), this.run.claimSize(this.due));
		if (found.isEmpty()) {
			return found;
		}
		this.run.learnClaimSize(this.due, found.size(), found.stream().mapToLong(ChunkRef::keyCount).sum());
		List<ChunkRef> fitting = new ArrayList<>();
		int room = this.run.rootsPerBatch(this.due);
		for (ChunkRef chunk : found) {
			room -= chunk.keyCount();
			if (room < 0 && !fitting.isEmpty()) {
				break;
			}
			fitting.add(chunk);
		}
		return fitting;
	}

	private PurgeResult purge(List<ChunkRef> claimed, boolean skipLocked) {
		if (claimed.isEmpty()) {
			return PurgeResult.NOTHING;
		}
		return this.plan.isAlone()
				? this.tools.batch().purge(claimed, this.plan.root(), this.hold, skipLocked, this.run.backOff())
				: this.tools.trees()
					.purge(claimed, this.plan, this.hold, this.tools.batchSize(), this.run.now(), this.run.backOff());
	}

}
