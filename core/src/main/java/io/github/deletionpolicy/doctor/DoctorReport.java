package io.github.deletionpolicy.doctor;

import java.util.List;

import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.Table;
import org.jspecify.annotations.Nullable;

/**
 * What was found when all policies were checked.
 *
 * @param findings what does not fit, errors first
 * @param tables the tables that policies are for, in the order of the policies
 * @since 0.1
 */
public record DoctorReport(List<Finding> findings, List<Examined> tables) {

	public DoctorReport {
		findings = List.copyOf(findings);
		tables = List.copyOf(tables);
	}

	/**
	 * A table that a policy is for.
	 *
	 * @param policy the policy
	 * @param table the table
	 * @param plan what deletes from it cascade to, and what refuses them; {@code null} if
	 * that is not clear because of an error
	 */
	public record Examined(DeletionPolicy policy, Table table, @Nullable CascadePlan plan) {
	}

}
