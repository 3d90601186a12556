package io.github.deletionpolicy.data;

import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.mapping.AggregateMapping;
import org.jspecify.annotations.Nullable;

import org.springframework.transaction.support.TransactionOperations;

/**
 * What a repository needs to obey the policies. Each part is asked for when it is needed
 * and not before: repositories are prepared while the beans are still being made.
 *
 * @since 0.1
 */
public interface RepositoryParts {

	/**
	 * Return whether the policies are for the database that the repository is of. Asked
	 * for when a repository is made.
	 * @return whether; {@code true} where nobody can tell
	 */
	boolean areInTheSameDatabase();

	/**
	 * Return the policies. Asked for when a repository is made.
	 * @return the policies
	 */
	DeletionPolicyRegistry policies();

	/**
	 * Return the mapping that deletes by class use. Asked for when a repository is made.
	 * @return the mapping
	 */
	AggregateMapping mapping();

	/**
	 * Return what deletes go through.
	 * @return the operations; {@code null} where nothing can be deleted by policy
	 */
	@Nullable DeleteOperations deletes();

	/**
	 * Return what joins the caller's transaction, or opens one.
	 * @return the transactions that deletes run in
	 */
	TransactionOperations transactions();

	/**
	 * Report a derived delete that cannot obey its policy. Where this returns, Spring
	 * Data's own delete is left in place, which removes the rows for good.
	 * @param description what is wrong, in whole sentences
	 * @param action what to write instead, in whole sentences
	 */
	void cannotObey(String description, String action);

}
