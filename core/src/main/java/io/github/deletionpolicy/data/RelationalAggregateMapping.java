package io.github.deletionpolicy.data;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

import io.github.deletionpolicy.AggregateMapping;
import io.github.deletionpolicy.Ownership;
import io.github.deletionpolicy.SqlIdentifiers;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.UnknownTableException;
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
 * The mapping of Spring Data JDBC.
 *
 * @since 0.1
 */
public class RelationalAggregateMapping implements AggregateMapping {

	/**
	 * How Spring Data spells identifiers for PostgreSQL.
	 */
	private static final IdentifierProcessing POSTGRESQL = IdentifierProcessing.create(Quoting.ANSI,
			LetterCasing.LOWER_CASE);

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
		if (MergedAnnotations.from(aggregateRoot).isPresent(JPA_ENTITY)) {
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
		return path.isEntity() || path.isCollectionLike() || path.isMap() ? null : nameOf(path.getColumnInfo().name());
	}

	private static String nameOf(SqlIdentifier column) {
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
				AggregatePath owner = child.getIdDefiningParentPath();
				ownerships.add(new Ownership(tableOf(owner), columnsOf(owner.getTableInfo().idColumnInfos()),
						tableOf(child), columnsOf(child.getTableInfo().backReferenceColumnInfos())));
			}
		}
		return ownerships;
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
