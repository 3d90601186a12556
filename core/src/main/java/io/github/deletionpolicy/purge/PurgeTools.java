package io.github.deletionpolicy.purge;

import java.util.function.Supplier;

import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.ledger.DueChunks;
import io.github.deletionpolicy.ledger.PurgeRate;

import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.support.TransactionOperations;

/**
 * What all workers share.
 *
 * @param jdbc runs statements
 * @param transactions opens a new transaction
 * @param catalog describes tables
 * @param chunks what is due
 * @param rate how long tables must rest
 * @param policies says which conditions hold rows
 * @param settings how hard to work
 * @param batch does the work of one transaction
 */
record PurgeTools(JdbcOperations jdbc, TransactionOperations transactions, Catalog catalog, DueChunks chunks,
		PurgeRate rate, DeletionPolicyRegistry policies, PurgeSettings settings, PurgeBatch batch) {

	<T> T inTransaction(Supplier<T> work) {
		return this.transactions.execute((status) -> work.get());
	}

	/**
	 * Return how many rows a transaction removes at most: with a rate, no more than a
	 * second's worth.
	 */
	int batchSize() {
		Integer cap = this.settings.maxRowsPerSecond();
		return (cap != null) ? Math.min(this.settings.batchSize(), cap) : this.settings.batchSize();
	}

}
