package io.github.deletionpolicy.catalog;

import java.util.List;
import java.util.Objects;
import java.util.function.Function;

import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.TableName;
import org.jspecify.annotations.Nullable;

/**
 * Says which column of a table carries the deletion time: the one that its policy names,
 * else the one that is the default.
 *
 * @param policies the policies
 * @param defaultColumn the column where a policy names none, as written
 * @param recorded the columns that carried the deletion time of a table at any time: a
 * policy that is removed changes nothing that is pending
 */
public record DeletionTimeColumns(DeletionPolicyRegistry policies, String defaultColumn,
		Function<TableName, List<String>> recorded) {

	/**
	 * Return the same view with another source of recorded columns.
	 */
	public DeletionTimeColumns withRecorded(Function<TableName, List<String>> recorded) {
		return new DeletionTimeColumns(this.policies, this.defaultColumn, recorded);
	}

	/**
	 * Return the column that a policy means.
	 * @throws io.github.deletionpolicy.UnsupportedTableException if there is none, or it
	 * cannot carry a deletion time
	 */
	public Column of(DeletionPolicy policy, Table table) {
		return table.deletionTime(nameOf(policy));
	}

	/**
	 * Return the column of a table, whatever its policy.
	 * @return the column; {@code null} if it has none
	 * @throws io.github.deletionpolicy.UnsupportedTableException if its policy keeps rows
	 * and there is no column for that
	 */
	public @Nullable Column find(Table table) {
		DeletionPolicy policy = policyOf(table);
		if (!(policy instanceof DeletionPolicy.Hard)) {
			return of(policy, table);
		}
		Column column = usable(table, this.defaultColumn);
		return (column != null) ? column
				: this.recorded.apply(table.name())
					.stream()
					.map((name) -> usable(table, name))
					.filter(Objects::nonNull)
					.findFirst()
					.orElse(null);
	}

	private static @Nullable Column usable(Table table, String name) {
		Column column = table.find(name);
		return (column != null && column.type().isDeletionTime() && !column.notNull()) ? column : null;
	}

	/**
	 * Return the column of a table to which a delete cascades.
	 * @return the column; {@code null} if it has none
	 * @throws io.github.deletionpolicy.UnsupportedTableException if it has one that
	 * cannot carry a deletion time: its live rows would go unseen
	 */
	@Nullable Column findBelow(Table table) {
		Column column = find(table);
		return (column != null || table.find(this.defaultColumn) == null) ? column
				: table.deletionTime(this.defaultColumn);
	}

	/**
	 * Return the condition that holds deleted rows of a table; {@code null} for none.
	 */
	public @Nullable String holdCondition(Table table) {
		return (policyOf(table) instanceof DeletionPolicy.Scheduled scheduled) ? scheduled.holdCondition() : null;
	}

	/**
	 * A partition has the policy of the table that it is a part of, unless it has its
	 * own.
	 */
	private DeletionPolicy policyOf(Table table) {
		DeletionPolicy policy = this.policies.policyFor(table.name().toString());
		TableName whole = table.partitionOf();
		return (policy instanceof DeletionPolicy.Hard && whole != null) ? this.policies.policyFor(whole.toString())
				: policy;
	}

	/**
	 * Return the name of the column that a policy means, as written there, or the default
	 * one.
	 */
	public String nameOf(DeletionPolicy policy) {
		String written = (policy instanceof DeletionPolicy.Soft soft) ? soft.deletionTimeColumn()
				: (policy instanceof DeletionPolicy.Scheduled scheduled) ? scheduled.deletionTimeColumn() : null;
		return (written != null) ? written : this.defaultColumn;
	}

}
