package io.github.deletionpolicy.async;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.ModeSource;
import io.github.deletionpolicy.purge.batch.DueTable;
import org.jspecify.annotations.Nullable;

/**
 * What an asynchronous delete is to do, as it was decided when it was accepted.
 *
 * @param operationId its identifier
 * @param table the table; its column is empty where a hard delete needs none
 * @param mode hard or soft
 * @param source who decided the mode
 * @param reason why; {@code null} if nobody said
 * @param acceptedAt when it was accepted, by the database's clock; the deletion time of a
 * soft one
 * @param selection which rows, as words
 * @param takesAlong whether dependants are marked too
 * @param includingDeleted whether rows that are already deleted are marked anew
 * @param batchSize how many rows go in one transaction at most
 * @param pause how long to rest between two batches
 * @param keyColumns the columns of the primary key
 * @since 0.1
 */
public record AsyncDelete(UUID operationId, DueTable table, DeletionMode mode, ModeSource source,
		@Nullable String reason, Instant acceptedAt, List<String> selection, boolean takesAlong,
		boolean includingDeleted, int batchSize, Duration pause, List<String> keyColumns) {

	/**
	 * Return whether rows are removed, and not only marked.
	 * @return whether it is a hard delete
	 */
	public boolean isHard() {
		return this.mode == DeletionMode.HARD;
	}

}
