package io.github.deletionpolicy.purge.batch;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

import io.github.deletionpolicy.catalog.CascadePlan.Node;
import io.github.deletionpolicy.ledger.BackOff;
import io.github.deletionpolicy.purge.batch.DueChunks.Kept;
import io.github.deletionpolicy.purge.batch.DueChunks.Outcome;
import io.github.deletionpolicy.sql.Sql;

/**
 * Writes down what became of claimed chunks: those are removed of which each row was; of
 * the others those keys are kept whose rows are still there.
 *
 * @param root the table of the chunks
 * @param hold the hold condition on the row {@code t}; {@code false} for none
 * @param otherwise why rows are still there that are not held
 * @param backOff when to try them again
 */
public record Settlement(Node root, Sql hold, Outcome otherwise, BackOff backOff) {

	/**
	 * Settle chunks, in the transaction that has claimed them.
	 * @param chunks writes to the ledger
	 * @param claimed the chunks
	 * @param removedOf how many rows of a chunk were removed
	 * @param removed rows removed, by {@code schema.table}
	 * @return what was done, once the transaction commits
	 */
	public PurgeResult settle(DueChunks chunks, List<ChunkRef> claimed, ToLongFunction<ChunkRef> removedOf,
			Map<String, Long> removed) {
		List<ChunkRef> done = new ArrayList<>();
		List<ChunkRef> open = new ArrayList<>();
		for (ChunkRef chunk : claimed) {
			((removedOf.applyAsLong(chunk) == chunk.keyCount()) ? done : open).add(chunk);
		}
		chunks.remove(done);
		if (open.isEmpty()) {
			return PurgeResult.of(removed);
		}
		Kept kept = chunks.keepWhatIsLeft(open, this.root.table(), this.root.requireDeletionTime(), this.hold,
				this.otherwise, this.backOff);
		chunks.noteMovedOn(open.stream()
			.filter((chunk) -> removedOf.applyAsLong(chunk) == 0)
			.map(ChunkRef::operationId)
			.distinct()
			.toList());
		return new PurgeResult(removed, kept.held(), this.otherwise.state(), kept.others());
	}

}
