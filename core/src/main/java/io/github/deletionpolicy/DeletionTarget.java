package io.github.deletionpolicy;

/**
 * What a delete or restore was addressed to.
 *
 * @since 0.1
 */
public sealed interface DeletionTarget {

	/**
	 * A table.
	 *
	 * @param name the name as the caller wrote it
	 */
	record Table(String name) implements DeletionTarget {
	}

	/**
	 * An aggregate root that Spring Data maps to a table.
	 *
	 * @param type the class
	 */
	record Aggregate(Class<?> type) implements DeletionTarget {
	}

}
