package io.github.deletionpolicy.data;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

import io.github.deletionpolicy.SqlIdentifiers;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.UnknownTableException;
import io.github.deletionpolicy.mapping.AggregateMapping;
import io.github.deletionpolicy.mapping.MappedColumn;
import io.github.deletionpolicy.mapping.Ownership;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.data.mapping.PropertyHandler;
import org.springframework.data.relational.core.mapping.AggregatePath;
import org.springframework.data.relational.core.mapping.AggregatePath.ColumnInfos;
import org.springframework.data.relational.core.mapping.AggregatePath.TableInfo;
import org.springframework.data.relational.core.mapping.RelationalMappingContext;
import org.springframework.data.relational.core.mapping.RelationalPersistentEntity;
import org.springframework.data.relational.core.mapping.RelationalPersistentProperty;
import org.springframework.data.relational.core.mapping.RelationalPredicates;
import org.springframework.data.relational.core.sql.IdentifierProcessing;
import org.springframework.data.relational.core.sql.IdentifierProcessing.LetterCasing;
import org.springframework.data.relational.core.sql.IdentifierProcessing.Quoting;
import org.springframework.data.relational.core.sql.SqlIdentifier;

/**
 * The mapping of Spring Data's relational modules: which tables and columns.
 *
 * @since 0.1
 */
public class RelationalAggregateMapping implements AggregateMapping {

	/**
	 * How Spring Data spells identifiers for PostgreSQL.
	 */
	private static final IdentifierProcessing POSTGRESQL = IdentifierProcessing.create(Quoting.ANSI,
			LetterCasing.LOWER_CASE);

	private static final Log logger = LogFactory.getLog(RelationalAggregateMapping.class);

	private static final String JPA_ENTITY = "jakarta.persistence.Entity";

	private final RelationalMappingContext context;

	/**
	 * By how many entities were known when they were found.
	 */
	private final Map<Integer, List<Ownership>> ownerships = new ConcurrentHashMap<>();

	/**
	 * Create a mapping.
	 * @param context what Spring Data knows of the classes
	 */
	public RelationalAggregateMapping(RelationalMappingContext context) {
		this.context = context;
	}

	@Override
	public TableName tableOf(Class<?> aggregateRoot) {
		if (isJpaEntity(aggregateRoot)) {
			throw new UnknownTableException(
					"%s is a JPA entity: JPA knows its table and columns, Spring Data JDBC would only guess them. Name the table, as in from(\"users\")."
						.formatted(aggregateRoot.getName()));
		}
		RelationalPersistentEntity<?> entity = this.context.getPersistentEntity(aggregateRoot);
		if (entity == null) {
			throw new UnknownTableException(
					"%s is not a class that Spring Data maps to a table. Name the table, as in from(\"users\")."
						.formatted(aggregateRoot.getName()));
		}
		return nameOf(entity);
	}

	static TableName nameOf(RelationalPersistentEntity<?> entity) {
		return tableName(entity.getQualifiedTableName());
	}

	private static TableName tableName(SqlIdentifier name) {
		return TableName.parse(name.toSql(POSTGRESQL));
	}

	@Override
	public @Nullable String columnOf(Class<?> aggregateRoot, String property) {
		AggregatePath path = pathOf(aggregateRoot, property);
		return (path != null && isColumn(path)) ? columnOf(path) : null;
	}

	private static boolean isColumn(AggregatePath path) {
		return !path.isEntity() && !path.isCollectionLike() && !path.isMap();
	}

	static String columnOf(AggregatePath path) {
		return nameOf(path.getColumnInfo().name());
	}

	/**
	 * Return a path, or if it leads to an embedded object the paths to what is in it.
	 */
	static List<AggregatePath> leavesOf(AggregatePath path) {
		return (path.isRoot() || path.isEmbedded())
				? propertiesOf(path).stream().flatMap((property) -> leavesOf(path.append(property)).stream()).toList()
				: List.of(path);
	}

	/**
	 * Return the properties of the entity that a path leads to, references to other
	 * aggregates too.
	 */
	static List<RelationalPersistentProperty> propertiesOf(AggregatePath path) {
		List<RelationalPersistentProperty> properties = new ArrayList<>();
		path.getRequiredLeafEntity().doWithAll((PropertyHandler<RelationalPersistentProperty>) properties::add);
		return properties;
	}

	/**
	 * Return the path to a property of the root's own table, or through embedded ones;
	 * {@code null} if there is none.
	 */
	final @Nullable AggregatePath pathOf(Class<?> aggregateRoot, String property) {
		RelationalPersistentEntity<?> entity = this.context.getRequiredPersistentEntity(aggregateRoot);
		AggregatePath path = this.context.getAggregatePath(entity);
		for (String step : property.split("\\.", -1)) {
			RelationalPersistentProperty next = (entity != null) ? entity.getPersistentProperty(step) : null;
			if (next == null) {
				return null;
			}
			path = path.append(next);
			entity = next.isEmbedded() ? this.context.getPersistentEntity(next) : null;
		}
		return path;
	}

	static boolean isJpaEntity(Class<?> type) {
		return MergedAnnotations.from(type).isPresent(JPA_ENTITY);
	}

	final RelationalMappingContext context() {
		return this.context;
	}

	/**
	 * Spell a column as the catalog does.
	 */
	private static String nameOf(SqlIdentifier column) {
		List<String> parts = SqlIdentifiers.parse(column.toSql(POSTGRESQL));
		return parts.get(parts.size() - 1);
	}

	@Override
	public List<Ownership> ownerships() {
		Collection<RelationalPersistentEntity<?>> entities = this.context.getPersistentEntities();
		return this.ownerships.computeIfAbsent(entities.size(),
				(size) -> entities.stream().flatMap(this::ownershipsOf).distinct().toList());
	}

	private Stream<Ownership> ownershipsOf(RelationalPersistentEntity<?> entity) {
		if (!entity.hasIdProperty()) {
			return Stream.empty();
		}
		return this.context.findPersistentPropertyPaths(entity.getType(), RelationalPredicates.isRelation())
			.stream()
			.map(this.context::getAggregatePath)
			.filter(AggregatePath::isWritable)
			.flatMap((child) -> Stream.ofNullable(ownershipOf(child)));
	}

	@Override
	public List<MappedColumn> writtenColumns() {
		return this.context.getPersistentEntities()
			.stream()
			.filter((entity) -> entity.hasIdProperty() && !isJpaEntity(entity.getType()))
			.flatMap((entity) -> leavesOf(this.context.getAggregatePath(entity)).stream()
				.filter((leaf) -> leaf.isWritable() && isColumn(leaf))
				.map((leaf) -> new MappedColumn(nameOf(entity), columnOf(leaf), spelled(leaf))))
			.toList();
	}

	private static String spelled(AggregatePath leaf) {
		RelationalPersistentProperty property = leaf.getRequiredLeafProperty();
		return property.getOwner().getType().getSimpleName() + "." + property.getName();
	}

	/**
	 * Spring Data cannot say how every class refers to its root (not by an id that is
	 * embedded in another one), and cannot save or load such a class either.
	 */
	private static @Nullable Ownership ownershipOf(AggregatePath child) {
		try {
			TableInfo owner = child.getIdDefiningParentPath().getTableInfo();
			TableInfo owned = child.getTableInfo();
			return new Ownership(tableName(owner.qualifiedTableName()), columnsOf(owner.idColumnInfos()),
					tableName(owned.qualifiedTableName()), columnsOf(owned.backReferenceColumnInfos()));
		}
		catch (IllegalArgumentException ex) {
			logger.debug("The parts at " + child + " are left to foreign keys", ex);
			return null;
		}
	}

	private static List<String> columnsOf(ColumnInfos infos) {
		List<String> columns = new ArrayList<>();
		infos.forEach((path, info) -> columns.add(nameOf(info.name())));
		return columns;
	}

}
