package io.github.deletionpolicy.ledger;

import java.time.Duration;
import java.util.UUID;

import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.ModeSource;
import org.jspecify.annotations.Nullable;

/**
 * A soft or scheduled delete that is to be recorded.
 *
 * @param id its identifier
 * @param mode soft or scheduled
 * @param source who decided the mode
 * @param delay from the deletion time to the purge; without meaning for a soft one
 * @param reason why; {@code null} if nobody said
 * @since 0.1
 */
public record Operation(UUID id, DeletionMode mode, ModeSource source, Duration delay, @Nullable String reason) {

	boolean isScheduled() {
		return this.mode == DeletionMode.SCHEDULED;
	}

}
