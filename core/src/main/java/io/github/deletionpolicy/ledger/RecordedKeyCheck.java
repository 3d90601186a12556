package io.github.deletionpolicy.ledger;

import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.sql.Sql;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Refuses chunks that were recorded with another primary key than the table has now: read
 * with that one they would look as if their rows were gone.
 */
public final class RecordedKeyCheck {

	private RecordedKeyCheck() {
	}

	/**
	 * Check chunks.
	 * @param jdbc runs the statement
	 * @param table their table
	 * @param chunks what to select from, with the chunks as {@code c} and a condition at
	 * the end
	 * @throws UnsupportedTableException if one does not fit
	 */
	public static void require(JdbcOperations jdbc, Table table, Sql chunks) {
		Sql statement = Sql.of("SELECT 1 ")
			.add(chunks)
			.add(" AND (" + KeyFormat.of(table).fits(table) + ") IS NOT TRUE LIMIT 1");
		if (!statement.list(jdbc, (rs, row) -> true).isEmpty()) {
			throw new UnsupportedTableException(
					("Rows of table %s were deleted while it had another primary key than now (%s), so they cannot be "
							+ "found again. Give it a key of the former columns and types back, or remove or revive the rows with plain SQL "
							+ "and cancel the operation.")
						.formatted(table.name(),
								String.join(", ", table.key().stream().map((column) -> column.name()).toList())));
		}
	}

}
