package io.github.deletionpolicy.ledger;

import java.util.UUID;

/**
 * A chunk as a worker holds it.
 *
 * @param operationId its operation
 * @param id its number
 * @param keyCount how many keys it has
 * @param attempts how often it was tried in vain
 * @since 0.1
 */
public record ChunkRef(UUID operationId, long id, int keyCount, int attempts) {
}
