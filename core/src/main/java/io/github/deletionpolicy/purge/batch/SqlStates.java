package io.github.deletionpolicy.purge.batch;

import java.sql.SQLException;
import java.util.Set;

import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.transaction.CannotCreateTransactionException;

/**
 * Reads what PostgreSQL means by an error.
 */
public final class SqlStates {

	static final String FOREIGN_KEY = "23503";

	static final String RESTRICT = "23001";

	static final String LOCK_TIMEOUT = "55P03";

	static final String STATEMENT_TIMEOUT = "57014";

	private static final Set<String> REPEATABLE = Set.of("40001", "40P01");

	/**
	 * Classes of errors that say nothing about the rows: connection, resources, operator,
	 * system, internal.
	 */
	private static final Set<String> ENVIRONMENT = Set.of("08", "53", "57", "58", "XX");

	private SqlStates() {
	}

	/**
	 * Find the state in an exception. A listener may talk to any database, so what that
	 * says is of no account unless trying again may help.
	 * @param exception the exception
	 * @return the state; empty if no database error is behind it
	 */
	public static String of(Throwable exception) {
		String state = find(exception);
		boolean counts = !(exception instanceof PurgeListenerException) || isRepeatable(state)
				|| state.equals(LOCK_TIMEOUT);
		return counts ? state : "";
	}

	private static String find(Throwable exception) {
		for (Throwable cause = exception; cause != null; cause = cause.getCause()) {
			if (cause instanceof SQLException sql && sql.getSQLState() != null) {
				return sql.getSQLState();
			}
		}
		return "";
	}

	/**
	 * Return whether an exception says nothing about the rows or their table: there is no
	 * connection, or the server has troubles of its own.
	 */
	public static boolean isEnvironment(RuntimeException exception) {
		return exception instanceof CannotCreateTransactionException
				|| exception instanceof CannotGetJdbcConnectionException || isEnvironment(of(exception));
	}

	/**
	 * Return whether the statement itself may be refused, whatever the rows: for want of
	 * a privilege, or of something that it names.
	 */
	public static boolean mayConcernAllRows(String state) {
		return state.startsWith("42");
	}

	/**
	 * Return whether a statement ended because it would have waited any longer.
	 */
	public static boolean isWaiting(String state) {
		return state.equals(LOCK_TIMEOUT) || state.equals(STATEMENT_TIMEOUT);
	}

	public static boolean isRepeatable(String state) {
		return REPEATABLE.contains(state);
	}

	private static boolean isEnvironment(String state) {
		return state.length() == 5 && ENVIRONMENT.contains(state.substring(0, 2)) && !state.equals(STATEMENT_TIMEOUT);
	}

	public static boolean isBlocking(String state) {
		return state.equals(FOREIGN_KEY) || state.equals(RESTRICT) || state.equals(LOCK_TIMEOUT) || isRepeatable(state);
	}

}
