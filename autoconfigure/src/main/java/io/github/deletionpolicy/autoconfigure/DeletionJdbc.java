package io.github.deletionpolicy.autoconfigure;

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
 * @param missing why there are no transactions; {@code null} if there are
 */
record DeletionJdbc(JdbcOperations jdbc, TransactionOperations callers, TransactionOperations workers,
		@Nullable MissingPart missing) {

	static DeletionJdbc of(DataSource dataSource, TransactionManagers.Choice choice) {
		JdbcTemplate jdbc = new JdbcTemplate(dataSource);
		PlatformTransactionManager transactionManager = choice.manager();
		if (transactionManager == null) {
			return new DeletionJdbc(jdbc, new NoTransactions(choice.missing()), new NoTransactions(choice.missing()),
					choice.missing());
		}
		TransactionTemplate workers = new TransactionTemplate(transactionManager);
		workers.setName("deletion-policy-purge");
		workers.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
		workers.setIsolationLevel(TransactionDefinition.ISOLATION_READ_COMMITTED);
		return new DeletionJdbc(jdbc, new TransactionTemplate(transactionManager), workers, null);
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
