package io.github.deletionpolicy.sample;

import java.time.Instant;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * A document as the API shows it.
 *
 * @param id the id
 * @param userId whose it is
 * @param title the title
 * @param deletedAt when it was deleted; {@code null} if it is live
 * @param purgeAt when it goes for good; {@code null} if no purge is pending
 */
record Document(UUID id, long userId, String title, @Nullable Instant deletedAt, @Nullable Instant purgeAt) {

}
