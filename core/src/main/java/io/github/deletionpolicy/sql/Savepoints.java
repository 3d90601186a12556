package io.github.deletionpolicy.sql;

import java.sql.Connection;
import java.sql.Savepoint;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Collectors;

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
	 * @param refusal the exception after which nothing shall have happened
	 * @throws RefusedException if it was refused; everything is as before
	 */
	public static <T> T refusing(JdbcOperations jdbc, Class<? extends DataAccessException> refusal, Supplier<T> work) {
		Savepoint savepoint = on(jdbc, Connection::setSavepoint);
		try {
			T result = work.get();
			end(jdbc, savepoint, false);
			return result;
		}
		catch (DataAccessException ex) {
			if (!refusal.isInstance(ex)) {
				throw ex;
			}
			end(jdbc, savepoint, true);
			throw new RefusedException(ex);
		}
	}

	/**
	 * Do something until it returns a result; after each {@code null} it starts again as
	 * if nothing had been done before.
	 */
	public static <T> T repeating(JdbcOperations jdbc, Supplier<@Nullable T> work) {
		while (true) {
			Savepoint savepoint = on(jdbc, Connection::setSavepoint);
			@Nullable T result = work.get();
			end(jdbc, savepoint, result == null);
			if (result != null) {
				return result;
			}
		}
	}

	private static void end(JdbcOperations jdbc, Savepoint savepoint, boolean undo) {
		on(jdbc, (connection) -> {
			if (undo) {
				connection.rollback(savepoint);
			}
			connection.releaseSavepoint(savepoint);
			return true;
		});
	}

	private static <T> T on(JdbcOperations jdbc, ConnectionCallback<T> work) {
		return Objects.requireNonNull(jdbc.execute(work));
	}

	/**
	 * Return what the database said, in one line.
	 */
	public static String messageOf(DataAccessException ex) {
		return String.valueOf(NestedExceptionUtils.getMostSpecificCause(ex).getMessage())
			.lines()
			.map(String::strip)
			.collect(Collectors.joining(" "));
	}

}
