package io.github.deletionpolicy.scenario.operations;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.PendingPurges.PendingPurge;
import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.ReadOnlyDeletionException;
import io.github.deletionpolicy.UnknownTableException;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.scenario.TreeTables;
import io.github.deletionpolicy.support.TestDatabase;
import io.github.deletionpolicy.test.RowAssertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Rows that an application has marked as deleted by itself, and hands over to the purge.
 */
class AdoptIT {

	private static final Instant LONG_AGO = Instant.parse("2000-01-01T00:00:00Z");

	private static final Duration DELAY = Duration.ofDays(30);

	@RegisterExtension
	private static final Application application = Application.of("""
			CREATE TABLE users (id bigint PRIMARY KEY, legal_hold boolean, deletion_time timestamptz);
			CREATE TABLE notes (id uuid PRIMARY KEY, deletion_time timestamptz);
			CREATE TABLE seats (hall text, seat int, deleted_at timestamptz, PRIMARY KEY (hall, seat));
			CREATE TABLE plain (id bigint PRIMARY KEY, deletion_time timestamptz);
			CREATE VIEW live_users AS SELECT * FROM users WHERE deletion_time IS NULL;
			CREATE TABLE events (id bigint PRIMARY KEY, deletion_time timestamptz) PARTITION BY RANGE (id);
			CREATE TABLE events_low PARTITION OF events FOR VALUES FROM (0) TO (100);
			CREATE TABLE events_high PARTITION OF events FOR VALUES FROM (100) TO (200)""",
			"deletion-policy.tables.users.mode=scheduled", "deletion-policy.tables.users.delay=30d",
			"deletion-policy.tables.users.hold-condition=legal_hold",
			"deletion-policy.tables.users.live-view=live_users", "deletion-policy.tables.notes.mode=soft",
			"deletion-policy.tables.seats.mode=scheduled", "deletion-policy.tables.seats.delay=90s",
			"deletion-policy.tables.seats.deletion-time-column=deleted_at",
			"deletion-policy.tables.events.mode=scheduled", "deletion-policy.tables.events.delay=1d");

	@BeforeEach
	void reset() {
		sql("TRUNCATE users, notes, seats, plain, events, deletion_operation, deletion_chunk");
		sql("INSERT INTO users SELECT generate_series(1, 9)");
	}

	@Test
	void whatIsTakenOverIsPurgedAfterTheDelayFromNow() {
		stamp(1, "2020-05-05 10:11:12.123456+00");
		Instant before = application.now();
		assertThat(adopt()).isOne();
		PendingPurge purge = purgeOf(1);
		RowAssertions rows = application.bean(RowAssertions.class);
		rows.assertThat("users", 1).isPendingPurgeAt(Objects.requireNonNull(purge.purgeAt()));
		assertThat(purge.deletionTime()).isEqualTo(Instant.parse("2020-05-05T10:11:12.123456Z"))
			.isEqualTo(application.deletionTime("users", 1));
		assertThat(purge.purgeAt()).isBetween(before.plus(DELAY), application.now().plus(DELAY));
		assertThat(application.purgeAfter(DELAY.minusMinutes(1))).isZero();
		assertThat(application.purgeAfter(DELAY.plusMinutes(1))).isOne();
		rows.assertThat("users", 1).isGone();
		rows.assertThat("users", 2).isLive();
	}

	@Test
	void nobodyIsTakenOverTwice() {
		stamp(1, "2020-05-05 10:00:00+00");
		stamp(2, "2020-05-06 10:00:00+00");
		assertThat(adopt()).isEqualTo(2);
		assertThat(adopt()).isZero();
		assertThat(application.operations()).isEqualTo(2);
	}

	@Test
	void rowsOfOneTimeAreOneOperation() {
		sql("UPDATE users SET deletion_time = '2020-05-05 10:00:00+00' WHERE id < 5");
		assertThat(adopt()).isEqualTo(4);
		assertThat(purgeOf(1)).isEqualTo(purgeOf(4));
		assertThat(purgeOf(1).rows()).isEqualTo(4);
		assertThat(application.deletes().restore(purgeOf(1).operationId()).rows()).isEqualTo(4);
		assertThat(application.liveIds("users")).hasSize(9);
	}

	@Test
	void whatALibraryDeleteHasRecordedIsLeftToIt() {
		DeletionResult scheduled = application.deletes().from("users").byId(1).execute();
		DeletionResult soft = application.deletes().from("users").byId(2).soft().execute();
		DeletionResult cancelled = application.deletes().from("users").byId(3).execute();
		application.pending().cancel(cancelled.operationId());
		assertThat(adopt()).isZero();
		assertThat(purgeOf(1).operationId()).isEqualTo(scheduled.operationId());
		assertThat(application.pending().forRow("users", 2)).isEmpty();
		assertThat(application.pending().forRow("users", 3)).isEmpty();
		assertThat(application.deletes().restore(soft.operationId()).rows()).isOne();
	}

	@Test
	void whatWasRecordedWhenTheColumnHadAnotherNameIsLeftToo() {
		application.deletes().from("users").byId(1).soft().execute();
		sql("INSERT INTO deletion_table (schema_name, table_name, time_column) VALUES ('public', 'users', 'deleted_at')");
		sql("UPDATE deletion_operation SET table_id = (SELECT id FROM deletion_table WHERE table_name = 'users' AND time_column = 'deleted_at')");
		sql("UPDATE deletion_chunk SET table_id = (SELECT table_id FROM deletion_operation)");
		assertThat(adopt()).isZero();
	}

	@Test
	void whatWasTakenOverAndCancelledIsNeverTakenOverAgain() {
		stamp(1, "2020-05-05 10:00:00+00");
		adopt();
		application.pending().cancel(purgeOf(1).operationId());
		assertThat(adopt()).isZero();
		assertThat(application.purgeAfter(Duration.ofDays(3650))).isZero();
	}

	@Test
	void infinityIsNoTime() {
		stamp(1, "infinity");
		stamp(2, "-infinity");
		assertThat(application.pending().adopt("users", Instant.MIN)).isZero();
		assertThat(application.pending().adopt("users", OffsetDateTime.MIN.toInstant())).isZero();
	}

	@Test
	void timesBeforeSinceAreLeftToTheMicrosecond() {
		stamp(1, "2020-05-05 10:00:00.000001+00");
		stamp(2, "2020-05-05 10:00:00.000002+00");
		stamp(3, "2020-05-05 10:00:00.000003+00");
		Instant since = Instant.parse("2020-05-05T10:00:00.000001001Z");
		assertThat(application.pending().adopt("users", since)).isEqualTo(2);
		assertThat(application.pending().forRow("users", 1)).isEmpty();
		assertThat(application.pending().adopt("users", Instant.parse("2020-05-05T10:00:00.000001Z"))).isOne();
	}

	@Test
	void aTimeFromAClockThatIsAheadCountsFromNowToo() {
		sql("UPDATE users SET deletion_time = now() + interval '1 year' WHERE id = 1");
		assertThat(adopt()).isOne();
		assertThat(purgeOf(1).purgeAt()).isBefore(application.now().plus(DELAY));
		assertThat(application.purgeAfter(DELAY.plusMinutes(1))).isOne();
	}

	@Test
	void sinceInTheFutureTakesWhatIsLaterStill() {
		stamp(1, "2020-05-05 10:00:00+00");
		sql("UPDATE users SET deletion_time = now() + interval '1 year' WHERE id = 2");
		assertThat(application.pending().adopt("users", application.now().plus(Duration.ofDays(1)))).isOne();
		assertThat(application.pending().adopt("users", application.now().plus(Duration.ofDays(400)))).isZero();
		assertThat(application.pending().adopt("users", Instant.MAX)).isZero();
		assertThat(application.pending().forRow("users", 1)).isEmpty();
	}

	/**
	 * A nightly job that writes midnight leaves rows with the token of an operation that
	 * is there already.
	 */
	@Test
	void rowsWhoseTokenIsTakenGetTheNextMicrosecondAndATimeOfTheirOwn() {
		stamp(1, "2020-05-05 00:00:00+00");
		adopt();
		UUID first = purgeOf(1).operationId();
		sql("UPDATE deletion_operation SET purge_at = purge_at - interval '29 days'");
		sql("UPDATE deletion_chunk SET next_attempt = next_attempt - interval '29 days'");
		stamp(2, "2020-05-05 00:00:00+00");
		stamp(3, "2020-05-05 00:00:00+00");
		assertThat(adopt()).isEqualTo(2);
		PendingPurge second = purgeOf(2);
		assertThat(second.operationId()).isNotEqualTo(first).isEqualTo(purgeOf(3).operationId());
		assertThat(second.deletionTime()).isEqualTo(Instant.parse("2020-05-05T00:00:00.000001Z"))
			.isEqualTo(application.deletionTime("users", 2));
		assertThat(application.deletionTime("users", 1)).isEqualTo(Instant.parse("2020-05-05T00:00:00Z"));
		assertThat(application.purgeAfter(Duration.ofDays(2))).isOne();
		assertThat(application.purgeAfter(Duration.ofDays(31))).isEqualTo(2);
	}

	@Test
	void stepsOverMicrosecondsThatAreTakenToo() {
		sql("UPDATE users SET deletion_time = '2020-05-05 00:00:00+00'::timestamptz + id * interval '1 microsecond' WHERE id <= 3");
		adopt();
		sql("UPDATE users SET deletion_time = '2020-05-05 00:00:00+00'::timestamptz + (id - 3) * interval '1 microsecond' WHERE id BETWEEN 4 AND 6");
		assertThat(adopt()).isEqualTo(3);
		assertThat(application.jdbc()
			.sql("SELECT count(DISTINCT deletion_time) FROM users WHERE deletion_time IS NOT NULL")
			.query(Long.class)
			.single()).isEqualTo(6);
		assertThat(application.operations()).isEqualTo(6);
		for (int id = 1; id <= 6; id++) {
			assertThat(purgeOf(id).deletionTime()).isEqualTo(application.deletionTime("users", id));
		}
		assertThat(adopt()).isZero();
	}

	@Test
	void aTriggerThatRefusesANewTimeLeavesTheRowAlone() {
		stamp(1, "2020-05-05 00:00:00+00");
		adopt();
		stamp(2, "2020-05-05 00:00:00+00");
		sql("CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'");
		sql("CREATE TRIGGER keep BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION keep()");
		try {
			assertThat(adopt()).isZero();
			assertThat(application.operations()).isOne();
		}
		finally {
			sql("DROP FUNCTION keep CASCADE");
		}
	}

	@Test
	void heldRowsWaitAsAllOthersDo() {
		stamp(1, "2020-05-05 10:00:00+00");
		sql("UPDATE users SET legal_hold = true WHERE id = 1");
		assertThat(adopt()).isOne();
		assertThat(application.purgeAfter(Duration.ofDays(31))).isZero();
		assertThat(purgeOf(1).state()).isEqualTo(State.HELD);
	}

	@Test
	void compositeKeysOfAnotherColumnAndTheNameOfALiveView() {
		sql("INSERT INTO seats VALUES ('a', 1, now()), ('a', 2, now()), ('b', 1, NULL)");
		stamp(1, "2020-05-05 10:00:00+00");
		assertThat(application.pending().adopt("seats", LONG_AGO)).isEqualTo(2);
		assertThat(application.pending().adopt("seats", LONG_AGO)).isZero();
		assertThat(application.pending().adopt("live_users", LONG_AGO)).isOne();
		assertThat(application.purgeAfter(Duration.ofSeconds(91))).isEqualTo(2);
	}

	@Test
	void partitionsAreTakenOverWithTheWhole() {
		sql("INSERT INTO events VALUES (1, now()), (101, now()), (2, NULL), (102, NULL)");
		application.deletes().from("events_high").byId(102).soft().execute();
		assertThatExceptionOfType(UnsupportedTableException.class)
			.isThrownBy(() -> application.pending().adopt("events_low", LONG_AGO))
			.withMessageContaining("public.events_low is a partition of public.events");
		assertThat(application.pending().adopt("events", LONG_AGO)).isEqualTo(2);
		assertThat(application.purgeAfter(Duration.ofDays(2))).isEqualTo(2);
		assertThat(application.ids("events")).containsExactly(2L, 102L);
	}

	@Test
	void aTableWithoutAScheduledPolicyIsRefusedWithWhatToWrite() {
		assertThatExceptionOfType(UnsupportedTableException.class)
			.isThrownBy(() -> application.pending().adopt("plain", LONG_AGO))
			.withMessageContaining("public.plain has no scheduled policy")
			.withMessageContaining("plain: { mode: scheduled, delay: 30d }");
		assertThatExceptionOfType(UnsupportedTableException.class)
			.isThrownBy(() -> application.pending().adopt("notes", LONG_AGO))
			.withMessageContaining("public.notes has a soft policy")
			.withMessageContaining("notes: { mode: scheduled, delay: 30d }");
		assertThatExceptionOfType(UnknownTableException.class)
			.isThrownBy(() -> application.pending().adopt("nothing", LONG_AGO));
	}

	@Test
	void aReadOnlyTransactionIsRefused() {
		TransactionTemplate reading = application.transactions();
		reading.setReadOnly(true);
		assertThatExceptionOfType(ReadOnlyDeletionException.class)
			.isThrownBy(() -> reading.executeWithoutResult((status) -> adopt()));
	}

	@Test
	void whatIsRolledBackLeavesNoTrace() {
		stamp(1, "2020-05-05 10:00:00+00");
		application.transactions().executeWithoutResult((status) -> {
			assertThat(adopt()).isOne();
			assertThat(application.jdbc().sql("SHOW enable_nestloop").query(String.class).single()).isEqualTo("on");
			status.setRollbackOnly();
		});
		assertThat(application.operations()).isZero();
		assertThat(adopt()).isOne();
	}

	@Test
	void aRowThatIsRestoredMeanwhileStaysLive() {
		stamp(1, "2020-05-05 10:00:00+00");
		application.transactions().executeWithoutResult((status) -> {
			assertThat(adopt()).isOne();
			elsewhere(() -> sql("UPDATE users SET deletion_time = NULL WHERE id = 1"));
		});
		assertThat(application.purgeAfter(Duration.ofDays(31))).isZero();
		assertThat(application.liveIds("users")).hasSize(9);
	}

	@Test
	void aRowThatIsRestoredWhileItsTokenIsReplacedStaysLive() throws Exception {
		stamp(1, "2020-05-05 00:00:00+00");
		adopt();
		stamp(2, "2020-05-05 00:00:00+00");
		CompletableFuture<Long> adopting = application.transactions().execute((status) -> {
			sql("UPDATE users SET deletion_time = NULL WHERE id = 2");
			CompletableFuture<Long> started = CompletableFuture.supplyAsync(AdoptIT::adopt, TreeTables.THREADS);
			application.awaitLockWaiter();
			return started;
		});
		assertThat(adopting.get()).isZero();
		assertThat(application.operations()).isOne();
		assertThat(application.liveIds("users")).hasSize(8).contains(2L);
	}

	@Test
	void aRowThatTheLibraryDeletesAnewMeanwhileIsPurgedByThatDelete() {
		stamp(1, "2020-05-05 10:00:00+00");
		application.transactions().executeWithoutResult((status) -> {
			assertThat(adopt()).isOne();
			elsewhere(() -> application.deletes()
				.from("users")
				.byId(1)
				.includingDeleted()
				.scheduled(Duration.ofDays(90))
				.execute());
		});
		assertThat(application.purgeAfter(Duration.ofDays(31))).isZero();
		assertThat(application.purgeAfter(Duration.ofDays(91))).isOne();
	}

	@Test
	void whatIsMarkedButNotCommittedIsTakenOverByTheNextCall() {
		application.transactions().executeWithoutResult((status) -> {
			stamp(1, "2020-05-05 10:00:00+00");
			assertThat(CompletableFuture.supplyAsync(AdoptIT::adopt, TreeTables.THREADS).join()).isZero();
		});
		assertThat(adopt()).isOne();
	}

	@ParameterizedTest
	@ValueSource(
			ints = { TransactionDefinition.ISOLATION_READ_COMMITTED, TransactionDefinition.ISOLATION_REPEATABLE_READ })
	void twoCallersAtOnceTakeEachRowOnce(int isolation) throws Exception {
		sql("INSERT INTO users SELECT g, NULL, '2020-05-05 10:00:00+00'::timestamptz + g % 7 * interval '1 second' FROM generate_series(10, 3000) g");
		TransactionTemplate transactions = application.transactions();
		transactions.setIsolationLevel(isolation);
		CountDownLatch begun = new CountDownLatch(2);
		List<CompletableFuture<Long>> callers = List.of(1, 2)
			.stream()
			.map((caller) -> CompletableFuture.supplyAsync(() -> transactions.execute((status) -> {
				application.jdbc().sql("SELECT count(*) FROM users").query(Long.class).single();
				begun.countDown();
				await(begun);
				return adopt();
			}), TreeTables.THREADS))
			.toList();
		long adopted = 0;
		for (CompletableFuture<Long> caller : callers) {
			adopted += caller.exceptionally((ex) -> {
				assertThat(ex).hasCauseInstanceOf(ConcurrencyFailureException.class);
				return 0L;
			}).get();
		}
		assertThat(adopted).isEqualTo(2991);
		assertThat(application.jdbc().sql("SELECT sum(key_count) FROM deletion_chunk").query(Long.class).single())
			.isEqualTo(2991);
	}

	@ParameterizedTest
	@ValueSource(strings = { "interval '1 second'", "0 * interval '1 second'" })
	void twoHundredThousandRowsOfManyTimesOrOne(String apart) {
		sql("INSERT INTO users SELECT g, NULL, '2020-05-05 10:00:00+00'::timestamptz + g * %s FROM generate_series(1001, 201000) g"
			.formatted(apart));
		assertThat(adopt()).isEqualTo(200_000);
		assertThat(application.operations()).isEqualTo(apart.startsWith("0") ? 1 : 200_000);
		assertThat(adopt()).isZero();
		assertThat(application.jdbc().sql("""
				SELECT count(*) FROM users t JOIN deletion_operation o ON o.token = t.deletion_time
				JOIN deletion_chunk c ON c.operation_id = o.id AND t.id = ANY (c.keys_bigint)
				WHERE t.id % 100 = 0""").query(Long.class).single()).isEqualTo(2000);
		assertThat(application.purgeAfter(Duration.ofDays(31))).isEqualTo(200_000);
		assertThat(application.liveIds("users")).hasSize(9);
	}

	@Test
	void aKeyThatHasChangedSinceIsRefused() {
		try (Application own = Application
			.of("CREATE TABLE users (id bigint, code uuid DEFAULT gen_random_uuid(), deletion_time timestamptz, PRIMARY KEY (id))",
					"deletion-policy.tables.users.mode=scheduled", "deletion-policy.tables.users.delay=30d")
			.start()) {
			own.jdbc().sql("INSERT INTO users SELECT generate_series(1, 2)").update();
			own.pending().cancel(own.deletes().from("users").byId(1).execute().operationId());
			TestDatabase database = own.database();
			database.jdbc().sql("ALTER TABLE users DROP CONSTRAINT users_pkey, ADD PRIMARY KEY (code)").update();
			try (Application later = Application
				.of(database, "deletion-policy.tables.users.mode=scheduled", "deletion-policy.tables.users.delay=30d")
				.start()) {
				assertThatExceptionOfType(UnsupportedTableException.class)
					.isThrownBy(() -> later.pending().adopt("users", LONG_AGO))
					.withMessageContaining("another primary key");
			}
		}
	}

	private static long adopt() {
		return application.pending().adopt("users", LONG_AGO);
	}

	private static PendingPurge purgeOf(int id) {
		return application.pending().forRow("users", id).orElseThrow();
	}

	private static void stamp(int id, String time) {
		application.jdbc()
			.sql("UPDATE users SET deletion_time = CAST(? AS timestamptz) WHERE id = ?")
			.params(time, id)
			.update();
	}

	private static void sql(String statement) {
		application.jdbc().sql(statement).update();
	}

	private static void elsewhere(Runnable work) {
		CompletableFuture.runAsync(work, TreeTables.THREADS).join();
	}

	private static void await(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
