package io.github.deletionpolicy.data;

import java.util.function.Supplier;

import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.DeletionExecutor;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import org.jspecify.annotations.Nullable;

import org.springframework.transaction.support.TransactionOperations;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * What a {@link PolicyAggregateTemplate} deletes with. There is a bean of it wherever
 * repositories are to obey the policies; the parts are asked for when the first delete is
 * due.
 *
 * @since 0.1
 */
public class PolicyDeletes {

	private final DeletionPolicyRegistry policies;

	private final Supplier<DeletionExecutor> executor;

	private final Supplier<@Nullable DeleteOperations> operations;

	private final Supplier<TransactionOperations> transactions;

	/**
	 * Create them.
	 * @param policies the policies
	 * @param executor finds tables where a name alone does not tell
	 * @param operations carries deletes out; {@code null} where nothing can, which is so
	 * only if no policy keeps rows
	 * @param transactions opens a transaction where there is none
	 */
	public PolicyDeletes(DeletionPolicyRegistry policies, Supplier<DeletionExecutor> executor,
			Supplier<@Nullable DeleteOperations> operations, Supplier<TransactionOperations> transactions) {
		this.policies = policies;
		this.executor = executor;
		this.operations = operations;
		this.transactions = transactions;
	}

	DeletionPolicyRegistry policies() {
		return this.policies;
	}

	DeletionExecutor executor() {
		return this.executor.get();
	}

	/**
	 * Return whether deletes can be left to Spring Data, as they only remove rows and
	 * there is nothing else that would.
	 */
	boolean areLeftToSpringData() {
		return this.policies.policies().stream().allMatch((policy) -> policy.mode() == DeletionMode.HARD)
				&& this.operations.get() == null;
	}

	DeleteOperations operations() {
		DeleteOperations found = this.operations.get();
		if (found == null) {
			throw new IllegalStateException("There is no DeleteTemplate, and policies keep rows.");
		}
		return found;
	}

	/**
	 * Do the whole of something or nothing. The caller's transaction is not marked for
	 * rollback where the caller may still go on.
	 */
	void asOne(Runnable work) {
		if (TransactionSynchronizationManager.isActualTransactionActive()) {
			work.run();
		}
		else {
			this.transactions.get().executeWithoutResult((status) -> work.run());
		}
	}

}
