package io.github.deletionpolicy.purge.batch;

import java.time.Instant;
import java.util.List;
import java.util.Map;

import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.purge.batch.DueChunks.Outcome;
import io.github.deletionpolicy.sql.Database;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Postpones what could not be purged, and logs why.
 */
public record Postponements(Database database, DueChunks chunks) {

	private static final Log logger = LogFactory.getLog(Postponements.class);

	/**
	 * Postpone all that is due of a table.
	 * @param attempts how often it was tried
	 * @return whether anything was due
	 */
	public boolean postponeAll(TableProgress progress, RuntimeException ex, int attempts) {
		Instant next = progress.backOff().after(attempts);
		Outcome outcome = new Outcome(State.FAILED, FailureMessages.of(ex));
		long rows = this.database.workers()
			.execute((status) -> this.chunks.postponeAll(progress.table(), progress.backOff().now(), outcome, next));
		if (rows == 0) {
			return false;
		}
		progress.done(new PurgeResult(Map.of(), 0, State.FAILED, rows));
		logger.warn("Deletion policy: nothing of %s can be purged, which is tried again after %s. %s"
			.formatted(progress.table().name(), next, outcome.error()));
		return true;
	}

	/**
	 * Postpone a chunk, unless somebody else has it by now.
	 */
	public void postpone(TableProgress progress, ChunkRef chunk, RuntimeException ex) {
		State state = SqlStates.isBlocking(SqlStates.of(ex)) ? State.BLOCKED : State.FAILED;
		Outcome outcome = new Outcome(state, FailureMessages.of(ex));
		Instant next = progress.backOff().after(chunk.attempts() + 1);
		boolean postponed = this.database.workers().execute((status) -> {
			boolean ours = !this.chunks.claimAgain(List.of(chunk), progress.backOff().now()).isEmpty();
			if (ours) {
				this.chunks.postpone(chunk, outcome, next);
			}
			return ours;
		});
		if (postponed) {
			progress.done(new PurgeResult(Map.of(), 0, state, chunk.keyCount()));
			logger.warn("Deletion policy: %d row(s) of %s could not be purged and will be tried again after %s. %s"
				.formatted(chunk.keyCount(), progress.table().name(), next, outcome.error()));
		}
	}

}
