package io.github.deletionpolicy.data;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

import io.github.deletionpolicy.DeleteOperations;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationContext;
import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.data.jdbc.core.JdbcAggregateTemplate;
import org.springframework.data.jdbc.core.convert.DataAccessStrategy;
import org.springframework.data.jdbc.core.convert.JdbcConverter;
import org.springframework.data.mapping.callback.EntityCallbacks;
import org.springframework.data.relational.core.EntityLifecycleEventDelegate;
import org.springframework.data.relational.core.conversion.DeleteAggregateChange;
import org.springframework.data.relational.core.conversion.MutableAggregateChange;
import org.springframework.data.relational.core.conversion.RelationalEntityVersionUtils;
import org.springframework.data.relational.core.mapping.RelationalMappingContext;
import org.springframework.data.relational.core.mapping.RelationalPersistentEntity;
import org.springframework.data.relational.core.mapping.event.AfterDeleteCallback;
import org.springframework.data.relational.core.mapping.event.AfterDeleteEvent;
import org.springframework.data.relational.core.mapping.event.BeforeDeleteCallback;
import org.springframework.data.relational.core.mapping.event.BeforeDeleteEvent;
import org.springframework.data.relational.core.mapping.event.Identifier;
import org.springframework.data.relational.core.query.Criteria;

/**
 * A {@link JdbcAggregateTemplate} whose deletes obey the policies. Repositories delete
 * through it. It deletes as {@link DeleteOperations} does, in one statement for all rows
 * wherever that is possible, and joins the caller's transaction or opens one.
 * <p>
 * For tables without a policy, and for everything but deletes, it is the template that it
 * extends. Aggregates that are deleted under a policy keep the rows of their child
 * entities as long as their own; those with a column for the deletion time are stamped
 * too.
 * <p>
 * The lifecycle events and callbacks of a delete are the same as without a policy, in all
 * modes. None of them is called when rows are purged.
 *
 * @since 0.1
 */
public class PolicyAggregateTemplate extends JdbcAggregateTemplate {

	private static final int NAMED = 3;

	private final RelationalMappingContext context;

	private final @Nullable PolicyDeletes deletes;

	private final @Nullable PolicyCoverage coverage;

	private final EntityLifecycleEventDelegate events = new EntityLifecycleEventDelegate();

	private EntityCallbacks callbacks;

	/**
	 * Create a template in place of a {@link JdbcAggregateTemplate}, out of the same
	 * parts. The policies are those of the application context; where there is no bean of
	 * {@link PolicyDeletes}, as with {@code deletion-policy.enabled=false}, this is the
	 * template that it extends.
	 * @param applicationContext has the policies, publishes events and has the callbacks
	 * @param mappingContext what Spring Data knows of the classes
	 * @param converter converts values
	 * @param dataAccessStrategy carries out what is no delete
	 */
	public PolicyAggregateTemplate(ApplicationContext applicationContext, RelationalMappingContext mappingContext,
			JdbcConverter converter, DataAccessStrategy dataAccessStrategy) {
		this(applicationContext, mappingContext, converter, dataAccessStrategy,
				applicationContext.getBeanProvider(PolicyDeletes.class).getIfAvailable());
	}

	/**
	 * Create a template.
	 * @param applicationContext publishes events and has the callbacks
	 * @param mappingContext what Spring Data knows of the classes
	 * @param converter converts values
	 * @param dataAccessStrategy carries out what is no delete
	 * @param deletes carries out deletes; {@code null} to leave them to Spring Data
	 */
	public PolicyAggregateTemplate(ApplicationContext applicationContext, RelationalMappingContext mappingContext,
			JdbcConverter converter, DataAccessStrategy dataAccessStrategy, @Nullable PolicyDeletes deletes) {
		super(applicationContext, mappingContext, converter, dataAccessStrategy);
		this.context = mappingContext;
		this.deletes = deletes;
		this.coverage = (deletes != null) ? new PolicyCoverage(deletes, mappingContext) : null;
		this.events.setPublisher(applicationContext);
		this.callbacks = EntityCallbacks.create(applicationContext);
	}

	@Override
	public void setApplicationContext(ApplicationContext applicationContext) {
		super.setApplicationContext(applicationContext);
		if (this.events != null) {
			this.events.setPublisher(applicationContext);
		}
	}

	@Override
	public void setEntityCallbacks(EntityCallbacks entityCallbacks) {
		super.setEntityCallbacks(entityCallbacks);
		this.callbacks = entityCallbacks;
	}

	@Override
	public void setEntityLifecycleEventsEnabled(boolean enabled) {
		super.setEntityLifecycleEventsEnabled(enabled);
		this.events.setEventsEnabled(enabled);
	}

	@Override
	public <S> void delete(S aggregateRoot) {
		if (aggregateRoot == null || !obeysPolicies(aggregateRoot.getClass())) {
			super.delete(aggregateRoot);
			return;
		}
		deleteInstances(List.of(aggregateRoot), typeOf(aggregateRoot));
	}

	@Override
	public <S> void deleteById(Object id, Class<S> domainType) {
		if (id == null || !obeysPolicies(domainType)) {
			super.deleteById(id, domainType);
			return;
		}
		deleteAllById(List.of(id), domainType);
	}

	@Override
	public <T> void deleteAllById(Iterable<?> ids, Class<T> domainType) {
		if (ids == null || !obeysPolicies(domainType)) {
			super.deleteAllById(ids, domainType);
			return;
		}
		List<Object> list = new ArrayList<>();
		ids.forEach(list::add);
		if (!list.isEmpty()) {
			List<Deleting<T>> all = list.stream().map((id) -> begin(id, null, domainType)).toList();
			from(domainType).byIds(list).execute();
			all.forEach(this::end);
		}
	}

	@Override
	public void deleteAll(Class<?> domainType) {
		if (!obeysPolicies(domainType)) {
			super.deleteAll(domainType);
			return;
		}
		from(domainType).all().execute();
	}

	/**
	 * Instances are asked for as often as Spring Data asks for them, and read once: some
	 * can be read only once.
	 */
	@Override
	public <T> void deleteAll(Iterable<? extends T> instances) {
		if (this.deletes == null || instances == null) {
			super.deleteAll(instances);
			return;
		}
		if (!instances.iterator().hasNext()) {
			return;
		}
		Map<Class<Object>, List<Object>> covered = new LinkedHashMap<>();
		List<T> others = new ArrayList<>();
		for (T instance : instances) {
			if (obeysPolicies(instance.getClass())) {
				covered.computeIfAbsent(typeOf(instance), (type) -> new ArrayList<>()).add(instance);
			}
			else {
				others.add(instance);
			}
		}
		this.deletes.asOne(covered.size() + (others.isEmpty() ? 0 : 1), () -> {
			if (!others.isEmpty()) {
				super.deleteAll(others);
			}
			covered.forEach((type, list) -> deleteInstances(list, type));
		});
	}

	private boolean obeysPolicies(@Nullable Class<?> type) {
		return this.coverage != null && type != null && this.coverage.covers(type);
	}

	private DeleteOperations.Target from(Class<?> type) {
		return Objects.requireNonNull(this.deletes).from(type);
	}

	private <T> void deleteInstances(List<? extends T> instances, Class<T> type) {
		RelationalPersistentEntity<T> entity = entityOf(type);
		List<Deleting<T>> all = instances.stream()
			.map((it) -> begin(entity.getIdentifierAccessor(it).getRequiredIdentifier(), it, type))
			.toList();
		List<Deleting<T>> versioned = all.stream().filter((it) -> it.version() != null).toList();
		List<Object> others = all.stream().filter((it) -> it.version() == null).map(Deleting::id).toList();
		Map<Object, Deleting<T>> last = new LinkedHashMap<>();
		all.forEach((it) -> last.put(it.id(), it));
		Objects.requireNonNull(this.deletes).asOne(versioned.size() + (others.isEmpty() ? 0 : 1), () -> {
			if (!versioned.isEmpty()) {
				deleteVersions(versioned, entity);
			}
			if (!others.isEmpty()) {
				from(type).byIds(others).execute();
			}
		});
		last.values().forEach(this::end);
	}

	/**
	 * Delete instances of which each must still be what the caller has read, in one
	 * statement. After an empty criteria Spring Data would join with {@code AND}.
	 */
	private <T> void deleteVersions(List<Deleting<T>> versioned, RelationalPersistentEntity<T> entity) {
		String id = entity.getRequiredIdProperty().getName();
		String property = entity.getRequiredVersionProperty().getName();
		Map<Number, List<Object>> ids = new LinkedHashMap<>();
		for (Deleting<T> deleting : versioned) {
			Number version = Objects.requireNonNull(deleting.version());
			ids.computeIfAbsent(version, (key) -> new ArrayList<>()).add(deleting.id());
		}
		List<Criteria> groups = ids.entrySet()
			.stream()
			.map((group) -> Criteria.where(id).in(group.getValue()).and(property).is(group.getKey()))
			.toList();
		Criteria first = groups.get(0);
		Criteria anyOf = (groups.size() == 1) ? first : first.or(groups.subList(1, groups.size()));
		long rows = from(entity.getType()).where(anyOf).execute().rows();
		if (rows != versioned.size()) {
			throw new OptimisticLockingFailureException(
					"%d of %d instances of %s could be deleted. Of the others, the row is gone, is deleted already, or has another version. They were: %s%s."
						.formatted(rows, versioned.size(), entity.getType().getName(),
								versioned.stream()
									.limit(NAMED)
									.map((it) -> "id %s with version %s".formatted(it.id(), it.version()))
									.collect(Collectors.joining(", ")),
								(versioned.size() > NAMED) ? " and %d more".formatted(versioned.size() - NAMED) : ""));
		}
	}

	private <T> Deleting<T> begin(Object id, @Nullable T instance, Class<T> type) {
		DeleteAggregateChange<T> change = MutableAggregateChange.forDelete(type, versionOf(instance, type));
		this.events.publishEvent(() -> new BeforeDeleteEvent<>(Identifier.of(id), instance, change));
		T called = (instance != null) ? this.callbacks.callback(BeforeDeleteCallback.class, instance, change) : null;
		change.forEachAction((action) -> {
			throw new InvalidDataAccessApiUsageException(
					"A BeforeDeleteCallback or a listener of BeforeDeleteEvent added an action to the delete of %s with id %s (%s). Under a deletion policy the delete has no actions of Spring Data's, so it would be lost. Do it by SQL, or through a repository."
						.formatted(type.getName(), id, action));
		});
		return new Deleting<>(id, called, change);
	}

	private <T> void end(Deleting<T> deleting) {
		T instance = deleting.instance();
		this.events
			.publishEvent(() -> new AfterDeleteEvent<>(Identifier.of(deleting.id()), instance, deleting.change()));
		if (instance != null) {
			this.callbacks.callback(AfterDeleteCallback.class, instance);
		}
	}

	private <T> @Nullable Number versionOf(@Nullable T instance, Class<T> type) {
		RelationalPersistentEntity<T> entity = entityOf(type);
		return (instance != null && entity.hasVersionProperty())
				? RelationalEntityVersionUtils.getVersionNumberFromEntity(instance, entity, getConverter()) : null;
	}

	@SuppressWarnings("unchecked")
	private <T> RelationalPersistentEntity<T> entityOf(Class<T> type) {
		return (RelationalPersistentEntity<T>) this.context.getRequiredPersistentEntity(type);
	}

	@SuppressWarnings("unchecked")
	private static <T> Class<T> typeOf(Object instance) {
		return (Class<T>) instance.getClass();
	}

	/**
	 * A delete that is under way.
	 */
	private record Deleting<T>(Object id, @Nullable T instance, DeleteAggregateChange<T> change) {

		@Nullable Number version() {
			return this.change.getPreviousVersion();
		}

	}

}
