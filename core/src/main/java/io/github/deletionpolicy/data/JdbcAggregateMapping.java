package io.github.deletionpolicy.data;

import java.sql.SQLType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.github.deletionpolicy.InvalidCriteriaException;
import io.github.deletionpolicy.InvalidIdException;
import io.github.deletionpolicy.mapping.AggregateRows;
import org.jspecify.annotations.Nullable;

import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.data.annotation.Id;
import org.springframework.data.core.TypeInformation;
import org.springframework.data.jdbc.core.JdbcAggregateOperations;
import org.springframework.data.jdbc.core.convert.JdbcConverter;
import org.springframework.data.jdbc.core.mapping.AggregateReference;
import org.springframework.data.jdbc.core.mapping.JdbcValue;
import org.springframework.data.jdbc.support.JdbcUtil;
import org.springframework.data.mapping.PersistentPropertyAccessor;
import org.springframework.data.mapping.callback.EntityCallbacks;
import org.springframework.data.relational.core.conversion.AbstractRelationalConverter;
import org.springframework.data.relational.core.mapping.AggregatePath;
import org.springframework.data.relational.core.mapping.RelationalMappingContext;
import org.springframework.data.relational.core.mapping.RelationalPersistentEntity;
import org.springframework.data.relational.core.mapping.RelationalPersistentProperty;
import org.springframework.data.util.AnnotationDetectionFieldCallback;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * The mapping of Spring Data JDBC: tables and columns, ids and values by the
 * application's converters, and aggregates.
 *
 * @since 0.1
 */
public class JdbcAggregateMapping extends RelationalAggregateMapping {

	private final Supplier<@Nullable JdbcConverter> converter;

	private final Supplier<@Nullable JdbcAggregateOperations> aggregates;

	private final Supplier<EntityCallbacks> callbacks;

	/**
	 * Create a mapping. What is supplied is asked for when it is needed first.
	 * @param context what Spring Data knows of the classes
	 * @param converter converts values; {@code null} leaves them as they are
	 * @param aggregates reads aggregates of several rows
	 * @param callbacks is called with each aggregate that was read from its row
	 */
	public JdbcAggregateMapping(RelationalMappingContext context, Supplier<@Nullable JdbcConverter> converter,
			Supplier<@Nullable JdbcAggregateOperations> aggregates, Supplier<EntityCallbacks> callbacks) {
		super(context);
		this.converter = converter;
		this.aggregates = aggregates;
		this.callbacks = callbacks;
	}

	@Override
	public Object keyOf(Class<?> aggregateRoot, Object id) {
		RelationalPersistentProperty idProperty = idOf(aggregateRoot);
		if (idProperty == null) {
			return id;
		}
		Object plain = withoutReference(id);
		Class<?> type = ClassUtils.resolvePrimitiveIfNecessary(idProperty.getType());
		AggregatePath path = path(aggregateRoot).append(idProperty);
		if (!(id instanceof Map<?, ?>) && !type.isInstance(plain)) {
			List<AggregatePath> columns = leavesOf(path);
			if (columns.size() != 1 || !isPlain(plain)) {
				throw new InvalidIdException(
						"Class %s of table %s has ids of type %s, and the id is a %s. Write a %s, or a Map with a value for each column of the key."
							.formatted(aggregateRoot.getName(), tableOf(aggregateRoot), type.getName(),
									plain.getClass().getName(), type.getSimpleName()));
			}
			return Map.of(columnOf(columns.get(0)), plain);
		}
		return converting(aggregateRoot, "An id of class " + aggregateRoot.getName(), InvalidIdException::new, () -> {
			if (id instanceof Map<?, ?> components) {
				Map<@Nullable Object, @Nullable Object> key = new LinkedHashMap<>();
				components.forEach((name, value) -> key.put(name, (value != null) ? written(null, value) : null));
				return key;
			}
			return idProperty.isEmbedded() ? parts(path, plain) : Map.of(columnOf(path), written(idProperty, plain));
		});
	}

	@Override
	public Object columnValueOf(Class<?> aggregateRoot, String property, Object value) {
		AggregatePath path = pathOf(aggregateRoot, property);
		return convertingValue(aggregateRoot, property,
				() -> written((path != null) ? path.getRequiredLeafProperty() : null, value));
	}

	@Override
	public @Nullable Map<String, Object> columnValuesOf(Class<?> aggregateRoot, String property, Object value) {
		AggregatePath path = pathOf(aggregateRoot, property);
		if (path == null || !path.isEmbedded()) {
			return null;
		}
		Class<?> type = path.getRequiredLeafProperty().getType();
		return convertingValue(aggregateRoot, property, () -> {
			Object plain = withoutReference(value);
			if (!type.isInstance(plain)) {
				throw new InvalidDataAccessApiUsageException("It is a %s. Write a %s, or name its parts."
					.formatted(plain.getClass().getName(), type.getName()));
			}
			return parts(path, plain);
		});
	}

	private <T> T convertingValue(Class<?> aggregateRoot, String property, Supplier<T> conversion) {
		return converting(aggregateRoot, "A criteria for property '%s' of class %s has a value that".formatted(property,
				aggregateRoot.getName()), InvalidCriteriaException::new, conversion);
	}

	private <T> T converting(Class<?> aggregateRoot, String what, Function<String, RuntimeException> refusal,
			Supplier<T> conversion) {
		try {
			return conversion.get();
		}
		catch (InvalidDataAccessApiUsageException ex) {
			throw (RuntimeException) refusal
				.apply("%s cannot be converted for table %s. %s".formatted(what, tableOf(aggregateRoot),
						ex.getMessage()))
				.initCause(ex);
		}
	}

	/**
	 * Take an embedded object apart.
	 */
	private Map<String, Object> parts(AggregatePath path, Object whole) {
		Map<String, Object> parts = new LinkedHashMap<>();
		PersistentPropertyAccessor<Object> accessor = path.getRequiredLeafEntity().getPropertyAccessor(whole);
		for (RelationalPersistentProperty property : propertiesOf(path)) {
			AggregatePath next = path.append(property);
			Object value = accessor.getProperty(property);
			if (value == null) {
				throw new InvalidDataAccessApiUsageException(
						"%s has no value for %s. Was it never saved?".formatted(whole, next.toDotPath()));
			}
			if (property.isEmbedded()) {
				parts.putAll(parts(next, value));
			}
			else {
				parts.put(columnOf(next), written(property, value));
			}
		}
		return parts;
	}

	@Override
	public <T> @Nullable AggregateRows<T> rowsOf(Class<T> type) {
		if (isJpaEntity(type) || !mayHaveId(type)) {
			return null;
		}
		JdbcConverter converter = this.converter.get();
		RelationalPersistentProperty idProperty = idOf(type);
		return (converter != null && idProperty != null)
				? new JdbcAggregateRows<>(type, idProperty, converter, this.aggregates, this.callbacks) : null;
	}

	/**
	 * Whoever asks the context for a class makes it known there as an entity, which most
	 * row types are not.
	 */
	private boolean mayHaveId(Class<?> type) {
		AnnotationDetectionFieldCallback id = new AnnotationDetectionFieldCallback(Id.class);
		ReflectionUtils.doWithFields(type, id);
		return context().hasPersistentEntityFor(type) || id.getType() != null;
	}

	private @Nullable RelationalPersistentProperty idOf(Class<?> aggregateRoot) {
		RelationalPersistentEntity<?> entity = context().getPersistentEntity(aggregateRoot);
		return (entity != null) ? entity.getIdProperty() : null;
	}

	private AggregatePath path(Class<?> aggregateRoot) {
		return context().getAggregatePath(context().getRequiredPersistentEntity(aggregateRoot));
	}

	private static Object withoutReference(Object value) {
		return (value instanceof AggregateReference<?, ?> reference) ? reference.getId() : value;
	}

	/**
	 * Return whether a value stands for itself: neither an entity, nor something that a
	 * converter writes for another property than the id.
	 */
	private boolean isPlain(Object value) {
		return !(value instanceof Enum<?>) && !context().hasPersistentEntityFor(value.getClass())
				&& writeTarget(this.converter.get(), value).isEmpty();
	}

	/**
	 * Convert as Spring Data does when it writes, except that only a converter that is
	 * meant for the value's type changes it. Spring Data's last resort, the general
	 * conversions, would make a number of a text and a text of anything.
	 */
	private Object written(@Nullable RelationalPersistentProperty property, Object given) {
		Object value = withoutReference(given);
		JdbcConverter converter = this.converter.get();
		if (writeTarget(converter, value).isEmpty() || converter == null) {
			return (value instanceof Enum<?> constant) ? constant.name() : value;
		}
		Object converted;
		try {
			Class<?> type = (property != null) ? converter.getColumnType(property) : value.getClass();
			SQLType sqlType = (property != null) ? converter.getTargetSqlType(property) : JdbcUtil.TYPE_UNKNOWN;
			converted = converter.writeJdbcValue(value, TypeInformation.of(type), sqlType).getValue();
		}
		catch (RuntimeException ex) {
			throw new InvalidDataAccessApiUsageException("The converter for %s failed: %s."
				.formatted(value.getClass().getName(), NestedExceptionUtils.getMostSpecificCause(ex)), ex);
		}
		if (converted == null) {
			throw new InvalidDataAccessApiUsageException(
					"The converter for %s made null of it.".formatted(value.getClass().getName()));
		}
		return isDriverObject(converted) ? converted.toString() : converted;
	}

	/**
	 * Java's times go as they are: Spring Data's own converters would make timestamps of
	 * them whatever their column is.
	 */
	private static Optional<Class<?>> writeTarget(@Nullable JdbcConverter converter, Object value) {
		if (value instanceof JdbcValue) {
			return Optional.of(JdbcValue.class);
		}
		if (!(converter instanceof AbstractRelationalConverter relational)) {
			return Optional.empty();
		}
		boolean time = value.getClass().getPackageName().equals("java.time");
		return relational.getConversions()
			.getCustomWriteTarget(value.getClass())
			.filter((target) -> !time || !java.util.Date.class.isAssignableFrom(target));
	}

	/**
	 * An object of PostgreSQL's driver spells its value.
	 */
	private static boolean isDriverObject(Object value) {
		return Stream.<Class<?>>iterate(value.getClass(), Objects::nonNull, Class::getSuperclass)
			.anyMatch((type) -> type.getName().equals("org.postgresql.util.PGobject"));
	}

}
