package io.github.deletionpolicy;

import java.time.Instant;
import java.util.UUID;

/**
 * A purge removed rows for good. There is one event per transaction of the purge, table
 * and operation, so that the purge of one delete may be reported in several; dependants
 * are reported under their own table. It has no keys: those are for a
 * {@link PurgeListener}.
 *
 * @param table the table as {@code schema.table}
 * @param operationId the delete that had scheduled the rows
 * @param deletionTime the deletion time that the rows carried, in microseconds
 * @param rows how many rows were removed, at least 1
 * @since 0.1
 */
public record RowsPurgedEvent(String table, UUID operationId, Instant deletionTime,
		long rows) implements DeletionEvent {
}
