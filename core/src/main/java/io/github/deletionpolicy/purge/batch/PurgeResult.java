package io.github.deletionpolicy.purge.batch;

import java.util.Map;

import io.github.deletionpolicy.PendingPurges.State;

/**
 * What one transaction did, once it commits.
 *
 * @param removed rows removed, by {@code schema.table}
 * @param held rows that the hold condition keeps
 * @param state the state of the other rows that are still there
 * @param others how many they are
 */
public record PurgeResult(Map<String, Long> removed, long held, State state, long others) {

	public static final PurgeResult NOTHING = of(Map.of());

	public static PurgeResult of(Map<String, Long> removed) {
		return new PurgeResult(removed, 0, State.PENDING, 0);
	}

	public long total() {
		return this.removed.values().stream().mapToLong(Long::longValue).sum();
	}

}
