package io.github.deletionpolicy.ledger;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

import io.github.deletionpolicy.SqlIdentifiers;
import io.github.deletionpolicy.TableName;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Where the ledger's tables are. They are always named with their schema: an application
 * may set the search path per tenant, and the ledger is one.
 *
 * @param schema the schema as the catalog spells it
 */
public record LedgerTables(String schema) {

	/**
	 * The newest form of an operation that this version writes and reads. A worker leaves
	 * newer ones to newer nodes.
	 */
	public static final int FORMAT = 2;

	/**
	 * The form of what a delete has recorded: dependants with its token belong to it.
	 */
	static final int DELETED = 1;

	/**
	 * The form of what was adopted. Others may have given its token to dependants, which
	 * are no part of it. Nodes that do not know that leave it to newer ones.
	 */
	public static final int ADOPTED = 2;

	/**
	 * What the statements of this version need of each table: rights, and the columns
	 * that they name or fill in passing.
	 */
	private static final Map<String, Needs> NEEDS = new TreeMap<>(
			"""
					deletion_table | SELECT, INSERT, UPDATE | id, schema_name, table_name, time_column, paused_at, not_before
					deletion_purge_state | SELECT, UPDATE | single, paused_at
					deletion_last_run | SELECT, UPDATE | single, began_at, ended_at, node, rows_removed, braked_at
					deletion_last_purge | SELECT, INSERT, UPDATE | table_id, removed_at, vain_since
					deletion_operation | SELECT, INSERT, UPDATE, DELETE | id, token, purge_at, table_id, format, mode, source, delay, reason
					deletion_chunk | SELECT, INSERT, UPDATE, DELETE | operation_id, id, next_attempt, table_id, key_count, attempts, \
					root, state, last_error, superseded, purging_since, hold, keys_bigint, keys_uuid, keys_json
					deletion_async_spared | SELECT, INSERT, DELETE | operation_id, table_id, keys_bigint, keys_uuid, keys_json
					deletion_async | SELECT, INSERT, UPDATE, DELETE | operation_id, format, table_id, mode, source, reason, accepted_at, \
					selection, takes_along, including_deleted, batch_size, pause_micros, key_columns, first_key, last_key, \
					estimated_rows, state, after_key, visited, done, failed, fraction, left_keys, attempts, next_attempt, last_error, \
					moved_at, ended_at
					"""
				.lines()
				.map((line) -> line.split(" \\| "))
				.collect(Collectors.toMap((parts) -> parts[0], (parts) -> new Needs(parts[1], parts[2]))));

	/**
	 * Return what this version needs and the database lacks.
	 * @param jdbc runs the query
	 * @return for each table that lacks something its name, and the columns; all columns
	 * if there is no such table
	 */
	public Map<String, List<String>> missing(JdbcOperations jdbc) {
		Map<String, List<String>> missing = new TreeMap<>();
		NEEDS.forEach((table, needs) -> {
			List<String> found = jdbc.queryForList(
					"SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = to_regclass(?) AND attnum > 0 AND NOT attisdropped",
					String.class, qualified(table));
			List<String> lacking = needs.columns().stream().filter((column) -> !found.contains(column)).toList();
			if (!lacking.isEmpty()) {
				missing.put(table, lacking);
			}
		});
		return missing;
	}

	/**
	 * Return whether none of the tables is there.
	 * @param missing what {@link #missing} has returned
	 * @return whether everything is missing
	 */
	public static boolean isEverything(Map<String, List<String>> missing) {
		return NEEDS.entrySet()
			.stream()
			.allMatch((needs) -> needs.getValue().columns().equals(missing.get(needs.getKey())));
	}

	/**
	 * Return what the role that deletes, restores and purges has to be granted.
	 * @return the rights by table
	 */
	public Map<TableName, List<String>> rights() {
		Map<TableName, List<String>> rights = new LinkedHashMap<>();
		NEEDS.forEach((table, needs) -> rights.put(new TableName(this.schema, table), needs.rights()));
		return rights;
	}

	/**
	 * Return the columns that a table's deletes have been recorded with. An asynchronous
	 * hard delete may have none.
	 * @param jdbc runs the query
	 * @param table the table with its schema
	 * @return their names
	 */
	public List<String> timeColumns(JdbcOperations jdbc, TableName table) {
		return jdbc.queryForList(
				"SELECT time_column FROM %s WHERE schema_name = ? AND table_name = ? AND time_column <> '' ORDER BY id"
					.formatted(tables()),
				String.class, table.schema(), table.name());
	}

	/**
	 * Return the table that gives each table its number.
	 * @return its name
	 */
	public TableName registry() {
		return new TableName(this.schema, "deletion_table");
	}

	public String tables() {
		return qualified("deletion_table");
	}

	public String state() {
		return qualified("deletion_purge_state");
	}

	public String lastRun() {
		return qualified("deletion_last_run");
	}

	public String lastPurges() {
		return qualified("deletion_last_purge");
	}

	public String operations() {
		return qualified("deletion_operation");
	}

	public String chunks() {
		return qualified("deletion_chunk");
	}

	public String asyncDeletes() {
		return qualified("deletion_async");
	}

	public String sparedRows() {
		return qualified("deletion_async_spared");
	}

	/**
	 * Return the first number of the advisory locks of this ledger's worker slots.
	 * @return a number that ledgers in other schemas are unlikely to have
	 */
	public int lockSpace() {
		return ("deletion-policy:" + this.schema).hashCode();
	}

	/**
	 * Return the first number of the advisory locks at the gates of this ledger's tables;
	 * the second is the table's number, or zero for all of them.
	 * @return another number of that kind
	 */
	public int gateSpace() {
		return ("deletion-policy-gate:" + this.schema).hashCode();
	}

	/**
	 * Return the first number of the advisory locks that keep rows of a table from being
	 * adopted twice; the second is the table's number.
	 * @return another number of that kind
	 */
	public int adoptionSpace() {
		return ("deletion-policy-adoption:" + this.schema).hashCode();
	}

	private String qualified(String table) {
		return SqlIdentifiers.quote(this.schema) + "." + table;
	}

	private record Needs(List<String> rights, List<String> columns) {

		Needs(String rights, String columns) {
			this(List.of(rights.split(", ")), List.of(columns.split(", ")));
		}

	}

}
