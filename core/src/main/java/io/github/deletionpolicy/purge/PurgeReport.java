package io.github.deletionpolicy.purge;

import java.util.Map;
import java.util.TreeMap;

/**
 * What a run of the purge did.
 *
 * @param rows rows removed, by {@code schema.table}
 * @param held rows that a hold condition kept
 * @param blocked rows that a lock or a foreign key kept
 * @param failed rows that could not be removed for another reason
 * @since 0.1
 */
public record PurgeReport(Map<String, Long> rows, long held, long blocked, long failed) {

	static final PurgeReport NOTHING = new PurgeReport(Map.of(), 0, 0, 0);

	public PurgeReport {
		rows = Map.copyOf(rows);
	}

	/**
	 * Return how many rows were removed in all tables.
	 * @return the number of rows
	 */
	public long total() {
		return this.rows.values().stream().mapToLong(Long::longValue).sum();
	}

	/**
	 * Return whether the run found anything to do.
	 * @return whether a row was removed or could not be
	 */
	public boolean didSomething() {
		return total() + this.held + this.blocked + this.failed > 0;
	}

	@Override
	public String toString() {
		return "purged %d rows %s, held %d, blocked %d, failed %d".formatted(total(), new TreeMap<>(this.rows),
				this.held, this.blocked, this.failed);
	}

}
