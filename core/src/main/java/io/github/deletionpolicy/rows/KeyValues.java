package io.github.deletionpolicy.rows;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.Table;

/**
 * Reads primary keys as the values that listeners get.
 */
public final class KeyValues {

	private KeyValues() {
	}

	/**
	 * Read a primary key from the columns {@code dp_k1, dp_k2, …}.
	 * @param rs stands at the row
	 * @return a value, or a map of column to value
	 */
	public static Object read(ResultSet rs, Table table) throws SQLException {
		Map<String, Object> key = new LinkedHashMap<>();
		for (Column column : table.key()) {
			Object value = column.type().read(rs, Table.alias(key.size()));
			if (value == null) {
				throw new SQLException("The primary key column %s came back as null.".formatted(column.name()));
			}
			key.put(column.name(), value);
		}
		return (key.size() > 1) ? key : key.values().iterator().next();
	}

}
