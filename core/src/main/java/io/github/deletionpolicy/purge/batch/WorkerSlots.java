package io.github.deletionpolicy.purge.batch;

import java.util.List;

import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.sql.Sql;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Lets workers in: as many as there are lanes, in all nodes together, and none at a table
 * that is paused. A lane and a place at a table are held until the transaction ends. A
 * pause closes the gate, which nobody passes who comes after it, and waits for all who
 * hold a place.
 *
 * @since 0.1
 */
public class WorkerSlots {

	/**
	 * Holds, until the transaction ends, how a worker was let in.
	 */
	private static final String SETTING = "deletion_policy.entry";

	private final JdbcOperations jdbc;

	private final LedgerTables ledger;

	/**
	 * Create the lanes.
	 * @param jdbc runs the statements, in the worker's transaction
	 * @param ledger where the ledger's tables are
	 */
	public WorkerSlots(JdbcOperations jdbc, LedgerTables ledger) {
		this.jdbc = jdbc;
		this.ledger = ledger;
	}

	/**
	 * Take a lane and a place at a table.
	 * @param table the table
	 * @param lanes how many lanes there are
	 * @param wait whether to wait for a lane
	 * @return whether there was a free lane, and the table may be purged
	 */
	public Entry enter(DueTable table, int lanes, boolean wait) {
		Entry entry = enter(table, lanes);
		if (entry != Entry.NO_LANE || !wait) {
			return entry;
		}
		Sql.of("SELECT pg_advisory_xact_lock(?, 0)", this.ledger.lockSpace()).list(this.jdbc, (rs, row) -> true);
		return enter(table, lanes);
	}

	private Entry enter(DueTable table, int lanes) {
		return Sql.of("SELECT ")
			.add(entry(table, lanes))
			.list(this.jdbc, (rs, row) -> Entry.valueOf(rs.getString(1)))
			.get(0);
	}

	/**
	 * Return an item of a select list that takes a lane and a place at a table, without
	 * waiting, and leaves word for {@link #isOpen()}. Its value is the name of an
	 * {@link Entry}.
	 * @param table the table
	 * @param lanes how many lanes there are
	 * @return the item
	 */
	public Sql entry(DueTable table, int lanes) {
		return Sql.of(
				"""
						(WITH lane AS MATERIALIZED (
								SELECT lane FROM generate_series(0, CAST(? AS integer) - 1) AS lane
								WHERE pg_try_advisory_xact_lock(?, lane) LIMIT 1),
							gate AS MATERIALIZED (
								SELECT lane FROM lane
								WHERE pg_try_advisory_xact_lock_shared(?, 0) AND pg_try_advisory_xact_lock_shared(?, ?)),
							place AS MATERIALIZED (
								SELECT l.id FROM gate CROSS JOIN %s l CROSS JOIN %s s
								WHERE l.id = ? AND l.paused_at IS NULL AND s.paused_at IS NULL FOR KEY SHARE OF l, s SKIP LOCKED)
						SELECT set_config('%s', CASE WHEN EXISTS (SELECT FROM place) THEN 'OPEN'
							WHEN EXISTS (SELECT FROM lane) THEN 'PAUSED' ELSE 'NO_LANE' END, true))"""
					.formatted(this.ledger.tables(), this.ledger.state(), SETTING),
				lanes, this.ledger.lockSpace(), this.ledger.gateSpace(), this.ledger.gateSpace(), table.id(),
				table.id());
	}

	/**
	 * Return the condition that the transaction was let in by an earlier statement.
	 * @return the condition
	 */
	public static String isOpen() {
		return "current_setting('" + SETTING + "', true) = 'OPEN'";
	}

	/**
	 * Take a place at further tables, of which a batch removes rows too.
	 * @param tables the tables
	 * @return whether none of them is paused
	 */
	public boolean enterToo(List<TableName> tables) {
		String[] schemas = tables.stream().map(TableName::schema).toArray(String[]::new);
		String[] names = tables.stream().map(TableName::name).toArray(String[]::new);
		String query = "SELECT id FROM %s WHERE (schema_name, table_name) IN (SELECT * FROM unnest(CAST(? AS text[]), CAST(? AS text[])))"
			.formatted(this.ledger.tables());
		int open = this.jdbc
			.queryForList(query
					+ " AND pg_try_advisory_xact_lock_shared(?, id) AND paused_at IS NULL FOR KEY SHARE SKIP LOCKED",
					schemas, names, this.ledger.gateSpace())
			.size();
		return open == this.jdbc.queryForList(query, schemas, names).size();
	}

	/**
	 * Whether a worker may purge now.
	 */
	public enum Entry {

		/** It may. */
		OPEN,
		/** The table, or everything, is paused or about to be. */
		PAUSED,
		/** As many workers as allowed are at work. */
		NO_LANE

	}

}
