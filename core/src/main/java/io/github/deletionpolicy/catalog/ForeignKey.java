package io.github.deletionpolicy.catalog;

import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
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
 * @param owned whether a mapping says that the rows that refer are a part of those that
 * they refer to; then a delete cascades to them, whatever the database would do
 */
public record ForeignKey(String name, TableName child, List<String> columns, TableName parent, List<String> references,
		Action onDelete, boolean owned) {

	/**
	 * Return whether a delete cascades to the referring rows: it is
	 * {@code ON DELETE CASCADE}, or a mapping says so.
	 */
	public boolean isCascading() {
		return this.onDelete == Action.CASCADE || this.owned;
	}

	/**
	 * Return whether a delete cascades to the referring rows because a mapping says so,
	 * and the database does not remove them.
	 */
	public boolean isLeftToOthers() {
		return this.owned && this.onDelete != Action.CASCADE;
	}

	/**
	 * Return whether the database refuses to remove a row that is referred to.
	 */
	public boolean isRestricting() {
		return !this.owned && (this.onDelete == Action.RESTRICT || this.onDelete == Action.NO_ACTION);
	}

	/**
	 * Return this key as one whose referring rows are a part of those that they refer to.
	 */
	ForeignKey asOwned() {
		return new ForeignKey(this.name, this.child, this.columns, this.parent, this.references, this.onDelete, true);
	}

	/**
	 * Return whether the same columns refer to the same columns, in whichever order.
	 */
	boolean pairs(List<String> fromColumns, List<String> toColumns) {
		return this.columns.size() == fromColumns.size()
				&& paired(this.columns, this.references).equals(paired(fromColumns, toColumns));
	}

	private static Set<List<String>> paired(List<String> from, List<String> to) {
		return IntStream.range(0, from.size())
			.mapToObj((i) -> List.of(from.get(i), to.get(i)))
			.collect(Collectors.toSet());
	}

	/**
	 * Return the condition that one row refers to another.
	 */
	public String joins(String childAlias, String parentAlias) {
		return joins(childAlias, (column) -> parentAlias + "." + SqlIdentifiers.quote(column));
	}

	/**
	 * Return the condition that a row refers to the values of these columns.
	 * @param reference how the value of a column that is referred to is written
	 */
	String joins(String childAlias, UnaryOperator<String> reference) {
		return IntStream.range(0, this.columns.size())
			.mapToObj((i) -> "%s.%s = %s".formatted(childAlias, SqlIdentifiers.quote(this.columns.get(i)),
					reference.apply(this.references.get(i))))
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
		SET_DEFAULT

	}

}
