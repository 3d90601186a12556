package io.github.deletionpolicy.sample;

import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * A user as the API shows it.
 *
 * @param id the id
 * @param name the name
 * @param email the e-mail address, unique among live users
 * @param deletedAt when it was deleted; {@code null} if it is live
 * @param purgeAt when it goes for good; {@code null} if no purge is pending
 * @param documents the user's documents, by title
 */
record User(long id, String name, String email, @Nullable Instant deletedAt, @Nullable Instant purgeAt,
		List<Document> documents) {

}
