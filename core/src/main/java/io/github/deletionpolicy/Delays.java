package io.github.deletionpolicy;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * What a delay may be.
 *
 * @since 0.1
 */
public final class Delays {

	/**
	 * The longest delay: 365,000 days. A due time beyond it would leave the range that a
	 * timestamp of the database can hold.
	 */
	public static final Duration MAX = Duration.ofDays(365_000);

	private Delays() {
	}

	/**
	 * Say what is wrong with a delay.
	 * @param delay the delay
	 * @return the end of a sentence about it; {@code null} if it is fine
	 */
	static @Nullable String complaint(@Nullable Duration delay) {
		if (delay == null) {
			return "is null";
		}
		if (delay.isNegative()) {
			return "is negative (%s)".formatted(delay);
		}
		if (delay.compareTo(MAX) > 0) {
			return "is longer than %d days (%s)".formatted(MAX.toDays(), delay);
		}
		return null;
	}

}
