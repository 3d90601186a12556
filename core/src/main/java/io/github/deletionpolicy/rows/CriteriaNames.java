package io.github.deletionpolicy.rows;

import java.util.Map;

import io.github.deletionpolicy.InvalidCriteriaException;
import io.github.deletionpolicy.UnknownColumnException;
import io.github.deletionpolicy.catalog.Column;
import org.jspecify.annotations.Nullable;

/**
 * What the names in a criteria stand for.
 */
interface CriteriaNames {

	/**
	 * Find a column.
	 * @throws UnknownColumnException if the name leads to none
	 */
	Column column(String name);

	/**
	 * Convert a value that is compared with a column to what the column holds for it.
	 * @throws InvalidCriteriaException if it cannot be converted
	 */
	default Object value(String name, Object value) {
		return value;
	}

	/**
	 * Take a value apart that is compared with several columns.
	 * @return what the columns hold, by name; {@code null} if the name stands for one
	 * column
	 * @throws InvalidCriteriaException if it cannot be taken apart
	 */
	default @Nullable Map<String, Object> values(String name, Object value) {
		return null;
	}

}
