package io.github.deletionpolicy.data;

import java.util.Locale;

import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.catalog.LiveViews;
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
		TableName view = LiveViews.of(policy);
		TableName named = TableName.parse(policy.table());
		if (!named.mayMean(table)) {
			if (view == null || !view.mayMean(table)) {
				return null;
			}
			named = view;
		}
		return new Declared(policy, this.policies.originOf(policy.table()), named);
	}

	/**
	 * A policy and how it was found.
	 *
	 * @param policy the policy
	 * @param origin where it was said
	 * @param named its table, or its live view, by which it was found
	 */
	record Declared(DeletionPolicy policy, String origin, TableName named) {

		/**
		 * Return whether the policy is the table's in whichever schema it is found.
		 */
		boolean isCertain(TableName table) {
			return this.named.schema() == null || this.named.equals(table);
		}

		boolean keepsRows() {
			return this.policy.mode() != DeletionMode.HARD;
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
			boolean exact = table.equals(this.named);
			boolean otherExact = table.equals(other.named);
			return (exact != otherExact) ? exact : keepsRows() && !other.keepsRows();
		}

	}

}
