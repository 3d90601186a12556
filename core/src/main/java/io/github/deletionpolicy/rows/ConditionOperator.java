package io.github.deletionpolicy.rows;

/**
 * How a column is compared with a value. The names are the words by which stored
 * conditions know them.
 */
public enum ConditionOperator {

	EQ("="), NEQ("!="), LT("<"), LTE("<="), GT(">"), GTE(">="), LIKE("LIKE"), NOT_LIKE("NOT LIKE");

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
