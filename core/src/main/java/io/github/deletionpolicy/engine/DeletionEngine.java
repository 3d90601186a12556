package io.github.deletionpolicy.engine;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

import io.github.deletionpolicy.DeletionEvent;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.PurgeListener;
import io.github.deletionpolicy.async.AsyncDeletes;
import io.github.deletionpolicy.async.AsyncDeletesTask;
import io.github.deletionpolicy.async.AsyncWorker;
import io.github.deletionpolicy.async.BatchedDeletes;
import io.github.deletionpolicy.catalog.CascadePlans;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.LiveViews;
import io.github.deletionpolicy.delete.DeletionMonitor;
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
import io.github.deletionpolicy.restore.RestoreRecord;
import io.github.deletionpolicy.sql.Database;

import org.springframework.util.function.SingletonSupplier;

/**
 * All that deletes, restores and purges in one database, built once. An application with
 * several databases has one for each.
 *
 * @since 0.1
 */
public final class DeletionEngine {

	private final Database database;

	private final Catalog catalog;

	private final LiveViews liveViews;

	private final DeletionTimeColumns deletionTimes;

	private final JdbcDeletionExecutor executor;

	private final LedgerPendingPurges pendingPurges;

	private final RecordedOperations operations;

	private final RowDiagnosis diagnosis;

	private final Purger purger;

	private final Doctor doctor;

	private DeletionEngine(Builder parts) {
		Database database = parts.database;
		this.database = database;
		LedgerTables tables = parts.tables;
		AggregateMapping mapping = parts.mapping;
		DeletionEvents events = new DeletionEvents(database.outside(), parts.publisher, parts.audience);
		this.liveViews = new LiveViews(parts.policies);
		this.catalog = new Catalog(database.jdbc(), this.liveViews, mapping::ownerships);
		this.deletionTimes = new DeletionTimeColumns(parts.policies, parts.deletionTimeColumn,
				(table) -> tables.timeColumns(database.jdbc(), table));
		CascadePlans plans = new CascadePlans(this.catalog, this.deletionTimes);
		LedgerWriter ledger = new LedgerWriter(database.jdbc(), tables);
		this.executor = new JdbcDeletionExecutor(database.jdbc(), database.callers(), this.catalog, ledger,
				new RestoreRecord(database.jdbc(), tables), mapping, this.deletionTimes, plans, events,
				parts.deletionMonitor, new AsyncDeletes(database.jdbc(), tables), parts.wakeWorker);
		this.pendingPurges = new LedgerPendingPurges(database, this.catalog, tables, parts.policies,
				this.deletionTimes);
		this.operations = new RecordedOperations(database, this.catalog, tables);
		this.diagnosis = new RowDiagnosis(database, this.catalog, tables, this.deletionTimes, plans, parts.nextRun);
		this.purger = purger(parts, events, plans, ledger);
		this.doctor = new Doctor(parts.policies, this.catalog, plans, this.deletionTimes, ledger, tables,
				mapping::writtenColumns, database);
	}

	private Purger purger(Builder parts, DeletionEvents events, CascadePlans plans, LedgerWriter ledger) {
		PurgeEvents purgeEvents = new PurgeEvents(events);
		Database database = parts.database.withWorkers(purgeEvents::around);
		WorkerTransaction transaction = new WorkerTransaction(database.jdbc(),
				new WorkerSlots(database.jdbc(), parts.tables, parts.settings.concurrency()), plans);
		PurgeListeners listeners = new PurgeListeners(database.jdbc(), parts.listeners, purgeEvents);
		AsyncWorker asyncWorker = new AsyncWorker(parts.database, parts.tables, this.catalog, transaction, listeners,
				new BatchedDeletes(database.jdbc(), this.catalog, ledger, this.deletionTimes, plans, events,
						parts.deletionMonitor));
		return new Purger(
				database, parts.tables, this.catalog, parts.settings, new TablePurges(database, parts.tables,
						this.catalog, this.deletionTimes, plans, transaction, listeners),
				parts.purgeMonitor, (run) -> new AsyncDeletesTask(asyncWorker, run));
	}

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
	 * Return how the engine talks to its database.
	 * @return the database
	 */
	public Database database() {
		return this.database;
	}

	/**
	 * Return what the database says of tables.
	 * @return the catalog
	 */
	public Catalog catalog() {
		return this.catalog;
	}

	/**
	 * Return the views that show live rows only.
	 * @return the views
	 */
	public LiveViews liveViews() {
		return this.liveViews;
	}

	/**
	 * Return which columns carry the deletion time.
	 * @return the columns
	 */
	public DeletionTimeColumns deletionTimes() {
		return this.deletionTimes;
	}

	/**
	 * Return what carries deletes out.
	 * @return the executor
	 */
	public JdbcDeletionExecutor executor() {
		return this.executor;
	}

	/**
	 * Return what an operator sees and does.
	 * @return the pending purges
	 */
	public LedgerPendingPurges pendingPurges() {
		return this.pendingPurges;
	}

	/**
	 * Return the operations of the ledger.
	 * @return the operations
	 */
	public RecordedOperations operations() {
		return this.operations;
	}

	/**
	 * Return what says why a row is still there.
	 * @return the diagnosis
	 */
	public RowDiagnosis diagnosis() {
		return this.diagnosis;
	}

	/**
	 * Return the worker.
	 * @return the purger
	 */
	public Purger purger() {
		return this.purger;
	}

	/**
	 * Return what checks the policies against the database.
	 * @return the doctor
	 */
	public Doctor doctor() {
		return this.doctor;
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
			return new DeletionEngine(this);
		}

	}

}
