package io.github.deletionpolicy.sample.trash;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * A deleted row that was asked for by itself, not one that went along with its parent.
 *
 * @param tableName the table
 * @param id the primary key as text
 * @param name what it is called
 * @param along how many rows went along
 * @param deletionTime when it was deleted
 * @param deletedBy who did; {@code null} if nobody was named
 * @param held whether it is on hold
 */
record DeletedRow(String tableName, String id, String name, long along, Instant deletionTime,
		@Nullable String deletedBy, boolean held) {

}
