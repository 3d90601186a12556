package io.github.deletionpolicy;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * Rows that a purge removed for good.
 *
 * @param table the table as {@code schema.table}
 * @param operationId the delete that had scheduled them
 * @param deletionTime the deletion time that the rows carried
 * @param keys the primary keys: each a value, or for a composite key a
 * {@code Map<String, Object>} of column to value
 * @since 0.1
 */
public record PurgedRows(String table, UUID operationId, Instant deletionTime, List<Object> keys) {

	public PurgedRows {
		keys = List.copyOf(keys);
	}

}
