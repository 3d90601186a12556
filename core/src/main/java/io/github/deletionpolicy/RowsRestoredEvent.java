package io.github.deletionpolicy;

import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * At least one row came back to life, be it a dependant. Dependants have no event of
 * their own; they are counted in the result.
 *
 * @param table the table that the restore named or that its operation deleted from, as
 * {@code schema.table}
 * @param operationId the operation that was restored; {@code null} if rows were restored,
 * whichever operations had deleted them
 * @param result what the restore returned to its caller
 * @since 0.1
 */
public record RowsRestoredEvent(String table, @Nullable UUID operationId,
		RestoreResult result) implements DeletionEvent {
}
