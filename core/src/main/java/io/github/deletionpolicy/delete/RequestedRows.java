package io.github.deletionpolicy.delete;

import io.github.deletionpolicy.DeletionRequest;
import io.github.deletionpolicy.ModeSource;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.rows.SelectedRows;
import io.github.deletionpolicy.sql.Sql;

/**
 * Which rows of its table a request is about.
 *
 * @param selected reads what the caller selected
 */
public record RequestedRows(SelectedRows selected) {

	/**
	 * Return the condition on the row {@code t} of the table.
	 */
	public Sql of(DeletionRequest request, Table table) {
		refuseFallbackOnPartition(request, table);
		return this.selected.condition(request.selection(), table).on(table);
	}

	/**
	 * A delete by a partition's name must not bypass the policy of the whole table.
	 */
	public static void refuseFallbackOnPartition(DeletionRequest request, Table table) {
		if (request.source() == ModeSource.FALLBACK && table.partitionOf() != null) {
			throw new UnsupportedTableException(
					("Table %s is a partition of %s and has no policy of its own, so a plain delete would be a hard one "
							+ "whatever the policy of %s. Name %s, or write .hard().")
						.formatted(table.name(), table.partitionOf(), table.partitionOf(), table.partitionOf()));
		}
	}

	/**
	 * Return which of those rows a stamped delete stamps.
	 */
	static Sql stampable(DeletionRequest request, Column deletionTime, Sql rows) {
		return request.includingDeleted() ? rows
				: Sql.of("(").add(rows).add(") AND " + deletionTime.toSql("t") + " IS NULL");
	}

}
