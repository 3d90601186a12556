package io.github.deletionpolicy.data;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

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
import org.springframework.data.mapping.PersistentPropertyPath;
import org.springframework.data.relational.core.mapping.AggregatePath;
import org.springframework.data.relational.core.mapping.AggregatePath.ColumnInfos;
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

	private volatile @Nullable Parts parts;

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
					"%s is no class that Spring Data maps to a table. Name the table, as in from(\"users\")."
						.formatted(aggregateRoot.getName()));
		}
		return nameOf(entity);
	}

	static TableName nameOf(RelationalPersistentEntity<?> entity) {
		return TableName.parse(entity.getQualifiedTableName().toSql(POSTGRESQL));
	}

	@Override
	public @Nullable String columnOf(Class<?> aggregateRoot, String property) {
		AggregatePath path = pathOf(aggregateRoot, property);
		return (path == null || path.isEntity() || path.isCollectionLike() || path.isMap()) ? null
				: nameOf(path.getColumnInfo().name());
	}

	/**
	 * Return the path to a property of the root's own table.
	 * @param aggregateRoot the class
	 * @param property the property, or a dotted path through embedded ones
	 * @return the path; {@code null} if there is none
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

	/**
	 * Return whether JPA maps the class.
	 * @param type a class
	 * @return whether it is a JPA entity
	 */
	static boolean isJpaEntity(Class<?> type) {
		return MergedAnnotations.from(type).isPresent(JPA_ENTITY);
	}

	/**
	 * Return what Spring Data knows of the classes.
	 * @return the context
	 */
	final RelationalMappingContext context() {
		return this.context;
	}

	/**
	 * Spell a column as the catalog does.
	 * @param column the column
	 * @return its name
	 */
	static String nameOf(SqlIdentifier column) {
		List<String> parts = SqlIdentifiers.parse(column.toSql(POSTGRESQL));
		return parts.get(parts.size() - 1);
	}

	@Override
	public List<Ownership> ownerships() {
		Collection<RelationalPersistentEntity<?>> entities = this.context.getPersistentEntities();
		Parts known = this.parts;
		if (known == null || known.entities() != entities.size()) {
			known = new Parts(entities.size(),
					entities.stream().flatMap((entity) -> ownershipsOf(entity).stream()).distinct().toList());
			this.parts = known;
		}
		return known.ownerships();
	}

	private List<Ownership> ownershipsOf(RelationalPersistentEntity<?> entity) {
		if (!entity.hasIdProperty()) {
			return List.of();
		}
		List<Ownership> ownerships = new ArrayList<>();
		for (PersistentPropertyPath<RelationalPersistentProperty> path : this.context
			.findPersistentPropertyPaths(entity.getType(), RelationalPredicates.isRelation())) {
			AggregatePath child = this.context.getAggregatePath(path);
			if (child.isWritable()) {
				Ownership ownership = ownershipOf(child);
				if (ownership != null) {
					ownerships.add(ownership);
				}
			}
		}
		return ownerships;
	}

	@Override
	public List<MappedColumn> writtenColumns() {
		List<MappedColumn> columns = new ArrayList<>();
		for (RelationalPersistentEntity<?> entity : this.context.getPersistentEntities()) {
			if (entity.hasIdProperty() && !isJpaEntity(entity.getType())) {
				addWritten(this.context.getAggregatePath(entity), entity, nameOf(entity), columns);
			}
		}
		return columns;
	}

	private void addWritten(AggregatePath path, RelationalPersistentEntity<?> entity, TableName table,
			List<MappedColumn> columns) {
		for (RelationalPersistentProperty property : entity) {
			AggregatePath next = path.append(property);
			if (!property.isWritable() || next.isCollectionLike() || next.isMap()) {
				continue;
			}
			if (property.isEmbedded()) {
				addWritten(next, this.context.getRequiredPersistentEntity(property), table, columns);
			}
			else if (!next.isEntity()) {
				columns.add(new MappedColumn(table, nameOf(next.getColumnInfo().name()),
						entity.getType().getSimpleName() + "." + property.getName()));
			}
		}
	}

	/**
	 * Spring Data cannot say how every class refers to its root (not by an id that is
	 * embedded in another one), and cannot save or load such a class either.
	 */
	private static @Nullable Ownership ownershipOf(AggregatePath child) {
		AggregatePath owner = child.getIdDefiningParentPath();
		try {
			return new Ownership(tableOf(owner), columnsOf(owner.getTableInfo().idColumnInfos()), tableOf(child),
					columnsOf(child.getTableInfo().backReferenceColumnInfos()));
		}
		catch (IllegalArgumentException ex) {
			logger.debug("The parts at " + child + " are left to foreign keys", ex);
			return null;
		}
	}

	private static TableName tableOf(AggregatePath path) {
		return TableName.parse(path.getTableInfo().qualifiedTableName().toSql(POSTGRESQL));
	}

	private static List<String> columnsOf(ColumnInfos infos) {
		List<String> columns = new ArrayList<>();
		infos.forEach((path, info) -> columns.add(nameOf(info.name())));
		return columns;
	}

	/**
	 * What was found when so many entities were known.
	 */
	private record Parts(int entities, List<Ownership> ownerships) {
	}

}
