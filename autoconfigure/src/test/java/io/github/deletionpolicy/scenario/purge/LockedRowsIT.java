package io.github.deletionpolicy.scenario.purge;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.github.deletionpolicy.PendingPurges.PendingPurge;
import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.purge.PurgeReport;
import io.github.deletionpolicy.purge.Purger;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.scenario.TreeTables;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Users lock rows that a purge is about to remove. The neighbours of such a row go at
 * once, and where the purge and a user wait for each other it is never the user who is
 * sent away.
 */
class LockedRowsIT {

	@RegisterExtension
	private static final Application application = Application.of("""
			CREATE TABLE users (id bigint PRIMARY KEY, deletion_time timestamptz);
			CREATE TABLE invoices (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users);
			CREATE INDEX ON invoices (user_id)""", "deletion-policy.tables.users.mode=scheduled",
			"deletion-policy.tables.users.delay=0", "deletion-policy.purge.retry-delay=1s");

	@BeforeEach
	void noUsers() {
		application.jdbc().sql("TRUNCATE users, invoices, deletion_operation, deletion_chunk").update();
	}

	@Test
	void aLockedRowLetsAHundredThousandNeighboursGoInTheSameRunAndGoesLater() throws Exception {
		deleteUsers(100_000);
		try (Session user = new Session()) {
			user.run("SELECT id FROM users WHERE id = 50000 FOR UPDATE");
			PurgeReport report = application.bean(Purger.class).purge();
			assertThat(report.total()).isEqualTo(99_999);
			assertThat(report.blocked()).isOne();
			assertThat(application.ids("users")).containsExactly(50_000L);
			PendingPurge waiting = application.pending().forRow("users", 50_000).orElseThrow();
			assertThat(waiting.state()).isEqualTo(State.BLOCKED);
			assertThat(waiting.lastError()).contains("locked");
			user.commit();
		}
		Awaitility.await().until(() -> application.bean(Purger.class).purge().total() == 1);
		assertThat(application.ids("users")).isEmpty();
		assertThat(application.chunks()).isZero();
	}

	/**
	 * The user holds one row, waits until the purge wants it, and then wants one that the
	 * purge has removed but not committed.
	 */
	@ParameterizedTest
	@EnumSource
	void aUserWhoWantsARowThatThePurgeHasIsNeverSentAway(Wish wish) throws Exception {
		for (int round = 0; round < 3; round++) {
			noUsers();
			deleteUsers(300);
			application.jdbc().sql("INSERT INTO invoices SELECT id, id FROM users WHERE id = 150").update();
			try (Session user = new Session()) {
				user.run(wish.first);
				CompletableFuture<PurgeReport> purge = startPurge();
				awaitWaitingFor(user);
				user.run(wish.second.formatted(lockedRow(150)));
				user.commit();
				PurgeReport report = purge.get(5, TimeUnit.MINUTES);
				assertThat(report.total()).isGreaterThanOrEqualTo(298);
			}
			assertThat(application.ids("users").size()).isLessThanOrEqualTo(2);
		}
	}

	/**
	 * Each wait of the purge is shorter than a user's patience, but there are several in
	 * one statement, and the user waits for a row all the time.
	 */
	@RepeatedTest(3)
	void aUserIsNotSentAwayWhenThePurgeHasWaitedForOthersBefore() throws Exception {
		deleteUsers(300);
		List<Session> others = new ArrayList<>();
		try {
			for (int id : List.of(100, 160, 220)) {
				Session session = new Session(id);
				session.run("UPDATE users SET deletion_time = deletion_time WHERE id = " + id);
				others.add(session);
			}
			CompletableFuture<PurgeReport> purge = startPurge();
			Session first = awaitWaitingForOneOf(others);
			Session user = others.stream()
				.max(Comparator.comparing((session) -> Math.abs(session.row - first.row)))
				.orElseThrow();
			others.remove(user);
			int wanted = lockedRow(100, 160, 220);
			CompletableFuture<Integer> wish = CompletableFuture.supplyAsync(
					() -> user.run("UPDATE users SET deletion_time = NULL WHERE id = " + wanted), TreeTables.THREADS);
			while (!others.isEmpty() && !wish.isDone()) {
				Awaitility.await()
					.pollDelay(Duration.ZERO)
					.pollInterval(Duration.ofMillis(10))
					.until(() -> wish.isDone() || others.stream().anyMatch(LockedRowsIT::hasWaitedLong));
				for (Session session : List.copyOf(others)) {
					if (wish.isDone() || hasWaitedLong(session)) {
						session.close();
						others.remove(session);
					}
				}
			}
			assertThat(wish.get(5, TimeUnit.MINUTES)).isLessThanOrEqualTo(1);
			user.commit();
			user.close();
			purge.get(5, TimeUnit.MINUTES);
		}
		finally {
			for (Session session : others) {
				session.close();
			}
		}
	}

	private static void deleteUsers(int rows) {
		application.jdbc().sql("INSERT INTO users SELECT generate_series(1, ?)").param(rows).update();
		application.deletes().from("users").all().execute();
	}

	private static CompletableFuture<PurgeReport> startPurge() {
		return CompletableFuture.supplyAsync(() -> application.bean(Purger.class).purge(), TreeTables.THREADS);
	}

	private static void awaitWaitingFor(Session session) {
		awaitWaitingForOneOf(List.of(session));
	}

	private static Session awaitWaitingForOneOf(List<Session> sessions) {
		return Awaitility.await()
			.pollDelay(Duration.ZERO)
			.pollInterval(Duration.ofMillis(10))
			.until(() -> sessions.stream().filter((session) -> waitedFor(session) >= 0).findFirst().orElse(null),
					(session) -> session != null);
	}

	private static boolean hasWaitedLong(Session session) {
		return waitedFor(session) > 0.35;
	}

	/**
	 * Return how many seconds the purge has waited for a session; less than zero if it
	 * does not.
	 */
	private static double waitedFor(Session session) {
		return application.jdbc()
			.sql("""
					SELECT coalesce(max(extract(epoch FROM clock_timestamp() - w.waitstart)), -1)::float8
					FROM pg_locks w JOIN pg_stat_activity a ON a.pid = w.pid
					WHERE NOT w.granted AND ? = ANY (pg_blocking_pids(w.pid)) AND a.query NOT LIKE 'UPDATE users%'""")
			.param(session.pid)
			.query(Double.class)
			.single();
	}

	/**
	 * Find a row that the purge has removed and not committed.
	 */
	private static int lockedRow(int... exceptFor) {
		List<Integer> free = application.jdbc()
			.sql("SELECT id FROM users FOR UPDATE SKIP LOCKED")
			.query(Integer.class)
			.list();
		return application.jdbc()
			.sql("SELECT id FROM users WHERE id NOT IN (:free) AND id NOT IN (:held) ORDER BY id LIMIT 1")
			.param("free", free.isEmpty() ? List.of(-1) : free)
			.param("held", Arrays.stream(exceptFor).boxed().toList())
			.query(Integer.class)
			.single();
	}

	enum Wish {

		UPDATE_BOTH("UPDATE users SET deletion_time = NULL WHERE id = 150",
				"UPDATE users SET deletion_time = NULL WHERE id = %d"),

		DELETE_BOTH("DELETE FROM invoices WHERE user_id = 150; DELETE FROM users WHERE id = 150",
				"DELETE FROM users WHERE id = %d"),

		LOCK_BOTH("SELECT id FROM users WHERE id = 150 FOR SHARE", "SELECT id FROM users WHERE id = %d FOR UPDATE"),

		REFER_TO_BOTH("INSERT INTO invoices VALUES (1, 150)", "SELECT id FROM users WHERE id = %d FOR KEY SHARE"),

		/** The purge does not want the user's row, but that of its invoice. */
		REMOVE_WHAT_REFERS("DELETE FROM invoices WHERE user_id = 150",
				"UPDATE users SET deletion_time = NULL WHERE id = %d");

		private final String first;

		private final String second;

		Wish(String first, String second) {
			this.first = first;
			this.second = second;
		}

	}

	/**
	 * Somebody's open transaction.
	 */
	private static final class Session implements AutoCloseable {

		private final Connection connection;

		private final int row;

		private final int pid;

		Session() throws SQLException {
			this(0);
		}

		Session(int row) throws SQLException {
			this.connection = application.database().dataSource().getConnection();
			this.connection.setAutoCommit(false);
			this.row = row;
			this.pid = JdbcClient.create(new SingleConnectionDataSource(this.connection, true))
				.sql("SELECT pg_backend_pid()")
				.query(Integer.class)
				.single();
		}

		/**
		 * Run a statement.
		 * @return how many rows it changed
		 */
		int run(String sql) {
			try (Statement statement = this.connection.createStatement()) {
				statement.execute(sql);
				return statement.getUpdateCount();
			}
			catch (SQLException ex) {
				throw new IllegalStateException(ex);
			}
		}

		void commit() throws SQLException {
			this.connection.commit();
		}

		@Override
		public void close() throws SQLException {
			if (!this.connection.isClosed()) {
				this.connection.rollback();
				this.connection.close();
			}
		}

	}

}
