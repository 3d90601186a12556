package io.github.deletionpolicy;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Name of a table, as the database's catalog spells it. Its text form is
 * {@code schema.table}, quoted only where SQL needs it.
 *
 * @param schema the schema; {@code null} if none was said
 * @param name the table
 * @since 0.1
 */
public record TableName(@Nullable String schema, String name) {

	/**
	 * Read a name by SQL's identifier rules: what is not quoted folds to lower case.
	 * @param text {@code table} or {@code schema.table}
	 * @return the name
	 * @throws UnknownTableException if the text is no such name
	 */
	public static TableName parse(String text) {
		List<String> parts;
		try {
			parts = SqlIdentifiers.parse(text);
		}
		catch (IllegalArgumentException ex) {
			throw new UnknownTableException(
					"'%s' is not a valid table name: %s. Write table or schema.table, as in SQL.".formatted(text,
							ex.getMessage()));
		}
		return switch (parts.size()) {
			case 1 -> new TableName(null, parts.get(0));
			case 2 -> new TableName(parts.get(0), parts.get(1));
			default -> throw new UnknownTableException(
					"'%s' has %d parts. Write table or schema.table, as in SQL.".formatted(text, parts.size()));
		};
	}

	/**
	 * Return whether a name as written in SQL can mean this table: the same table in the
	 * same schema, or in any schema where one of the two names none.
	 * @param other the other name
	 * @return whether both can mean one table
	 */
	public boolean mayMean(TableName other) {
		return this.name.equals(other.name)
				&& (this.schema == null || other.schema == null || this.schema.equals(other.schema));
	}

	/**
	 * Return the name for use in a statement, always quoted.
	 * @return the quoted name
	 */
	public String toSql() {
		String quotedName = SqlIdentifiers.quote(this.name);
		return (this.schema != null) ? SqlIdentifiers.quote(this.schema) + "." + quotedName : quotedName;
	}

	@Override
	public String toString() {
		String shownName = SqlIdentifiers.quoteIfNeeded(this.name);
		return (this.schema != null) ? SqlIdentifiers.quoteIfNeeded(this.schema) + "." + shownName : shownName;
	}

}
