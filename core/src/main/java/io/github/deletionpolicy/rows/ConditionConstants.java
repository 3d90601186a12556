package io.github.deletionpolicy.rows;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.rows.RowCondition.AllOf;
import io.github.deletionpolicy.rows.RowCondition.Always;
import io.github.deletionpolicy.rows.RowCondition.AnyOf;
import io.github.deletionpolicy.rows.RowCondition.Is;
import io.github.deletionpolicy.rows.RowCondition.Not;
import io.github.deletionpolicy.rows.RowCondition.State;

/**
 * Takes out of conditions what is known to be true or false whatever the row.
 *
 * @param notNull whether a column is never null
 */
record ConditionConstants(Predicate<String> notNull) {

	/**
	 * Knows nothing of any column.
	 */
	static final ConditionConstants ANY_TABLE = new ConditionConstants((column) -> false);

	static ConditionConstants of(Table table) {
		return new ConditionConstants((column) -> table.columnNamed(column).notNull());
	}

	RowCondition fold(RowCondition condition) {
		if (condition instanceof AllOf all) {
			return joined(foldAll(all.members()), true);
		}
		if (condition instanceof AnyOf any) {
			return joined(foldAll(any.members()), false);
		}
		if (condition instanceof Not not) {
			return fold(not.member()).negated();
		}
		if (condition instanceof Is is && (is.state() == State.NULL || is.state() == State.NOT_NULL)
				&& this.notNull.test(is.column())) {
			return new Always(is.state() == State.NOT_NULL);
		}
		return condition;
	}

	/**
	 * Without a stream, whose frames would fill the stack where conditions are nested
	 * deeply.
	 */
	private List<RowCondition> foldAll(List<RowCondition> members) {
		List<RowCondition> folded = new ArrayList<>(members.size());
		for (RowCondition member : members) {
			folded.add(fold(member));
		}
		return folded;
	}

	/**
	 * Join conditions by {@code AND} or by {@code OR}.
	 * @param neutral what says nothing in such a chain and what an empty one is; the
	 * opposite decides it
	 */
	static RowCondition joined(List<? extends RowCondition> conditions, boolean neutral) {
		if (conditions.contains(new Always(!neutral))) {
			return new Always(!neutral);
		}
		List<RowCondition> open = new ArrayList<>(conditions);
		open.removeIf(new Always(neutral)::equals);
		if (open.size() < 2) {
			return open.isEmpty() ? new Always(neutral) : open.get(0);
		}
		return neutral ? new AllOf(open) : new AnyOf(open);
	}

}
