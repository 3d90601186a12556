package io.github.deletionpolicy.purge.batch;

import java.util.List;

import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.sql.Sql;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Lets as many workers in as there are slots, in all nodes together, and none at a table
 * that is paused. A slot and a place at a table are held until the transaction ends. A
 * pause closes a table to workers that come later and waits for those that hold a place.
 */
public record WorkerSlots(JdbcOperations jdbc, LedgerTables ledger, int concurrency) {

	/**
	 * Holds, until the transaction ends, how a worker was let in.
	 */
	private static final String SETTING = "deletion_policy.entry";

	/**
	 * Return whether there is no other worker at the same time.
	 */
	boolean isSingle() {
		return this.concurrency == 1;
	}

	/**
	 * Take a slot and a place at a table.
	 * @param patient whether to wait for a slot
	 */
	public Entry enter(DueTable table, boolean patient) {
		Entry entry = enter(table);
		if (entry != Entry.NO_SLOT || !patient) {
			return entry;
		}
		Sql.of("SELECT pg_advisory_xact_lock(?, 0)", this.ledger.lockSpace()).list(this.jdbc, (rs, row) -> true);
		return enter(table);
	}

	private Entry enter(DueTable table) {
		return Sql.of("SELECT ").add(entry(table)).list(this.jdbc, (rs, row) -> Entry.valueOf(rs.getString(1))).get(0);
	}

	/**
	 * Return an item of a select list that takes a slot and a place at a table, without
	 * waiting, and makes {@link #isOpen()} true if there were both. Its value is the name
	 * of an {@link Entry}.
	 */
	Sql entry(DueTable table) {
		return Sql.of(
				"""
						(WITH slot AS MATERIALIZED (
								SELECT slot FROM generate_series(0, CAST(? AS integer) - 1) AS slot
								WHERE pg_try_advisory_xact_lock(?, slot) LIMIT 1),
							gate AS MATERIALIZED (
								SELECT slot FROM slot
								WHERE pg_try_advisory_xact_lock_shared(?, 0) AND pg_try_advisory_xact_lock_shared(?, ?)),
							place AS MATERIALIZED (
								SELECT l.id FROM gate CROSS JOIN %s l CROSS JOIN %s s
								WHERE l.id = ? AND l.paused_at IS NULL AND s.paused_at IS NULL FOR KEY SHARE OF l, s SKIP LOCKED)
						SELECT set_config('%s', CASE WHEN EXISTS (SELECT FROM place) THEN 'OPEN'
							WHEN EXISTS (SELECT FROM slot) THEN 'PAUSED' ELSE 'NO_SLOT' END, true))"""
					.formatted(this.ledger.tables(), this.ledger.state(), SETTING),
				this.concurrency, this.ledger.lockSpace(), this.ledger.gateSpace(), this.ledger.gateSpace(), table.id(),
				table.id());
	}

	/**
	 * Return the condition that the transaction was let in by an earlier statement.
	 */
	public static String isOpen() {
		return "current_setting('" + SETTING + "', true) = 'OPEN'";
	}

	/**
	 * Take a place at further tables, of which a batch removes rows too.
	 * @return whether none of them is paused
	 */
	boolean enterToo(List<TableName> tables) {
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
		NO_SLOT

	}

}
