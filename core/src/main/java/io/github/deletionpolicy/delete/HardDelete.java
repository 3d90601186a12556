package io.github.deletionpolicy.delete;

import java.util.List;
import java.util.function.Function;

import io.github.deletionpolicy.RestrictedDeletionException;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.sql.Savepoints;
import io.github.deletionpolicy.sql.Sql;

import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.RowMapper;

/**
 * Removes rows at once; the database's own foreign-key actions run.
 *
 * @param jdbc runs the statement
 * @param table the table
 * @param ahead what is removed ahead of them in the same statement; may be empty
 * @param rows selects them as the row {@code t}
 */
public record HardDelete(JdbcOperations jdbc, Table table, Sql ahead, Sql rows) {

	/**
	 * Delete.
	 * @return how many rows
	 * @throws RestrictedDeletionException if a foreign key refuses
	 */
	public int execute() {
		return removing((delete) -> delete.update(this.jdbc));
	}

	/**
	 * Delete and read the rows back.
	 * @param columns select list of what to read of the row {@code t}
	 * @param mapper reads a row
	 * @return the rows
	 * @throws RestrictedDeletionException if a foreign key refuses
	 */
	public <T> List<T> returning(String columns, RowMapper<T> mapper) {
		return removing((delete) -> delete.add(" RETURNING " + columns).list(this.jdbc, mapper));
	}

	private <T> T removing(Function<Sql, T> work) {
		try {
			return work.apply(Sql.of("")
				.add(this.ahead)
				.add("DELETE FROM %s AS t WHERE (".formatted(this.table.name().toSql()))
				.add(this.rows)
				.add(")"));
		}
		catch (DataIntegrityViolationException ex) {
			RestrictedDeletionException restricted = new RestrictedDeletionException(
					"A hard delete from %s is refused by a foreign key. %s Delete the rows that refer to it first, or make the key ON DELETE CASCADE."
						.formatted(this.table.name(), Savepoints.messageOf(ex)));
			restricted.initCause(ex);
			throw restricted;
		}
	}

}
