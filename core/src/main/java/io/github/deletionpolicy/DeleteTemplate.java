package io.github.deletionpolicy;

import java.util.List;
import java.util.UUID;

import io.github.deletionpolicy.DeletionExecutor.ResolvedTable;
import io.github.deletionpolicy.DeletionRequest.Selection;
import io.github.deletionpolicy.DeletionRequest.Subject;

import org.springframework.core.annotation.AnnotatedElementUtils;

/**
 * Decides what a delete means (the call's mode, else the table's policy, else hard) and
 * has it carried out. Thread-safe; inject it and keep it.
 *
 * @since 0.1
 */
public class DeleteTemplate implements DeleteOperations {

	private final DeletionPolicyRegistry policies;

	private final DeletionExecutor executor;

	/**
	 * Create a template.
	 * @param policies what each table's policy is
	 * @param executor carries the deletes out; the starter passes its
	 * {@code JdbcDeletionExecutor}
	 */
	public DeleteTemplate(DeletionPolicyRegistry policies, DeletionExecutor executor) {
		this.policies = policies;
		this.executor = executor;
	}

	@Override
	public Target from(String table) {
		return new DeletionSteps.TargetStep(this, new Subject.Table(table));
	}

	@Override
	public Target from(Class<?> aggregateRoot) {
		return new DeletionSteps.TargetStep(this, new Subject.Aggregate(aggregateRoot));
	}

	@Override
	public RestoreResult restore(UUID operationId) {
		return this.executor.restore(operationId);
	}

	@Override
	public RestoreTarget restoreFrom(String table) {
		return new DeletionSteps.RestoreTargetStep(this, new Subject.Table(table));
	}

	@Override
	public RestoreTarget restoreFrom(Class<?> aggregateRoot) {
		return new DeletionSteps.RestoreTargetStep(this, new Subject.Aggregate(aggregateRoot));
	}

	private DeletionRequest resolve(DeletionRequest request) {
		ResolvedTable table = this.executor.resolve(request.selection().subject());
		DeletionPolicy policy = this.policies.policyFor(table.name().toString());
		ModeSource source = (request.modeOfCall() != null) ? ModeSource.CALL
				: isDeclared(policy) ? ModeSource.TABLE : ModeSource.FALLBACK;
		if (source == ModeSource.FALLBACK) {
			refuseUnreadAnnotation(request.selection().subject(), table.name());
		}
		return request.resolved(table, policy, source);
	}

	private boolean isDeclared(DeletionPolicy policy) {
		return policy.mode() != DeletionMode.HARD || this.policies.policies().contains(policy);
	}

	/**
	 * A class that says how to keep its rows and was not found when the application
	 * started must not lose them.
	 */
	private static void refuseUnreadAnnotation(Subject subject, TableName table) {
		if (!(subject instanceof Subject.Aggregate aggregate)) {
			return;
		}
		Deletion said = AnnotatedElementUtils.findMergedAnnotation(aggregate.type(), Deletion.class);
		if (said != null && said.mode() != DeletionMode.HARD) {
			throw new UnsupportedTableException(
					("Class %s says @Deletion(mode = %s), but it was not found when the application started, so table %s has no policy. "
							+ "Name its package with @EntityScan, declare the policy under deletion-policy.tables, or write .hard() to remove the rows.")
						.formatted(aggregate.type().getName(), said.mode(), table));
		}
	}

	DeletionResult execute(DeletionRequest request) {
		return this.executor.delete(resolve(request));
	}

	<T> DeletedRows<T> execute(DeletionRequest request, Class<T> rowType) {
		return this.executor.deleteReturning(resolve(request), rowType);
	}

	DeletionPreview preview(DeletionRequest request) {
		return this.executor.preview(resolve(request));
	}

	RestoreResult restore(Selection selection) {
		ResolvedTable table = this.executor.resolve(selection.subject());
		return this.executor.restore(table, this.policies.policyFor(table.name().toString()), selection);
	}

	AsyncDeletion executeAsync(DeletionRequest request, AsyncOptions options) {
		refuseScheduledByName(request);
		DeletionRequest resolved = resolve(request);
		if (resolved.mode() == DeletionMode.SCHEDULED) {
			throw asyncScheduled(resolved.table().name().toString());
		}
		return this.executor.deleteAsync(resolved, options);
	}

	/**
	 * Refuse without a look at the database where the delete is scheduled in whichever
	 * schema the table is found.
	 */
	private void refuseScheduledByName(DeletionRequest request) {
		if (request.modeOfCall() == null && request.selection().subject() instanceof Subject.Table table) {
			TableName written = TableName.parse(table.name());
			if ((written.schema() != null) ? isScheduled(written) : isScheduledInEverySchema(written)) {
				throw asyncScheduled(written.toString());
			}
		}
	}

	private boolean isScheduled(TableName qualified) {
		return this.policies.policyFor(qualified.toString()).mode() == DeletionMode.SCHEDULED;
	}

	private boolean isScheduledInEverySchema(TableName unqualified) {
		List<DeletionPolicy> namesakes = this.policies.policies()
			.stream()
			.filter((policy) -> TableName.parse(policy.table()).mayMean(unqualified))
			.toList();
		return namesakes.stream().anyMatch((policy) -> TableName.parse(policy.table()).equals(unqualified))
				&& namesakes.stream().allMatch((policy) -> policy.mode() == DeletionMode.SCHEDULED);
	}

	private AsyncScheduledDeletionException asyncScheduled(String table) {
		return new AsyncScheduledDeletionException(("A delete from %s is scheduled (set by %s), and a scheduled delete "
				+ "has no executeAsync(): it stamps rows in your transaction now, and the purge removes them later. "
				+ "Write execute() for that, or .hard().executeAsync() to remove the rows for good in the background.")
			.formatted(table, this.policies.originOf(table)));
	}

}
