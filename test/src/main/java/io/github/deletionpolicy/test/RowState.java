package io.github.deletionpolicy.test;

import java.time.Instant;

import io.github.deletionpolicy.PendingPurges.PendingPurge;
import org.jspecify.annotations.Nullable;

/**
 * What was found of a row.
 *
 * @param table its table as {@code schema.table}
 * @param id the id that was looked for
 * @param values the columns and their values as JSON; {@code null} if there is no such
 * row
 * @param deletionTime its deletion time in microseconds; {@code null} if it has none
 * @param pendingPurge its pending purge; {@code null} if it waits for none
 * @since 0.1
 */
public record RowState(String table, Object id, @Nullable String values, @Nullable Instant deletionTime,
		@Nullable PendingPurge pendingPurge) {

	/**
	 * Return whether there is no such row.
	 * @return whether it was never there, or is gone for good
	 */
	public boolean isGone() {
		return this.values == null;
	}

	/**
	 * Return whether the row is there and not stamped as deleted.
	 * @return whether it is live
	 */
	public boolean isLive() {
		return this.values != null && this.deletionTime == null;
	}

	/**
	 * Return whether the row is there and stamped as deleted.
	 * @return whether it is deleted
	 */
	public boolean isDeleted() {
		return this.values != null && this.deletionTime != null;
	}

	@Override
	public String toString() {
		if (isGone()) {
			return "row %s of %s does not exist".formatted(this.id, this.table);
		}
		String state = (this.deletionTime != null) ? "is deleted since %s, %s".formatted(this.deletionTime, purge())
				: "is live";
		return "row %s of %s %s%n  columns: %s".formatted(this.id, this.table, state, this.values);
	}

	private String purge() {
		PendingPurge purge = this.pendingPurge;
		if (purge == null) {
			return "and waits for no purge";
		}
		return "and is to be purged at %s%n  operation: %s, state %s, %d failed attempt(s), last error: %s".formatted(
				purge.purgeAt(), purge.operationId(), purge.state(), purge.attempts(),
				(purge.lastError() != null) ? purge.lastError() : "none");
	}

}
