package io.github.deletionpolicy.data;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.core.ResolvableType;
import org.springframework.data.util.Streamable;

/**
 * What a derived delete can return.
 */
enum ReturnKind {

	/**
	 * Nothing.
	 */
	NOTHING,

	/**
	 * The number of rows, as a {@code long}.
	 */
	LONG,

	/**
	 * The number of rows, as an {@code int}.
	 */
	INT,

	/**
	 * Whether there was a row.
	 */
	BOOLEAN,

	/**
	 * The one deleted aggregate, or {@code null}.
	 */
	AGGREGATE,

	/**
	 * The one deleted aggregate, or nothing.
	 */
	OPTIONAL,

	/**
	 * The deleted aggregates.
	 */
	LIST,

	/**
	 * The deleted aggregates, once each.
	 */
	SET,

	/**
	 * The deleted aggregates, already read.
	 */
	STREAM,

	/**
	 * The deleted aggregates, already read.
	 */
	STREAMABLE;

	/**
	 * Find what a method returns.
	 * @param type the return type
	 * @param aggregate the aggregate root
	 * @return the kind; {@code null} if it can not be returned
	 */
	static @Nullable ReturnKind of(ResolvableType type, Class<?> aggregate) {
		Class<?> raw = type.toClass();
		if (raw == void.class || raw == Void.class) {
			return NOTHING;
		}
		if (raw == long.class || raw == Long.class) {
			return LONG;
		}
		if (raw == int.class || raw == Integer.class) {
			return INT;
		}
		if (raw == boolean.class || raw == Boolean.class) {
			return BOOLEAN;
		}
		if (isAggregate(raw, aggregate)) {
			return AGGREGATE;
		}
		return isAggregate(type.getGeneric(0).toClass(), aggregate) ? ofContainer(raw) : null;
	}

	private static @Nullable ReturnKind ofContainer(Class<?> raw) {
		if (raw == Optional.class) {
			return OPTIONAL;
		}
		if (raw == List.class || raw == Collection.class || raw == Iterable.class) {
			return LIST;
		}
		if (raw == Set.class) {
			return SET;
		}
		if (raw == Stream.class) {
			return STREAM;
		}
		return (raw == Streamable.class) ? STREAMABLE : null;
	}

	private static boolean isAggregate(Class<?> type, Class<?> aggregate) {
		return type != Object.class && type.isAssignableFrom(aggregate);
	}

	boolean needsAggregates() {
		return switch (this) {
			case NOTHING, LONG, INT, BOOLEAN -> false;
			case AGGREGATE, OPTIONAL, LIST, SET, STREAM, STREAMABLE -> true;
		};
	}

	boolean isSingle() {
		return this == AGGREGATE || this == OPTIONAL;
	}

	/**
	 * Make the result of a number of rows.
	 */
	@Nullable Object ofRows(long rows) {
		return switch (this) {
			case LONG -> rows;
			case INT -> (int) Math.min(rows, Integer.MAX_VALUE);
			case BOOLEAN -> rows > 0;
			default -> null;
		};
	}

	/**
	 * Make the result of the deleted aggregates.
	 */
	@Nullable Object ofAggregates(List<?> aggregates) {
		return switch (this) {
			case AGGREGATE -> aggregates.isEmpty() ? null : aggregates.get(0);
			case OPTIONAL -> aggregates.stream().findFirst();
			case SET -> new LinkedHashSet<>(aggregates);
			case STREAM -> aggregates.stream();
			case STREAMABLE -> Streamable.of(aggregates);
			default -> aggregates;
		};
	}

}
