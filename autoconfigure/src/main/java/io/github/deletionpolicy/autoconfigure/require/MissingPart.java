package io.github.deletionpolicy.autoconfigure.require;

import java.util.List;
import java.util.stream.Collectors;

import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.InvalidDeletionPolicyException;
import org.jspecify.annotations.Nullable;

/**
 * Something that policies need and the application does not have, or has more than once.
 *
 * @param complaint what is wrong, as a whole sentence
 * @param action what to write, in whole sentences
 */
public record MissingPart(String complaint, String action) {

	/**
	 * Stop the start if rows are to be kept: to back off would mean to remove them.
	 * @param policies the policies
	 * @throws InvalidDeletionPolicyException if there is a soft or a scheduled one
	 */
	public void refuse(DeletionPolicyRegistry policies) {
		String keeping = keeping(policies);
		if (keeping != null) {
			throw new InvalidDeletionPolicyException("Policies keep rows of %s. %s".formatted(keeping, this.complaint),
					this.action);
		}
	}

	/**
	 * Return whose rows are to be kept.
	 * @param policies the policies
	 * @return the tables, and where it was said; {@code null} if there is none
	 */
	public static @Nullable String keeping(DeletionPolicyRegistry policies) {
		List<String> keeping = policies.policies()
			.stream()
			.filter((policy) -> policy.mode() != DeletionMode.HARD)
			.map((policy) -> "'%s' (%s)".formatted(policy.table(), policies.originOf(policy.table())))
			.toList();
		return keeping.isEmpty() ? null : keeping.stream().limit(3).collect(Collectors.joining(", "))
				+ ((keeping.size() > 3) ? " and %d more".formatted(keeping.size() - 3) : "");
	}

	@Override
	public String toString() {
		return this.complaint + " " + this.action;
	}

}
