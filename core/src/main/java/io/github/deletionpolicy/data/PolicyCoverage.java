package io.github.deletionpolicy.data;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

import io.github.deletionpolicy.Deletion;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.DeletionRequest.Subject;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.UnknownTableException;
import io.github.deletionpolicy.data.TablePolicies.Declared;

import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.data.relational.core.mapping.RelationalMappingContext;
import org.springframework.data.relational.core.mapping.RelationalPersistentEntity;

/**
 * Says whether a policy was declared for the table of an aggregate root. Where none was,
 * Spring Data is to do exactly what it would do by itself.
 */
class PolicyCoverage {

	private final PolicyDeletes deletes;

	private final RelationalMappingContext context;

	private final Map<Class<?>, BooleanSupplier> answers = new ConcurrentHashMap<>();

	PolicyCoverage(PolicyDeletes deletes, RelationalMappingContext context) {
		this.deletes = deletes;
		this.context = context;
	}

	/**
	 * Return whether deletes of a class have to obey a policy. Where an unqualified name
	 * has policies in some schemas only, the database is asked which table it means for
	 * the caller.
	 */
	boolean covers(Class<?> aggregateRoot) {
		return this.answers.computeIfAbsent(aggregateRoot, this::byName).getAsBoolean()
				&& !this.deletes.areLeftToSpringData();
	}

	private BooleanSupplier byName(Class<?> aggregateRoot) {
		Deletion said = AnnotatedElementUtils.findMergedAnnotation(aggregateRoot, Deletion.class);
		if (said != null && said.mode() != DeletionMode.HARD) {
			return () -> true;
		}
		RelationalPersistentEntity<?> entity = this.context.getPersistentEntity(aggregateRoot);
		TableName table = (entity != null) ? RelationalAggregateMapping.nameOf(entity) : null;
		Declared declared = (table != null) ? new TablePolicies(this.deletes.policies()).find(table) : null;
		if (table == null || declared == null) {
			return () -> false;
		}
		return declared.isCertain(table) ? () -> true : () -> isDeclared(aggregateRoot);
	}

	private boolean isDeclared(Class<?> aggregateRoot) {
		DeletionPolicyRegistry policies = this.deletes.policies();
		try {
			TableName table = this.deletes.executor().get().resolve(new Subject.Aggregate(aggregateRoot)).name();
			DeletionPolicy policy = policies.policyFor(table.toString());
			return policy.mode() != DeletionMode.HARD || policies.policies().contains(policy);
		}
		catch (UnknownTableException ex) {
			return false;
		}
	}

}
