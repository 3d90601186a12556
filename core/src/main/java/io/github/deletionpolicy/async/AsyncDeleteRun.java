package io.github.deletionpolicy.async;

import java.util.concurrent.locks.ReentrantLock;

import io.github.deletionpolicy.async.AsyncClaims.Due;
import io.github.deletionpolicy.async.WalkBatch.End;
import io.github.deletionpolicy.async.WalkBatch.Visits;
import io.github.deletionpolicy.purge.PurgeRun;
import io.github.deletionpolicy.purge.batch.BatchRecovery;
import io.github.deletionpolicy.purge.batch.SqlStates;
import io.github.deletionpolicy.purge.batch.TableProgress;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.InvalidDataAccessApiUsageException;

/**
 * What a run does of one asynchronous delete: batch after batch up the primary key, then
 * the rows that could not be deleted.
 */
class AsyncDeleteRun {

	private static final Log logger = LogFactory.getLog(AsyncDeleteRun.class);

	/**
	 * How long a turn takes, in nanoseconds, where nobody else waits for one. What is
	 * asked in between takes as long as two batches.
	 */
	private static final long LONGEST_TURN = 100_000_000;

	private final AsyncWorker worker;

	private final PurgeRun run;

	private final Due due;

	private final BatchRecovery recovery;

	private final Visits visits = new Visits();

	private final ReentrantLock lock = new ReentrantLock();

	private int batchesPerTurn = 1;

	private @Nullable OptimisticWalkBatch optimistic;

	AsyncDeleteRun(AsyncWorker worker, PurgeRun run, Due due) {
		this.worker = worker;
		this.run = run;
		this.due = due;
		this.recovery = new BatchRecovery(run::isOver, false);
	}

	/**
	 * Do some batches, unless another thread does.
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
			this.batchesPerTurn = Math.min(2 * this.batchesPerTurn, TableProgress.MOST_BATCHES);
			if (this.optimistic != null && !isUnchanged(this.optimistic)) {
				this.optimistic = null;
			}
			int done = 0;
			Next next = Next.ON;
			while (next == Next.ON && done < most && (done == 0 || (System.nanoTime() < end && !mustRest()))) {
				next = next();
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
	private boolean isUnchanged(OptimisticWalkBatch batch) {
		try {
			return this.worker.describe(batch.delete()).equals(batch.table());
		}
		catch (InvalidDataAccessApiUsageException ex) {
			logger.debug("Table %s is not what it was".formatted(batch.table().name()), ex);
			return false;
		}
	}

	private boolean mustRest() {
		return this.run.isOver() || !this.run.restOf(this.due.table()).isZero();
	}

	/**
	 * Whatever is wrong with this delete must not keep others from their turn.
	 */
	private Next next() {
		WalkBatch careful = new WalkBatch(this.worker, this.run, this.due, this.visits);
		try {
			boolean worked = this.recovery.next(this.optimistic, careful);
			AsyncClaim claim = careful.claim();
			if (claim == null) {
				return !worked ? Next.NOTHING : isPausing(this.optimistic) ? Next.ENDED : Next.ON;
			}
			this.optimistic = careful.next();
			return worked ? after(careful, claim) : Next.ENDED;
		}
		catch (RuntimeException ex) {
			AsyncClaim claim = careful.claim();
			if (SqlStates.isEnvironment(ex) || claim == null) {
				throw ex;
			}
			if (SqlStates.isWaiting(SqlStates.of(ex))) {
				return Next.NOTHING;
			}
			this.worker.fail(claim, ex);
			return Next.ENDED;
		}
	}

	private Next after(WalkBatch batch, AsyncClaim claim) {
		if (batch.end() == End.ROWS_LEFT) {
			FailedRowsBatch rows = new FailedRowsBatch(this.worker, this.run, this.due, claim.leftKeys());
			new BatchRecovery(this.run::isOver, true).run(rows);
			return rows.settle() ? Next.ON : Next.ENDED;
		}
		if (batch.end() == End.DONE) {
			this.worker.ended(claim.delete());
		}
		return (batch.end() == null && claim.delete().pause().isZero()) ? Next.ON : Next.ENDED;
	}

	private static boolean isPausing(@Nullable OptimisticWalkBatch batch) {
		return batch != null && !batch.delete().pause().isZero();
	}

	private enum Next {

		/** There may be more to do. */
		ON,
		/** It has ended, or rests. */
		ENDED,
		/** Nothing can be done now: another worker has it, or its table is paused. */
		NOTHING

	}

}
