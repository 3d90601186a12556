package io.github.deletionpolicy.data;

import java.util.function.Supplier;

import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.DeletionExecutor;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import org.jspecify.annotations.Nullable;

import org.springframework.transaction.support.TransactionOperations;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.util.Assert;

/**
 * What a {@link PolicyAggregateTemplate} deletes with. There is a bean of it wherever
 * repositories are to obey the policies; the parts are asked for when the first delete is
 * due.
 *
 * @param executor finds tables where a name alone does not tell
 * @param operations carries deletes out; {@code null} where nothing can, which is so only
 * if no policy keeps rows
 * @param transactions opens a transaction where there is none
 * @since 0.1
 */
public record PolicyDeletes(DeletionPolicyRegistry policies, Supplier<DeletionExecutor> executor,
		Supplier<@Nullable DeleteOperations> operations, Supplier<TransactionOperations> transactions) {

	/**
	 * Return whether deletes can be left to Spring Data, as they only remove rows and
	 * there is nothing else that would.
	 */
	boolean areLeftToSpringData() {
		return this.policies.policies().stream().allMatch((policy) -> policy.mode() == DeletionMode.HARD)
				&& this.operations.get() == null;
	}

	DeleteOperations.Target from(Class<?> type) {
		DeleteOperations found = this.operations.get();
		Assert.state(found != null, "There is no DeleteTemplate, and policies keep rows.");
		return found.from(type);
	}

	/**
	 * Do the whole of something or nothing. The caller's transaction is not marked for
	 * rollback where the caller may still go on.
	 * @param deletes how many deletes it consists of; a single one needs no transaction
	 */
	void asOne(int deletes, Runnable work) {
		if (deletes < 2 || TransactionSynchronizationManager.isActualTransactionActive()) {
			work.run();
		}
		else {
			this.transactions.get().executeWithoutResult((status) -> work.run());
		}
	}

}
