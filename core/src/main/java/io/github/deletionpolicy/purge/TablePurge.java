package io.github.deletionpolicy.purge;

import java.util.function.Supplier;

import io.github.deletionpolicy.purge.batch.Batch;
import io.github.deletionpolicy.purge.batch.BatchRecovery;
import io.github.deletionpolicy.purge.batch.CarefulBatch;
import org.jspecify.annotations.Nullable;

/**
 * Some batches of one table.
 */
record TablePurge(PurgeRun run, BatchRecovery recovery, @Nullable Batch optimistic, Supplier<CarefulBatch> careful) {

	/**
	 * Purge the next batch.
	 * @return whether there was anything to do
	 */
	boolean next() {
		CarefulBatch batch = this.careful.get();
		boolean worked = this.recovery.next(this.optimistic, batch);
		if (!this.run.isOver()) {
			batch.reached();
		}
		return worked;
	}

}
