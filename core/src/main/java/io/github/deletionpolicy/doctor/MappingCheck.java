package io.github.deletionpolicy.doctor;

import java.util.List;
import java.util.function.Consumer;

import io.github.deletionpolicy.SqlIdentifiers;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.LiveViews;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.mapping.MappedColumn;

/**
 * Looks for mapped properties that write the deletion time.
 */
record MappingCheck(List<MappedColumn> writtenColumns) implements Check {

	@Override
	public void check(ReachedTable reached, Consumer<Finding> findings) {
		Column deletionTime = reached.deletionTime();
		if (reached.policy() == null || deletionTime == null) {
			return;
		}
		Table table = reached.table();
		TableName liveView = LiveViews.of(reached.policy());
		this.writtenColumns.stream()
			.filter((column) -> column.column().equals(deletionTime.name())
					&& (column.table().mayMean(table.name()) || (liveView != null && column.table().mayMean(liveView))))
			.map((column) -> new Finding(table.name(), FindingCode.MAPPED_DELETION_TIME_WRITABLE,
					"Property %s writes %s of table %s. A save of an object that was read before a delete or a restore writes the old value back: the row is live again, or is deleted without a ledger entry. Annotate the property with @ReadOnlyProperty."
						.formatted(column.property(), SqlIdentifiers.quoteIfNeeded(deletionTime.name()), table.name()),
					null))
			.forEach(findings);
	}

}
