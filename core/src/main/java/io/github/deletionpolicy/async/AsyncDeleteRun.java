package io.github.deletionpolicy.async;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;

import io.github.deletionpolicy.AsyncProgress;
import io.github.deletionpolicy.UnknownOperationException;
import io.github.deletionpolicy.AsyncProgress.State;
import io.github.deletionpolicy.async.AsyncBatch.Removed;
import io.github.deletionpolicy.async.AsyncDeletes.Due;
import io.github.deletionpolicy.async.BatchDeletion.Batch;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.purge.PurgeRun;
import io.github.deletionpolicy.purge.PurgeTools;
import io.github.deletionpolicy.purge.batch.FailureMessages;
import io.github.deletionpolicy.purge.batch.SqlStates;
import io.github.deletionpolicy.rows.KeyRange;
import io.github.deletionpolicy.rows.KeyScan.KeyPage;
import io.github.deletionpolicy.sql.Sql;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.InvalidDataAccessApiUsageException;

/**
 * What a run does of one asynchronous delete: a batch per transaction, up the primary
 * key. When one fails it is made smaller until the row stands alone that is to blame,
 * which is left behind and tried again after the walk.
 */
class AsyncDeleteRun {

	private static final Log logger = LogFactory.getLog(AsyncDeleteRun.class);

	private static final int REPETITIONS = 3;

	/**
	 * How many batches leave out locked rows after one that has waited in vain.
	 */
	private static final int CAREFUL_BATCHES = 4;

	/**
	 * How many rows a batch looks at, at most, to find those that match.
	 */
	private static final int MOST_VISITS = 20_000;

	/**
	 * With as many rows left behind the walk does not go on: something is wrong.
	 */
	private static final int MOST_LEFT = 1000;

	private static final int MOST_DETOURS = 1000;

	/**
	 * How long a turn takes, in nanoseconds, where nobody else waits for one. What is
	 * asked in between takes as long as two batches.
	 */
	private static final long LONGEST_TURN = 100_000_000;

	private final PurgeTools tools;

	private final AsyncDeletes deletes;

	private final BatchDeletion deletion;

	private final PurgeRun run;

	private final Due due;

	private final AsyncBatch batch;

	private final FailedRows leftBehind;

	private final ReentrantLock lock = new ReentrantLock();

	private int batchesPerTurn = 1;

	private int visits;

	private int matches;

	private long matched;

	private int carefully;

	/**
	 * How many batches do not try to go swiftly after one that has failed to.
	 */
	private int detour;

	private int longestDetour;

	private int repetition;

	/**
	 * What the batch before leaves for one that goes ahead as if nothing were in the way.
	 */
	private @Nullable Known known;

	AsyncDeleteRun(PurgeTools tools, PurgeRun run, Due due) {
		this.tools = tools;
		this.deletes = tools.asyncDeletes();
		this.deletion = tools.batchDeletion();
		this.run = run;
		this.due = due;
		this.batch = new AsyncBatch(tools, due, run.isPatient());
		this.leftBehind = new FailedRows(tools, run, this.batch);
	}

	/**
	 * Do some batches, unless another thread is at it.
	 * @param alone whether nothing else waits for its turn
	 * @return whether something was done
	 */
	boolean goOn(boolean alone) {
		if (this.run.isOver() || !this.lock.tryLock()) {
			return false;
		}
		try {
			int most = alone ? Integer.MAX_VALUE : this.batchesPerTurn;
			long end = System.nanoTime() + LONGEST_TURN;
			this.batchesPerTurn = Math.min(2 * this.batchesPerTurn, PurgeRun.MOST_BATCHES);
			this.known = stillKnown();
			int done = 0;
			@Nullable Next next = Next.ON;
			while (next == Next.ON && done < most && (done == 0 || (System.nanoTime() < end && !mustRest()))) {
				next = nextSwiftly();
				next = (next != null) ? next : nextCarefully();
				done += (next != Next.NOTHING) ? 1 : 0;
			}
			return done > 0;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * A table that has changed since the last turn is described anew.
	 */
	private @Nullable Known stillKnown() {
		Known before = this.known;
		if (before == null) {
			return null;
		}
		try {
			return this.batch.describe(before.delete()).equals(before.table()) ? before : null;
		}
		catch (InvalidDataAccessApiUsageException ex) {
			logger.debug("Table %s is not what it was".formatted(before.table().name()), ex);
			return null;
		}
	}

	private boolean mustRest() {
		return this.run.isOver() || !this.run.restOf(this.due.table()).isZero();
	}

	/**
	 * Go ahead as if nothing were in the way.
	 * @return {@code null} if something is; nothing was done then
	 */
	private @Nullable Next nextSwiftly() {
		Known now = this.known;
		this.known = null;
		if (now == null || this.carefully > 0) {
			return null;
		}
		if (this.detour > 0) {
			this.detour--;
			return null;
		}
		limit(now.delete(), now.selection());
		try {
			Optional<KeyPage> removed = this.tools.inPlainTransaction(() -> Optional.ofNullable(this.batch
				.removeNextAndCommit(now.table(), now.rest(), now.selection(), this.visits, this.matches)));
			if (removed.isEmpty()) {
				return null;
			}
			KeyPage stretch = removed.get();
			this.batch.committed(now.delete(), new Batch(stretch.matched(), Map.of(), List.of()));
			learn(stretch);
			this.known = now.after(stretch);
			this.longestDetour = 0;
			return now.delete().pause().isZero() ? Next.ON : Next.ENDED;
		}
		catch (RuntimeException ex) {
			if (SqlStates.isEnvironment(ex)) {
				throw ex;
			}
			logger.debug("A batch of %s goes carefully".formatted(now.table().name()), ex);
			this.longestDetour = Math.min(2 * this.longestDetour + 1, MOST_DETOURS);
			this.detour = this.longestDetour;
			return null;
		}
	}

	private Next nextCarefully() {
		AtomicReference<@Nullable AsyncClaim> claimed = new AtomicReference<>();
		try {
			Done done = this.tools.inPlainTransaction(() -> {
				AsyncClaim claim = this.batch.claim(this.carefully == 0);
				claimed.set(claim);
				return (claim != null) ? work(claim, this.batch.describe(claim.delete())) : Done.NOTHING;
			});
			AsyncClaim claim = claimed.get();
			return (claim != null) ? committed(claim, done) : Next.NOTHING;
		}
		catch (RuntimeException ex) {
			AsyncClaim claim = claimed.get();
			if (SqlStates.isEnvironment(ex) || claim == null) {
				throw ex;
			}
			return recoverOrFail(claim, ex);
		}
	}

	/**
	 * Whatever is wrong with this delete must not keep others from their turn.
	 */
	private Next recoverOrFail(AsyncClaim claim, RuntimeException ex) {
		try {
			return recover(claim, ex);
		}
		catch (RuntimeException again) {
			if (SqlStates.isEnvironment(again)) {
				throw again;
			}
			if (SqlStates.isWaiting(SqlStates.of(again))) {
				return Next.NOTHING;
			}
			fail(claim, again);
			return Next.ENDED;
		}
	}

	private Done work(AsyncClaim claim, Table table) {
		if (claim.leftKeys().size() >= MOST_LEFT) {
			return Done.LEFT;
		}
		Sql selection = this.deletion.selection(claim.delete(), table);
		limit(claim.delete(), selection);
		this.matched = 0;
		KeyPage stretch = this.batch.walk().next(claim.rest(), table, selection, this.visits, this.matches);
		if (stretch == null) {
			if (claim.leftKeys().isEmpty()) {
				this.deletes.end(claim.delete().operationId(), State.DONE, null);
				return Done.ENDED;
			}
			return Done.LEFT;
		}
		this.matched = stretch.matched();
		Removed removed = remove(claim.delete(), table, stretch, selection);
		this.deletes.advance(claim, table, stretch, removed.batch().rows(), removed.left(), removed.error());
		boolean swift = stretch.matched() == this.matches && this.deletion.isPlain(claim.delete(), table)
				&& !this.tools.listeners().areInside();
		Known known = new Known(claim.delete(), table, selection, claim.rest());
		return new Done(removed.batch(), stretch, swift ? known.after(stretch) : null, false, false);
	}

	private void limit(AsyncDelete delete, @Nullable Sql selection) {
		int most = Math.min(this.tools.batchSize(delete.batchSize()),
				(this.matches > 0) ? this.matches : Integer.MAX_VALUE);
		this.matches = most;
		this.visits = (selection != null) ? Math.max(this.visits, most) : most;
	}

	private Removed remove(AsyncDelete delete, Table table, KeyPage stretch, @Nullable Sql selection) {
		if (stretch.matched() == 0) {
			return new Removed(AsyncBatch.NOTHING, List.of(), null);
		}
		Sql rows = stretch.range().on(table);
		return (this.carefully > 0) ? this.batch.removeUnlocked(delete, table, rows, selection)
				: this.batch.remove(delete, table, rows, selection, stretch.matched());
	}

	private Next committed(AsyncClaim claim, Done done) {
		this.repetition = 0;
		this.batch.committed(claim.delete(), done.batch());
		if (done.left()) {
			return this.leftBehind.retry(claim) ? Next.ON : Next.ENDED;
		}
		if (done.ended()) {
			ended(claim.delete());
			return Next.ENDED;
		}
		this.carefully = Math.max(0, this.carefully - 1);
		KeyPage stretch = done.stretch();
		if (stretch != null) {
			learn(stretch);
		}
		this.known = done.known();
		return claim.delete().pause().isZero() ? Next.ON : Next.ENDED;
	}

	/**
	 * Look further where few rows match, and take more again after a failure.
	 */
	private void learn(KeyPage stretch) {
		boolean full = stretch.matched() >= this.matches;
		long wanted = full ? Math.max(this.matches, 2 * stretch.visited()) : 4L * this.visits;
		this.visits = (int) Math.min(wanted, Math.max(MOST_VISITS, this.matches));
		this.matches = Math.min(2 * this.matches, Integer.MAX_VALUE / 2);
	}

	private void ended(AsyncDelete delete) {
		this.deletes.find(delete.operationId()).ifPresent((summary) -> {
			AsyncProgress progress = summary.progress();
			String message = "Deletion policy: the asynchronous delete %s from %s is done: %d row(s) %s, %d given up."
				.formatted(delete.operationId(), summary.table(), progress.done(),
						delete.isHard() ? "removed" : "marked as deleted", progress.failed());
			if (progress.failed() == 0) {
				logger.info(message);
			}
			else {
				logger.warn(message + " " + summary.lastError());
			}
		});
	}

	/**
	 * Leave out locked rows, repeat what can be repeated, else take fewer until the
	 * culprit stands alone.
	 */
	private Next recover(AsyncClaim claim, RuntimeException ex) {
		String state = SqlStates.of(ex);
		if (ex instanceof InvalidDataAccessApiUsageException || ex instanceof UnknownOperationException
				|| ex instanceof IllegalArgumentException || this.batch.isRefusedWithoutRows(ex)) {
			fail(claim, ex);
			return Next.ENDED;
		}
		if (SqlStates.isWaiting(state) && this.carefully == 0) {
			this.carefully = CAREFUL_BATCHES;
		}
		else if (SqlStates.isRepeatable(state) && this.repetition < REPETITIONS) {
			this.repetition++;
		}
		else if (this.matched == 0) {
			throw ex;
		}
		else if (this.matched > 1) {
			this.matches = (int) Math.max(1, Math.min(this.matches, this.matched) / 2);
		}
		else {
			leaveBehind(ex);
		}
		return Next.ON;
	}

	private void fail(AsyncClaim claim, RuntimeException ex) {
		String message = FailureMessages.of(ex);
		boolean ended = this.tools
			.inTransaction(() -> this.deletes.end(claim.delete().operationId(), State.FAILED, message));
		if (ended) {
			logger.warn("Deletion policy: the asynchronous delete %s from %s has failed. %s"
				.formatted(claim.delete().operationId(), claim.delete().table().name(), message));
		}
	}

	/**
	 * Go past the first row that matches.
	 */
	private void leaveBehind(RuntimeException ex) {
		String message = FailureMessages.of(ex);
		this.repetition = 0;
		this.tools.inPlainTransaction(() -> {
			AsyncClaim claim = this.batch.claim(false);
			if (claim == null) {
				return false;
			}
			Table table = this.batch.describe(claim.delete());
			Sql selection = this.deletion.selection(claim.delete(), table);
			KeyPage stretch = this.batch.walk().next(claim.rest(), table, selection, this.visits, 1);
			if (stretch != null) {
				List<List<String>> left = this.batch.walk()
					.keys(table, AsyncBatch.both(stretch.range().on(table), selection));
				this.deletes.advance(claim, table, stretch, 0, left, message);
			}
			return true;
		});
	}

	private enum Next {

		/** There may be more to do. */
		ON,
		/** It has ended, or rests. */
		ENDED,
		/** Nothing can be done now: somebody else is at it, or at the table. */
		NOTHING

	}

	/**
	 * What one transaction did.
	 */
	private record Done(Batch batch, @Nullable KeyPage stretch, @Nullable Known known, boolean left, boolean ended) {

		static final Done NOTHING = new Done(AsyncBatch.NOTHING, null, null, false, false);

		static final Done LEFT = new Done(AsyncBatch.NOTHING, null, null, true, false);

		static final Done ENDED = new Done(AsyncBatch.NOTHING, null, null, false, true);

	}

	/**
	 * What need not be asked again for the next batch.
	 */
	private record Known(AsyncDelete delete, Table table, @Nullable Sql selection, KeyRange rest) {

		Known after(KeyPage stretch) {
			return new Known(this.delete, this.table, this.selection,
					new KeyRange(stretch.range().upTo(), this.rest.upTo()));
		}

	}

}
