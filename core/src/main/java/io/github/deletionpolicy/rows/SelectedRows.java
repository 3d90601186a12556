package io.github.deletionpolicy.rows;

import java.util.List;
import java.util.Map;

import io.github.deletionpolicy.DeletionRequest.Selection;
import io.github.deletionpolicy.DeletionRequest.Subject;
import io.github.deletionpolicy.InvalidIdException;
import io.github.deletionpolicy.UnknownColumnException;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.mapping.AggregateMapping;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a caller selected into a condition on the rows of a table. What is said of a
 * class goes through its mapping.
 */
public record SelectedRows(AggregateMapping mapping) {

	public RowCondition condition(Selection selection, Table table) {
		Class<?> type = (selection.subject() instanceof Subject.Aggregate aggregate) ? aggregate.type() : null;
		if (selection instanceof Selection.ByIds byIds) {
			KeyReader reader = new KeyReader(table);
			return (type != null) ? condition(type, reader, byIds.ids()) : reader.read(byIds.ids());
		}
		if (selection instanceof Selection.ByCriteria byCriteria) {
			CriteriaNames names = (type != null) ? new Properties(this.mapping, type, table) : table::column;
			return new CriteriaReader(table, names).read(byCriteria.criteria());
		}
		return new RowCondition.Always(true);
	}

	private RowCondition condition(Class<?> type, KeyReader reader, List<?> ids) {
		List<Object> keys = ids.stream().<Object>map((id) -> this.mapping.keyOf(type, id)).toList();
		try {
			return reader.read(keys);
		}
		catch (InvalidIdException ex) {
			throw new InvalidIdException(
					"An id of class %s does not fit its table. %s".formatted(type.getName(), ex.getMessage()));
		}
	}

	private record Properties(AggregateMapping mapping, Class<?> type, Table table) implements CriteriaNames {

		@Override
		public Column column(String name) {
			String mapped = this.mapping.columnOf(this.type, name);
			Column column = this.table.find((mapped != null) ? mapped : name);
			if (column == null) {
				throw new UnknownColumnException(
						"Class %s has no property '%s' with a column of its own, and table %s no such column. The columns are: %s."
							.formatted(this.type.getName(), name, this.table.name(),
									String.join(", ", this.table.columns().keySet())));
			}
			return column;
		}

		@Override
		public Object value(String name, Object value) {
			return this.mapping.columnValueOf(this.type, name, value);
		}

		@Override
		public @Nullable Map<String, Object> values(String name, Object value) {
			return this.mapping.columnValuesOf(this.type, name, value);
		}

	}

}
