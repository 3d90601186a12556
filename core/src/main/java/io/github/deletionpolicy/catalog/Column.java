package io.github.deletionpolicy.catalog;

import io.github.deletionpolicy.SqlIdentifiers;

/**
 * A column of a table.
 *
 * @param name the name as the catalog spells it
 * @param type its type
 * @param notNull whether it cannot be null
 * @since 0.1
 */
public record Column(String name, ColumnType type, boolean notNull) {

	/**
	 * Return the column for use where SQL wants a bare name.
	 * @return the quoted name
	 */
	public String toSql() {
		return SqlIdentifiers.quote(this.name);
	}

	/**
	 * Return the column for use in a statement.
	 * @param alias alias of the table
	 * @return the quoted name behind the alias
	 */
	public String toSql(String alias) {
		return alias + "." + SqlIdentifiers.quote(this.name);
	}

}
