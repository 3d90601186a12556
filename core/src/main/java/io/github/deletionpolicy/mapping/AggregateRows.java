package io.github.deletionpolicy.mapping;

import java.util.Collection;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Reads the aggregates of one class from the rows of its table.
 *
 * @param <T> the class
 * @since 0.1
 */
public interface AggregateRows<T> {

	/**
	 * Return whether a row of the table is all that an aggregate consists of, so that
	 * {@link #read(Map)} is enough.
	 * @param columns the columns of the table
	 * @return {@code false} if there are rows of other tables too, or columns that the
	 * table does not have
	 */
	boolean isWholeIn(Collection<String> columns);

	/**
	 * Read an aggregate that is whole in its row.
	 * @param row its columns by name, as JDBC returns them
	 * @return the aggregate
	 */
	T read(Map<String, @Nullable Object> row);

	/**
	 * Read aggregates whole, with rows of other tables.
	 * @param rows the rows of the roots, as for {@link #read(Map)}
	 * @return the aggregates in any order; fewer if the mapping framework does not see
	 * some of the rows
	 */
	List<T> load(List<Map<String, @Nullable Object>> rows);

}
