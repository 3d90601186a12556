package io.github.deletionpolicy.autoconfigure.require;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionCallback;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * How everything here talks to the database. The application's own {@code JdbcTemplate}
 * may carry limits that must not apply (a fetch size, a maximum of rows, a timeout).
 *
 * @param jdbc runs statements in the transaction at hand
 * @param callers joins the caller's transaction, or opens one
 * @param workers opens a new transaction in READ COMMITTED: in a stricter one a batch
 * would not see what committed while it waited for a lock
 * @param plain opens a new transaction and leaves the rest to its first statement: to ask
 * the driver for the isolation level costs a round trip
 * @param outside lays the transaction at hand aside, for listeners of what was committed
 * in it
 * @param missing why there are no transactions; {@code null} if there are
 */
public record DeletionJdbc(JdbcOperations jdbc, TransactionOperations callers, TransactionOperations workers,
		TransactionOperations plain, TransactionOperations outside, @Nullable MissingPart missing) {

	public static DeletionJdbc of(DataSource dataSource, TransactionManagers.Choice choice) {
		JdbcTemplate jdbc = new JdbcTemplate(dataSource);
		PlatformTransactionManager transactionManager = choice.manager();
		if (transactionManager == null) {
			TransactionOperations none = new NoTransactions(choice.missing());
			return new DeletionJdbc(jdbc, none, none, none, none, choice.missing());
		}
		TransactionTemplate workers = newTransactions(transactionManager);
		workers.setIsolationLevel(TransactionDefinition.ISOLATION_READ_COMMITTED);
		TransactionTemplate outside = new TransactionTemplate(transactionManager);
		outside.setPropagationBehavior(TransactionDefinition.PROPAGATION_NOT_SUPPORTED);
		return new DeletionJdbc(jdbc, new TransactionTemplate(transactionManager), workers,
				newTransactions(transactionManager), outside, null);
	}

	private static TransactionTemplate newTransactions(PlatformTransactionManager transactionManager) {
		TransactionTemplate transactions = new TransactionTemplate(transactionManager);
		transactions.setName("deletion-policy-purge");
		transactions.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
		return transactions;
	}

	/**
	 * Let an application without policies start where it is not clear which transaction
	 * manager is meant; nothing can be deleted then.
	 *
	 * @param missing the reason
	 */
	private record NoTransactions(@Nullable MissingPart missing) implements TransactionOperations {

		@Override
		public <T extends @Nullable Object> T execute(TransactionCallback<T> action) {
			throw new InvalidDataAccessApiUsageException(String.valueOf(this.missing));
		}

	}

}
