package io.github.deletionpolicy.rows;

/**
 * How a column is compared with a value. The names are the words by which stored
 * conditions know them.
 *
 * @since 0.1
 */
public enum ConditionOperator {

	/**
	 * Equal.
	 */
	EQ("="),

	/**
	 * Not equal.
	 */
	NEQ("!="),

	/**
	 * Less.
	 */
	LT("<"),

	/**
	 * Less or equal.
	 */
	LTE("<="),

	/**
	 * Greater.
	 */
	GT(">"),

	/**
	 * Greater or equal.
	 */
	GTE(">="),

	/**
	 * Fits a pattern.
	 */
	LIKE("LIKE"),

	/**
	 * Does not fit a pattern.
	 */
	NOT_LIKE("NOT LIKE");

	private final String sql;

	ConditionOperator(String sql) {
		this.sql = sql;
	}

	String sql() {
		return this.sql;
	}

	boolean isPattern() {
		return this == LIKE || this == NOT_LIKE;
	}

}
