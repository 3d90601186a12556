package io.github.deletionpolicy.race;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

import javax.sql.DataSource;

import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.PurgeListener;
import io.github.deletionpolicy.PurgedRows;
import io.github.deletionpolicy.purge.PurgeReport;
import io.github.deletionpolicy.purge.Purger;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.support.TestDatabase;
import io.github.deletionpolicy.support.TestResource;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Rows that are due, and means to have somebody else come before a purge, in the middle
 * of one of its statements, or before its commit. Who waits for whom is seen in the
 * server's list of locks.
 */
final class Races extends TestResource {

	/**
	 * The hold condition stops a statement like {@code here} when it comes to a row, as
	 * long as somebody else has the advisory lock 4711.
	 */
	private static final String SCHEMA = """
			CREATE TABLE stops (here text, id bigint);
			CREATE FUNCTION stop_at(row_id bigint) RETURNS boolean LANGUAGE plpgsql STABLE SET lock_timeout = 0 AS '
			BEGIN
				IF EXISTS (SELECT FROM stops WHERE id = row_id AND current_query() LIKE here) THEN
					PERFORM pg_advisory_xact_lock_shared(4711);
				END IF;
				RETURN false;
			END';
			CREATE TABLE users (id bigint PRIMARY KEY, name text, held boolean, deletion_time timestamptz);
			CREATE TABLE invoices (id bigint PRIMARY KEY, user_id bigint REFERENCES users);
			CREATE TABLE customers (id bigint PRIMARY KEY, name text, held boolean, deletion_time timestamptz);
			CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers ON DELETE CASCADE,
				payer_id bigint REFERENCES customers ON DELETE CASCADE,
				name text, held boolean, deletion_time timestamptz);
			CREATE TABLE parcels (id bigint PRIMARY KEY, order_id bigint REFERENCES orders ON DELETE CASCADE);
			CREATE TABLE labels (id bigint PRIMARY KEY, parcel_id bigint REFERENCES parcels ON DELETE CASCADE,
				deletion_time timestamptz);
			CREATE INDEX ON invoices (user_id);
			CREATE INDEX ON orders (customer_id);
			CREATE INDEX ON orders (payer_id);
			CREATE INDEX ON parcels (order_id);
			CREATE INDEX ON labels (parcel_id);
			CREATE TABLE told (operation_id uuid, table_name text, id bigint)""";

	private static final String TABLES = "users, invoices, customers, orders, parcels, labels, told, stops, deletion_operation, deletion_chunk";

	/**
	 * User 8 is there for {@link PurgePath#CAREFUL}; user, customer, order and parcel of
	 * nine live on.
	 */
	private static final String ROWS = """
			INSERT INTO users (id) VALUES (1), (2), (3), (8), (9);
			INSERT INTO customers (id) VALUES (1), (2), (3), (9);
			INSERT INTO orders (id, customer_id) VALUES (11, 1), (21, 2), (31, 3), (91, 9);
			INSERT INTO parcels VALUES (21, 21), (91, 91)""";

	private static final String BYSTANDERS = """
			SELECT concat_ws(', ', (SELECT string_agg(CAST(id AS text), ' ' ORDER BY id) FROM users WHERE id > 7
					AND (id = 8 OR deletion_time IS NULL)),
				(SELECT string_agg(CAST(id AS text), ' ') FROM customers WHERE id = 9 AND deletion_time IS NULL),
				(SELECT string_agg(CAST(id AS text), ' ') FROM orders WHERE id = 91 AND deletion_time IS NULL),
				(SELECT string_agg(CAST(id AS text), ' ') FROM parcels WHERE id = 91))""";

	private static final String ALL_BYSTANDERS = "8 9, 9, 91, 91";

	private static final int ROUNDS = 10;

	/**
	 * Each task has its own thread: they wait for each other.
	 */
	static final Executor THREADS = (task) -> new Thread(task).start();

	private final Application application;

	private @Nullable JdbcClient watch;

	private @Nullable SingleConnectionDataSource watching;

	private Races(String... properties) {
		Stream<String> policies = Stream.of("users", "customers", "orders")
			.flatMap((table) -> Stream.of("mode=scheduled", "delay=0", "hold-condition=held OR stop_at(id)")
				.map((said) -> "deletion-policy.tables." + table + "." + said));
		this.application = Application
			.of(SCHEMA,
					Stream.of(policies, Stream.of("deletion-policy.purge.retry-delay=1ms"), Stream.of(properties))
						.flatMap((some) -> some)
						.toArray(String[]::new))
			.with(Listening.class);
	}

	static Races of(String... properties) {
		return new Races(properties);
	}

	@Override
	protected void open() {
		this.application.start();
		this.watching = new SingleConnectionDataSource(connection(this.application.database()), true);
		this.watch = JdbcClient.create(this.watching);
	}

	private static Connection connection(TestDatabase database) {
		try {
			return database.dataSource().getConnection();
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	Application application() {
		return this.application;
	}

	/**
	 * Give trees another shape: rows that are below others by one key or by two.
	 */
	void shape(Shape shape) {
		sql("ALTER TABLE orders DROP CONSTRAINT IF EXISTS orders_payer_id_fkey");
		if (shape == Shape.TWO_WAYS) {
			sql("ALTER TABLE orders ADD FOREIGN KEY (payer_id) REFERENCES customers ON DELETE CASCADE");
		}
	}

	/**
	 * Start again, with nothing deleted.
	 */
	void reset() {
		listener().meanwhile.set(null);
		listener().failure.set(null);
		sql("TRUNCATE " + TABLES + "; " + ROWS);
	}

	/**
	 * Start again, with rows that are due.
	 * @return the delete that took the row that others are after
	 */
	DeletionResult reset(PurgePath path) {
		reset();
		return path.delete(this.application);
	}

	/**
	 * Somebody comes first, and ends his transaction when a purge waits for it, or has
	 * ended without.
	 */
	<T> RaceResult<T> otherFirst(PurgePath path, Function<DeletionResult, T> other) {
		return otherFirst(path, other, true);
	}

	/**
	 * A purge of rows alone waits for half a second, which is missed on a busy machine.
	 */
	<T> RaceResult<T> otherFirst(PurgePath path, Function<DeletionResult, T> other, boolean commit) {
		RaceResult<T> result = otherFirstOnce(path, other, commit);
		for (int round = 1; round < ROUNDS && path.isFlat() && !result.isWaiting(); round++) {
			result = otherFirstOnce(path, other, commit);
		}
		return result;
	}

	private <T> RaceResult<T> otherFirstOnce(PurgePath path, Function<DeletionResult, T> other, boolean commit) {
		DeletionResult deleted = reset(path);
		var purge = new AtomicReference<@Nullable CompletableFuture<PurgeReport>>();
		var waiting = new AtomicReference<@Nullable String>();
		T answer = this.application.transactions().execute((status) -> {
			T done = other.apply(deleted);
			CompletableFuture<PurgeReport> run = CompletableFuture.supplyAsync(this::purge, THREADS);
			purge.set(run);
			waiting.set(awaitWaiter(backend(), run));
			if (!commit) {
				status.setRollbackOnly();
			}
			return done;
		});
		return new RaceResult<>(deleted, waiting.get(), join(purge.get()), answer, null);
	}

	/**
	 * A purge has removed the row and does not commit before somebody waits for that, or
	 * is through without.
	 */
	<T> RaceResult<T> purgeFirst(PurgePath path, Function<DeletionResult, T> other) {
		DeletionResult deleted = reset(path);
		var call = new AtomicReference<@Nullable CompletableFuture<T>>();
		var waiting = new AtomicReference<@Nullable String>();
		inPurgeOf(path, () -> {
			CompletableFuture<T> run = CompletableFuture.supplyAsync(() -> other.apply(deleted), THREADS);
			call.set(run);
			waiting.set(awaitWaiter(backend(), run));
		});
		PurgeReport report = purge();
		return result(deleted, waiting.get(), report, call.get());
	}

	/**
	 * A purge stops in a statement when it comes to the row, and goes on when somebody is
	 * through with it or waits for the purge.
	 * @param here what the statement is like
	 */
	<T> RaceResult<T> amidPurge(PurgePath path, String here, Function<DeletionResult, T> other) {
		return amidPurge(path, here, path.id, other);
	}

	<T> RaceResult<T> amidPurge(PurgePath path, String here, long row, Function<DeletionResult, T> other) {
		return amidPurge(() -> reset(path), here, row, other);
	}

	/**
	 * A statement that may wait has no time to lose, and ends before the other one is
	 * through where the machine is slow; they have not met then, and are to try again.
	 */
	<T> RaceResult<T> amidPurge(Supplier<DeletionResult> setUp, String here, long row,
			Function<DeletionResult, T> other) {
		for (int round = 0; round < ROUNDS; round++) {
			DeletionResult deleted = setUp.get();
			CompletableFuture<PurgeReport> purge;
			CompletableFuture<T> call;
			String waiting;
			boolean result;
			try (Session stopper = session()) {
				stopper.sql("SELECT pg_advisory_xact_lock(4711)");
				this.application.jdbc().sql("INSERT INTO stops VALUES (?, ?)").param(here).param(row).update();
				purge = CompletableFuture.supplyAsync(this::purge, THREADS);
				String stopped = awaitWaiter(stopper.pid(), purge);
				assertThat(stopped).as("the statement where the purge stops").isNotNull();
				int purging = this.watch.sql("SELECT pid FROM pg_stat_activity WHERE ? = ANY (pg_blocking_pids(pid))")
					.param(stopper.pid())
					.query(Integer.class)
					.single();
				call = CompletableFuture.supplyAsync(() -> other.apply(deleted), THREADS);
				waiting = awaitWaiter(purging, call);
				result = waiterFor(stopper.pid()) != null;
			}
			RaceResult<T> seen = result(deleted, waiting, join(purge), call);
			if (result) {
				return seen;
			}
		}
		throw new AssertionError("In %d rounds the purge never waited long enough.".formatted(ROUNDS));
	}

	private <T> RaceResult<T> result(DeletionResult deleted, @Nullable String waiting, PurgeReport report,
			@Nullable CompletableFuture<T> call) {
		assertThat(listener().failure.getAndSet(null)).isNull();
		assertThat(call).as("the other one was there").isNotNull();
		try {
			return new RaceResult<>(deleted, waiting, report, join(call), null);
		}
		catch (CompletionException ex) {
			return new RaceResult<>(deleted, waiting, report, null, ex.getCause());
		}
	}

	/**
	 * Do something before the purge commits that has removed the row, and check that it
	 * went the expected way.
	 */
	void inPurgeOf(PurgePath path, Runnable meanwhile) {
		inPurge((rows) -> rows.table().equals("public." + path.table) && rows.keys().contains(path.id), () -> {
			assertThat(lastStatement()).as("the way of the purge").startsWith(path.before);
			meanwhile.run();
		});
	}

	/**
	 * Do something, once, before a purge commits that has removed certain rows.
	 */
	void inPurge(Predicate<PurgedRows> rows, Runnable meanwhile) {
		listener().meanwhile.set(new Meanwhile(rows, meanwhile));
	}

	PurgeReport purge() {
		return this.application.bean(Purger.class).purge();
	}

	/**
	 * Purge what is left, and check that this comes to an end and that no bystander was
	 * harmed.
	 */
	void purgeTheRest(PurgePath path) {
		purge();
		List<Object> before = List.of(rows(path), told());
		purge();
		assertThat(List.of(rows(path), told())).isEqualTo(before);
		assertThat(this.watch.sql(BYSTANDERS).query(String.class).single()).isEqualTo(ALL_BYSTANDERS);
	}

	/**
	 * Return what is left of the rows that were to go, those that are deleted in
	 * parentheses.
	 */
	List<String> rows(PurgePath path) {
		return Stream.of(path.isFlat() ? new String[] { "users" } : new String[] { "customers", "orders" })
			.flatMap((table) -> this.watch.sql("""
					SELECT '%1$s ' || CASE WHEN deletion_time IS NULL THEN CAST(id AS text) ELSE '(' || id || ')' END
					FROM %1$s WHERE id NOT IN (8, 9, 91) ORDER BY id""".formatted(table))
				.query(String.class)
				.list()
				.stream())
			.toList();
	}

	/**
	 * Return the rows that listeners were notified of in transactions that have
	 * committed.
	 */
	List<String> told() {
		return told(null);
	}

	/**
	 * Return those of one operation.
	 */
	List<String> told(@Nullable UUID operationId) {
		return this.watch
			.sql("SELECT table_name || ' ' || id FROM told WHERE coalesce(operation_id = ?::uuid, true) ORDER BY 1")
			.param((operationId != null) ? operationId.toString() : null)
			.query(String.class)
			.list();
	}

	/**
	 * Return what the ledger holds of a delete: its mode, and of each table the keys and
	 * why they wait.
	 */
	String record(DeletionResult deleted) {
		return this.watch
			.sql("""
					SELECT concat_ws(' ', o.mode, string_agg(concat_ws(' ', l.table_name, CAST(c.keys_bigint AS text), c.state),
						' ' ORDER BY c.id) FILTER (WHERE c.id IS NOT NULL)) FROM deletion_operation o LEFT JOIN deletion_chunk c ON c.operation_id = o.id
					LEFT JOIN deletion_table l ON l.id = c.table_id WHERE o.id = ? GROUP BY o.id""")
			.param(deleted.operationId())
			.query(String.class)
			.single();
	}

	/**
	 * Return whether there is a record of a delete.
	 */
	boolean isRecorded(DeletionResult deleted) {
		return this.watch.sql("SELECT count(*) > 0 FROM deletion_operation WHERE id = ?")
			.param(deleted.operationId())
			.query(Boolean.class)
			.single();
	}

	/**
	 * Run a statement in the transaction of this thread, or in one of its own.
	 * @return how many rows it changed
	 */
	int update(String sql, Object... parameters) {
		return this.application.jdbc().sql(sql).params(List.of(parameters)).update();
	}

	/**
	 * Run statements in their own session and transaction.
	 */
	void sql(String script) {
		this.application.sql(script);
	}

	Session session() {
		return new Session(connection(this.application.database()));
	}

	/**
	 * Wait until a session waits for another one.
	 * @param call what that session does
	 * @return its statement; {@code null} if the call has ended
	 */
	@Nullable String awaitWaiter(int pid, CompletableFuture<?> call) {
		var waiting = new AtomicReference<@Nullable String>();
		Awaitility.await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5)).until(() -> {
			boolean over = call.isDone();
			waiting.set(waiterFor(pid));
			return over || waiting.get() != null;
		});
		// The server reads what a session runs before it reads whom that waits for, so
		// the
		// first answer may name the statement before.
		String again = (waiting.get() != null) ? waiterFor(pid) : null;
		return (again != null) ? again : waiting.get();
	}

	private @Nullable String waiterFor(int pid) {
		return this.watch.sql("SELECT query FROM pg_stat_activity WHERE ? = ANY (pg_blocking_pids(pid))")
			.param(pid)
			.query(String.class)
			.optional()
			.map(String::strip)
			.orElse(null);
	}

	/**
	 * Return the number of the session in which the transaction of this thread is,
	 * without a statement: what it did last is looked at.
	 */
	int backend() {
		DataSource dataSource = this.application.bean(DataSource.class);
		Connection connection = DataSourceUtils.getConnection(dataSource);
		try {
			assertThat(DataSourceUtils.isConnectionTransactional(connection, dataSource)).isTrue();
			return connection.unwrap(PGConnection.class).getBackendPID();
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private String lastStatement() {
		return this.watch.sql("SELECT query FROM pg_stat_activity WHERE pid = ?")
			.param(backend())
			.query(String.class)
			.single()
			.strip();
	}

	static <T> T join(@Nullable CompletableFuture<T> call) {
		assertThat(call).isNotNull();
		return call.orTimeout(5, TimeUnit.MINUTES).join();
	}

	/**
	 * Make a call whose exceptions need not be declared.
	 */
	static <T> T call(Callable<T> call) {
		try {
			return call.call();
		}
		catch (RuntimeException ex) {
			throw ex;
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	private Listener listener() {
		return this.application.bean(Listener.class);
	}

	@Override
	public void close() {
		this.watching.destroy();
		this.application.close();
	}

	/**
	 * How orders belong to customers.
	 */
	enum Shape {

		/** By one key, like all below them. */
		ONE_WAY,
		/** By two keys. */
		TWO_WAYS

	}

	/**
	 * Somebody's open transaction.
	 */
	static final class Session implements AutoCloseable {

		private final Connection connection;

		private Session(Connection connection) {
			this.connection = connection;
			call(() -> {
				connection.setAutoCommit(false);
				return true;
			});
		}

		int pid() {
			return call(() -> this.connection.unwrap(PGConnection.class).getBackendPID());
		}

		void sql(String sql) {
			call(() -> {
				try (Statement statement = this.connection.createStatement()) {
					return statement.execute(sql);
				}
			});
		}

		void commit() {
			call(() -> {
				this.connection.commit();
				return true;
			});
		}

		@Override
		public void close() {
			call(() -> {
				this.connection.rollback();
				this.connection.close();
				return true;
			});
		}

	}

	private record Meanwhile(Predicate<PurgedRows> rows, Runnable work) {
	}

	/**
	 * Writes down what it is told in the transaction of the purge.
	 */
	private static final class Listener implements PurgeListener {

		private final AtomicReference<@Nullable Meanwhile> meanwhile = new AtomicReference<>();

		private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

		private final JdbcClient jdbc;

		Listener(JdbcClient jdbc) {
			this.jdbc = jdbc;
		}

		@Override
		public void purged(PurgedRows rows) {
			Meanwhile waiting = this.meanwhile.get();
			if (waiting != null && waiting.rows().test(rows) && this.meanwhile.compareAndSet(waiting, null)) {
				try {
					waiting.work().run();
				}
				catch (Throwable ex) {
					this.failure.set(ex);
				}
			}
			rows.keys()
				.forEach((key) -> this.jdbc.sql("INSERT INTO told VALUES (?, ?, ?)")
					.param(rows.operationId())
					.param(rows.table().replace("public.", ""))
					.param(key)
					.update());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Listening {

		@Bean
		Listener raceListener(JdbcClient jdbc) {
			return new Listener(jdbc);
		}

	}

}
