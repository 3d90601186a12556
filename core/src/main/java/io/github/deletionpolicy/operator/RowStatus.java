package io.github.deletionpolicy.operator;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

import io.github.deletionpolicy.DeletionMode;
import org.jspecify.annotations.Nullable;

/**
 * When a row will be removed for good, and why it has not been yet.
 *
 * @param table the table as {@code schema.table}
 * @param reason the answer in a word
 * @param text the answer in sentences, without values of the row
 * @param operationId the operation that deleted the row; {@code null} if none is known
 * @param mode what that operation is now; {@code null} if there is none
 * @param deletionTime the deletion time that the row carries; {@code null} for none
 * @param purgeAt when the row is due; {@code null} if it is not to be purged
 * @param nextAttempt when the next attempt is, as far as is known; {@code null} if there
 * is none, or that is not known
 * @param attempts how often purging it failed
 * @param lastError what the last attempt said; may hold values of rows; {@code null} if
 * it said nothing
 * @param pausedSince since when the table, or all of them, are paused; {@code null} if
 * they are not
 * @param obstacles what would keep the row if it were tried now; a row that is not due is
 * looked at as if it were
 * @param root the row that it is purged with; {@code null} if it is not purged with
 * another
 * @since 0.1
 */
public record RowStatus(String table, Reason reason, String text, @Nullable UUID operationId,
		@Nullable DeletionMode mode, @Nullable Instant deletionTime, @Nullable Instant purgeAt,
		@Nullable Instant nextAttempt, int attempts, @Nullable String lastError, @Nullable Instant pausedSince,
		List<Obstacle> obstacles, @Nullable Root root) {

	public RowStatus {
		obstacles = List.copyOf(obstacles);
	}

	/**
	 * The answer in a word.
	 */
	public enum Reason {

		/** It is not deleted. */
		LIVE,
		/**
		 * It was restored; a deletion time that other code writes back does not count.
		 */
		RESTORED,
		/** It carries a deletion time that no operation of the ledger wrote. */
		UNRECORDED,
		/** It was deleted softly, or its purge was cancelled: it stays. */
		SOFT,
		/** It is not due yet. */
		PENDING,
		/** It waits for the next run. */
		DUE,
		/** Its table or all of them are paused. */
		PAUSED,
		/** A hold condition is true for it or for a dependent row. */
		HELD,
		/** A restricting foreign key protects it. */
		RESTRICTED,
		/** A dependent row must stay. */
		KEPT,
		/** Another transaction works on it or on a dependent row. */
		LOCKED,
		/** The last attempt failed. */
		FAILED,
		/** Its tree is being purged in several transactions, so it cannot be restored. */
		PURGING,
		/** It is purged together with the row whose delete cascaded to it. */
		WITH_ROOT,
		/** It was deleted with a row on which it no longer depends, and stays. */
		LEFT_BEHIND,
		/** There is no such row, but the ledger still contains its key. */
		GONE,
		/** There is no such row, and the ledger does not contain its key. */
		UNKNOWN

	}

	/**
	 * What keeps a row from being purged.
	 *
	 * @param reason how: held, restricted, kept, locked or failed
	 * @param table the table of the row that is in the way
	 * @param constraint the foreign key; {@code null} if it is none
	 * @param text the same in words
	 */
	public record Obstacle(Reason reason, String table, @Nullable String constraint, String text) {
	}

	/**
	 * The row that another one is purged with.
	 *
	 * @param keyColumns the columns of its primary key
	 * @param key their values
	 * @param forecast when that row is purged
	 */
	public record Root(List<String> keyColumns, List<String> key, RowStatus forecast) {
	}

}
