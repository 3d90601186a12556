package io.github.deletionpolicy.benchmarks.database;

import java.util.List;

/**
 * A state of a table and of the ledger that can be laid out again and again: freshly
 * written, vacuumed, and in memory.
 *
 * @since 0.1
 */
public final class Snapshot {

	private final Database database;

	private final TableShape shape;

	private final String name;

	private final long rows;

	private Snapshot(Database database, TableShape shape, String name, long rows) {
		this.database = database;
		this.shape = shape;
		this.name = name;
		this.rows = rows;
	}

	/**
	 * Create a table, bring it into a state, and keep that.
	 * @param database where
	 * @param shape the table
	 * @param name tells snapshots apart; a word in lower case
	 * @param rows how many rows
	 * @param work brings the table into the state
	 * @return the snapshot
	 */
	public static Snapshot take(Database database, TableShape shape, String name, long rows, Runnable work) {
		Snapshot snapshot = new Snapshot(database, shape, name, rows);
		shape.create(database, rows);
		LedgerTables.clear(database);
		database.run("VACUUM ANALYZE " + shape.table());
		work.run();
		LedgerTables.vacuum(database);
		snapshot.keep(shape.table());
		LedgerTables.names(database).forEach(snapshot::keep);
		return snapshot;
	}

	/**
	 * Return the table.
	 * @return its shape
	 */
	public TableShape shape() {
		return this.shape;
	}

	/**
	 * Return how many rows the table has.
	 * @return the number of rows
	 */
	public long rows() {
		return this.rows;
	}

	/**
	 * Lay out the table and the ledger as they were, but that what is due became so just
	 * now: time does not run backwards for a purge that has seen it all once.
	 */
	public void layOut() {
		layOutTable();
		for (String table : LedgerTables.names(this.database)) {
			String columns = this.database.client()
				.sql("""
						SELECT string_agg(CASE attname WHEN 'next_attempt'
							THEN 'next_attempt + (SELECT clock_timestamp() - max(next_attempt) FROM ' || ? || ')'
							ELSE quote_ident(attname) END, ', ' ORDER BY attnum)
						FROM pg_attribute WHERE attrelid = CAST(? AS regclass) AND attnum > 0 AND NOT attisdropped""")
				.param(copyOf(table))
				.param(table)
				.query(String.class)
				.single();
			this.database.run("INSERT INTO %s SELECT %s FROM %s".formatted(table, columns, copyOf(table)));
		}
		settle();
	}

	/**
	 * Lay out the table as it was, with an empty ledger.
	 */
	public void layOutWithoutLedger() {
		layOutTable();
		settle();
	}

	private void layOutTable() {
		String table = this.shape.table();
		this.database.run("DROP TABLE IF EXISTS " + table);
		this.database.run("CREATE TABLE %s AS TABLE %s".formatted(table, copyOf(table)));
		this.shape.addIndexes(this.database);
		LedgerTables.clear(this.database);
	}

	private void settle() {
		this.database.run("VACUUM ANALYZE " + this.shape.table());
		LedgerTables.vacuum(this.database);
		prewarm(this.shape.table());
		LedgerTables.names(this.database).forEach(this::prewarm);
		this.database.run("CHECKPOINT");
	}

	private void prewarm(String table) {
		this.database.run("CREATE EXTENSION IF NOT EXISTS pg_prewarm");
		this.database.jdbc()
			.queryForList(
					"SELECT pg_prewarm(CAST(? AS regclass)) UNION ALL "
							+ "SELECT pg_prewarm(indexrelid) FROM pg_index WHERE indrelid = CAST(? AS regclass)",
					table, table);
	}

	private void keep(String table) {
		this.database.run("DROP TABLE IF EXISTS " + copyOf(table));
		this.database.run("CREATE TABLE %s AS TABLE %s".formatted(copyOf(table), table));
	}

	/**
	 * Drop the copies.
	 */
	void drop() {
		this.database.run("DROP TABLE IF EXISTS " + copyOf(this.shape.table()));
		List<String> ledger = LedgerTables.names(this.database);
		ledger.forEach((table) -> this.database.run("DROP TABLE IF EXISTS " + copyOf(table)));
	}

	private String copyOf(String table) {
		return "copy_%s_%s".formatted(this.name, table);
	}

}
