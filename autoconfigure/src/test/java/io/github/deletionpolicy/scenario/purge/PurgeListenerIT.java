package io.github.deletionpolicy.scenario.purge;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.PendingPurges.PendingPurge;
import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.PurgeListener;
import io.github.deletionpolicy.PurgedRows;
import io.github.deletionpolicy.RowsPurgedEvent;
import io.github.deletionpolicy.purge.PurgeReport;
import io.github.deletionpolicy.scenario.Application;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * A listener takes part in the purge's transactions: what it refuses stays, and what it
 * writes is there exactly once for each row that is gone.
 */
class PurgeListenerIT {

	private static final long CULPRIT = 500;

	@RegisterExtension
	private static final Application application = Application
		.of("""
				CREATE TABLE users (id bigint PRIMARY KEY, deletion_time timestamptz);
				CREATE TABLE notes (id bigint PRIMARY KEY, deletion_time timestamptz);
				CREATE TABLE roots (id bigint PRIMARY KEY, deletion_time timestamptz);
				CREATE TABLE leaves (id bigint PRIMARY KEY, root_id bigint REFERENCES roots ON DELETE CASCADE,
					deletion_time timestamptz);
				CREATE TABLE outbox (table_name text, id bigint CHECK (id >= 0))""",
				"deletion-policy.tables.users.mode=scheduled", "deletion-policy.tables.users.delay=1d",
				"deletion-policy.tables.notes.mode=scheduled", "deletion-policy.tables.notes.delay=1d",
				"deletion-policy.tables.roots.mode=scheduled", "deletion-policy.tables.roots.delay=1d",
				"deletion-policy.purge.batch-size=100")
		.with(Listening.class);

	@BeforeEach
	void thousandUsers() {
		application.jdbc()
			.sql("TRUNCATE users, notes, roots, leaves, outbox, deletion_operation, deletion_chunk")
			.update();
		application.jdbc().sql("INSERT INTO users SELECT generate_series(1, 1000)").update();
		application.jdbc().sql("INSERT INTO notes VALUES (1)").update();
		outbox().onlyWrite();
		outbox().events.clear();
	}

	@ParameterizedTest
	@MethodSource("throwables")
	void aListenerThatAlwaysRefusesOneRowKeepsThatRowAlone(Throwable thrown) {
		DeletionResult result = application.deletes().from("users").all().execute();
		application.deletes().from("notes").all().execute();
		outbox().then((rows) -> throwIfCulprit(rows, thrown));
		Instant due = application.now().plus(Duration.ofDays(2));
		PurgeReport report = application.purges().runDueAsOf(due);
		assertThat(report.rows()).isEqualTo(Map.of("public.users", 999L, "public.notes", 1L));
		assertThat(report.failed()).isOne();
		assertThat(application.ids("users")).containsExactly(CULPRIT);
		PendingPurge failed = application.pending().forRow("users", CULPRIT).orElseThrow();
		assertThat(failed.operationId()).isEqualTo(result.operationId());
		assertThat(failed.state()).isEqualTo(State.FAILED);
		assertThat(failed.rows()).isOne();
		assertThat(failed.attempts()).isOne();
		assertThat(failed.lastError()).isEqualTo("A purge listener failed: no thanks");
		assertOutboxTellsOfAllThatIsGone();
		assertThat(application.purges().runDueAsOf(due).didSomething()).isFalse();
		assertThat(application.purges().runDueAsOf(due.plus(Duration.ofHours(1))).failed()).isOne();
		assertThat(application.pending().forRow("users", CULPRIT).orElseThrow().attempts()).isEqualTo(2);
		outbox().onlyWrite();
		assertThat(application.purges().runDueAsOf(due.plus(Duration.ofDays(1))).total()).isOne();
		assertThat(application.chunks()).isZero();
		assertOutboxTellsOfAllThatIsGone();
	}

	@ParameterizedTest
	@MethodSource("throwables")
	void aListenerThatRefusesOnceKeepsNothing(Throwable thrown) {
		application.deletes().from("users").all().execute();
		AtomicInteger refusals = new AtomicInteger();
		outbox().then((rows) -> {
			if (rows.keys().contains(CULPRIT) && refusals.getAndIncrement() == 0) {
				PurgeListenerIT.<RuntimeException>sneakily(thrown);
			}
		});
		PurgeReport report = application.purges().runDueAsOf(application.now().plus(Duration.ofDays(2)));
		assertThat(refusals).hasValue(2);
		assertThat(report.total()).isEqualTo(1000);
		assertThat(report.failed()).isZero();
		assertThat(application.ids("users")).isEmpty();
		assertOutboxTellsOfAllThatIsGone();
	}

	@ParameterizedTest
	@MethodSource("throwables")
	void aListenerThatAlwaysRefusesEverythingOfATableStopsNoOther(Throwable thrown) {
		application.deletes().from("users").byIds(List.of(1, 2, 3, 4)).execute();
		application.deletes().from("notes").all().execute();
		outbox().then((rows) -> {
			if (rows.table().equals("public.users")) {
				PurgeListenerIT.<RuntimeException>sneakily(thrown);
			}
		});
		PurgeReport report = application.purges().runDueAsOf(application.now().plus(Duration.ofDays(2)));
		assertThat(report.rows()).isEqualTo(Map.of("public.notes", 1L));
		assertThat(report.failed()).isEqualTo(4);
		assertThat(application.ids("users")).hasSize(1000);
		assertOutboxTellsOfAllThatIsGone();
		outbox().onlyWrite();
		assertThat(application.purgeAfter(Duration.ofDays(3))).isEqualTo(4);
		assertOutboxTellsOfAllThatIsGone();
	}

	@Test
	void aListenerWhoseOwnWriteIsRefusedKeepsTheRowAndSaysWhy() {
		application.jdbc().sql("INSERT INTO users VALUES (-1)").update();
		application.deletes().from("users").all().execute();
		PurgeReport report = application.purges().runDueAsOf(application.now().plus(Duration.ofDays(2)));
		assertThat(report.total()).isEqualTo(1000);
		PendingPurge failed = application.pending().forRow("users", -1).orElseThrow();
		assertThat(failed.state()).isEqualTo(State.FAILED);
		assertThat(failed.lastError()).contains("A purge listener failed", "outbox_id_check");
		assertOutboxTellsOfAllThatIsGone();
	}

	@ParameterizedTest
	@MethodSource("troubles")
	void theTroublesOfAnotherDatabaseThatAListenerTalksToAreNotThoseOfThePurge(RuntimeException thrown) {
		application.deletes().from("users").all().execute();
		application.deletes().from("notes").all().execute();
		outbox().then((rows) -> throwIfCulprit(rows, thrown));
		PurgeReport report = application.purges().runDueAsOf(application.now().plus(Duration.ofDays(2)));
		assertThat(report.rows()).isEqualTo(Map.of("public.users", 999L, "public.notes", 1L));
		PendingPurge failed = application.pending().forRow("users", CULPRIT).orElseThrow();
		assertThat(failed.state()).isEqualTo(State.FAILED);
		assertThat(failed.lastError()).contains("the other one");
	}

	@Test
	@Timeout(300)
	void aListenerThatHidesAnErrorOfTheDatabaseKeepsItsRowsAllTheSame() {
		application.jdbc().sql("INSERT INTO roots VALUES (1), (2)").update();
		application.jdbc().sql("INSERT INTO leaves SELECT n, 1 FROM generate_series(300, 700) n").update();
		application.deletes().from("users").all().execute();
		application.deletes().from("roots").all().execute();
		outbox().then((rows) -> {
			if (rows.keys().contains(CULPRIT)) {
				assertThatException()
					.isThrownBy(() -> application.jdbc().sql("SELECT 1 / 0").query(Long.class).single());
			}
		});
		application.purgeAfter(Duration.ofDays(2));
		assertThat(application.ids("users")).containsExactly(CULPRIT);
		assertThat(application.ids("roots")).containsExactly(1L);
		for (PendingPurge failed : List.of(application.pending().forRow("users", CULPRIT).orElseThrow(),
				application.pending().forRow("roots", 1).orElseThrow())) {
			assertThat(failed.state()).isEqualTo(State.FAILED);
			assertThat(failed.lastError()).contains("A purge listener failed", "transaction is aborted");
		}
		assertOutboxTellsOfAllThatIsGone();
	}

	@ParameterizedTest
	@MethodSource("throwables")
	void aTreeOfWhichAListenerRefusesARowStaysWhole(Throwable thrown) {
		application.jdbc().sql("INSERT INTO roots VALUES (1), (2)").update();
		application.jdbc().sql("INSERT INTO leaves VALUES (1, 1), (499, 2), (500, 2), (501, 2)").update();
		application.deletes().from("roots").all().execute();
		outbox().then((rows) -> throwIfCulprit(rows, thrown));
		application.purgeAfter(Duration.ofDays(2));
		assertThat(application.ids("roots")).containsExactly(2L);
		assertThat(application.ids("leaves")).containsExactly(499L, 500L, 501L);
		PendingPurge failed = application.pending().forRow("roots", 2).orElseThrow();
		assertThat(failed.state()).isEqualTo(State.FAILED);
		assertThat(failed.lastError()).isEqualTo("A purge listener failed: no thanks");
		assertOutboxTellsOfAllThatIsGone();
		outbox().onlyWrite();
		assertThat(application.purgeAfter(Duration.ofDays(3))).isEqualTo(4);
		assertOutboxTellsOfAllThatIsGone();
		assertThat(inOutbox("leaves")).containsExactlyInAnyOrder(1L, 499L, 500L, 501L);
	}

	@ParameterizedTest
	@MethodSource("throwables")
	void aTreeThatIsLargerThanABatchGoesOnWhereAListenerRefusedIt(Throwable thrown) {
		application.jdbc().sql("INSERT INTO roots VALUES (1), (2)").update();
		application.jdbc().sql("INSERT INTO leaves SELECT n, 1 FROM generate_series(300, 700) n").update();
		application.deletes().from("roots").all().execute();
		outbox().then((rows) -> throwIfCulprit(rows, thrown));
		application.purgeAfter(Duration.ofDays(2));
		assertThat(application.ids("roots")).containsExactly(1L);
		assertThat(application.ids("leaves")).contains(CULPRIT);
		assertThat(application.pending().forRow("roots", 1).orElseThrow().lastError())
			.isEqualTo("A purge listener failed: no thanks");
		assertOutboxTellsOfAllThatIsGone();
		outbox().onlyWrite();
		application.purgeAfter(Duration.ofDays(3));
		assertThat(application.ids("roots")).isEmpty();
		assertThat(application.ids("leaves")).isEmpty();
		assertThat(inOutbox("leaves")).hasSize(401);
		assertOutboxTellsOfAllThatIsGone();
	}

	static Stream<Throwable> throwables() {
		return Stream.of(new IllegalStateException("no thanks"), new AssertionError("no thanks"),
				new StackOverflowError("no thanks"), new Exception("no thanks"));
	}

	static Stream<RuntimeException> troubles() {
		return Stream.of(
				new CannotGetJdbcConnectionException("the other one is away", new SQLException("refused", "08001")),
				new IllegalStateException("the other one shuts down", new SQLException("terminating", "57P01")),
				new IllegalStateException("the other one has no such table", new SQLException("no such", "42P01")),
				new IllegalStateException("the other one refuses", new SQLException("foreign key", "23503")));
	}

	/**
	 * Every row that is gone is once in the outbox, and as often as in the application's
	 * events.
	 */
	private static void assertOutboxTellsOfAllThatIsGone() {
		for (String table : List.of("users", "notes", "roots", "leaves")) {
			List<Long> told = inOutbox(table);
			assertThat(told).doesNotHaveDuplicates();
			assertThat(application.ids(table)).noneMatch(told::contains);
			assertThat(outbox().rowsInEvents("public." + table)).isEqualTo(told.size());
		}
		assertThat(inOutbox("users").size() + application.ids("users").stream().filter((id) -> id > 0).count())
			.isEqualTo(1000);
	}

	private static List<Long> inOutbox(String table) {
		return application.database()
			.jdbc()
			.sql("SELECT id FROM outbox WHERE table_name = ?")
			.param("public." + table)
			.query(Long.class)
			.list();
	}

	private static void throwIfCulprit(PurgedRows rows, Throwable thrown) {
		if (rows.keys().contains(CULPRIT)) {
			PurgeListenerIT.<RuntimeException>sneakily(thrown);
		}
	}

	@SuppressWarnings("unchecked")
	private static <T extends Throwable> void sneakily(Throwable thrown) throws T {
		throw (T) thrown;
	}

	private static Outbox outbox() {
		return application.bean(Outbox.class);
	}

	/**
	 * Writes a row for each key, then does what the test wants.
	 */
	static class Outbox implements PurgeListener {

		private final JdbcTemplate jdbc;

		private final List<RowsPurgedEvent> events = new CopyOnWriteArrayList<>();

		private volatile Consumer<PurgedRows> then = (rows) -> {
		};

		Outbox(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		@Override
		public void purged(PurgedRows rows) {
			this.jdbc.batchUpdate("INSERT INTO outbox VALUES (?, ?)",
					rows.keys().stream().map((key) -> new Object[] { rows.table(), key }).toList());
			this.then.accept(rows);
		}

		@EventListener
		public void on(RowsPurgedEvent event) {
			this.events.add(event);
		}

		long rowsInEvents(String table) {
			return this.events.stream()
				.filter((event) -> event.table().equals(table))
				.mapToLong(RowsPurgedEvent::rows)
				.sum();
		}

		void then(Consumer<PurgedRows> then) {
			this.then = then;
		}

		void onlyWrite() {
			this.then = (rows) -> {
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Listening {

		@Bean
		Outbox outbox(JdbcTemplate jdbc) {
			return new Outbox(jdbc);
		}

	}

}
