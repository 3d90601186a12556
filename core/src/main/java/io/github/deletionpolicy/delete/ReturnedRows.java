package io.github.deletionpolicy.delete;

import java.util.List;
import java.util.Map;
import java.util.Objects;

import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.mapping.AggregateRows;
import io.github.deletionpolicy.sql.RefusedException;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeanUtils;
import org.springframework.jdbc.core.ColumnMapRowMapper;
import org.springframework.jdbc.core.DataClassRowMapper;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.SingleColumnRowMapper;

/**
 * How the rows of a delete are read back.
 *
 * @param type what each row is read as
 * @param aggregates reads them where the type is mapped to the table; {@code null} for
 * other types
 * @param <T> the type
 */
public record ReturnedRows<T>(Class<T> type, @Nullable AggregateRows<T> aggregates) {

	/**
	 * Return whether the rows have to be read before they are deleted.
	 */
	public boolean areMoreThan(Table table) {
		return this.aggregates != null && !this.aggregates.isWholeIn(table.columns().keySet());
	}

	public RowMapper<T> mapper() {
		AggregateRows<T> reader = this.aggregates;
		if (reader != null) {
			ColumnMapRowMapper columns = new ColumnMapRowMapper();
			return (rs, number) -> reader.read(Objects.requireNonNull(columns.mapRow(rs, number)));
		}
		return mapperFor(this.type);
	}

	/**
	 * Load the aggregates of locked rows, each of them once.
	 * @throws RefusedException if one cannot be seen; nothing was changed so far
	 */
	public List<T> load(Table table, LockedRows locked) {
		List<Map<String, @Nullable Object>> rows = locked.rows();
		if (rows.isEmpty()) {
			return List.of();
		}
		List<T> loaded = Objects.requireNonNull(this.aggregates).load(rows);
		if (loaded.size() != rows.size()) {
			throw new RefusedException(new UnsupportedTableException(
					("Class %s is read from a view or by joins, and of %d rows of table %s that are to be deleted Spring Data sees %d. "
							+ "Nothing was deleted. Write returning(Map.class), or select rows that the class sees.")
						.formatted(this.type.getName(), rows.size(), table.name(), loaded.size())));
		}
		return loaded;
	}

	@SuppressWarnings("unchecked")
	private static <T> RowMapper<T> mapperFor(Class<T> rowType) {
		if (Map.class.isAssignableFrom(rowType)) {
			return (RowMapper<T>) new ColumnMapRowMapper();
		}
		return BeanUtils.isSimpleValueType(rowType) ? new SingleColumnRowMapper<>(rowType)
				: new DataClassRowMapper<>(rowType);
	}

}
