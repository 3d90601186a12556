package io.github.deletionpolicy.autoconfigure;

import javax.sql.DataSource;

import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
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
 */
record DeletionJdbc(JdbcOperations jdbc, TransactionOperations callers, TransactionOperations workers) {

	static DeletionJdbc of(DataSource dataSource, PlatformTransactionManager transactionManager) {
		TransactionTemplate workers = new TransactionTemplate(transactionManager);
		workers.setName("deletion-policy-purge");
		workers.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
		workers.setIsolationLevel(TransactionDefinition.ISOLATION_READ_COMMITTED);
		return new DeletionJdbc(new JdbcTemplate(dataSource), new TransactionTemplate(transactionManager), workers);
	}

}
