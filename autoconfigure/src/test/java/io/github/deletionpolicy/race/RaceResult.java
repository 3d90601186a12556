package io.github.deletionpolicy.race;

import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.purge.PurgeReport;
import org.jspecify.annotations.Nullable;

/**
 * How a purge and somebody else have met.
 *
 * @param deleted the delete that took the row
 * @param waiting the statement of the one who came second and was seen to wait for the
 * first; {@code null} if that went on, and ended, while the first was not over
 * @param report what the purge says that it did
 * @param answer what the other one was told; {@code null} if the call failed
 * @param failure how it failed; {@code null} if it did not
 * @param <T> the type of the answer
 */
record RaceResult<T>(DeletionResult deleted, @Nullable String waiting, PurgeReport report, @Nullable T answer,
		@Nullable Throwable failure) {

	boolean isWaiting() {
		return this.waiting != null;
	}

}
