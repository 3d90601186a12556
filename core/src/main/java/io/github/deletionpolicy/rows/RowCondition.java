package io.github.deletionpolicy.rows;

import java.util.ArrayList;
import java.util.List;

import io.github.deletionpolicy.InvalidIdException;
import io.github.deletionpolicy.UnknownColumnException;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.sql.Sql;

/**
 * A condition on the rows of a table, as data. It names columns as the catalog spells
 * them and holds values as the texts that are bound, so that it can be stored and be read
 * by another session later. No part of it becomes the text of a statement but through a
 * column that the table has, and through operators that are listed here.
 */
public sealed interface RowCondition {

	/**
	 * How deep a condition may be nested that is stored.
	 */
	int MAX_DEPTH = 1_000;

	/**
	 * Render the condition on the row {@code t}.
	 * @param table the table, as it is now
	 * @throws UnknownColumnException if it has no column of that very name
	 * @throws InvalidIdException if ids were given for another primary key than it has
	 */
	default Sql on(Table table) {
		return new ConditionSql(table).render(ConditionConstants.of(table).fold(this));
	}

	/**
	 * Return whether the condition can only be true, or false, whatever the table and the
	 * row.
	 */
	default boolean isAlways(boolean value) {
		return ConditionConstants.ANY_TABLE.fold(this).equals(new Always(value));
	}

	/**
	 * Return whether the condition can only be true, or false, whatever the row: a column
	 * that is {@code NOT NULL} now is never null.
	 * @param table the table, as it is now
	 * @throws UnknownColumnException if it has no column of that very name
	 */
	default boolean isAlwaysOn(Table table, boolean value) {
		return ConditionConstants.of(table).fold(this).equals(new Always(value));
	}

	/**
	 * Spell the condition in a list of words, operators first. Counts precede lists, so a
	 * value may be any text.
	 * @throws io.github.deletionpolicy.InvalidCriteriaException if it is nested deeper
	 * than {@value #MAX_DEPTH}
	 * @see #fromWords(List)
	 */
	default List<String> toWords() {
		List<String> words = new ArrayList<>();
		ConditionCodec.write(this, words);
		return words;
	}

	/**
	 * Read a condition from the words that spell it.
	 * @throws IllegalArgumentException if they spell none
	 * @see #toWords()
	 */
	static RowCondition fromWords(List<String> words) {
		return ConditionCodec.read(words);
	}

	/**
	 * Join conditions by {@code AND}; none are true.
	 */
	static RowCondition allOf(List<? extends RowCondition> conditions) {
		return ConditionConstants.joined(conditions, true);
	}

	/**
	 * Join conditions by {@code OR}; none are false.
	 */
	static RowCondition anyOf(List<? extends RowCondition> conditions) {
		return ConditionConstants.joined(conditions, false);
	}

	/**
	 * Negate the condition; a null stays null.
	 */
	default RowCondition negated() {
		return (this instanceof Always always) ? new Always(!always.value()) : new Not(this);
	}

	/**
	 * True or false for every row.
	 */
	record Always(boolean value) implements RowCondition {
	}

	/**
	 * Conditions joined by {@code AND}.
	 *
	 * @param members two at least
	 */
	record AllOf(List<RowCondition> members) implements RowCondition {

		public AllOf {
			members = atLeast(2, members);
		}

	}

	/**
	 * Conditions joined by {@code OR}.
	 *
	 * @param members two at least
	 */
	record AnyOf(List<RowCondition> members) implements RowCondition {

		public AnyOf {
			members = atLeast(2, members);
		}

	}

	/**
	 * A negated condition.
	 */
	record Not(RowCondition member) implements RowCondition {
	}

	/**
	 * A column compared with a value or a pattern.
	 */
	record Compare(String column, ConditionOperator operator, boolean ignoreCase, String text) implements RowCondition {
	}

	/**
	 * A column compared with both ends of a range, which belong to it.
	 *
	 * @param outside whether the value must be outside of it
	 */
	record Between(String column, boolean outside, boolean ignoreCase, String from, String to) implements RowCondition {
	}

	/**
	 * A column that is one of several values.
	 *
	 * @param texts the values, one at least
	 */
	record In(String column, boolean ignoreCase, List<String> texts) implements RowCondition {

		public In {
			texts = atLeast(1, texts);
		}

	}

	/**
	 * A test of a column that needs no value.
	 */
	record Is(String column, State state) implements RowCondition {
	}

	/**
	 * Primary keys of rows.
	 *
	 * @param columns all columns of the key, in its order
	 * @param texts for each of the columns the values, one for each row; one row at least
	 */
	record Keys(List<String> columns, List<List<String>> texts) implements RowCondition {

		public Keys {
			columns = atLeast(1, columns);
			texts = texts.stream().map((values) -> atLeast(1, values)).toList();
			int rows = texts.isEmpty() ? 0 : texts.get(0).size();
			if (texts.size() != columns.size() || texts.stream().anyMatch((values) -> values.size() != rows)) {
				throw new IllegalArgumentException("Each column of a key needs one value for each row.");
			}
		}

	}

	/**
	 * What a column can be tested for.
	 */
	enum State {

		NULL, NOT_NULL, TRUE, FALSE;

		String sql() {
			return "IS " + name().replace('_', ' ');
		}

	}

	private static <T> List<T> atLeast(int size, List<T> elements) {
		if (elements.size() < size) {
			throw new IllegalArgumentException(
					"A list of %d is too short: %d is the least.".formatted(elements.size(), size));
		}
		return List.copyOf(elements);
	}

}
