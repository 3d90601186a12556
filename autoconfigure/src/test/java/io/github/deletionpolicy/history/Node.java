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
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.UnknownTableException;
import io.github.deletionpolicy.async.AsyncDeletes;
import io.github.deletionpolicy.async.BatchedDeletes;
import io.github.deletionpolicy.catalog.CascadePlans;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.LiveViews;
import io.github.deletionpolicy.delete.DeletionMonitor;
import io.github.deletionpolicy.engine.JdbcDeletionExecutor;
import io.github.deletionpolicy.event.DeletionEvents;
import io.github.deletionpolicy.history.History.Workers;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.ledger.LedgerWriter;
import io.github.deletionpolicy.mapping.AggregateMapping;
import io.github.deletionpolicy.operator.LedgerPendingPurges;
import io.github.deletionpolicy.purge.PurgeMonitor;
import io.github.deletionpolicy.purge.PurgeSettings;
import io.github.deletionpolicy.purge.Purger;
import io.github.deletionpolicy.restore.RestoreRecord;
import org.jspecify.annotations.Nullable;

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

	private final DeleteTemplate deletes;

	private final LedgerPendingPurges pending;

	private final LedgerTables tables;

	private final Catalog catalog;

	private final DeletionTimeColumns deletionTimes;

	private final CascadePlans plans;

	private final DeletionEvents events;

	private final Map<String, Purger> purgers = new ConcurrentHashMap<>();

	private volatile PurgeListener listener = (rows) -> {
	};

	Node(FaultyDataSource dataSource, String schema, boolean changed) {
		this.dataSource = dataSource;
		this.jdbc = new JdbcTemplate(dataSource);
		this.transactionManager = new DataSourceTransactionManager(dataSource);
		TransactionTemplate callers = new TransactionTemplate(this.transactionManager);
		TransactionTemplate outside = new TransactionTemplate(this.transactionManager);
		outside.setPropagationBehavior(TransactionDefinition.PROPAGATION_NOT_SUPPORTED);
		DeclaredDeletionPolicies policies = new DeclaredDeletionPolicies(
				Relation.policies(changed).stream().map((policy) -> new Declaration(policy, "the history")).toList());
		LiveViews liveViews = new LiveViews(policies);
		this.tables = new LedgerTables(schema);
		this.catalog = new Catalog(this.jdbc, liveViews, List::of);
		this.deletionTimes = new DeletionTimeColumns(policies, "deletion_time",
				(table) -> this.tables.timeColumns(this.jdbc, table));
		this.plans = new CascadePlans(this.catalog, this.deletionTimes);
		this.events = new DeletionEvents(outside, (event) -> {
		}, (type) -> true);
		this.deletes = new DeleteTemplate(policies,
				new JdbcDeletionExecutor(this.jdbc, callers, this.catalog, new LedgerWriter(this.jdbc, this.tables),
						new RestoreRecord(this.jdbc, this.tables), new NoMapping(), this.deletionTimes, this.plans,
						this.events, DeletionMonitor.NONE, new AsyncDeletes(this.jdbc, this.tables), () -> {
						}));
		this.pending = new LedgerPendingPurges(this.jdbc, callers, this.catalog, this.tables, policies,
				this.deletionTimes);
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
	 * @param strict whether with a snapshot of their own
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
				(key) -> purgerOf(workers));
	}

	private Purger purgerOf(Workers workers) {
		TransactionTemplate plain = newTransactions();
		TransactionTemplate readCommitted = newTransactions();
		readCommitted.setIsolationLevel(TransactionDefinition.ISOLATION_READ_COMMITTED);
		PurgeSettings settings = new PurgeSettings(workers.batchSize(), workers.concurrency(), null, LONG, RETRY_DELAY,
				LONG, LONG, LONG);
		return new Purger(this.jdbc, readCommitted, plain, this.catalog, this.tables, this.deletionTimes, this.plans,
				settings, List.of((rows) -> this.listener.purged(rows)), this.events, PurgeMonitor.NONE,
				new BatchedDeletes(this.jdbc, this.catalog, new LedgerWriter(this.jdbc, this.tables),
						this.deletionTimes, this.plans, this.events, DeletionMonitor.NONE));
	}

	private TransactionTemplate newTransactions() {
		TransactionTemplate transactions = new TransactionTemplate(this.transactionManager);
		transactions.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
		return transactions;
	}

	private static final class NoMapping implements AggregateMapping {

		@Override
		public TableName tableOf(Class<?> aggregateRoot) {
			throw new UnknownTableException("A history has no classes.");
		}

		@Override
		public @Nullable String columnOf(Class<?> aggregateRoot, String property) {
			return null;
		}

	}

}
