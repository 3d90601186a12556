package io.github.deletionpolicy.scenario;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.DeletionPreview;
import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.PurgeListener;
import io.github.deletionpolicy.PurgedRows;
import io.github.deletionpolicy.purge.PurgeReport;
import io.github.deletionpolicy.support.TestResource;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.DataIntegrityViolationException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tables that refer to each other, an application that deletes from them, and checks that
 * hold for every delete and every purge of trees.
 */
public final class TreeTables extends TestResource {

	/**
	 * Customers have orders, orders have parcels, parcels have labels. Parcels carry no
	 * deletion time: they are there as long as their order is.
	 */
	private static final String SHOP = """
			CREATE TABLE customers (id bigint PRIMARY KEY, deletion_time timestamptz);
			CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers ON DELETE CASCADE,
				code text, legal_hold boolean, deletion_time timestamptz);
			CREATE TABLE parcels (id bigint PRIMARY KEY, order_id bigint REFERENCES orders ON DELETE CASCADE);
			CREATE TABLE labels (id bigint PRIMARY KEY, parcel_id bigint REFERENCES parcels ON DELETE CASCADE,
				deletion_time timestamptz);
			CREATE INDEX ON orders (customer_id);
			CREATE INDEX ON parcels (order_id);
			CREATE INDEX ON labels (parcel_id);
			CREATE UNIQUE INDEX orders_code ON orders (code) WHERE deletion_time IS NULL""";

	/**
	 * Labels have no policy.
	 */
	private static final String[] SHOP_POLICIES = { "deletion-policy.tables.customers.mode=scheduled",
			"deletion-policy.tables.customers.delay=30d", "deletion-policy.tables.orders.mode=scheduled",
			"deletion-policy.tables.orders.delay=30d", "deletion-policy.tables.orders.hold-condition=legal_hold" };

	/**
	 * Customer 2 has the orders 21 and 22, and each order a parcel and a label of the
	 * same number; so have the customers 1, 3 and 4.
	 */
	private static final String FOUR_CUSTOMERS = """
			INSERT INTO customers SELECT generate_series(1, 4);
			INSERT INTO orders SELECT c * 10 + n, c, 'code ' || c * 10 + n
				FROM generate_series(1, 4) c, generate_series(1, 2) n;
			INSERT INTO parcels SELECT id, id FROM orders;
			INSERT INTO labels SELECT id, id FROM parcels""";

	/**
	 * A thread for each task. In a pool that is as big as a small machine, a task that
	 * waits for another one would keep that from running.
	 */
	public static final Executor THREADS = (task) -> new Thread(task).start();

	private static final String TABLES = """
			SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname)
			FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname NOT LIKE 'deletion\\_%'
				AND n.nspname NOT IN ('pg_catalog', 'information_schema')
			ORDER BY 1""";

	private static final String TIME = "coalesce(to_jsonb(t) ->> 'deletion_time', to_jsonb(t) ->> 'deleted_at')";

	private final Application application;

	private List<String> permanent = List.of();

	private TreeTables(Application application) {
		this.application = application;
	}

	/**
	 * An application on tables that are there for all tests of a class.
	 */
	public static TreeTables of(String schema, String... properties) {
		return new TreeTables(Application.of(schema, properties).with(Listening.class));
	}

	@Override
	protected void open() {
		this.application.open();
		this.permanent = tables();
	}

	public static TreeTables shop() {
		return shop("");
	}

	/**
	 * An application on the shop's tables and some more.
	 */
	public static TreeTables shop(String more, String... properties) {
		return of(SHOP + ";" + more, Stream.of(SHOP_POLICIES, properties).flatMap(Stream::of).toArray(String[]::new));
	}

	public Application application() {
		return this.application;
	}

	public DeleteOperations deletes() {
		return this.application.deletes();
	}

	/**
	 * Run statements in their own session, and in one transaction.
	 */
	public void sql(String script) {
		this.application.sql(script);
	}

	/**
	 * Drop the tables of the test before, and empty those that stay.
	 */
	public void reset() {
		for (String table : tables()) {
			sql((this.permanent.contains(table) ? "TRUNCATE %s CASCADE" : "DROP TABLE IF EXISTS %s CASCADE")
				.formatted(table));
		}
		sql("TRUNCATE deletion_operation, deletion_chunk");
		listener().told.clear();
		listener().meanwhile = (rows) -> {
		};
	}

	public void resetToFourCustomers() {
		reset();
		sql(FOUR_CUSTOMERS);
	}

	/**
	 * Return the rows of a table by their ids, those that are deleted in parentheses.
	 */
	public String rows(String table) {
		return rows(table, "id");
	}

	/**
	 * Return the rows of a table as an expression spells them, those that are deleted in
	 * parentheses.
	 */
	public String rows(String table, String expression) {
		return text(
				"SELECT string_agg(CASE WHEN %s IS NULL THEN v ELSE '(' || v || ')' END, ' ' ORDER BY v COLLATE \"C\")"
					.formatted(TIME)
						+ " FROM %s t, LATERAL (SELECT CAST(%s AS text) AS v) x".formatted(table, expression));
	}

	/**
	 * Return what customer, orders, parcels and labels there are.
	 */
	public List<String> shopRows() {
		return List.of(rows("customers"), rows("orders"), rows("parcels"), rows("labels"));
	}

	/**
	 * Delete, and check that the preview said the same before and changed nothing.
	 */
	public DeletionResult execute(DeleteOperations.Step<?> step) {
		String before = everything();
		DeletionPreview preview = step.preview();
		assertThat(everything()).isEqualTo(before);
		DeletionResult result = step.execute();
		assertThat(preview).isEqualTo(
				new DeletionPreview(result.mode(), result.source(), result.rows(), result.cascaded(), List.of()));
		return result;
	}

	/**
	 * Check that a delete is refused and changes nothing, and that the preview names the
	 * constraints that do it, each as {@code schema.table: constraint}.
	 */
	public void assertRefused(Class<? extends DataIntegrityViolationException> type, DeleteOperations.Step<?> step,
			String... constraints) {
		String before = everything();
		assertThat(step.preview().refusedBy()).containsExactlyInAnyOrder(constraints);
		assertThatExceptionOfType(type).isThrownBy(step::execute).satisfies((ex) -> {
			for (String constraint : constraints) {
				assertThat(ex.getMessage()).contains(constraint.substring(constraint.indexOf('.') + 1).split(": "));
			}
		});
		assertThat(everything()).isEqualTo(before);
	}

	/**
	 * Purge what is due when some time has gone by, and check that listeners and report
	 * tell exactly of the rows with a deletion time that are gone.
	 */
	public PurgeReport purgeAfter(Duration time) {
		return purgeAsOf(this.application.now().plus(time));
	}

	public PurgeReport purgeAsOf(Instant instant) {
		List<String> gone = stampableRows();
		listener().told.clear();
		PurgeReport report = this.application.purges().runDueAsOf(instant);
		gone.removeAll(new HashSet<>(stampableRows()));
		assertThat(told().stream().sorted()).containsExactlyElementsOf(gone.stream().sorted().toList());
		assertThat(report.total()).isEqualTo(gone.size());
		return report;
	}

	/**
	 * Return the rows that listeners were notified of, as {@code schema.table key}.
	 */
	public List<String> told() {
		List<String> told = new ArrayList<>();
		for (PurgedRows rows : List.copyOf(listener().told)) {
			rows.keys().forEach((key) -> told.add(rows.table() + " " + spell(key)));
		}
		return told;
	}

	/**
	 * Do something inside the purge's transactions, whenever listeners are notified.
	 */
	public void whenTold(Consumer<PurgedRows> meanwhile) {
		listener().meanwhile = meanwhile;
	}

	public State state(String table, Object id) {
		return this.application.pending().forRow(table, id).orElseThrow().state();
	}

	public String text(String query) {
		return this.application.jdbc().sql(query).query(String.class).optional().orElse("");
	}

	public long number(String query) {
		return this.application.jdbc().sql(query).query(Long.class).single();
	}

	/**
	 * Return what all rows and the ledger hold.
	 */
	public String everything() {
		StringBuilder everything = new StringBuilder();
		List<String> tables = new ArrayList<>(tables());
		tables.addAll(List.of("deletion_operation", "deletion_chunk"));
		for (String table : tables) {
			everything.append(table)
				.append('\n')
				.append(text("SELECT string_agg(CAST(t AS text), chr(10) ORDER BY CAST(t AS text)) FROM %s t"
					.formatted(table)))
				.append('\n');
		}
		return everything.toString();
	}

	@Override
	public void close() {
		this.application.close();
	}

	private Listener listener() {
		return this.application.bean(Listener.class);
	}

	private List<String> tables() {
		return this.application.jdbc().sql(TABLES).query(String.class).list();
	}

	private List<String> stampableRows() {
		List<String> rows = new ArrayList<>();
		for (String table : tables()) {
			String key = text(
					"""
							SELECT string_agg(quote_ident(a.attname), ', ') FILTER (WHERE EXISTS (
								SELECT FROM pg_attribute d WHERE d.attrelid = i.indrelid AND d.attname IN ('deletion_time', 'deleted_at')))
							FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
							WHERE i.indisprimary AND i.indrelid = '%s'::regclass"""
						.formatted(table));
			if (!key.isEmpty()) {
				this.application.jdbc()
					.sql("SELECT %s FROM %s".formatted(key, table))
					.query()
					.listOfRows()
					.forEach((row) -> rows
						.add(table + " " + spell((row.size() == 1) ? row.values().iterator().next() : row)));
			}
		}
		return rows;
	}

	private static String spell(Object key) {
		return ((key instanceof Map<?, ?> columns) ? new TreeMap<>(columns) : key).toString();
	}

	private static final class Listener implements PurgeListener {

		private final List<PurgedRows> told = Collections.synchronizedList(new ArrayList<>());

		private volatile Consumer<PurgedRows> meanwhile = (rows) -> {
		};

		@Override
		public void purged(PurgedRows rows) {
			this.told.add(rows);
			this.meanwhile.accept(rows);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Listening {

		@Bean
		Listener treeListener() {
			return new Listener();
		}

	}

}
