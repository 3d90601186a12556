package io.github.deletionpolicy.doctor;

import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.Table;
import org.jspecify.annotations.Nullable;

/**
 * A table that a policy is for, or that deletes from that table cascade to.
 *
 * @param policy the policy; {@code null} if deletes cascade to the table
 * @param needsKey whether its rows have to be identified
 * @param named the name of the column that is for the deletion time; {@code null} if
 * there need not be one, or another policy names it
 * @param deletionTime the column that carries it; {@code null} if there is none that can
 * @param plan what deletes cascade to; {@code null} if they cascade to the table, or that
 * is not clear because of an error
 */
record ReachedTable(Table table, @Nullable DeletionPolicy policy, boolean needsKey, @Nullable String named,
		@Nullable Column deletionTime, @Nullable CascadePlan plan) {

	boolean isScheduled() {
		return this.policy instanceof DeletionPolicy.Scheduled;
	}

	ReachedTable with(@Nullable CascadePlan known) {
		return new ReachedTable(this.table, this.policy, this.needsKey, this.named, this.deletionTime, known);
	}

}
