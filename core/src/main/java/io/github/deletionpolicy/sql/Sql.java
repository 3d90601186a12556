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
 */
public final class Sql {

	private final StringBuilder text = new StringBuilder();

	private final List<@Nullable Object> parameters = new ArrayList<>();

	public static Sql of(String text, @Nullable Object... parameters) {
		return new Sql().add(text, parameters);
	}

	/**
	 * Append a text with a {@code ?} per value.
	 */
	public Sql add(String part, @Nullable Object... values) {
		this.text.append(part);
		this.parameters.addAll(Arrays.asList(values));
		return this;
	}

	public Sql add(Sql part) {
		this.text.append(part.text);
		this.parameters.addAll(part.parameters);
		return this;
	}

	public String text() {
		return this.text.toString();
	}

	public @Nullable Object[] parameters() {
		return this.parameters.toArray();
	}

	public <T> List<T> list(JdbcOperations jdbc, RowMapper<T> mapper) {
		return jdbc.query(text(), mapper, parameters());
	}

	/**
	 * Prepare the statement, or several that are separated by semicolons and go in one
	 * round trip, and hand it over with its values.
	 */
	public <T> T execute(JdbcOperations jdbc, PreparedStatementCallback<T> work) {
		T result = jdbc.execute(text(), (PreparedStatementCallback<T>) (statement) -> {
			new ArgumentPreparedStatementSetter(parameters()).setValues(statement);
			return work.doInPreparedStatement(statement);
		});
		return Objects.requireNonNull(result);
	}

	public <T> @Nullable T first(JdbcOperations jdbc, RowMapper<T> mapper) {
		List<T> rows = list(jdbc, mapper);
		return rows.isEmpty() ? null : rows.get(0);
	}

	public int update(JdbcOperations jdbc) {
		return jdbc.update(text(), parameters());
	}

	@Override
	public String toString() {
		return text();
	}

}
