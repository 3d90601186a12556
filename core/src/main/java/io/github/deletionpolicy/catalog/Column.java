package io.github.deletionpolicy.catalog;

import io.github.deletionpolicy.SqlIdentifiers;

/**
 * A column of a table.
 *
 * @param name the name as the catalog spells it
 * @param notNull whether it cannot be null
 */
public record Column(String name, ColumnType type, boolean notNull) {

	/**
	 * Return the quoted name, for use where SQL wants a bare one.
	 */
	public String toSql() {
		return SqlIdentifiers.quote(this.name);
	}

	/**
	 * Return the quoted name behind the alias of its table.
	 */
	public String toSql(String alias) {
		return alias + "." + SqlIdentifiers.quote(this.name);
	}

}
