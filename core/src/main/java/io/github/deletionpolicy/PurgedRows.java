package io.github.deletionpolicy;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * Rows that a worker removed for good: at a purge, or in a batch of an asynchronous hard
 * delete.
 *
 * @param table the table as {@code schema.table}
 * @param operationId the delete that had scheduled them, or the asynchronous one
 * @param deletionTime the deletion time that the rows carried; for an asynchronous hard
 * delete, which stamps none, when it was accepted
 * @param keys the primary keys: each a value, or for a composite key a
 * {@code Map<String, Object>} of column to value
 * @since 0.1
 */
public record PurgedRows(String table, UUID operationId, Instant deletionTime, List<Object> keys) {

	public PurgedRows {
		keys = List.copyOf(keys);
	}

}
