package io.github.deletionpolicy.autoconfigure.policy;

import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.UnknownTableException;
import io.github.deletionpolicy.mapping.AggregateMapping;
import org.jspecify.annotations.Nullable;

/**
 * Stands in where Spring Data JDBC is not on the class path: tables go by their names.
 */
public final class NoAggregateMapping implements AggregateMapping {

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

}
