package io.github.deletionpolicy.sql;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.ArgumentPreparedStatementSetter;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.PreparedStatementCallback;
import org.springframework.jdbc.core.RowMapper;

/**
 * A statement, or a part of one, with the values bound to its parameters. Text comes from
 * this library and from quoted identifiers only; data is always a parameter.
 *
 * @since 0.1
 */
public final class Sql {

	private final StringBuilder text = new StringBuilder();

	private final List<@Nullable Object> parameters = new ArrayList<>();

	/**
	 * Start with a text.
	 * @param text the text, with a {@code ?} per parameter
	 * @param parameters the values
	 * @return the new statement
	 */
	public static Sql of(String text, @Nullable Object... parameters) {
		return new Sql().add(text, parameters);
	}

	/**
	 * Append a text.
	 * @param part the text, with a {@code ?} per parameter
	 * @param values the values
	 * @return this statement
	 */
	public Sql add(String part, @Nullable Object... values) {
		this.text.append(part);
		this.parameters.addAll(Arrays.asList(values));
		return this;
	}

	/**
	 * Append another part.
	 * @param part the part
	 * @return this statement
	 */
	public Sql add(Sql part) {
		this.text.append(part.text);
		this.parameters.addAll(part.parameters);
		return this;
	}

	/**
	 * Return the text.
	 * @return the text, with a {@code ?} per parameter
	 */
	public String text() {
		return this.text.toString();
	}

	/**
	 * Return the values.
	 * @return the values in the order of the parameters
	 */
	public @Nullable Object[] parameters() {
		return this.parameters.toArray();
	}

	/**
	 * Run the statement and read its rows.
	 * @param jdbc runs it
	 * @param mapper reads a row
	 * @param <T> what a row is read as
	 * @return the rows
	 */
	public <T> List<T> list(JdbcOperations jdbc, RowMapper<T> mapper) {
		return jdbc.query(text(), mapper, parameters());
	}

	/**
	 * Prepare the statement, or several that are separated by semicolons and go in one
	 * round trip, and hand it over with its values.
	 * @param jdbc prepares it
	 * @param work runs it and reads its results
	 * @param <T> what is read
	 * @return what was read
	 */
	public <T> T execute(JdbcOperations jdbc, PreparedStatementCallback<T> work) {
		T result = jdbc.execute(text(), (PreparedStatementCallback<T>) (statement) -> {
			new ArgumentPreparedStatementSetter(parameters()).setValues(statement);
			return work.doInPreparedStatement(statement);
		});
		return Objects.requireNonNull(result);
	}

	/**
	 * Run the statement and read its first row.
	 * @param jdbc runs it
	 * @param mapper reads a row
	 * @param <T> what a row is read as
	 * @return the row; {@code null} if there is none
	 */
	public <T> @Nullable T first(JdbcOperations jdbc, RowMapper<T> mapper) {
		List<T> rows = list(jdbc, mapper);
		return rows.isEmpty() ? null : rows.get(0);
	}

	/**
	 * Run the statement for its effect.
	 * @param jdbc runs it
	 * @return how many rows it changed
	 */
	public int update(JdbcOperations jdbc) {
		return jdbc.update(text(), parameters());
	}

	@Override
	public String toString() {
		return text();
	}

}
