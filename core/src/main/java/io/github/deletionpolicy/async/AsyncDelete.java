package io.github.deletionpolicy.async;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.ModeSource;
import io.github.deletionpolicy.purge.batch.DueTable;
import io.github.deletionpolicy.rows.KeyRange;

/**
 * An asynchronous delete as a worker has claimed it: what it is to do, as it was decided
 * when it was accepted, and how far it has come. No other worker can claim it until the
 * transaction ends.
 *
 * @param operationId its identifier
 * @param table the table; its column is empty where a hard delete needs none
 * @param mode hard or soft
 * @param source who decided the mode
 * @param acceptedAt when it was accepted, by the database's clock; the deletion time of a
 * soft one
 * @param selection which rows, as words
 * @param cascading whether dependants are stamped too
 * @param includingDeleted whether rows that are already deleted are stamped again
 * @param batchSize how many rows a transaction deletes at most
 * @param pause how long to wait between two batches
 * @param keyColumns the columns of the primary key
 * @param rest what is left of the walk
 * @param leftKeys keys of rows that could not be deleted yet
 * @param attempts how often those were retried
 */
record AsyncDelete(UUID operationId, DueTable table, DeletionMode mode, ModeSource source, Instant acceptedAt,
		List<String> selection, boolean cascading, boolean includingDeleted, int batchSize, Duration pause,
		List<String> keyColumns, KeyRange rest, List<List<String>> leftKeys, int attempts) {

	/**
	 * Return whether rows are removed, and not only stamped.
	 */
	boolean isHard() {
		return this.mode == DeletionMode.HARD;
	}

}
