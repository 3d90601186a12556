package io.github.deletionpolicy;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Says how a mapping framework maps aggregate roots to tables.
 *
 * @since 0.1
 */
public interface AggregateMapping {

	/**
	 * Return the table of an aggregate root.
	 * @param aggregateRoot the class
	 * @return its table
	 * @throws UnknownTableException if the class is not mapped, or by another framework
	 */
	TableName tableOf(Class<?> aggregateRoot);

	/**
	 * Return the column of a property.
	 * @param aggregateRoot the class
	 * @param property the property, or a dotted path through embedded ones
	 * @return its column as the catalog spells it; {@code null} if the table of the class
	 * has no column for it
	 */
	@Nullable String columnOf(Class<?> aggregateRoot, String property);

	/**
	 * Return which tables hold parts of aggregates. It is asked with each delete, so it
	 * has to be quick.
	 * @return the same list as long as nothing has changed
	 */
	default List<Ownership> ownerships() {
		return List.of();
	}

}
