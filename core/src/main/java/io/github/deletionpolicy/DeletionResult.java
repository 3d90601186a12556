package io.github.deletionpolicy;

import java.time.Instant;
import java.util.Map;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * What a delete did.
 *
 * @param operationId identifies the delete. A soft or scheduled delete of at least one
 * row is recorded under it; a hard one, or one that matched nothing, is not
 * @param mode the mode that was resolved
 * @param source who decided the mode
 * @param rows number of rows of the target table that were removed or stamped
 * @param deletionTime the deletion time that the rows carry now, read from the database's
 * clock in microseconds; {@code null} for a hard delete and where no row matched
 * @param purgeAt when the rows become due for purging by the database's clock;
 * {@code null} unless the mode is {@link DeletionMode#SCHEDULED} and a row matched
 * @param cascaded number of dependent rows that were stamped too, by {@code schema.table}
 * @since 0.1
 */
public record DeletionResult(UUID operationId, DeletionMode mode, ModeSource source, long rows,
		@Nullable Instant deletionTime, @Nullable Instant purgeAt, Map<String, Long> cascaded) {

	public DeletionResult {
		cascaded = Map.copyOf(cascaded);
	}

}
