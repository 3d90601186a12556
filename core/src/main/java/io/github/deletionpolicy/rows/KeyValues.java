package io.github.deletionpolicy.rows;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.Map;

import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.Table;

import org.springframework.util.ObjectUtils;

/**
 * Reads primary keys as the values that listeners are told.
 *
 * @since 0.1
 */
public final class KeyValues {

	private KeyValues() {
	}

	/**
	 * Read a primary key from the columns {@code dp_k1, dp_k2, …}.
	 * @param rs stands at the row
	 * @param table the table
	 * @return a value, or a map of column to value
	 * @throws SQLException if it cannot be read
	 */
	public static Object read(ResultSet rs, Table table) throws SQLException {
		if (table.key().size() == 1) {
			return value(rs, table.key().get(0), 0);
		}
		Map<String, Object> key = new LinkedHashMap<>();
		for (int i = 0; i < table.key().size(); i++) {
			key.put(table.key().get(i).name(), value(rs, table.key().get(i), i));
		}
		return key;
	}

	private static Object value(ResultSet rs, Column column, int position) throws SQLException {
		String label = Table.alias(position);
		Object value = switch (column.type().base()) {
			case "timestamptz" -> rs.getObject(label, OffsetDateTime.class).toInstant();
			case "timestamp" -> rs.getObject(label, LocalDateTime.class);
			case "date" -> rs.getObject(label, LocalDate.class);
			default -> column.type().isText() ? rs.getString(label) : rs.getObject(label);
		};
		if (ObjectUtils.isEmpty(value) && !(value instanceof String)) {
			throw new SQLException("The primary key column %s came back as null.".formatted(column.name()));
		}
		return value;
	}

}
