package io.github.deletionpolicy.mapping;

import io.github.deletionpolicy.TableName;

/**
 * A column that a mapping framework writes when it saves an object.
 *
 * @param table the table or view that the class is mapped to
 * @param column the column as the catalog spells it
 * @param property the property that is written there, for messages, such as
 * {@code User.deletionTime}
 * @since 0.1
 * @see AggregateMapping#writtenColumns()
 */
public record MappedColumn(TableName table, String column, String property) {

}
