package io.github.deletionpolicy.history;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.github.deletionpolicy.DeclaredDeletionPolicies;
import io.github.deletionpolicy.DeclaredDeletionPolicies.Declaration;
import io.github.deletionpolicy.DeleteTemplate;
import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.PurgeListener;
import io.github.deletionpolicy.engine.DeletionEngine;
import io.github.deletionpolicy.history.History.Workers;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.purge.PurgeSettings;
import io.github.deletionpolicy.purge.Purger;
import io.github.deletionpolicy.sql.Database;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The parts of the library as one application has them, wired as the starter does it.
 */
final class Node {

	/**
	 * As often as an application would never try again: histories are short.
	 */
	static final Duration RETRY_DELAY = Duration.ofMillis(20);

	private static final Duration LONG = Duration.ofDays(1);

	private final FaultyDataSource dataSource;

	private final JdbcTemplate jdbc;

	private final DataSourceTransactionManager transactionManager;

	private final DeclaredDeletionPolicies policies;

	private final LedgerTables tables;

	private final DeleteTemplate deletes;

	private final PendingPurges pending;

	private final Map<String, Purger> purgers = new ConcurrentHashMap<>();

	private volatile PurgeListener listener = (rows) -> {
	};

	Node(FaultyDataSource dataSource, String schema, boolean changed) {
		this.dataSource = dataSource;
		this.jdbc = new JdbcTemplate(dataSource);
		this.transactionManager = new DataSourceTransactionManager(dataSource);
		this.policies = new DeclaredDeletionPolicies(
				Relation.policies(changed).stream().map((policy) -> new Declaration(policy, "the history")).toList());
		this.tables = new LedgerTables(schema);
		DeletionEngine engine = engine(new Workers(1, 1, 0));
		this.deletes = new DeleteTemplate(this.policies, engine.executor());
		this.pending = engine.pendingPurges();
	}

	FaultyDataSource dataSource() {
		return this.dataSource;
	}

	JdbcTemplate jdbc() {
		return this.jdbc;
	}

	DeleteTemplate deletes() {
		return this.deletes;
	}

	PendingPurges pending() {
		return this.pending;
	}

	/**
	 * Return transactions of a caller.
	 * @param strict whether with their own snapshot
	 */
	TransactionTemplate transactions(boolean strict) {
		TransactionTemplate transactions = new TransactionTemplate(this.transactionManager);
		if (strict) {
			transactions.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
		}
		return transactions;
	}

	void tell(PurgeListener call) {
		this.listener = call;
	}

	Purger purger(Workers workers) {
		return this.purgers.computeIfAbsent(workers.batchSize() + " " + workers.concurrency(),
				(key) -> engine(workers).purger());
	}

	private DeletionEngine engine(Workers workers) {
		PurgeSettings settings = new PurgeSettings(true, workers.batchSize(), workers.concurrency(), null, LONG,
				RETRY_DELAY, LONG, LONG, LONG);
		return DeletionEngine
			.builder(Database.of(this.dataSource, this.transactionManager), this.tables, this.policies, settings)
			.listeners(() -> List.of((rows) -> this.listener.purged(rows)))
			.events((event) -> {
			}, (type) -> true)
			.build();
	}

}
