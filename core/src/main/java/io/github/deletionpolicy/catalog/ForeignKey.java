package io.github.deletionpolicy.catalog;

import io.github.deletionpolicy.TableName;

/**
 * A foreign key that refers to a table.
 *
 * @param name the constraint
 * @param child the table that refers
 * @param onDelete what the database does when a row that is referred to is removed
 * @since 0.1
 */
public record ForeignKey(String name, TableName child, Action onDelete) {

	/**
	 * The actions of {@code ON DELETE}.
	 */
	public enum Action {

		/** Refuse, at the end of the statement or transaction. */
		NO_ACTION,
		/** Refuse at once. */
		RESTRICT,
		/** Remove the referring rows. */
		CASCADE,
		/** Clear the reference. */
		SET_NULL,
		/** Set the reference to its default. */
		SET_DEFAULT;

		static Action of(String confdeltype) {
			return switch (confdeltype) {
				case "a" -> NO_ACTION;
				case "r" -> RESTRICT;
				case "c" -> CASCADE;
				case "n" -> SET_NULL;
				case "d" -> SET_DEFAULT;
				default -> throw new IllegalStateException("Unknown action of a foreign key: " + confdeltype);
			};
		}

	}

}
