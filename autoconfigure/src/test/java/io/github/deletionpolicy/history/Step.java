package io.github.deletionpolicy.history;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What a client does next.
 *
 * @param kind what kind of operation
 * @param relation in which table
 * @param id which row, or a number to choose an operation by
 * @param other another row or value, where one is needed
 * @param delay after which the rows of a scheduled delete are due, or how long a
 * transaction stays open
 * @param changed whether by the application in which the policies were changed
 * @param fault what goes wrong with its connections
 * @param transaction what a transaction consists of
 */
record Step(OperationKind kind, Relation relation, long id, long other, Duration delay, boolean changed, Fault fault,
		Transaction transaction) {

	Step without(int position) {
		List<Step> fewer = new ArrayList<>(this.transaction.steps());
		fewer.remove(position);
		return new Step(this.kind, this.relation, this.id, this.other, this.delay, this.changed, this.fault,
				new Transaction(fewer, this.transaction.ending(), this.transaction.strict()));
	}

	Step withoutFault() {
		return new Step(this.kind, this.relation, this.id, this.other, this.delay, this.changed, Fault.NONE,
				this.transaction);
	}

	@Override
	public String toString() {
		if (this.kind == OperationKind.TRANSACTION) {
			return "TRANSACTION%s %s, open for %d ms, %s%s".formatted(
					this.transaction.strict() ? " (repeatable read)" : "", this.transaction.steps(),
					this.delay.toMillis(), this.transaction.ending(), this.fault);
		}
		return "%s %s %d (%d, %d ms%s)%s".formatted(this.kind, this.relation.table(), this.id, this.other,
				this.delay.toMillis(), this.changed ? ", changed policies" : "", this.fault);
	}

	/**
	 * A transaction of the caller.
	 *
	 * @param steps what is done in it
	 * @param ending how it ends
	 * @param strict whether in REPEATABLE READ
	 */
	record Transaction(List<Step> steps, Ending ending, boolean strict) {

		static final Transaction NONE = new Transaction(List.of(), Ending.COMMIT, false);

	}

	/**
	 * How a transaction ends.
	 */
	enum Ending {

		COMMIT, ROLLBACK,
		/** Its last step is rolled back to a savepoint, then it is committed. */
		SAVEPOINT

	}

}
