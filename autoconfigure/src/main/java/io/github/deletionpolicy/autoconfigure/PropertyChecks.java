package io.github.deletionpolicy.autoconfigure;

import java.time.Duration;
import java.util.List;

import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.InvalidDeletionPolicyException;
import io.github.deletionpolicy.SqlIdentifiers;

/**
 * Refuses values of properties that cannot be meant.
 */
final class PropertyChecks {

	/**
	 * What a limit says that is none.
	 */
	static final int NO_LIMIT = -1;

	private PropertyChecks() {
	}

	static void range(String property, int value, int min, int max) {
		if (value < min || value > max) {
			throw refuse(property, value,
					(max != Integer.MAX_VALUE) ? "Write a number from %d to %d.".formatted(min, max)
							: "Write a number of %d or more.".formatted(min));
		}
	}

	static void limit(String property, int value) {
		if (value < 1 && value != NO_LIMIT) {
			throw refuse(property, value, "Write a number of 1 or more, or %d for no limit.".formatted(NO_LIMIT));
		}
	}

	static void durationAboveZero(String property, Duration value) {
		if (value.isNegative() || value.isZero() || value.compareTo(DeletionPolicy.Scheduled.MAX_DELAY) > 0) {
			throw refuse(property, value, "Write a duration above zero and up to %d days, such as 5s or 1m."
				.formatted(DeletionPolicy.Scheduled.MAX_DELAY.toDays()));
		}
	}

	static void durationOfZeroOrMore(String property, Duration value) {
		if (value.isNegative() || value.compareTo(DeletionPolicy.Scheduled.MAX_DELAY) > 0) {
			throw refuse(property, value, "Write a duration of zero or more and up to %d days, such as 1m or 30d."
				.formatted(DeletionPolicy.Scheduled.MAX_DELAY.toDays()));
		}
	}

	/**
	 * Read a name of one part.
	 * @param property the property, for messages
	 * @param value the name as written in SQL
	 * @return the name as the catalog spells it
	 */
	static String identifier(String property, String value) {
		try {
			List<String> parts = SqlIdentifiers.parse(value);
			if (parts.size() == 1) {
				return parts.get(0);
			}
		}
		catch (IllegalArgumentException ex) {
			throw refuse(property, value, "Write one name, as in SQL: %s.".formatted(ex.getMessage()));
		}
		throw refuse(property, value, "Write one name, as in SQL, without a dot.");
	}

	private static InvalidDeletionPolicyException refuse(String property, Object value, String action) {
		return new InvalidDeletionPolicyException(
				"The property '%s.%s' has the value '%s'.".formatted(DeletionPolicyProperties.PREFIX, property, value),
				action);
	}

}
