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

		public Table {
			if (name == null) {
				throw new UnknownTableException("The table is null. Write its name, as in from(\"users\").");
			}
		}

		@Override
		public String toString() {
			return "table " + this.name;
		}

	}

	/**
	 * An aggregate root that Spring Data maps to a table.
	 *
	 * @param type the class
	 */
	record Aggregate(Class<?> type) implements DeletionTarget {

		public Aggregate {
			if (type == null) {
				throw new UnknownTableException(
						"The class is null. Write that of an aggregate root, as in from(User.class).");
			}
		}

		@Override
		public String toString() {
			return "class " + this.type.getName();
		}

	}

}
