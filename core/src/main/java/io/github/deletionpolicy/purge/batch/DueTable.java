package io.github.deletionpolicy.purge.batch;

import io.github.deletionpolicy.TableName;

/**
 * A table with due chunks.
 *
 * @param id its number in the ledger
 * @param name its name with the schema
 * @param deletionTime the column that carries the deletion time, as recorded when the
 * rows were deleted
 */
public record DueTable(int id, TableName name, String deletionTime) {
}
