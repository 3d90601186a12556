package io.github.deletionpolicy.catalog;

import java.util.List;

import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Says whether row-level security may hide rows from the current role: a row that it does
 * not see may be there all the same.
 */
public final class RowSecurity {

	private RowSecurity() {
	}

	/**
	 * Find the first of some tables of which rows may be hidden.
	 * @return the table; {@code null} if every row of all of them is seen
	 */
	public static @Nullable TableName findHiding(JdbcOperations jdbc, List<TableName> tables) {
		Integer found = Sql
			.of("""
					SELECT CAST(min(t.number) AS integer) FROM unnest(CAST(? AS text[])) WITH ORDINALITY AS t (name, number)
					WHERE pg_catalog.row_security_active(CAST(t.name AS regclass))""",
					(Object) tables.stream().map(TableName::toSql).toArray(String[]::new))
			.first(jdbc, (rs, row) -> rs.getObject(1, Integer.class));
		return (found != null) ? tables.get(found - 1) : null;
	}

	/**
	 * Return the condition, for the table of this name, that rows of it may be hidden.
	 */
	public static Sql mayHide(TableName table) {
		return Sql.of("pg_catalog.row_security_active(CAST(? AS regclass))", table.toSql());
	}

}
