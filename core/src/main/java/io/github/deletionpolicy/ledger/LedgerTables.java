package io.github.deletionpolicy.ledger;

import io.github.deletionpolicy.SqlIdentifiers;

/**
 * Where the ledger's tables are. They are always named with their schema: an application
 * may set the search path per tenant, and the ledger is one.
 *
 * @param schema the schema as the catalog spells it
 * @since 0.1
 */
public record LedgerTables(String schema) {

	/**
	 * The newest form of a record that this version writes and reads. A worker leaves
	 * newer ones to newer nodes.
	 */
	static final int FORMAT = 1;

	String tables() {
		return qualified("deletion_table");
	}

	String state() {
		return qualified("deletion_purge_state");
	}

	String operations() {
		return qualified("deletion_operation");
	}

	String chunks() {
		return qualified("deletion_chunk");
	}

	/**
	 * Return the first number of the advisory locks of this ledger's lanes.
	 * @return a number that ledgers in other schemas are unlikely to have
	 */
	int lockSpace() {
		return ("deletion-policy:" + this.schema).hashCode();
	}

	private String qualified(String table) {
		return SqlIdentifiers.quote(this.schema) + "." + table;
	}

}
