package io.github.deletionpolicy;

import java.time.Duration;
import java.util.UUID;

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
	 * @param executor carries the deletes out
	 */
	public DeleteTemplate(DeletionPolicyRegistry policies, DeletionExecutor executor) {
		this.policies = policies;
		this.executor = executor;
	}

	@Override
	public Target from(String table) {
		return new DeletionSteps.TargetStep(this, new DeletionTarget.Table(table));
	}

	@Override
	public Target from(Class<?> aggregateRoot) {
		return new DeletionSteps.TargetStep(this, new DeletionTarget.Aggregate(aggregateRoot));
	}

	@Override
	public RestoreResult restore(UUID operationId) {
		return this.executor.restore(operationId);
	}

	@Override
	public RestoreTarget restoreFrom(String table) {
		return new DeletionSteps.RestoreTargetStep(this, new DeletionTarget.Table(table));
	}

	@Override
	public RestoreTarget restoreFrom(Class<?> aggregateRoot) {
		return new DeletionSteps.RestoreTargetStep(this, new DeletionTarget.Aggregate(aggregateRoot));
	}

	private DeletionOrder decide(DeletionCall call) {
		TableName table = this.executor.resolve(call.target());
		DeletionPolicy policy = this.policies.policyFor(table.toString());
		DeletionMode said = call.mode();
		DeletionMode mode = (said != null) ? said : policy.mode();
		ModeSource source = (said != null) ? ModeSource.CALL
				: isDeclared(policy) ? ModeSource.TABLE : ModeSource.FALLBACK;
		if (source == ModeSource.FALLBACK) {
			refuseUnreadAnnotation(call.target(), table);
		}
		return new DeletionOrder(call.target(), table, call.selection(), mode, source, delayOf(call, mode, policy),
				policy, call.cascade(), call.includingDeleted(), call.reason());
	}

	/**
	 * A class that says how to keep its rows and was not found when the application
	 * started must not lose them.
	 */
	private static void refuseUnreadAnnotation(DeletionTarget target, TableName table) {
		if (!(target instanceof DeletionTarget.Aggregate aggregate)) {
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

	private boolean isDeclared(DeletionPolicy policy) {
		return policy.mode() != DeletionMode.HARD || this.policies.policies().contains(policy);
	}

	private static Duration delayOf(DeletionCall call, DeletionMode mode, DeletionPolicy policy) {
		if (mode != DeletionMode.SCHEDULED) {
			return Duration.ZERO;
		}
		Duration said = call.delay();
		if (said != null) {
			return said;
		}
		return (policy instanceof DeletionPolicy.Scheduled scheduled) ? scheduled.delay() : Duration.ZERO;
	}

	RestoreResult restore(DeletionTarget target, RowSelection selection) {
		TableName table = this.executor.resolve(target);
		return this.executor.restore(target, this.policies.policyFor(table.toString()), selection);
	}

	DeletionResult execute(DeletionCall call) {
		return this.executor.delete(decide(call));
	}

	<T> DeletedRows<T> execute(DeletionCall call, Class<T> rowType) {
		return this.executor.deleteReturning(decide(call), rowType);
	}

	DeletionPreview preview(DeletionCall call) {
		return this.executor.preview(decide(call));
	}

	AsyncDeletion executeAsync(DeletionCall call, AsyncOptions options) {
		refuseScheduledByName(call);
		DeletionOrder order = decide(call);
		if (order.mode() == DeletionMode.SCHEDULED) {
			throw asyncScheduled(order.table().toString());
		}
		return this.executor.deleteAsync(order, options);
	}

	/**
	 * Refuse without a look at the database where the delete is scheduled in whichever
	 * schema the table is found.
	 */
	private void refuseScheduledByName(DeletionCall call) {
		if (call.mode() == null && call.target() instanceof DeletionTarget.Table target) {
			TableName written = TableName.parse(target.name());
			if ((written.schema() != null) ? isScheduled(written) : isScheduledInEverySchema(written)) {
				throw asyncScheduled(written.toString());
			}
		}
	}

	private boolean isScheduled(TableName qualified) {
		return this.policies.policyFor(qualified.toString()).mode() == DeletionMode.SCHEDULED;
	}

	private boolean isScheduledInEverySchema(TableName unqualified) {
		boolean forEverySchema = false;
		for (DeletionPolicy policy : this.policies.policies()) {
			TableName table = TableName.parse(policy.table());
			if (table.mayMean(unqualified)) {
				if (policy.mode() != DeletionMode.SCHEDULED) {
					return false;
				}
				forEverySchema |= table.equals(unqualified);
			}
		}
		return forEverySchema;
	}

	private AsyncScheduledDeletionException asyncScheduled(String table) {
		return new AsyncScheduledDeletionException(
				("A delete from %s is scheduled (said by %s), and a scheduled delete "
						+ "has no executeAsync(): it marks rows in your transaction now and purges them later by itself. "
						+ "Write execute() for that, or .hard().executeAsync() to remove the rows for good in the background.")
					.formatted(table, this.policies.originOf(table)));
	}

}
