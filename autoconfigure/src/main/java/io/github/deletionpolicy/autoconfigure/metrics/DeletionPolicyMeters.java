package io.github.deletionpolicy.autoconfigure.metrics;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;

import io.github.deletionpolicy.DeletionEvent;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.RowsDeletedEvent;
import io.github.deletionpolicy.RowsRestoredEvent;
import io.github.deletionpolicy.autoconfigure.health.RecentBacklog;
import io.github.deletionpolicy.delete.DeletionMonitor;
import io.github.deletionpolicy.operator.Backlog.LastRun;
import io.github.deletionpolicy.operator.Backlog.Reading;
import io.github.deletionpolicy.operator.Backlog.TableBacklog;
import io.github.deletionpolicy.purge.PurgeMonitor;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextRefreshedEvent;

/**
 * Counts what this node does, and shows what waits in the database, which is the same on
 * all nodes. The names of the meters are part of the API.
 */
public class DeletionPolicyMeters
		implements MeterBinder, DeletionMonitor, PurgeMonitor, ApplicationListener<ContextRefreshedEvent> {

	private static final String PREFIX = "deletion.policy.";

	private static final String TABLE = "table";

	private static final String SECONDS = "seconds";

	private static final Log logger = LogFactory.getLog(DeletionPolicyMeters.class);

	private final RecentBacklog backlog;

	private final List<MeterRegistry> registries = new CopyOnWriteArrayList<>();

	private final Set<String> tables = ConcurrentHashMap.newKeySet();

	public DeletionPolicyMeters(RecentBacklog backlog) {
		this.backlog = backlog;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		gauge(registry, "last.run.age", "Time since a run of the purge ended on any node", SECONDS,
				DeletionPolicyMeters::lastRunAge);
		gauge(registry, "braked", "Whether the clock-jump breaker has paused the purge (1) or not (0)", null,
				(reading) -> reading.isBraked() ? 1 : 0);
		gauge(registry, "async.open", "Asynchronous deletes that are at work or wait", null,
				(reading) -> reading.async().open());
		gauge(registry, "async.failed", "Asynchronous deletes that failed and were neither retried nor cancelled", null,
				(reading) -> reading.async().failed());
		this.tables.forEach((table) -> bind(registry, table));
		this.registries.add(registry);
	}

	/**
	 * By then the tables of the policies are known, so that the first scrape shows them.
	 */
	@Override
	public void onApplicationEvent(ContextRefreshedEvent event) {
		if (!this.registries.isEmpty()) {
			read();
		}
	}

	@Override
	public void committed(DeletionEvent event) {
		if (event instanceof RowsDeletedEvent deleted) {
			DeletionMode mode = deleted.result().mode();
			countDeleted(deleted.table(), mode, deleted.result().rows());
			deleted.result().cascaded().forEach((table, rows) -> countDeleted(table, mode, rows));
		}
		else if (event instanceof RowsRestoredEvent restored) {
			countRestored(restored.table(), restored.result().rows());
			restored.result().cascaded().forEach(this::countRestored);
		}
	}

	private void countDeleted(String table, DeletionMode mode, long rows) {
		this.registries.forEach((registry) -> Counter.builder(PREFIX + "rows.deleted")
			.description("Rows that this node deleted: removed by hard deletes, stamped by the others")
			.tags(TABLE, table, "mode", mode.name().toLowerCase(Locale.ROOT))
			.register(registry)
			.increment((double) rows));
	}

	private void countRestored(String table, long rows) {
		this.registries.forEach((registry) -> Counter.builder(PREFIX + "rows.restored")
			.description("Rows that this node restored")
			.tags(TABLE, table)
			.register(registry)
			.increment((double) rows));
	}

	@Override
	public void batch(String table, Map<String, Long> removed) {
		this.registries.forEach((registry) -> {
			batches(registry, table).increment();
			removed.forEach((name, rows) -> purged(registry, name).increment((double) rows));
		});
	}

	@Override
	public void kept(String table, State state, long rows) {
		this.registries.forEach((registry) -> Counter.builder(PREFIX + "rows.kept")
			.description("Rows that the purge of this node tried and did not remove, once per attempt")
			.tags(TABLE, table, "state", state.name().toLowerCase(Locale.ROOT))
			.register(registry)
			.increment((double) rows));
	}

	private static Counter batches(MeterRegistry registry, String table) {
		return Counter.builder(PREFIX + "purge.batches")
			.description("Transactions of this node's purge that removed rows")
			.tags(TABLE, table)
			.register(registry);
	}

	private static Counter purged(MeterRegistry registry, String table) {
		return Counter.builder(PREFIX + "rows.purged")
			.description("Rows that the purge of this node removed for good")
			.tags(TABLE, table)
			.register(registry);
	}

	private void bind(MeterRegistry registry, String table) {
		batches(registry, table);
		purged(registry, table);
		gauge(registry, table, "rows.pending", "Rows that wait for their purge", null,
				(reading, backlog) -> backlog.pending());
		gauge(registry, table, "rows.due", "Rows that the next run will try to remove", null,
				(reading, backlog) -> backlog.due());
		gauge(registry, table, "rows.held", "Rows that the hold condition kept when last tried", null,
				(reading, backlog) -> backlog.held());
		gauge(registry, table, "rows.blocked",
				"Rows that a lock, a foreign key or a live dependant kept when last tried", null,
				(reading, backlog) -> backlog.blocked());
		gauge(registry, table, "rows.failed", "Rows that could not be removed for another reason when last tried", null,
				(reading, backlog) -> backlog.failed());
		gauge(registry, table, "due.age", "Time since the longest waiting due rows are due", SECONDS,
				(reading, backlog) -> age(backlog.oldestDue(), reading));
		gauge(registry, table, "paused", "Whether the purge of the table is paused (1) or not (0)", null,
				(reading, backlog) -> (backlog.pausedAt() != null) ? 1 : 0);
	}

	private void gauge(MeterRegistry registry, String name, String description, @Nullable String unit,
			ToDoubleFunction<Reading> figure) {
		Gauge.builder(PREFIX + name, this, (meters) -> meters.figure(figure))
			.description(description)
			.baseUnit(unit)
			.register(registry);
	}

	private void gauge(MeterRegistry registry, String table, String name, String description, @Nullable String unit,
			ToDoubleBiFunction<Reading, TableBacklog> figure) {
		Gauge.builder(PREFIX + name, this, (meters) -> meters.figure((reading) -> figure(reading, table, figure)))
			.description(description)
			.baseUnit(unit)
			.tags(TABLE, table)
			.register(registry);
	}

	private static double figure(Reading reading, String table, ToDoubleBiFunction<Reading, TableBacklog> figure) {
		return reading.tables()
			.stream()
			.filter((backlog) -> backlog.table().equals(table))
			.mapToDouble((backlog) -> figure.applyAsDouble(reading, backlog))
			.findFirst()
			.orElse(Double.NaN);
	}

	private double figure(ToDoubleFunction<Reading> figure) {
		Reading reading = read();
		return (reading != null) ? figure.applyAsDouble(reading) : Double.NaN;
	}

	/**
	 * Tables that are new show from the next scrape on.
	 */
	private @Nullable Reading read() {
		try {
			Reading reading = this.backlog.read();
			reading.tables()
				.stream()
				.map(TableBacklog::table)
				.filter(this.tables::add)
				.forEach((table) -> this.registries.forEach((registry) -> bind(registry, table)));
			return reading;
		}
		catch (RuntimeException ex) {
			logger.debug("The backlog of the purge could not be read, so its gauges show nothing", ex);
			return null;
		}
	}

	private static double lastRunAge(Reading reading) {
		LastRun last = reading.lastRun();
		return (last != null) ? last.age(reading.now()).toMillis() / 1e3 : Double.NaN;
	}

	private static double age(@Nullable Instant since, Reading reading) {
		return (since != null) ? Duration.between(since, reading.now()).toMillis() / 1e3 : 0;
	}

}
