package io.github.deletionpolicy.data;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.data.jdbc.core.JdbcAggregateOperations;
import org.springframework.data.jdbc.core.convert.JdbcConverter;
import org.springframework.data.jdbc.core.convert.QueryMapper;
import org.springframework.data.relational.core.dialect.RenderContextFactory;
import org.springframework.data.relational.core.mapping.RelationalPersistentEntity;
import org.springframework.data.relational.core.query.Criteria;
import org.springframework.data.relational.core.sql.Column;
import org.springframework.data.relational.core.sql.Condition;
import org.springframework.data.relational.core.sql.Conditions;
import org.springframework.data.relational.core.sql.LockMode;
import org.springframework.data.relational.core.sql.Select;
import org.springframework.data.relational.core.sql.SqlIdentifier;
import org.springframework.data.relational.core.sql.StatementBuilder;
import org.springframework.data.relational.core.sql.Table;
import org.springframework.data.relational.core.sql.render.SqlRenderer;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.util.Assert;

/**
 * Reads the aggregates that are about to be deleted. Their rows are locked first, by a
 * statement of its own: one that waited for a lock looks at the row anew, and what is
 * read afterwards is what will be deleted.
 */
class LockedAggregates {

	private final JdbcAggregateOperations operations;

	private final RelationalPersistentEntity<?> entity;

	LockedAggregates(JdbcAggregateOperations operations, Class<?> domainType) {
		this.operations = operations;
		this.entity = operations.getConverter().getMappingContext().getRequiredPersistentEntity(domainType);
	}

	/**
	 * Return whether the class has an id in one column.
	 */
	boolean canBeFound() {
		return this.entity.hasIdProperty() && !this.entity.getRequiredIdProperty().isEntity();
	}

	/**
	 * Lock rows.
	 * @param criteria which ones; {@code null} for all
	 * @param deletionTime the column that is null in the rows that are meant;
	 * {@code null} if all are
	 * @return the ids of the locked rows
	 */
	List<Object> lock(@Nullable Criteria criteria, @Nullable String deletionTime) {
		JdbcConverter converter = this.operations.getConverter();
		Table table = Table.create(this.entity.getQualifiedTableName());
		Column id = idColumn(table);
		MapSqlParameterSource parameters = new MapSqlParameterSource();
		@Nullable Condition condition = null;
		if (criteria != null && !criteria.isEmpty()) {
			condition = Conditions
				.nest(new QueryMapper(converter).getMappedObject(parameters, criteria, table, this.entity));
		}
		if (deletionTime != null) {
			Condition live = Conditions.isNull(table.column(SqlIdentifier.quoted(deletionTime)));
			condition = (condition != null) ? condition.and(live) : live;
		}
		Select select = (condition != null)
				? StatementBuilder.select(id).from(table).where(condition).lock(LockMode.PESSIMISTIC_WRITE).build()
				: StatementBuilder.select(id).from(table).lock(LockMode.PESSIMISTIC_WRITE).build();
		String sql = SqlRenderer
			.create(new RenderContextFactory(this.operations.getDataAccessStrategy().getDialect())
				.createRenderContext())
			.render(select);
		return this.operations.getDataAccessStrategy()
			.getJdbcOperations()
			.query(sql, parameters, (rs, row) -> idOf(rs.getObject(1)));
	}

	/**
	 * Read aggregates.
	 * @param ids their ids
	 * @return the aggregates
	 */
	List<?> read(List<Object> ids) {
		return ids.isEmpty() ? List.of() : this.operations.findAllById(ids, this.entity.getType());
	}

	private Column idColumn(Table table) {
		return this.operations.getConverter()
			.getMappingContext()
			.getAggregatePath(this.entity)
			.getTableInfo()
			.idColumnInfos()
			.toColumnList(table)
			.get(0);
	}

	private Object idOf(Object column) {
		Object id = this.operations.getConverter()
			.readValue(column, this.entity.getRequiredIdProperty().getTypeInformation());
		Assert.state(id != null, "An id is null.");
		return id;
	}

}
