package io.github.deletionpolicy.data;

import java.util.Locale;

import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.TableName;
import org.jspecify.annotations.Nullable;

/**
 * Finds the policy that was declared for a table, or for the table behind a live view,
 * without a look at the database. Which schema a name means is not known before a
 * connection is there, so a policy counts if it may be meant, and one that keeps rows
 * counts before one that does not.
 */
class TablePolicies {

	private final DeletionPolicyRegistry policies;

	TablePolicies(DeletionPolicyRegistry policies) {
		this.policies = policies;
	}

	/**
	 * Find a declared policy.
	 * @param table the table, or the live view
	 * @return the policy; {@code null} if none was declared
	 */
	@Nullable Declared find(TableName table) {
		@Nullable Declared best = null;
		for (DeletionPolicy policy : this.policies.policies()) {
			Declared candidate = declared(policy, table);
			if (candidate != null && (best == null || candidate.goesBefore(best, table))) {
				best = candidate;
			}
		}
		return best;
	}

	private @Nullable Declared declared(DeletionPolicy policy, TableName table) {
		if (TableName.parse(policy.table()).mayMean(table)) {
			return new Declared(policy, this.policies.originOf(policy.table()), false);
		}
		String view = liveView(policy);
		return (view != null && TableName.parse(view).mayMean(table))
				? new Declared(policy, this.policies.originOf(policy.table()), true) : null;
	}

	private static @Nullable String liveView(DeletionPolicy policy) {
		if (policy instanceof DeletionPolicy.Soft soft) {
			return soft.liveView();
		}
		return (policy instanceof DeletionPolicy.Scheduled scheduled) ? scheduled.liveView() : null;
	}

	/**
	 * A policy and how it was found.
	 *
	 * @param policy the policy
	 * @param origin where it was said
	 * @param byLiveView whether the name was that of its live view
	 */
	record Declared(DeletionPolicy policy, String origin, boolean byLiveView) {

		boolean keepsRows() {
			return this.policy.mode() != DeletionMode.HARD;
		}

		@Nullable String deletionTimeColumn() {
			if (this.policy instanceof DeletionPolicy.Soft soft) {
				return soft.deletionTimeColumn();
			}
			return (this.policy instanceof DeletionPolicy.Scheduled scheduled) ? scheduled.deletionTimeColumn() : null;
		}

		/**
		 * Say whose policy it is, as in {@code table users, whose policy is soft
		 * (application.yml, line 3)}.
		 */
		@Override
		public String toString() {
			return "table %s, whose policy is %s (%s)".formatted(TableName.parse(this.policy.table()),
					this.policy.mode().name().toLowerCase(Locale.ROOT), this.origin);
		}

		private boolean goesBefore(Declared other, TableName table) {
			boolean exact = table.equals(TableName.parse(this.policy.table()));
			boolean otherExact = table.equals(TableName.parse(other.policy.table()));
			return (exact != otherExact) ? exact : keepsRows() && !other.keepsRows();
		}

	}

}
