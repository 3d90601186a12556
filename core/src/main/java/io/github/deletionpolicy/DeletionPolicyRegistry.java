package io.github.deletionpolicy;

import java.util.Collection;

/**
 * Knows the {@link DeletionPolicy} of every table. Never touches the database.
 *
 * @since 0.1
 */
public interface DeletionPolicyRegistry {

	/**
	 * Return the policy of a table. A policy for {@code schema.table} overrides one for
	 * {@code table}, which holds in every schema. An unqualified name finds a qualified
	 * policy only where that is the only one for a table of this name.
	 * @param table name of the table by SQL's identifier rules: {@code users},
	 * {@code Users} and {@code "users"} are one table, {@code "Users"} is another
	 * @return the table's policy; a {@link DeletionPolicy.Hard} one if none was declared
	 * @throws org.springframework.dao.InvalidDataAccessApiUsageException if the name is
	 * malformed, or fits qualified policies of several schemas
	 */
	DeletionPolicy policyFor(String table);

	/**
	 * Return all declared policies.
	 * @return the policies, in the order in which they were declared
	 */
	Collection<DeletionPolicy> policies();

	/**
	 * Say where the policy of a table was declared, for messages.
	 * @param table name of the table by SQL's identifier rules
	 * @return a phrase such as {@code application.yml, line 12}
	 */
	default String originOf(String table) {
		return "the table's policy";
	}

}
