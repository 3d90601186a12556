package io.github.deletionpolicy.benchmarks.database;

import java.util.function.Supplier;

import javax.sql.DataSource;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Plain SQL as an application would run it.
 *
 * @param dataSource the pool
 * @param transactionManager Spring's
 * @param jdbc for statements that are prepared, and for lists of parameters
 * @param client for what an application would write
 * @param transactions joins a transaction, or opens one
 * @since 0.1
 */
public record Database(DataSource dataSource, PlatformTransactionManager transactionManager, JdbcTemplate jdbc,
		JdbcClient client, TransactionTemplate transactions) {

	Database(DataSource dataSource, PlatformTransactionManager transactionManager) {
		this(dataSource, transactionManager, new JdbcTemplate(dataSource), JdbcClient.create(dataSource),
				new TransactionTemplate(transactionManager));
	}

	/**
	 * Run a statement that returns nothing of interest.
	 * @param sql the statement
	 */
	public void run(String sql) {
		this.jdbc.execute(sql);
	}

	/**
	 * Run a query for one number.
	 * @param sql the query
	 * @param parameters its parameters
	 * @return the number; 0 if there is none
	 */
	public long number(String sql, Object... parameters) {
		Long number = this.jdbc.queryForObject(sql, Long.class, parameters);
		return (number != null) ? number : 0;
	}

	/**
	 * Do something in a transaction.
	 * @param work what to do
	 */
	public void inTransaction(Runnable work) {
		this.transactions.executeWithoutResult((status) -> work.run());
	}

	/**
	 * Do something and count what it writes to the write-ahead log.
	 * @param work what to do
	 * @return bytes
	 */
	public long walBytesOf(Runnable work) {
		Supplier<Long> position = () -> number("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn");
		long before = position.get();
		work.run();
		return position.get() - before;
	}

}
