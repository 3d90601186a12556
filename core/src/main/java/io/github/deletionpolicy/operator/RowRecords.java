package io.github.deletionpolicy.operator;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.KeyFormat;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.sql.Instants;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Finds what the ledger holds of a single row. Keys stand in chunks without an index, so
 * each query reads a limited number of them and says whether that was all.
 */
record RowRecords(JdbcOperations jdbc, LedgerTables ledger) {

	/**
	 * How many chunks a query reads, at most: a million rows that were deleted at once.
	 */
	private static final int CHUNK_CAP = 1000;

	private static final int OPERATION_CAP = 20;

	private static final String FOUND = """
			o.id, o.mode, o.token, o.purge_at, ol.schema_name, ol.table_name,
				c.root, c.next_attempt, c.attempts, c.state, c.last_error, c.purging_since
			""";

	/**
	 * Find the operations that wrote a deletion time to rows of a table, and what they
	 * hold of one row.
	 * @param row condition on the row {@code t} that names its key only
	 * @return the operations, those first that hold the row, then those of the table
	 */
	List<Recorded> writing(Table table, Column deletionTime, Instant token, Sql row) {
		TableName name = table.name();
		return Sql
			.of("""
					SELECT %1$s, (SELECT count(*) FROM (SELECT 1 FROM %2$s s WHERE s.operation_id = o.id LIMIT ?) s) <= ? AS complete
					FROM (
						SELECT o.* FROM %3$s ol JOIN %4$s o ON o.table_id = ol.id AND o.token = ? LIMIT ?) o
					JOIN %3$s ol ON ol.id = o.table_id
					LEFT JOIN LATERAL (
						SELECT c.* FROM (SELECT * FROM %2$s c WHERE c.operation_id = o.id ORDER BY c.id LIMIT ?) c
						JOIN %3$s l ON l.id = c.table_id AND l.schema_name = ? AND l.table_name = ? AND l.time_column = ?
						WHERE
					"""
				.formatted(FOUND, this.ledger.chunks(), this.ledger.tables(), this.ledger.operations()), CHUNK_CAP + 1,
					CHUNK_CAP, Instants.parameter(token), OPERATION_CAP, CHUNK_CAP, name.schema(), name.name(),
					deletionTime.name())
			.add(holds(table, row))
			.add(" LIMIT 1) c ON true ORDER BY c.id IS NULL, ol.schema_name <> ? OR ol.table_name <> ?, o.id",
					name.schema(), name.name())
			.list(this.jdbc, (rs, number) -> Recorded.from(rs));
	}

	/**
	 * Find an operation that still names a row among those of the table that are tried
	 * next, whatever the row carries now.
	 * @param row condition on the row {@code t} that names its key only
	 */
	@Nullable Recorded naming(Table table, Sql row) {
		return Sql
			.of("""
					SELECT %1$s, true AS complete FROM %2$s l CROSS JOIN LATERAL (
						SELECT * FROM %3$s c WHERE c.table_id = l.id AND c.next_attempt IS NOT NULL
						ORDER BY c.next_attempt LIMIT ?) c
					JOIN %4$s o ON o.id = c.operation_id JOIN %2$s ol ON ol.id = o.table_id
					WHERE l.schema_name = ? AND l.table_name = ? AND
					""".formatted(FOUND, this.ledger.tables(), this.ledger.chunks(), this.ledger.operations()),
					CHUNK_CAP, table.name().schema(), table.name().name())
			.add(holds(table, row))
			.add(" LIMIT 1")
			.first(this.jdbc, (rs, number) -> Recorded.from(rs));
	}

	/**
	 * Say since when purging a table is paused, by itself or with all others;
	 * {@code null} if it is not.
	 */
	@Nullable Pause pause(TableName table) {
		return Sql
			.of("""
					SELECT paused_at, of_all FROM (
						SELECT min(paused_at) AS paused_at, false AS of_all FROM %s WHERE schema_name = ? AND table_name = ?
						UNION ALL SELECT paused_at, true FROM %s) p
					WHERE paused_at IS NOT NULL ORDER BY of_all LIMIT 1"""
				.formatted(this.ledger.tables(), this.ledger.state()), table.schema(), table.name())
			.first(this.jdbc,
					(rs, row) -> new Pause(Instants.get(rs, "paused_at"), "Purging of %s has been paused since %s."
						.formatted(rs.getBoolean("of_all") ? "all tables" : table, Instants.get(rs, "paused_at"))));
	}

	/**
	 * A chunk that was recorded with another kind of key cannot hold the row, and is not
	 * taken apart.
	 */
	private static Sql holds(Table table, Sql row) {
		KeyFormat keys = KeyFormat.of(table);
		String columns = IntStream.range(0, table.key().size())
			.mapToObj((i) -> "k.dp_k%d AS %s".formatted(i + 1, table.key().get(i).toSql()))
			.collect(Collectors.joining(", "));
		return Sql
			.of("CASE WHEN %s THEN EXISTS (SELECT FROM (SELECT %s FROM %s) AS t WHERE ".formatted(keys.fits(table),
					columns, keys.unnest(table)))
			.add(row)
			.add(") ELSE false END");
	}

	/**
	 * An operation, and what it holds of a row.
	 *
	 * @param rootTable the table that was deleted from
	 * @param mode what the operation is now
	 * @param token the deletion time that it wrote
	 * @param purgeAt when it is due; {@code null} if it is not to be purged
	 * @param root whether the row was selected by the delete, which did not cascade to
	 * it; {@code null} if the operation does not hold the row, as far as is known
	 * @param nextAttempt when it is tried next; {@code null} if it is not tried
	 * @param attempts how often purging it failed
	 * @param keptBy what kept it at the last attempt; {@code null} for nothing
	 * @param lastError what the last attempt said; {@code null} if it said nothing
	 * @param purgingSince since when its tree is being purged in several transactions;
	 * {@code null} if it is not
	 * @param complete whether all of the operation was looked through for the row
	 */
	record Recorded(UUID operationId, TableName rootTable, DeletionMode mode, Instant token, @Nullable Instant purgeAt,
			@Nullable Boolean root, @Nullable Instant nextAttempt, int attempts, @Nullable State keptBy,
			@Nullable String lastError, @Nullable Instant purgingSince, boolean complete) {

		private static Recorded from(ResultSet rs) throws SQLException {
			return new Recorded(rs.getObject("id", UUID.class), LedgerRow.table(rs),
					DeletionMode.valueOf(rs.getString("mode")), Instants.get(rs, "token"),
					Instants.find(rs, "purge_at"), (Boolean) rs.getObject("root"), Instants.find(rs, "next_attempt"),
					rs.getInt("attempts"), LedgerRow.keptBy(rs), rs.getString("last_error"),
					Instants.find(rs, "purging_since"), rs.getBoolean("complete"));
		}

		boolean holdsRow() {
			return this.root != null;
		}

		/**
		 * Return whether the row was selected by the delete, as far as is known.
		 */
		boolean isRoot(TableName table) {
			return (this.root != null) ? this.root : this.rootTable.equals(table);
		}

	}

	/**
	 * Since when a table is paused, and the same in words.
	 */
	record Pause(Instant since, String text) {
	}

}
