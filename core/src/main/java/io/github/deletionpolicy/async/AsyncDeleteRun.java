package io.github.deletionpolicy.async;

import java.util.concurrent.locks.ReentrantLock;

import io.github.deletionpolicy.async.AsyncClaims.Due;
import io.github.deletionpolicy.async.WalkBatch.Visits;
import io.github.deletionpolicy.purge.PurgeRun;
import io.github.deletionpolicy.purge.batch.BatchRecovery;
import io.github.deletionpolicy.purge.batch.SqlStates;
import io.github.deletionpolicy.purge.batch.TableProgress;
import org.jspecify.annotations.Nullable;

/**
 * What a run does of one asynchronous delete: batch after batch up the primary key, then
 * the rows that could not be deleted.
 */
class AsyncDeleteRun {

	/**
	 * How long a turn takes, in nanoseconds, where nothing else waits for one. What comes
	 * in between takes as long as four batches.
	 */
	private static final long LONGEST_TURN = 100_000_000;

	private final AsyncWorker worker;

	private final PurgeRun run;

	private final Due due;

	private final BatchRecovery recovery;

	private final Visits visits = new Visits();

	private final ReentrantLock lock = new ReentrantLock();

	private int batchesPerTurn = 1;

	private boolean worked;

	private @Nullable OptimisticWalkBatch optimistic;

	AsyncDeleteRun(AsyncWorker worker, PurgeRun run, Due due) {
		this.worker = worker;
		this.run = run;
		this.due = due;
		this.recovery = new BatchRecovery(run::isOver, false);
	}

	/**
	 * Do some batches, unless another thread does. The first one goes step by step: the
	 * table may have changed since the last turn.
	 * @param alone whether nothing else waits for its turn
	 * @return whether something was done
	 */
	boolean runTurn(boolean alone) {
		if (this.run.isOver() || !this.lock.tryLock()) {
			return false;
		}
		try {
			int batches = alone ? Integer.MAX_VALUE : this.batchesPerTurn;
			this.batchesPerTurn = Math.min(2 * this.batchesPerTurn, TableProgress.MOST_BATCHES);
			this.optimistic = null;
			this.worked = false;
			long end = System.nanoTime() + LONGEST_TURN;
			boolean more = next();
			while (more && --batches > 0 && System.nanoTime() < end && !this.run.isOver()
					&& this.run.restOf(this.due.table()).isZero()) {
				more = next();
			}
			return this.worked;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Run the next batch. Whatever is wrong with this delete must not keep others from
	 * their turn.
	 * @return whether there may be more to do in this turn; not if the delete has ended
	 * or pauses, another worker has it, or its table is paused
	 */
	private boolean next() {
		WalkBatch careful = new WalkBatch(this.worker, this.run, this.due, this.visits, Integer.MAX_VALUE);
		try {
			boolean worked = this.recovery.next(this.optimistic, careful);
			AsyncDelete claimed = careful.claimed();
			this.worked |= worked || claimed != null;
			if (claimed == null) {
				return worked;
			}
			this.optimistic = careful.next();
			return worked && !endsTurn(careful, claimed);
		}
		catch (RuntimeException ex) {
			AsyncDelete claimed = careful.claimed();
			if (SqlStates.isEnvironment(ex) || claimed == null) {
				throw ex;
			}
			if (!SqlStates.isWaiting(SqlStates.of(ex))) {
				this.worked = true;
				this.worker.fail(claimed, ex);
			}
			return false;
		}
	}

	private boolean endsTurn(WalkBatch batch, AsyncDelete delete) {
		if (!batch.isOver()) {
			return !delete.pause().isZero();
		}
		if (delete.leftKeys().isEmpty()) {
			this.worker.ended(delete);
		}
		else {
			FailedRowsBatch rows = new FailedRowsBatch(this.worker, this.run, this.due, delete.leftKeys());
			new BatchRecovery(this.run::isOver, true).run(rows);
			rows.settle();
		}
		return true;
	}

}
