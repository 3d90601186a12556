package io.github.deletionpolicy.sql;

import java.util.function.UnaryOperator;

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
 * How this library talks to one database. It has a {@code JdbcTemplate} of its own: the
 * application's may have limits that must not apply (a fetch size, a maximum of rows, a
 * timeout).
 *
 * @param jdbc runs statements in the current transaction
 * @param callers joins the caller's transaction, or opens one
 * @param workers opens a new transaction in READ COMMITTED: in a stricter one a batch
 * would not see what committed while it waited for a lock
 * @param plain opens a new transaction and leaves the rest to its first statement: to ask
 * the driver for the isolation level costs a round trip
 * @param outside suspends the current transaction, for listeners of what was committed in
 * it
 */
public record Database(JdbcOperations jdbc, TransactionOperations callers, TransactionOperations workers,
		TransactionOperations plain, TransactionOperations outside) {

	public static Database of(DataSource dataSource, PlatformTransactionManager transactionManager) {
		TransactionTemplate workers = newTransactions(transactionManager);
		workers.setIsolationLevel(TransactionDefinition.ISOLATION_READ_COMMITTED);
		TransactionTemplate outside = new TransactionTemplate(transactionManager);
		outside.setPropagationBehavior(TransactionDefinition.PROPAGATION_NOT_SUPPORTED);
		return new Database(new JdbcTemplate(dataSource), new TransactionTemplate(transactionManager), workers,
				newTransactions(transactionManager), outside);
	}

	/**
	 * Use a data source where it is not clear which transaction manager is meant: what
	 * needs a transaction fails with that reason.
	 */
	public static Database withoutTransactions(DataSource dataSource, String reason) {
		TransactionOperations none = new NoTransactions(reason);
		return new Database(new JdbcTemplate(dataSource), none, none, none, none);
	}

	/**
	 * Return this database with something around the transactions of workers.
	 */
	public Database withWorkers(UnaryOperator<TransactionOperations> around) {
		return new Database(this.jdbc, this.callers, around.apply(this.workers), around.apply(this.plain),
				this.outside);
	}

	private static TransactionTemplate newTransactions(PlatformTransactionManager transactionManager) {
		TransactionTemplate transactions = new TransactionTemplate(transactionManager);
		transactions.setName("deletion-policy-purge");
		transactions.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
		return transactions;
	}

	private record NoTransactions(String reason) implements TransactionOperations {

		@Override
		public <T extends @Nullable Object> T execute(TransactionCallback<T> action) {
			throw new InvalidDataAccessApiUsageException(this.reason);
		}

	}

}
