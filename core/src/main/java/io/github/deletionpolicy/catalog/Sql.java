package io.github.deletionpolicy.catalog;

import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.ArgumentPreparedStatementSetter;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.PreparedStatementCallback;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.RowMapperResultSetExtractor;

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
	 * Run several statements, separated by semicolons, in one round trip and read the
	 * rows of the last one.
	 * @param jdbc runs them
	 * @param mapper reads a row
	 * @param <T> what a row is read as
	 * @return the rows
	 */
	public <T> List<T> listLast(JdbcOperations jdbc, RowMapper<T> mapper) {
		List<T> rows = jdbc.execute(text(), (PreparedStatementCallback<List<T>>) (statement) -> {
			new ArgumentPreparedStatementSetter(parameters()).setValues(statement);
			ResultSet last = null;
			boolean result = statement.execute();
			while (result || statement.getUpdateCount() != -1) {
				last = result ? statement.getResultSet() : last;
				result = statement.getMoreResults(Statement.KEEP_CURRENT_RESULT);
			}
			return new RowMapperResultSetExtractor<>(mapper).extractData(Objects.requireNonNull(last));
		});
		return (rows != null) ? rows : List.of();
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
