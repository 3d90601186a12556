package io.github.deletionpolicy.mapping;

import java.util.List;
import java.util.Map;

import io.github.deletionpolicy.InvalidCriteriaException;
import io.github.deletionpolicy.InvalidIdException;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.UnknownTableException;
import org.jspecify.annotations.Nullable;

/**
 * Says how a mapping framework maps aggregate roots to tables.
 *
 * @since 0.1
 */
public interface AggregateMapping {

	/**
	 * Stands in where no mapping framework is on the class path: tables go by their
	 * names.
	 */
	AggregateMapping NONE = new AggregateMapping() {

		@Override
		public TableName tableOf(Class<?> aggregateRoot) {
			throw new UnknownTableException(
					"Spring Data JDBC, which would say the table of %s, is not on the class path. Name the table, as in from(\"users\")."
						.formatted(aggregateRoot.getName()));
		}

		@Override
		public @Nullable String columnOf(Class<?> aggregateRoot, String property) {
			return null;
		}

	};

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
	 * Convert an id to what the primary key's columns hold.
	 * @param aggregateRoot the class
	 * @param id an id as the class has it, or what the columns hold already
	 * @return a value, or a {@code Map} of column to value. Whether it fits the columns
	 * is not looked into
	 * @throws InvalidIdException if the class cannot have such an id, or its conversion
	 * fails
	 */
	default Object keyOf(Class<?> aggregateRoot, Object id) {
		return id;
	}

	/**
	 * Convert a value that a criteria compares a property with to what its column holds.
	 * @param aggregateRoot the class
	 * @param property the property, a dotted path through embedded ones, or a column
	 * @param value a value as the class has it
	 * @return the value as the column has it; the same one if no conversion applies.
	 * Whether it fits the column is not looked into
	 * @throws InvalidCriteriaException if the conversion fails
	 */
	default Object columnValueOf(Class<?> aggregateRoot, String property, Object value) {
		return value;
	}

	/**
	 * Take a value apart that a criteria compares an embedded object or a composite id
	 * with.
	 * @param aggregateRoot the class
	 * @param property the property, or a dotted path through embedded ones
	 * @param value a value as the class has it
	 * @return what the columns hold, by column; {@code null} if the property is none of
	 * these
	 * @throws InvalidCriteriaException if the value is of another type, a part of it is
	 * {@code null}, or the conversion fails
	 */
	default @Nullable Map<String, Object> columnValuesOf(Class<?> aggregateRoot, String property, Object value) {
		return null;
	}

	/**
	 * Return what reads the aggregates of a class.
	 * @param type any class
	 * @param <T> its type
	 * @return the reader; {@code null} if it is no aggregate root, or nothing is there to
	 * read it
	 */
	default <T> @Nullable AggregateRows<T> rowsOf(Class<T> type) {
		return null;
	}

	/**
	 * Return which tables hold parts of aggregates. It is asked with each delete, so it
	 * has to be quick.
	 * @return the same list as long as nothing has changed
	 */
	default List<Ownership> ownerships() {
		return List.of();
	}

	/**
	 * Return which columns are written when objects are saved.
	 * @return the columns, as far as the classes are known yet
	 */
	default List<MappedColumn> writtenColumns() {
		return List.of();
	}

}
