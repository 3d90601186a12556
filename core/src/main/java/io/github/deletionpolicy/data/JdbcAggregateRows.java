package io.github.deletionpolicy.data;

import java.sql.Array;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.mapping.AggregateRows;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.DataRetrievalFailureException;
import org.springframework.data.jdbc.core.JdbcAggregateOperations;
import org.springframework.data.jdbc.core.convert.JdbcConverter;
import org.springframework.data.mapping.callback.EntityCallbacks;
import org.springframework.data.relational.core.mapping.AggregatePath;
import org.springframework.data.relational.core.mapping.RelationalMappingContext;
import org.springframework.data.relational.core.mapping.RelationalPersistentProperty;
import org.springframework.data.relational.core.mapping.event.AfterConvertCallback;
import org.springframework.data.relational.domain.RowDocument;

/**
 * Reads aggregates with Spring Data's converter, or with all that it does for a
 * repository where they are more than their row.
 *
 * @param <T> the class
 */
record JdbcAggregateRows<T>(Class<T> type, RelationalPersistentProperty idProperty, JdbcConverter converter,
		Supplier<@Nullable JdbcAggregateOperations> aggregates,
		Supplier<EntityCallbacks> callbacks) implements AggregateRows<T> {

	private static final int IDS_PER_STATEMENT = 1000;

	@Override
	public boolean isWholeIn(Collection<String> columns) {
		return RelationalAggregateMapping.leavesOf(root(this.type))
			.stream()
			.allMatch((leaf) -> !leaf.getRequiredLeafProperty().isEntity()
					&& columns.contains(RelationalAggregateMapping.columnOf(leaf)));
	}

	@Override
	public T read(Map<String, @Nullable Object> row) {
		T aggregate = this.converter.readAndResolve(this.type, document(row));
		return this.callbacks.get().callback(AfterConvertCallback.class, aggregate);
	}

	@Override
	public List<T> load(List<Map<String, @Nullable Object>> rows) {
		JdbcAggregateOperations operations = this.aggregates.get();
		if (operations == null) {
			throw new UnsupportedTableException(
					"Class %s consists of rows of several tables, and there is no single JdbcAggregateOperations bean to read it. Write returning(Map.class)."
						.formatted(this.type.getName()));
		}
		List<T> loaded = new ArrayList<>(rows.size());
		for (int from = 0; from < rows.size(); from += IDS_PER_STATEMENT) {
			List<Object> ids = rows.subList(from, Math.min(from + IDS_PER_STATEMENT, rows.size()))
				.stream()
				.map(this::idOf)
				.toList();
			loaded.addAll(operations.findAllById(ids, this.type));
		}
		return loaded;
	}

	/**
	 * As an aggregate of its own an id has its columns without the prefixes of the
	 * property that it is embedded as.
	 */
	private Object idOf(Map<String, @Nullable Object> row) {
		RowDocument document = document(row);
		AggregatePath path = root(this.type).append(this.idProperty);
		if (!this.idProperty.isEmbedded()) {
			Object value = document.get(path.getColumnInfo().name().getReference());
			return Objects.requireNonNull(this.converter.readValue(value, this.idProperty.getTypeInformation()));
		}
		List<AggregatePath> parts = RelationalAggregateMapping.leavesOf(path);
		List<AggregatePath> alone = RelationalAggregateMapping.leavesOf(root(this.idProperty.getType()));
		RowDocument id = new RowDocument();
		for (int i = 0; i < parts.size(); i++) {
			id.put(alone.get(i).getColumnInfo().alias().getReference(),
					document.get(parts.get(i).getColumnInfo().name().getReference()));
		}
		return this.converter.readAndResolve(this.idProperty.getType(), id);
	}

	private AggregatePath root(Class<?> root) {
		RelationalMappingContext context = this.converter.getMappingContext();
		return context.getAggregatePath(context.getRequiredPersistentEntity(root));
	}

	private static RowDocument document(Map<String, @Nullable Object> row) {
		RowDocument document = new RowDocument(row.size());
		row.forEach((column, value) -> document.put(column, elements(value)));
		return document;
	}

	private static @Nullable Object elements(@Nullable Object value) {
		try {
			return (value instanceof Array array) ? array.getArray() : value;
		}
		catch (SQLException ex) {
			throw new DataRetrievalFailureException("An array of a deleted row cannot be read.", ex);
		}
	}

}
