package io.github.deletionpolicy.data;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import io.github.deletionpolicy.Deletion;
import io.github.deletionpolicy.DeletionExecutor;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.DeletionRequest.Subject;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.UnknownTableException;

import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.data.relational.core.mapping.RelationalMappingContext;
import org.springframework.data.relational.core.mapping.RelationalPersistentEntity;

/**
 * Says whether a policy was declared for the table of an aggregate root. Where none was,
 * Spring Data is to do exactly what it would do by itself.
 *
 * @since 0.1
 */
public class PolicyCoverage {

	private final DeletionPolicyRegistry policies;

	private final Supplier<DeletionExecutor> executor;

	private final RelationalMappingContext context;

	private final Map<Class<?>, Answer> answers = new ConcurrentHashMap<>();

	/**
	 * Create the view.
	 * @param policies the policies
	 * @param executor finds tables where a name alone does not tell
	 * @param context what Spring Data knows of the classes
	 */
	public PolicyCoverage(DeletionPolicyRegistry policies, Supplier<DeletionExecutor> executor,
			RelationalMappingContext context) {
		this.policies = policies;
		this.executor = executor;
		this.context = context;
	}

	/**
	 * Return whether there is a policy for the table of a class. Where an unqualified
	 * name has policies in some schemas only, the database is asked which table it means
	 * for the caller.
	 * @param aggregateRoot the class
	 * @return whether a delete has to obey one
	 */
	public boolean covers(Class<?> aggregateRoot) {
		return switch (this.answers.computeIfAbsent(aggregateRoot, this::byName)) {
			case YES -> true;
			case NO -> false;
			case ASK -> isDeclared(aggregateRoot);
		};
	}

	private boolean isDeclared(Class<?> aggregateRoot) {
		try {
			return isDeclared(this.executor.get().resolve(new Subject.Aggregate(aggregateRoot)).name());
		}
		catch (UnknownTableException ex) {
			return false;
		}
	}

	private Answer byName(Class<?> aggregateRoot) {
		Deletion said = AnnotatedElementUtils.findMergedAnnotation(aggregateRoot, Deletion.class);
		if (said != null && said.mode() != DeletionMode.HARD) {
			return Answer.YES;
		}
		RelationalPersistentEntity<?> entity = this.context.getPersistentEntity(aggregateRoot);
		if (entity == null) {
			return Answer.NO;
		}
		TableName table = RelationalAggregateMapping.nameOf(entity);
		TablePolicies.Declared declared = new TablePolicies(this.policies).find(table);
		if (declared == null) {
			return Answer.NO;
		}
		return declared.isCertain(table) ? Answer.YES : Answer.ASK;
	}

	private boolean isDeclared(TableName table) {
		DeletionPolicy policy = this.policies.policyFor(table.toString());
		return policy.mode() != DeletionMode.HARD || this.policies.policies().contains(policy);
	}

	private enum Answer {

		YES, NO, ASK

	}

}
