package io.github.deletionpolicy.doctor;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

import io.github.deletionpolicy.SqlIdentifiers;

/**
 * Looks for what does not fit the policies in one respect. A new finding takes its code,
 * a place in a check and a row in the documentation.
 */
interface Check {

	/**
	 * Look at a table that a policy reaches.
	 */
	void check(ReachedTable reached, Consumer<Finding> findings);

	/**
	 * Report what is known when all tables have been looked at.
	 */
	default void finish(Consumer<Finding> findings) {
	}

	static String listed(List<String> columns) {
		return columns.stream().map(SqlIdentifiers::quoteIfNeeded).collect(Collectors.joining(", "));
	}

}
