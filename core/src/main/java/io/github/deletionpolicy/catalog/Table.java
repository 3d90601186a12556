package io.github.deletionpolicy.catalog;

import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.github.deletionpolicy.DeletionExecutor;
import io.github.deletionpolicy.SqlIdentifiers;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.UnknownColumnException;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

/**
 * A table as the catalog describes it.
 *
 * @param name the name with its schema
 * @param columns the columns by name, in the order of the table
 * @param key the columns of the primary key in its order; empty if there is none
 * @param referredToBy the foreign keys that refer to the table or a partition of it
 * @param refersBy the foreign keys of the table itself
 * @param partitionOf the partitioned table that this one is a part of; {@code null} if it
 * is no partition
 */
public record Table(TableName name, Map<String, Column> columns, List<Column> key, List<ForeignKey> referredToBy,
		List<ForeignKey> refersBy, @Nullable TableName partitionOf) implements DeletionExecutor.ResolvedTable {

	/**
	 * Begins the aliases of key columns. A hold condition names columns of the table
	 * without a qualifier, so no alias of ours may be one that a table is likely to have.
	 */
	private static final String ALIAS = "dp_k";

	/**
	 * Find a column.
	 * @param written its name, as the catalog spells it or by SQL's identifier rules
	 * @return the column; {@code null} if there is none
	 */
	public @Nullable Column find(String written) {
		Column exact = this.columns.get(written);
		if (exact != null) {
			return exact;
		}
		try {
			List<String> parts = SqlIdentifiers.parse(written);
			return (parts.size() == 1) ? this.columns.get(parts.get(0)) : null;
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

	/**
	 * Return a column.
	 * @param written its name, as the catalog spells it or by SQL's identifier rules
	 * @throws UnknownColumnException if there is none
	 */
	public Column column(String written) {
		return require(written, find(written));
	}

	/**
	 * Return a column.
	 * @param name its name, as the catalog spells it and not in any other way
	 * @throws UnknownColumnException if there is none
	 */
	public Column columnNamed(String name) {
		return require(name, this.columns.get(name));
	}

	private Column require(String written, @Nullable Column column) {
		if (column == null) {
			throw new UnknownColumnException("Table %s has no column '%s'. It has: %s.".formatted(this.name, written,
					String.join(", ", this.columns.keySet())));
		}
		return column;
	}

	/**
	 * Return the column that carries the deletion time.
	 * @param written its name
	 * @throws UnsupportedTableException if there is none, or it cannot carry one
	 */
	public Column deletionTime(String written) {
		Column column = find(written);
		if (column == null) {
			throw new UnsupportedTableException(("Table %s has no column '%s' for the deletion time. "
					+ "Add it: ALTER TABLE %s ADD COLUMN %s timestamptz; or name another one with deletion-time-column.")
				.formatted(this.name, written, this.name, SqlIdentifiers.quoteIfNeeded(written)));
		}
		String change = "Change it: ALTER TABLE %s ALTER COLUMN %s ".formatted(this.name,
				SqlIdentifiers.quoteIfNeeded(column.name()));
		if (!column.type().isDeletionTime()) {
			throw new UnsupportedTableException(
					"Column %s of table %s is %s%s, and a deletion time needs timestamptz in microseconds. %sTYPE timestamptz;"
						.formatted(column.name(), this.name, column.type().sql(),
								column.type().fullPrecision() ? "" : " with less precision", change));
		}
		if (column.notNull()) {
			throw new UnsupportedTableException(
					"Column %s of table %s is NOT NULL, but a live row has none. %sDROP NOT NULL;"
						.formatted(column.name(), this.name, change));
		}
		return column;
	}

	/**
	 * Return whether a cascading foreign key refers to the table, by this description.
	 */
	public boolean hasCascadingKeyIntoIt() {
		return this.referredToBy.stream().anyMatch(ForeignKey::isCascading);
	}

	/**
	 * Return the condition that no cascading foreign key refers to the table when the
	 * statement runs that has the condition. A statement that deletes from the table
	 * keeps new keys out until its transaction ends.
	 */
	public Sql noCascadingKeyIntoIt() {
		return Sql.of(
				"""
						NOT EXISTS (SELECT FROM pg_catalog.pg_trigger g WHERE g.tgfoid = 'pg_catalog."RI_FKey_cascade_del"'::regproc
							AND g.tgrelid = ANY(ARRAY(SELECT CAST(to_regclass(?) AS oid)
								UNION ALL SELECT p.relid FROM pg_catalog.pg_partition_tree(to_regclass(?)) p)))""",
				this.name.toSql(), this.name.toSql());
	}

	/**
	 * Return the primary key for use in the ledger.
	 * @throws UnsupportedTableException if there is none, or a column's values cannot be
	 * recorded
	 */
	public List<Column> recordableKey() {
		for (Column column : requireKey()) {
			if (!column.type().isRecordable()) {
				throw new UnsupportedTableException(
						"Column %s of the primary key of table %s is %s, whose values cannot be recorded safely. Use .hard(), or a key of %s."
							.formatted(column.name(), this.name, column.type().sql(), ColumnType.RECORDABLE));
			}
		}
		return this.key;
	}

	/**
	 * Return the primary key.
	 * @return its columns, at least one
	 * @throws UnsupportedTableException if there is none
	 */
	public List<Column> requireKey() {
		if (this.key.isEmpty()) {
			throw new UnsupportedTableException(
					"Table %s has no primary key, so its rows cannot be identified. Add one, or write where(…).hard()."
						.formatted(this.name));
		}
		return this.key;
	}

	/**
	 * Return whether the primary key is a single integer.
	 */
	public boolean hasIntegerKey() {
		return this.key.size() == 1 && this.key.get(0).type().isInteger();
	}

	/**
	 * Return the names of the primary key's columns.
	 */
	public List<String> keyNames() {
		return this.key.stream().map(Column::name).toList();
	}

	/**
	 * Return the key's columns as a list.
	 * @param alias alias of the table
	 */
	public String keyColumns(String alias) {
		return keyList((i) -> this.key.get(i).toSql(alias), ", ");
	}

	/**
	 * Return the key's columns as aliases {@code dp_k1, dp_k2, …} of a select list.
	 * @param alias alias of the table
	 */
	public String selectKey(String alias) {
		return keyList((i) -> this.key.get(i).toSql(alias) + " AS " + alias(i), ", ");
	}

	/**
	 * Return the list {@code dp_k1, dp_k2, …}.
	 * @param alias alias of the relation that has them; empty for none
	 */
	public String keyAliases(String alias) {
		return keyList((i) -> (alias.isEmpty() ? "" : alias + ".") + alias(i), ", ");
	}

	/**
	 * Return the condition that two rows of the table are one.
	 */
	public String sameKey(String alias, String other) {
		return keyList((i) -> this.key.get(i).toSql(alias) + " = " + this.key.get(i).toSql(other), " AND ");
	}

	/**
	 * Return the key as an array of texts. They are spelled as the session does it, so no
	 * other session may read them.
	 * @param alias alias of the table
	 */
	public String keyAsText(String alias) {
		return "ARRAY[" + keyList((i) -> "CAST(" + this.key.get(i).toSql(alias) + " AS text)", ", ") + "]";
	}

	/**
	 * Return {@code dp_k1, dp_k2, …} as an array of texts.
	 * @param alias alias of the relation that has them
	 * @see #keyAsText(String)
	 */
	public String keyAliasesAsText(String alias) {
		return "ARRAY[" + keyList((i) -> "CAST(" + alias + "." + alias(i) + " AS text)", ", ") + "]";
	}

	/**
	 * Return the key's columns as aliases {@code dp_k1, dp_k2, …} of a select list.
	 * @param array the key as an array of texts
	 */
	public String selectKeyFromText(String array) {
		return keyList(
				(i) -> "CAST(%s[%d] AS %s) AS %s".formatted(array, i + 1, this.key.get(i).type().sql(), alias(i)),
				", ");
	}

	/**
	 * Return the condition that a row has the key in {@code dp_k1, dp_k2, …} of another
	 * relation.
	 * @param alias alias of the table
	 * @param keys alias of the other relation
	 */
	public String keyEquals(String alias, String keys) {
		return keyList((i) -> this.key.get(i).toSql(alias) + " = " + keys + "." + alias(i), " AND ");
	}

	private String keyList(IntFunction<String> column, String separator) {
		return IntStream.range(0, this.key.size()).mapToObj(column).collect(Collectors.joining(separator));
	}

	/**
	 * Return the alias of a key's column, {@code dp_k1} for the first.
	 * @param position its position in the key, from zero
	 */
	public static String alias(int position) {
		return ALIAS + (position + 1);
	}

}
