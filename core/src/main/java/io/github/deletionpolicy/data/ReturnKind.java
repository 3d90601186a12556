package io.github.deletionpolicy.data;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.core.ResolvableType;
import org.springframework.data.util.Streamable;

/**
 * What a derived delete returns.
 *
 * @param ofRows makes it of the number of rows; {@code null} if it takes the aggregates
 * @param ofAggregates makes it of the deleted aggregates
 * @param single whether there is one aggregate at most
 */
record ReturnKind(@Nullable Function<Long, @Nullable Object> ofRows, Function<List<?>, @Nullable Object> ofAggregates,
		boolean single) {

	private static final Map<Class<?>, Function<Long, @Nullable Object>> COUNTS = Map.of(void.class, (rows) -> null,
			Void.class, (rows) -> null, long.class, (rows) -> rows, Long.class, (rows) -> rows, int.class,
			ReturnKind::toInt, Integer.class, ReturnKind::toInt, boolean.class, (rows) -> rows > 0, Boolean.class,
			(rows) -> rows > 0);

	private static final Map<Class<?>, Function<List<?>, @Nullable Object>> CONTAINERS = Map.of(Optional.class,
			(all) -> all.stream().findFirst(), List.class, (all) -> all, Collection.class, (all) -> all, Iterable.class,
			(all) -> all, Set.class, LinkedHashSet::new, Stream.class, List::stream, Streamable.class, Streamable::of);

	/**
	 * Find what a method returns; {@code null} if a delete cannot return it.
	 */
	static @Nullable ReturnKind of(ResolvableType type, Class<?> aggregate) {
		Class<?> raw = type.toClass();
		Function<Long, @Nullable Object> count = COUNTS.get(raw);
		if (count != null) {
			return new ReturnKind(count, (all) -> all, false);
		}
		if (isAggregate(raw, aggregate)) {
			return new ReturnKind(null, (all) -> all.isEmpty() ? null : all.get(0), true);
		}
		Function<List<?>, @Nullable Object> container = CONTAINERS.get(raw);
		return (container != null && isAggregate(type.getGeneric(0).toClass(), aggregate))
				? new ReturnKind(null, container, raw == Optional.class) : null;
	}

	private static boolean isAggregate(Class<?> type, Class<?> aggregate) {
		return type != Object.class && type.isAssignableFrom(aggregate);
	}

	private static int toInt(long rows) {
		return (int) Math.min(rows, Integer.MAX_VALUE);
	}

}
