package io.github.deletionpolicy;

import java.util.Map;

/**
 * What was restored.
 *
 * @param rows number of rows of the operation's root table that are live again
 * @param cascaded number of dependent rows that are live again, by {@code schema.table}
 * @since 0.1
 */
public record RestoreResult(long rows, Map<String, Long> cascaded) {

	public RestoreResult {
		cascaded = Map.copyOf(cascaded);
	}

}
