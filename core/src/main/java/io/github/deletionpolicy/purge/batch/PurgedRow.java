package io.github.deletionpolicy.purge.batch;

import java.time.Instant;
import java.util.UUID;

/**
 * A row that a worker has removed.
 *
 * @param operationId the operation that deleted it
 * @param token its deletion time
 * @param key its primary key: a value, or a map of column to value
 */
public record PurgedRow(UUID operationId, Instant token, Object key) {
}
