package io.github.deletionpolicy.catalog;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.github.deletionpolicy.SqlIdentifiers;
import io.github.deletionpolicy.TableName;

/**
 * A foreign key.
 *
 * @param name the constraint
 * @param child the table that refers
 * @param columns its columns that refer
 * @param parent the table that is referred to; of a partitioned table it may be a single
 * partition
 * @param references the columns that are referred to, in the order of the columns that
 * refer
 * @param onDelete what the database does when a row that is referred to is removed
 * @since 0.1
 */
public record ForeignKey(String name, TableName child, List<String> columns, TableName parent, List<String> references,
		Action onDelete) {

	public ForeignKey {
		columns = List.copyOf(columns);
		references = List.copyOf(references);
	}

	/**
	 * Return whether the database removes the referring rows.
	 * @return whether it is {@code ON DELETE CASCADE}
	 */
	public boolean isCascading() {
		return this.onDelete == Action.CASCADE;
	}

	/**
	 * Return whether the database refuses to remove a row that is referred to.
	 * @return whether it is {@code ON DELETE RESTRICT} or {@code NO ACTION}
	 */
	public boolean isRestricting() {
		return this.onDelete == Action.RESTRICT || this.onDelete == Action.NO_ACTION;
	}

	/**
	 * Return the condition that one row refers to another.
	 * @param childAlias alias of the table that refers
	 * @param parentAlias alias of the table that is referred to
	 * @return the condition
	 */
	public String joins(String childAlias, String parentAlias) {
		return IntStream.range(0, this.columns.size())
			.mapToObj((i) -> "%s.%s = %s.%s".formatted(childAlias, SqlIdentifiers.quote(this.columns.get(i)),
					parentAlias, SqlIdentifiers.quote(this.references.get(i))))
			.collect(Collectors.joining(" AND "));
	}

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
