package io.github.deletionpolicy.data;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.DeletionResult;
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
import org.springframework.data.relational.core.mapping.RelationalPersistentProperty;
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
 * entities as long as their own; those with a column for the deletion time are marked
 * along.
 * <p>
 * The lifecycle events and callbacks of a delete are the same as without a policy, in all
 * modes. None of them is called when rows are purged.
 *
 * @since 0.1
 */
public class PolicyAggregateTemplate extends JdbcAggregateTemplate {

	private final PolicyCoverage coverage;

	private final Supplier<DeleteOperations> deletes;

	private final RelationalMappingContext context;

	private final EntityLifecycleEventDelegate events = new EntityLifecycleEventDelegate();

	private EntityCallbacks callbacks;

	/**
	 * Create a template.
	 * @param applicationContext publishes events and has the callbacks
	 * @param converter converts values
	 * @param dataAccessStrategy carries out what is no delete
	 * @param coverage says which classes have a policy
	 * @param deletes carries out deletes; it is asked for when the first one is due
	 */
	public PolicyAggregateTemplate(ApplicationContext applicationContext, JdbcConverter converter,
			DataAccessStrategy dataAccessStrategy, PolicyCoverage coverage, Supplier<DeleteOperations> deletes) {
		super(converter, dataAccessStrategy);
		this.context = converter.getMappingContext();
		this.coverage = coverage;
		this.deletes = deletes;
		this.callbacks = EntityCallbacks.create(applicationContext);
		super.setEntityCallbacks(this.callbacks);
		setApplicationContext(applicationContext);
	}

	@Override
	public void setApplicationContext(ApplicationContext applicationContext) {
		super.setApplicationContext(applicationContext);
		this.events.setPublisher(applicationContext);
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
		if (aggregateRoot == null || !this.coverage.covers(aggregateRoot.getClass())) {
			super.delete(aggregateRoot);
			return;
		}
		deleteInstances(List.of(aggregateRoot), typeOf(aggregateRoot));
	}

	@Override
	public <S> void deleteById(Object id, Class<S> domainType) {
		if (id == null || domainType == null || !this.coverage.covers(domainType)) {
			super.deleteById(id, domainType);
			return;
		}
		deleteIds(List.of(id), domainType);
	}

	@Override
	public <T> void deleteAllById(Iterable<?> ids, Class<T> domainType) {
		if (!this.coverage.covers(domainType)) {
			super.deleteAllById(ids, domainType);
			return;
		}
		List<Object> list = new ArrayList<>();
		ids.forEach(list::add);
		if (!list.isEmpty()) {
			deleteIds(list, domainType);
		}
	}

	@Override
	public void deleteAll(Class<?> domainType) {
		if (domainType == null || !this.coverage.covers(domainType)) {
			super.deleteAll(domainType);
			return;
		}
		this.deletes.get().from(domainType).all().execute();
	}

	@Override
	public <T> void deleteAll(Iterable<? extends T> instances) {
		Map<Class<Object>, List<Object>> covered = new LinkedHashMap<>();
		List<T> others = new ArrayList<>();
		for (T instance : instances) {
			if (this.coverage.covers(instance.getClass())) {
				covered.computeIfAbsent(typeOf(instance), (type) -> new ArrayList<>()).add(instance);
			}
			else {
				others.add(instance);
			}
		}
		super.deleteAll(others);
		covered.forEach((type, list) -> deleteInstances(list, type));
	}

	private <T> void deleteIds(List<Object> ids, Class<T> type) {
		List<Deleting<T>> all = new ArrayList<>();
		for (Object id : ids) {
			all.add(begin(id, null, type));
		}
		this.deletes.get().from(type).byIds(ids).execute();
		all.forEach(this::end);
	}

	/**
	 * Delete instances of one type: those with a version one by one, as each must still
	 * be what the caller has read, the others in one go.
	 */
	private <T> void deleteInstances(List<? extends T> instances, Class<T> type) {
		RelationalPersistentEntity<T> entity = entityOf(type);
		List<Deleting<T>> all = new ArrayList<>();
		for (T instance : instances) {
			Object id = entity.getIdentifierAccessor(instance).getRequiredIdentifier();
			all.add(begin(id, instance, type));
		}
		List<Object> unversioned = new ArrayList<>();
		for (Deleting<T> deleting : all) {
			Number version = deleting.change().getPreviousVersion();
			if (version == null) {
				unversioned.add(deleting.id());
			}
			else {
				deleteVersion(deleting.id(), version, entity);
			}
		}
		if (!unversioned.isEmpty()) {
			this.deletes.get().from(type).byIds(unversioned).execute();
		}
		all.forEach(this::end);
	}

	private void deleteVersion(Object id, Number version, RelationalPersistentEntity<?> entity) {
		Criteria criteria = hasId(id, entity).and(entity.getRequiredVersionProperty().getName()).is(version);
		DeletionResult result = this.deletes.get().from(entity.getType()).where(criteria).execute();
		if (result.rows() == 0) {
			throw new OptimisticLockingFailureException(
					"%s with id %s was not deleted: it is no longer there, is deleted already, or has another version than %s."
						.formatted(entity.getType().getName(), id, version));
		}
	}

	private Criteria hasId(Object id, RelationalPersistentEntity<?> entity) {
		RelationalPersistentProperty property = entity.getRequiredIdProperty();
		if (!property.isEntity()) {
			return Criteria.where(property.getName()).is(id);
		}
		RelationalPersistentEntity<?> parts = this.context.getRequiredPersistentEntity(property);
		Criteria criteria = Criteria.empty();
		for (RelationalPersistentProperty part : parts) {
			Object value = Objects.requireNonNull(parts.getPropertyAccessor(id).getProperty(part));
			criteria = criteria.and(property.getName() + "." + part.getName()).is(value);
		}
		return criteria;
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
	}

}
