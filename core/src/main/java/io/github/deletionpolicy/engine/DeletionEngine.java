package io.github.deletionpolicy.engine;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

import io.github.deletionpolicy.DeletionEvent;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.PurgeListener;
import io.github.deletionpolicy.async.AsyncDeletesTask;
import io.github.deletionpolicy.async.AsyncWorker;
import io.github.deletionpolicy.async.BatchedDeletes;
import io.github.deletionpolicy.catalog.CascadePlans;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.LiveViews;
import io.github.deletionpolicy.delete.CallerTransaction;
import io.github.deletionpolicy.delete.CascadeStamper;
import io.github.deletionpolicy.delete.DeletionMonitor;
import io.github.deletionpolicy.delete.HardDelete;
import io.github.deletionpolicy.doctor.Doctor;
import io.github.deletionpolicy.event.DeletionEvents;
import io.github.deletionpolicy.event.PurgeEvents;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.ledger.LedgerWriter;
import io.github.deletionpolicy.mapping.AggregateMapping;
import io.github.deletionpolicy.operator.LedgerPendingPurges;
import io.github.deletionpolicy.operator.RecordedOperations;
import io.github.deletionpolicy.operator.RowDiagnosis;
import io.github.deletionpolicy.purge.PurgeMonitor;
import io.github.deletionpolicy.purge.PurgeSettings;
import io.github.deletionpolicy.purge.Purger;
import io.github.deletionpolicy.purge.TablePurges;
import io.github.deletionpolicy.purge.batch.PurgeListeners;
import io.github.deletionpolicy.purge.batch.WorkerSlots;
import io.github.deletionpolicy.purge.batch.WorkerTransaction;
import io.github.deletionpolicy.rows.KeyScan;
import io.github.deletionpolicy.sql.Database;

import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.util.function.SingletonSupplier;

/**
 * All that deletes, restores and purges in one database, built once. An application with
 * several databases has one for each.
 *
 * @param database how the engine talks to its database
 * @param catalog what the database says of tables
 * @param liveViews the views that show live rows only
 * @param deletionTimes says which columns carry the deletion time
 * @param executor carries deletes and restores out
 * @param pendingPurges what an operator sees and does
 * @param operations the operations of the ledger
 * @param diagnosis says why a row is still there
 * @param purger the worker
 * @param doctor checks the policies against the database
 */
public record DeletionEngine(Database database, Catalog catalog, LiveViews liveViews, DeletionTimeColumns deletionTimes,
		JdbcDeletionExecutor executor, LedgerPendingPurges pendingPurges, RecordedOperations operations,
		RowDiagnosis diagnosis, Purger purger, Doctor doctor) {

	/**
	 * Begin to build an engine.
	 * @param database the database
	 * @param tables where its ledger is
	 * @param policies what deletes of its tables mean
	 * @param settings how hard the worker works
	 * @return a builder that builds an engine without listeners, mapping and monitors
	 */
	public static Builder builder(Database database, LedgerTables tables, DeletionPolicyRegistry policies,
			PurgeSettings settings) {
		return new Builder(database, tables, policies, settings);
	}

	/**
	 * Builds an engine. What may depend on the engine itself, such as listeners that
	 * delete, is asked for when it is first needed.
	 */
	public static final class Builder {

		private final Database database;

		private final LedgerTables tables;

		private final DeletionPolicyRegistry policies;

		private final PurgeSettings settings;

		private AggregateMapping mapping = AggregateMapping.NONE;

		private String deletionTimeColumn = "deletion_time";

		private Supplier<List<PurgeListener>> listeners = List::of;

		private Consumer<? super DeletionEvent> publisher = (event) -> {
		};

		private Predicate<Class<? extends DeletionEvent>> audience = (type) -> false;

		private DeletionMonitor deletionMonitor = DeletionMonitor.NONE;

		private PurgeMonitor purgeMonitor = PurgeMonitor.NONE;

		private Runnable wakeWorker = () -> {
		};

		private RowDiagnosis.NextRun nextRun = () -> null;

		private Builder(Database database, LedgerTables tables, DeletionPolicyRegistry policies,
				PurgeSettings settings) {
			this.database = database;
			this.tables = tables;
			this.policies = policies;
			this.settings = settings;
		}

		/**
		 * Say what classes mean.
		 * @param mapping the mapping
		 * @return this builder
		 */
		public Builder mapping(AggregateMapping mapping) {
			this.mapping = mapping;
			return this;
		}

		/**
		 * Say which column carries the deletion time where no policy says so.
		 * @param column the column
		 * @return this builder
		 */
		public Builder deletionTimeColumn(String column) {
			this.deletionTimeColumn = column;
			return this;
		}

		/**
		 * Notify listeners of purged rows, inside the purge's transaction.
		 * @param listeners the listeners, asked for once
		 * @return this builder
		 */
		public Builder listeners(Supplier<List<PurgeListener>> listeners) {
			this.listeners = SingletonSupplier.of(listeners);
			return this;
		}

		/**
		 * Publish events after the commit.
		 * @param publisher is given each event
		 * @param audience whether anybody listens to events of a type: without an
		 * audience they are not put together
		 * @return this builder
		 */
		public Builder events(Consumer<? super DeletionEvent> publisher,
				Predicate<Class<? extends DeletionEvent>> audience) {
			this.publisher = publisher;
			this.audience = audience;
			return this;
		}

		/**
		 * Watch deletes, restores and purges.
		 * @param deletions watches deletes and restores
		 * @param purges watches purges
		 * @return this builder
		 */
		public Builder monitors(DeletionMonitor deletions, PurgeMonitor purges) {
			this.deletionMonitor = deletions;
			this.purgeMonitor = purges;
			return this;
		}

		/**
		 * Wake a worker when an asynchronous delete has been committed.
		 * @param wakeWorker must neither wait nor throw
		 * @return this builder
		 */
		public Builder wakeWorker(Runnable wakeWorker) {
			this.wakeWorker = wakeWorker;
			return this;
		}

		/**
		 * Say when the worker runs next.
		 * @param nextRun says so
		 * @return this builder
		 */
		public Builder nextRun(RowDiagnosis.NextRun nextRun) {
			this.nextRun = nextRun;
			return this;
		}

		/**
		 * Build the engine.
		 * @return the engine
		 */
		public DeletionEngine build() {
			JdbcOperations jdbc = this.database.jdbc();
			LiveViews liveViews = new LiveViews(this.policies);
			Catalog catalog = new Catalog(jdbc, liveViews, this.mapping::ownerships);
			DeletionTimeColumns deletionTimes = new DeletionTimeColumns(this.policies, this.deletionTimeColumn,
					(table) -> this.tables.timeColumns(jdbc, table));
			CascadePlans plans = new CascadePlans(catalog, deletionTimes);
			LedgerWriter ledger = new LedgerWriter(jdbc, this.tables, deletionTimes);
			DeletionEvents events = new DeletionEvents(this.database.outside(), this.publisher, this.audience);
			CallerTransaction calls = new CallerTransaction(this.database, events, this.deletionMonitor);
			return new DeletionEngine(this.database, catalog, liveViews, deletionTimes,
					new JdbcDeletionExecutor(this.database, this.tables, catalog, this.mapping, deletionTimes, plans,
							ledger, calls, this.wakeWorker),
					new LedgerPendingPurges(this.database, catalog, this.tables, this.policies, deletionTimes),
					new RecordedOperations(jdbc, catalog, this.tables),
					new RowDiagnosis(this.database, catalog, this.tables, deletionTimes, plans, this.nextRun),
					purger(catalog, deletionTimes, plans, ledger, events),
					new Doctor(this.policies, catalog, plans, deletionTimes, ledger, this.tables,
							this.mapping::writtenColumns, this.database, this.settings.enabled()));
		}

		private Purger purger(Catalog catalog, DeletionTimeColumns deletionTimes, CascadePlans plans,
				LedgerWriter ledger, DeletionEvents events) {
			PurgeEvents purgeEvents = new PurgeEvents(events);
			Database withEvents = this.database.withWorkers(purgeEvents::around);
			WorkerTransaction transaction = new WorkerTransaction(withEvents.jdbc(),
					new WorkerSlots(withEvents.jdbc(), this.tables, this.settings.concurrency()), plans);
			PurgeListeners purgeListeners = new PurgeListeners(withEvents.jdbc(), this.listeners, purgeEvents);
			BatchedDeletes batchedDeletes = new BatchedDeletes(ledger, plans,
					new CascadeStamper(this.database.jdbc(), ledger),
					new HardDelete(this.database.jdbc(), catalog, plans, deletionTimes),
					new KeyScan(this.database.jdbc()), purgeListeners, events, this.deletionMonitor);
			AsyncWorker asyncWorker = new AsyncWorker(this.database, this.tables, catalog, transaction, batchedDeletes);
			TablePurges purges = new TablePurges(withEvents, this.tables, catalog, deletionTimes, plans, transaction,
					purgeListeners);
			return new Purger(withEvents, this.tables, catalog, this.settings, purges, this.purgeMonitor,
					(run) -> new AsyncDeletesTask(asyncWorker, run));
		}

	}

}
