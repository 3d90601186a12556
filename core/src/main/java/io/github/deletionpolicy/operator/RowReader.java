package io.github.deletionpolicy.operator;

import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.purge.tree.TreeRow;
import io.github.deletionpolicy.sql.Instants;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Reads a row as it is now, with the first of the columns that can carry its deletion
 * time and do.
 */
record RowReader(JdbcOperations jdbc, LedgerTables ledger, DeletionTimeColumns deletionTimes) {

	Row read(Table table, Sql key) {
		List<Column> columns = columns(table);
		Row row = read(table, columns.isEmpty() ? null : columns.get(0), key);
		for (int i = 1; i < columns.size() && row.token() == null; i++) {
			row = read(table, columns.get(i), key);
		}
		return row;
	}

	private List<Column> columns(Table table) {
		Set<Column> columns = new LinkedHashSet<>();
		try {
			columns.add(this.deletionTimes.find(table));
		}
		catch (UnsupportedTableException ex) {
			// The ledger counts, whatever the policy says by now.
		}
		this.ledger.timeColumns(this.jdbc, table.name()).stream().map(table::find).forEach(columns::add);
		return columns.stream().filter((column) -> column != null && column.type().isDeletionTime()).toList();
	}

	private Row read(Table table, @Nullable Column column, Sql key) {
		String hold = this.deletionTimes.holdCondition(table);
		Row row = Sql.of("""
				SELECT n.dp_now, t.* FROM (SELECT clock_timestamp() AS dp_now) n LEFT JOIN (
					SELECT %1$s AS dp_key, %2$s AS dp_time, CAST(%2$s AS text) AS dp_token, %3$s AS dp_held
					FROM %4$s AS t WHERE
				""".formatted(table.keyAsText("t"), (column != null) ? column.toSql("t") : "CAST(NULL AS timestamptz)",
				(hold != null && column != null) ? "((" + hold + ")) IS TRUE" : "false", table.name().toSql()))
			.add(key)
			.add(") t ON true")
			.first(this.jdbc,
					(rs, number) -> new Row(Instants.get(rs, "dp_now"),
							(rs.getArray("dp_key") != null) ? TreeRow.texts(rs, "dp_key") : null, column,
							Instants.find(rs, "dp_time"), rs.getString("dp_token"), rs.getBoolean("dp_held")));
		return Objects.requireNonNull(row);
	}

	/**
	 * A row.
	 *
	 * @param now the database's clock
	 * @param key its key as text; {@code null} if there is no such row
	 * @param column the column of the deletion time; {@code null} if its table has none
	 * @param token its deletion time; {@code null} if it is live
	 * @param tokenText the same as text
	 * @param held whether its hold condition is true
	 */
	record Row(Instant now, @Nullable List<String> key, @Nullable Column column, @Nullable Instant token,
			@Nullable String tokenText, boolean held) {
	}

}
