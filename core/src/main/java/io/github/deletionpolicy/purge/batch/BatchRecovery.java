package io.github.deletionpolicy.purge.batch;

import java.util.List;
import java.util.function.BooleanSupplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Runs the batches of one table, or of one asynchronous delete. An optimistic batch is
 * tried first. If it fails, the same rows go step by step: locked rows are skipped, what
 * can be repeated is repeated, and else the batch is halved until the row that causes the
 * failure is alone. That one is postponed, so that its neighbours go.
 */
public final class BatchRecovery {

	private static final Log logger = LogFactory.getLog(BatchRecovery.class);

	private static final int ATTEMPTS = 3;

	/**
	 * How many batches skip locked rows after one that waited for too long.
	 */
	private static final int SKIPPING_BATCHES = 4;

	private static final int MOST_CAREFUL_BATCHES = 1000;

	private final BooleanSupplier over;

	private final boolean alwaysSkipLocked;

	/**
	 * How many batches to run before the next one is optimistic again. Each failure of an
	 * optimistic one doubles that.
	 */
	private int carefulBatches;

	private int lastCarefulBatches;

	private boolean skipLocked;

	/**
	 * Create a recovery.
	 * @param over whether to begin no further transaction
	 * @param alwaysSkipLocked whether no batch waits for locked rows
	 */
	public BatchRecovery(BooleanSupplier over, boolean alwaysSkipLocked) {
		this.over = over;
		this.alwaysSkipLocked = alwaysSkipLocked;
	}

	/**
	 * Run the next batch.
	 * @param optimistic the batch as it goes if nothing is in the way; {@code null} if
	 * that cannot be tried
	 * @param careful the same, step by step
	 * @return whether there was anything to do
	 */
	public boolean next(@Nullable Batch optimistic, Batch careful) {
		if (this.carefulBatches > 0) {
			this.carefulBatches--;
		}
		else {
			this.skipLocked = false;
			if (optimistic != null && runOptimistically(optimistic)) {
				return true;
			}
		}
		return run(careful);
	}

	private boolean runOptimistically(Batch batch) {
		try {
			boolean worked = batch.run(false);
			if (worked) {
				this.lastCarefulBatches = 0;
			}
			return worked;
		}
		catch (RuntimeException ex) {
			if (SqlStates.isEnvironment(ex)) {
				throw ex;
			}
			logger.debug("The next batches run step by step", ex);
			this.lastCarefulBatches = Math.min(2 * this.lastCarefulBatches + 1, MOST_CAREFUL_BATCHES);
			this.carefulBatches = this.lastCarefulBatches;
			this.skipLocked = SqlStates.isWaiting(SqlStates.of(ex));
			return false;
		}
	}

	/**
	 * Run a batch that is not optimistic.
	 * @return whether there was anything to do
	 */
	public boolean run(Batch batch) {
		return run(batch, this.alwaysSkipLocked || this.skipLocked, 1);
	}

	private boolean run(Batch batch, boolean skipLocked, int attempt) {
		if (this.over.getAsBoolean()) {
			return false;
		}
		try {
			return batch.run(skipLocked);
		}
		catch (RuntimeException ex) {
			if (SqlStates.isEnvironment(ex)) {
				throw ex;
			}
			return recover(batch, ex, skipLocked, attempt);
		}
	}

	private boolean recover(Batch batch, RuntimeException ex, boolean skippedLocked, int attempt) {
		String state = SqlStates.of(ex);
		if (SqlStates.isWaiting(state) && !skippedLocked) {
			this.carefulBatches = Math.max(this.carefulBatches, SKIPPING_BATCHES);
			this.skipLocked = true;
			return run(batch, true, attempt);
		}
		if (SqlStates.isRepeatable(state) && attempt < ATTEMPTS) {
			return run(batch, skippedLocked, attempt + 1);
		}
		if (batch.concernsAllRows(ex)) {
			return false;
		}
		List<? extends Batch> parts = batch.parts();
		if (parts.isEmpty()) {
			batch.postpone(ex);
		}
		parts.forEach((part) -> run(part, skippedLocked, 1));
		return true;
	}

}
