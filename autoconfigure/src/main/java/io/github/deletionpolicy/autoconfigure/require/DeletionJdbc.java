package io.github.deletionpolicy.autoconfigure.require;

import javax.sql.DataSource;

import io.github.deletionpolicy.sql.Database;
import org.jspecify.annotations.Nullable;

import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionOperations;

/**
 * The database whose tables have policies. An application without policies may start
 * where it is not clear which transaction manager is meant; nothing can be deleted then.
 *
 * @param database the database
 * @param missing why there are no transactions; {@code null} if there are
 */
public record DeletionJdbc(Database database, @Nullable MissingPart missing) {

	public static DeletionJdbc of(DataSource dataSource, TransactionManagers.Choice choice) {
		PlatformTransactionManager transactionManager = choice.manager();
		return (transactionManager != null) ? new DeletionJdbc(Database.of(dataSource, transactionManager), null)
				: new DeletionJdbc(Database.withoutTransactions(dataSource, String.valueOf(choice.missing())),
						choice.missing());
	}

	public TransactionOperations callers() {
		return this.database.callers();
	}

}
