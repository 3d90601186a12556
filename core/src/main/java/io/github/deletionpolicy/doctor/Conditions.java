package io.github.deletionpolicy.doctor;

/**
 * Reads conditions as the catalog spells them.
 *
 * @since 0.1
 */
public final class Conditions {

	private Conditions() {
	}

	/**
	 * Return whether a condition holds only where a column is null.
	 * @param condition the condition, as PostgreSQL prints it
	 * @param column the column
	 * @return whether {@code column IS NULL} is one of the conditions that AND joins; one
	 * that means the same in other words is not recognised
	 */
	public static boolean requiresNull(String condition, String column) {
		return ViewDefinition.requiresNull(condition, column);
	}

}
