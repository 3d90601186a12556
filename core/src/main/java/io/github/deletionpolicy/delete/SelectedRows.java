package io.github.deletionpolicy.delete;

import java.util.List;

import io.github.deletionpolicy.AggregateMapping;
import io.github.deletionpolicy.DeletionTarget;
import io.github.deletionpolicy.InvalidIdException;
import io.github.deletionpolicy.RowSelection;
import io.github.deletionpolicy.UnknownColumnException;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.KeyReader;
import io.github.deletionpolicy.catalog.Sql;
import io.github.deletionpolicy.catalog.Table;

/**
 * Reads what a caller selected into a condition on the row {@code t}. What is said of a
 * class goes through its mapping.
 */
class SelectedRows {

	private final AggregateMapping mapping;

	SelectedRows(AggregateMapping mapping) {
		this.mapping = mapping;
	}

	Sql condition(DeletionTarget target, Table table, RowSelection selection) {
		if (selection instanceof RowSelection.ByIds byIds) {
			KeyReader reader = new KeyReader(table);
			return (target instanceof DeletionTarget.Aggregate aggregate)
					? condition(aggregate.type(), reader, byIds.ids()) : reader.read(byIds.ids());
		}
		if (selection instanceof RowSelection.ByCriteria byCriteria) {
			return reader(target, table).read(byCriteria.criteria());
		}
		return Sql.of("true");
	}

	private Sql condition(Class<?> type, KeyReader reader, List<?> ids) {
		List<Object> keys = ids.stream().<Object>map((id) -> this.mapping.keyOf(type, id)).toList();
		try {
			return reader.read(keys);
		}
		catch (InvalidIdException ex) {
			throw new InvalidIdException(
					"An id of class %s does not fit its table. %s".formatted(type.getName(), ex.getMessage()));
		}
	}

	private CriteriaReader reader(DeletionTarget target, Table table) {
		if (target instanceof DeletionTarget.Aggregate aggregate) {
			return new CriteriaReader((name) -> column(aggregate.type(), table, name),
					(name, value) -> this.mapping.columnValueOf(aggregate.type(), name, value));
		}
		return new CriteriaReader(table::column, (name, value) -> value);
	}

	private Column column(Class<?> type, Table table, String name) {
		String mapped = this.mapping.columnOf(type, name);
		Column column = table.find((mapped != null) ? mapped : name);
		if (column == null) {
			throw new UnknownColumnException(
					"Class %s has no property '%s' with a column of its own, and table %s no such column. The columns are: %s."
						.formatted(type.getName(), name, table.name(), String.join(", ", table.columns().keySet())));
		}
		return column;
	}

}
