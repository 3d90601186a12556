package io.github.deletionpolicy.history;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;

import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.history.Fault.Type;
import io.github.deletionpolicy.history.FaultyDataSource.Source;
import io.github.deletionpolicy.history.Log.Incident;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.ledger.TableIds;
import io.github.deletionpolicy.support.LedgerScripts;

import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.TransactionException;

/**
 * Runs one history after the other, in a schema with its own tables and ledger.
 */
final class HistoryRunner implements AutoCloseable {

	private static final String CLOCK = "SELECT set_config('history.asked', ?, false), clock_timestamp()";

	/**
	 * How long to let the purge go on before what is still there counts as forgotten.
	 */
	private static final Duration PATIENCE = Duration.ofSeconds(8);

	/**
	 * When everything is due that is not due only in an hour.
	 */
	private static final Duration SHORTEST_DELAYS = Duration.ofMillis(80);

	private static final int MOST_SECONDS = 60;

	private final FaultyDataSource keeping;

	private final JdbcTemplate keeper;

	private final FaultyDataSource client;

	private final Node node;

	private final Node changed;

	private final List<Node> workers;

	HistoryRunner(String url, String schema) {
		new JdbcTemplate(new FaultyDataSource(url, "public", "keeper")).execute("CREATE SCHEMA " + schema);
		this.keeping = new FaultyDataSource(url, schema, "keeper");
		this.keeper = new JdbcTemplate(this.keeping);
		LedgerScripts.all().forEach(this.keeper::execute);
		this.keeper.execute("""
				CREATE TABLE journal (id bigint GENERATED ALWAYS AS IDENTITY, relation text, key bigint, action text,
					old_time timestamptz, new_time timestamptz, old_parent bigint, new_parent bigint, old_hold boolean,
					new_hold boolean, old_kind int, actor text, asked text, txid bigint, at timestamptz);
				CREATE TABLE heard (relation text, key bigint, operation uuid, token timestamptz, txid bigint)""");
		for (Relation relation : Relation.values()) {
			this.keeper.execute(relation.ddl());
		}
		this.client = new FaultyDataSource(url, schema, "client");
		this.node = new Node(this.client, schema, false);
		this.changed = new Node(this.client, schema, true);
		TableIds tableIds = new TableIds(this.keeper, new LedgerTables(schema));
		for (Relation relation : Relation.values()) {
			if (relation.isTimed()) {
				tableIds.of(new TableName(schema, relation.table()), "deletion_time");
			}
		}
		this.workers = List.of(new Node(new FaultyDataSource(url, schema, "worker"), schema, false),
				new Node(new FaultyDataSource(url, schema, "worker"), schema, false));
	}

	/**
	 * Return the application that clients use.
	 * @param withChangedPolicies whether the one in which the policies were changed
	 */
	Node node(boolean withChangedPolicies) {
		return withChangedPolicies ? this.changed : this.node;
	}

	JdbcTemplate keeper() {
		return this.keeper;
	}

	/**
	 * Read the database's clock.
	 */
	Instant now() {
		return patiently(() -> Objects
			.requireNonNull(this.keeper.queryForObject("SELECT clock_timestamp()", OffsetDateTime.class))
			.toInstant());
	}

	/**
	 * Say on the connection at hand what is asked next.
	 * @return the database's clock
	 */
	Instant tag(JdbcTemplate jdbc, String tag) {
		return Objects.requireNonNull(
				jdbc.query(CLOCK, (rs) -> rs.next() ? rs.getObject(2, OffsetDateTime.class).toInstant() : null, tag));
	}

	/**
	 * Run a history.
	 * @return how it went
	 */
	Result run(History history) {
		return run(history, (log) -> {
		});
	}

	/**
	 * Run a history, and let something happen to it.
	 * @param history the history
	 * @param failure what happens meanwhile, in its own thread
	 * @return how it went
	 */
	Result run(History history, Consumer<Log> failure) {
		patiently(this::prepare);
		Log log = new Log();
		List<UUID> operations = new CopyOnWriteArrayList<>();
		this.client.failBy(new JournalTag(log));
		List<Thread> threads = new ArrayList<>();
		for (int i = 0; i < history.programs().size(); i++) {
			threads.add(new Thread(new Client(i, history.programs().get(i), this, log, operations), "client " + i));
		}
		threads.add(new Thread(() -> failure.accept(log), "server failure"));
		List<Worker> working = new ArrayList<>();
		for (int i = 0; i < this.workers.size(); i++) {
			working.add(new Worker(this.workers.get(i), history, i, log).start());
		}
		try {
			threads.forEach(Thread::start);
			for (Thread thread : threads) {
				thread.join(TimeUnit.SECONDS.toMillis(MOST_SECONDS));
				if (thread.isAlive()) {
					log.unexpected(thread.getName() + " does not end", new IllegalStateException());
				}
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		finally {
			working.forEach(Worker::close);
			this.client.failBy(Source.NONE);
		}
		return new Result(log, patiently(() -> drain(history, log)));
	}

	private void patiently(Runnable work) {
		patiently(() -> {
			work.run();
			return true;
		});
	}

	/**
	 * Try again while the server is lost.
	 */
	private static <T> T patiently(Supplier<T> work) {
		long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(MOST_SECONDS);
		while (true) {
			try {
				return work.get();
			}
			catch (DataAccessException | TransactionException ex) {
				if (!isLost(ex) || System.nanoTime() > end) {
					throw ex;
				}
				LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
			}
		}
	}

	/**
	 * Return whether a failure says that the server is not there, or not ready yet.
	 */
	static boolean isLost(RuntimeException ex) {
		String state = Client.stateOf(ex);
		return state.startsWith("08") || state.startsWith("57P");
	}

	private void prepare() {
		this.keeper.execute("TRUNCATE journal, heard, deletion_operation, deletion_chunk, " + Relation.tables());
		this.keeper.execute("UPDATE deletion_table SET paused_at = NULL WHERE paused_at IS NOT NULL");
		this.keeper.execute("UPDATE deletion_purge_state SET paused_at = NULL WHERE paused_at IS NOT NULL");
		StringBuilder rows = new StringBuilder();
		for (Relation relation : Relation.values()) {
			Relation parent = relation.parent();
			rows.append(
					"INSERT INTO %s (id, parent_id, kind, body) SELECT n, %s, 1 + n %% 3, 0 FROM generate_series(1, %d) n;"
						.formatted(relation.table(), (parent != null) ? "1 + n % " + parent.rows() : "NULL",
								relation.rows()));
		}
		this.keeper.execute(rows.toString());
	}

	/**
	 * Let the purge go on undisturbed, until what must go is gone or patience is at an
	 * end.
	 */
	private List<String> drain(History history, Log log) {
		Node worker = this.workers.get(0);
		long end = System.nanoTime() + PATIENCE.toNanos();
		int quiet = 0;
		this.node.pending().resume(null);
		for (Relation relation : Relation.values()) {
			if (relation.isTimed()) {
				this.node.pending().resume(relation.table());
			}
		}
		LockSupport.parkNanos(SHORTEST_DELAYS.toNanos());
		OffsetDateTime due = now().atOffset(ZoneOffset.UTC);
		while (System.nanoTime() < end) {
			if (worker.purger(history.workers()).purge().total() > 0) {
				quiet = 0;
			}
			else if (this.keeper.queryForList("""
					SELECT 1 FROM deletion_chunk c JOIN deletion_operation o ON o.id = c.operation_id
					WHERE c.next_attempt IS NOT NULL AND o.purge_at <= ? AND c.state IS NULL LIMIT 1""", due)
				.isEmpty()) {
				quiet++;
				retryFailed();
			}
			if (quiet >= 2) {
				List<String> violations = Checker.check(Evidence.of(this.keeper, log, now()));
				if (violations.stream().noneMatch((violation) -> violation.startsWith(Checker.LEFT))) {
					return violations;
				}
			}
			LockSupport.parkNanos(Node.RETRY_DELAY.toNanos());
		}
		return Checker.check(Evidence.of(this.keeper, log, now()));
	}

	/**
	 * What a listener or a fault has made fail is tried again at an hour's distance in
	 * the end; an operator would do it now.
	 */
	private void retryFailed() {
		for (UUID operation : this.keeper
			.queryForList("SELECT DISTINCT operation_id FROM deletion_chunk WHERE state = 'FAILED'", UUID.class)) {
			this.node.pending().retry(operation);
		}
	}

	@Override
	public void close() {
		this.keeping.close();
		this.client.close();
		this.workers.forEach((worker) -> worker.dataSource().close());
	}

	/**
	 * How a history went.
	 *
	 * @param log what was written down
	 * @param found what the checker says
	 */
	record Result(Log log, List<String> found) {

		List<String> violations() {
			List<String> all = new ArrayList<>(this.log.unexpected());
			all.addAll(this.found);
			return all;
		}

	}

	/**
	 * Each connection of a client says in the journal what it is used for.
	 */
	private static final class JournalTag implements Source {

		private final Log log;

		JournalTag(Log log) {
			this.log = log;
		}

		@Override
		public InjectedFault opened(Connection connection) throws SQLException {
			Client client = Client.current();
			ClientCall call = (client != null) ? client.currentCall() : null;
			if (client == null || call == null) {
				return new InjectedFault(Fault.NONE);
			}
			try (PreparedStatement statement = connection.prepareStatement(CLOCK)) {
				statement.setString(1, call.tag());
				try (ResultSet rs = statement.executeQuery()) {
					rs.next();
					call.began(rs.getObject(2, OffsetDateTime.class).toInstant());
				}
			}
			return client.fault();
		}

		@Override
		public void failed(Type type) {
			this.log.happened(Incident.of(true, type));
		}

	}

}
