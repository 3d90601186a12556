package io.github.deletionpolicy;

/**
 * At least one row was deleted: removed by a hard delete, or stamped by a soft or
 * scheduled one. Dependants have no event of their own; they are counted in the result.
 *
 * @param table the table that the delete named, as {@code schema.table}
 * @param result what the delete returned to its caller
 * @since 0.1
 */
public record RowsDeletedEvent(String table, DeletionResult result) implements DeletionEvent {
}
