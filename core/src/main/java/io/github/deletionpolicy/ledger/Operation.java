package io.github.deletionpolicy.ledger;

import java.time.Duration;
import java.util.UUID;

import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionRequest;
import io.github.deletionpolicy.ModeSource;
import org.jspecify.annotations.Nullable;

/**
 * A delete that is to be recorded.
 *
 * @param id its identifier
 * @param mode its mode
 * @param source who decided the mode
 * @param delay from the deletion time to the purge; without meaning unless it is
 * scheduled
 * @param reason why; {@code null} if the caller gave no reason
 */
public record Operation(UUID id, DeletionMode mode, ModeSource source, Duration delay, @Nullable String reason) {

	/**
	 * Make a new operation of a request.
	 */
	public static Operation of(DeletionRequest request) {
		return new Operation(OperationIds.next(), request.mode(), request.source(), request.delay(), request.reason());
	}

	boolean isScheduled() {
		return this.mode == DeletionMode.SCHEDULED;
	}

}
