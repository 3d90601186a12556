package io.github.deletionpolicy.sql;

import java.sql.Connection;
import java.sql.Savepoint;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcOperations;

/**
 * Keeps the caller's transaction usable when something is refused in the middle of it.
 */
public final class Savepoints {

	private Savepoints() {
	}

	/**
	 * Do something, or nothing at all.
	 * @param jdbc runs statements in the caller's transaction
	 * @param refusal the exception after which nothing shall have happened
	 * @param work what to do
	 * @return what the work returns
	 * @throws RefusedException if it was refused; everything is as before
	 */
	public static <T> T refusing(JdbcOperations jdbc, Class<? extends DataAccessException> refusal, Supplier<T> work) {
		Savepoint savepoint = on(jdbc, Connection::setSavepoint);
		try {
			T result = work.get();
			on(jdbc, (connection) -> {
				connection.releaseSavepoint(savepoint);
				return true;
			});
			return result;
		}
		catch (DataAccessException ex) {
			if (!refusal.isInstance(ex)) {
				throw ex;
			}
			on(jdbc, (connection) -> {
				connection.rollback(savepoint);
				return true;
			});
			throw new RefusedException(ex);
		}
	}

	/**
	 * Do something again until it succeeds, each time as if nothing had been done before.
	 * @param jdbc runs statements in the caller's transaction
	 * @param work what to do; returns {@code null} if it is to be done again
	 * @return what the work returns
	 */
	public static <T> T repeating(JdbcOperations jdbc, Supplier<@Nullable T> work) {
		while (true) {
			Savepoint savepoint = on(jdbc, Connection::setSavepoint);
			@Nullable T result = work.get();
			on(jdbc, (connection) -> {
				if (result == null) {
					connection.rollback(savepoint);
				}
				connection.releaseSavepoint(savepoint);
				return true;
			});
			if (result != null) {
				return result;
			}
		}
	}

	private static <T> T on(JdbcOperations jdbc, ConnectionCallback<T> work) {
		T result = jdbc.execute(work);
		if (result == null) {
			throw new IllegalStateException("The connection gave no answer.");
		}
		return result;
	}

	/**
	 * Return what the database said, in one line.
	 */
	public static String messageOf(DataAccessException ex) {
		return String.valueOf(NestedExceptionUtils.getMostSpecificCause(ex).getMessage())
			.lines()
			.map(String::strip)
			.reduce((one, other) -> one + " " + other)
			.orElse("");
	}

}
