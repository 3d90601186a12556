package io.github.deletionpolicy.data;

import java.util.Comparator;
import java.util.Locale;
import java.util.Objects;

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
record TablePolicies(DeletionPolicyRegistry policies) {

	/**
	 * Find the policy that was declared for a table or a live view; {@code null} if none
	 * was.
	 */
	@Nullable Declared find(TableName table) {
		return this.policies.policies()
			.stream()
			.map((policy) -> declared(policy, table))
			.filter(Objects::nonNull)
			.min(Comparator.comparing((Declared it) -> !it.named().equals(table))
				.thenComparing((it) -> !it.keepsRows()))
			.orElse(null);
	}

	private @Nullable Declared declared(DeletionPolicy policy, TableName table) {
		TableName own = TableName.parse(policy.table());
		TableName named = own.mayMean(table) ? own : LiveViews.of(policy);
		return (named != null && named.mayMean(table))
				? new Declared(policy, this.policies.originOf(policy.table()), named) : null;
	}

	/**
	 * A policy and how it was found.
	 *
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

	}

}
