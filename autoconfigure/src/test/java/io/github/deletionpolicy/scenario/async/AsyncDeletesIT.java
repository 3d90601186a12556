package io.github.deletionpolicy.scenario.async;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

import io.github.deletionpolicy.AsyncDeletion;
import io.github.deletionpolicy.AsyncOptions;
import io.github.deletionpolicy.AsyncProgress;
import io.github.deletionpolicy.AsyncProgress.State;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.PendingPurges.AsyncSummary;
import io.github.deletionpolicy.PurgeListener;
import io.github.deletionpolicy.PurgedRows;
import io.github.deletionpolicy.ReadOnlyDeletionException;
import io.github.deletionpolicy.RestoreResult;
import io.github.deletionpolicy.RowsDeletedEvent;
import io.github.deletionpolicy.RowsPurgedEvent;
import io.github.deletionpolicy.UnknownOperationException;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.scenario.TreeTables;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.data.relational.core.query.Criteria;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What an asynchronous delete removes or marks, batch by batch, and what its handle says.
 */
class AsyncDeletesIT {

	private static final AsyncOptions ONE_BY_ONE = new AsyncOptions(1, Duration.ZERO);

	/**
	 * So long a rest that a run does one batch and ends.
	 */
	private static final Duration UNTIL_NEXT_RUN = Duration.ofHours(1);

	private static final List<PurgedRows> told = new CopyOnWriteArrayList<>();

	private static final List<Object> events = new CopyOnWriteArrayList<>();

	@RegisterExtension
	private static final Application application = Application
		.of("""
				CREATE TABLE logs (id bigint PRIMARY KEY, level text, deletion_time timestamptz);
				CREATE TABLE plain (id bigint PRIMARY KEY, level text);
				CREATE TABLE notes (id bigint PRIMARY KEY, level text, deletion_time timestamptz);
				CREATE TABLE users (id bigint PRIMARY KEY, level text, deletion_time timestamptz);
				CREATE TABLE docs (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES notes ON DELETE CASCADE,
					deletion_time timestamptz);
				CREATE INDEX ON docs (user_id);
				CREATE TABLE parent (id bigint PRIMARY KEY);
				CREATE TABLE child (id bigint PRIMARY KEY, parent_id bigint REFERENCES parent)""",
				"deletion-policy.tables.notes.mode=soft", "deletion-policy.tables.users.mode=scheduled",
				"deletion-policy.tables.users.delay=1d", "deletion-policy.purge.batch-size=100",
				"deletion-policy.purge.retry-delay=10m")
		.with(Listeners.class);

	@BeforeEach
	void thousandRows() {
		application.jdbc()
			.sql("TRUNCATE logs, plain, notes, users, docs, parent, child, deletion_operation, deletion_chunk, deletion_async, deletion_async_spared")
			.update();
		for (String table : List.of("logs", "plain", "notes", "users")) {
			application.jdbc()
				.sql("INSERT INTO %s SELECT g, CASE WHEN g %% 2 = 0 THEN 'debug' ELSE 'info' END FROM generate_series(1, 1000) g"
					.formatted(table))
				.update();
		}
		told.clear();
		events.clear();
	}

	@ParameterizedTest
	@ValueSource(strings = { "logs", "plain" })
	void removesWhatMatchesInBatches(String table) {
		AsyncDeletion deletion = application.deletes()
			.from(table)
			.where(Criteria.where("level").is("debug"))
			.executeAsync(new AsyncOptions(100, Duration.ZERO));
		assertThat(deletion.progress()).isEqualTo(new AsyncProgress(State.ACCEPTED, 0, 0, 0));
		application.purges().runDue();
		assertThat(deletion.progress()).isEqualTo(new AsyncProgress(State.DONE, 500, 0, 1));
		assertThat(deletion.lastError()).isEmpty();
		assertThat(application.ids(table)).hasSize(500).allMatch((id) -> id % 2 == 1);
	}

	@Test
	void listenersAreToldOfEachRowOnceAndEventsOfEachBatch() {
		AsyncDeletion deletion = application.deletes()
			.from("logs")
			.all()
			.executeAsync(new AsyncOptions(400, Duration.ZERO));
		application.purges().runDue();
		assertThat(told.stream().flatMap((rows) -> rows.keys().stream()).toList()).hasSize(1000)
			.doesNotHaveDuplicates();
		assertThat(told).hasSize(3).allSatisfy((rows) -> {
			assertThat(rows.table()).isEqualTo("public.logs");
			assertThat(rows.operationId()).isEqualTo(deletion.operationId());
		});
		assertThat(events).hasSize(3)
			.allSatisfy((event) -> assertThat(event).isInstanceOfSatisfying(RowsDeletedEvent.class, (deleted) -> {
				assertThat(deleted.result().operationId()).isEqualTo(deletion.operationId());
				assertThat(deleted.result().mode()).isEqualTo(DeletionMode.HARD);
			}));
	}

	/**
	 * The other system that this design comes from forgets the mode after the first
	 * batch.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "notes", "users" })
	void anExplicitHardIsHardInEveryBatch(String table) {
		AsyncDeletion deletion = application.deletes()
			.from(table)
			.where(Criteria.where("id").lessThanOrEquals(50))
			.hard()
			.executeAsync(ONE_BY_ONE);
		application.purges().runDue();
		assertThat(deletion.progress()).isEqualTo(new AsyncProgress(State.DONE, 50, 0, 1));
		assertThat(application.ids(table)).hasSize(950);
		assertThat(count("SELECT count(*) FROM %s WHERE deletion_time IS NOT NULL".formatted(table))).isZero();
	}

	@Test
	void aSoftDefaultMarksRowsOfOneOperationWithTheirDependants() {
		application.jdbc().sql("INSERT INTO docs SELECT g, g, NULL FROM generate_series(1, 1000) g").update();
		AsyncDeletion deletion = application.deletes()
			.from("notes")
			.where(Criteria.where("level").is("debug"))
			.executeAsync(new AsyncOptions(64, Duration.ZERO));
		application.purges().runDue();
		assertThat(deletion.progress()).isEqualTo(new AsyncProgress(State.DONE, 500, 0, 1));
		assertThat(count("SELECT count(DISTINCT deletion_time) FROM notes")).isOne();
		assertThat(count(
				"SELECT count(*) FROM docs JOIN notes ON notes.id = user_id WHERE docs.deletion_time = notes.deletion_time"))
			.isEqualTo(500);
		assertThat(count("SELECT count(*) FROM docs WHERE deletion_time IS NOT NULL")).isEqualTo(500);
		assertThat(told).isEmpty();
		assertThat(application.deletes().restore(deletion.operationId()))
			.isEqualTo(new RestoreResult(500, Map.of("public.docs", 500L)));
		assertThat(count("SELECT count(*) FROM notes WHERE deletion_time IS NOT NULL")).isZero();
	}

	@Test
	void aRowThatStopsMatchingBeforeItsBatchIsSpared() {
		AsyncDeletion deletion = oneBatch("logs", 100);
		assertThat(application.ids("logs")).hasSize(900);
		application.jdbc().sql("UPDATE logs SET level = 'keep' WHERE id IN (500, 1000)").update();
		finish(deletion);
		assertThat(application.ids("logs")).containsExactly(500L, 1000L);
		assertThat(deletion.progress()).isEqualTo(new AsyncProgress(State.DONE, 998, 0, 1));
	}

	@Test
	void aRowThatIsInsertedLaterIsNotTouched() {
		AsyncDeletion deletion = oneBatch("logs", 100);
		application.jdbc().sql("INSERT INTO logs VALUES (1, 'info'), (1001, 'debug')").update();
		finish(deletion);
		assertThat(application.ids("logs")).containsExactly(1L, 1001L);
	}

	@Test
	void aRowThatIsRestoredBetweenBatchesIsNotMarkedAgain() {
		AsyncDeletion deletion = oneBatch("notes", 100);
		application.deletes().restoreFrom("notes").byId(7).execute();
		application.jdbc().sql("UPDATE notes SET deletion_time = NULL WHERE id = 8").update();
		finish(deletion);
		assertThat(live("notes")).containsExactly(7L, 8L);
		assertThat(deletion.progress()).isEqualTo(new AsyncProgress(State.DONE, 1000, 0, 1));
	}

	@Test
	void aDependantThatIsRestoredBeforeTheWalkComesToItIsNotMarkedAgain() {
		application
			.sql("""
					CREATE TABLE staff (id uuid PRIMARY KEY, boss uuid REFERENCES staff ON DELETE CASCADE,
						deletion_time timestamptz);
					INSERT INTO staff SELECT CAST(lpad(g::text, 32, '0') AS uuid),
						CASE WHEN g > 10 THEN CAST(lpad((g %% 10 + 1)::text, 32, '0') AS uuid) END FROM generate_series(1, 100) g"""
				.replace("%%", "%"));
		AsyncDeletion deletion = application.deletes()
			.from("staff")
			.all()
			.soft()
			.executeAsync(new AsyncOptions(5, UNTIL_NEXT_RUN));
		application.purges().runDue();
		assertThat(count("SELECT count(*) FROM staff WHERE deletion_time IS NOT NULL")).isEqualTo(50);
		UUID boss = UUID.fromString("00000000-0000-0000-0000-000000000003");
		assertThat(application.deletes().restoreFrom("staff").byId(boss).execute())
			.isEqualTo(new RestoreResult(1, Map.of("public.staff", 9L)));
		finish(deletion);
		assertThat(count(
				"SELECT count(*) FROM staff WHERE deletion_time IS NULL AND (id, boss) IN (SELECT id, boss FROM staff WHERE boss = '%s')"
					.formatted(boss)))
			.isEqualTo(9);
		assertThat(count("SELECT count(*) FROM staff WHERE deletion_time IS NULL")).isEqualTo(10);
		assertThat(deletion.progress().state()).isEqualTo(State.DONE);
		application.jdbc().sql("DROP TABLE staff").update();
	}

	@Test
	void aRestoreOfTheOperationStopsIt() {
		AsyncDeletion deletion = oneBatch("notes", 100);
		assertThat(application.deletes().restore(deletion.operationId()).rows()).isEqualTo(100);
		assertThat(deletion.progress().state()).isEqualTo(State.CANCELLED);
		finish(deletion);
		assertThat(live("notes")).hasSize(1000);
		assertThat(deletion.lastError()).contains("The operation was restored.");
	}

	@Test
	void aRestoreOfAHardDeleteIsRefusedAndLeavesItAtWork() {
		AsyncDeletion deletion = oneBatch("logs", 100);
		assertThatExceptionOfType(UnknownOperationException.class)
			.isThrownBy(() -> application.deletes().restore(deletion.operationId()));
		finish(deletion);
		assertThat(application.ids("logs")).isEmpty();
	}

	@Test
	void aCallerWhoRollsBackLeavesNothing() {
		List<AsyncDeletion> accepted = new ArrayList<>();
		application.transactions().executeWithoutResult((status) -> {
			accepted.add(application.deletes().from("notes").all().executeAsync());
			accepted.add(application.deletes().from("logs").all().executeAsync());
			assertThat(accepted.get(0).progress().state()).isEqualTo(State.ACCEPTED);
			status.setRollbackOnly();
		});
		application.purges().runDue();
		assertThat(live("notes")).hasSize(1000);
		assertThat(application.ids("logs")).hasSize(1000);
		assertThat(count("SELECT count(*) FROM deletion_async")).isZero();
		assertThat(count("SELECT count(*) FROM deletion_operation")).isZero();
		assertThatExceptionOfType(UnknownOperationException.class).isThrownBy(() -> accepted.get(0).progress())
			.withMessageContaining("rolled back");
	}

	@Test
	void nobodyMayWaitInsideTheTransactionThatAcceptedIt() {
		AsyncDeletion deletion = application.transactions().execute((status) -> {
			AsyncDeletion accepted = application.deletes().from("logs").all().executeAsync();
			assertThatExceptionOfType(InvalidDataAccessApiUsageException.class)
				.isThrownBy(() -> accepted.await(Duration.ofSeconds(1)))
				.withMessageContaining("committed");
			return accepted;
		});
		assertThat(deletion.await(Duration.ofMillis(50)).state()).isEqualTo(State.ACCEPTED);
	}

	@Test
	void awaitReturnsWhenItHasEnded() {
		AsyncDeletion deletion = application.deletes().from("logs").all().executeAsync();
		CompletableFuture<Void> purge = CompletableFuture.runAsync(() -> application.purges().runDue(),
				TreeTables.THREADS);
		assertThat(deletion.await(Duration.ofMinutes(5))).isEqualTo(new AsyncProgress(State.DONE, 1000, 0, 1));
		purge.join();
	}

	@Test
	void aReadOnlyTransactionIsRefused() {
		TransactionTemplate readOnly = application.transactions();
		readOnly.setReadOnly(true);
		assertThatExceptionOfType(ReadOnlyDeletionException.class).isThrownBy(() -> readOnly
			.executeWithoutResult((status) -> application.deletes().from("logs").all().executeAsync()));
	}

	@Test
	void aCancelledOneStopsAfterItsBatch() {
		AsyncDeletion deletion = oneBatch("logs", 100);
		deletion.cancel();
		finish(deletion);
		AsyncProgress progress = deletion.progress();
		assertThat(progress.state()).isEqualTo(State.CANCELLED);
		assertThat(progress.done()).isEqualTo(100);
		assertThat(progress.fraction()).isEqualTo(0.1);
		assertThat(application.ids("logs")).hasSize(900);
		deletion.cancel();
		assertThat(deletion.progress()).isEqualTo(progress);
	}

	@Test
	void operatorsSeeAndCancelThem() {
		UUID operation = application.deletes()
			.from("logs")
			.where(Criteria.where("level").is("debug"))
			.reason("too chatty")
			.executeAsync()
			.operationId();
		AsyncSummary listed = application.pending().asyncDeletions().get(0);
		assertThat(listed.operationId()).isEqualTo(operation);
		assertThat(listed.table()).isEqualTo("public.logs");
		assertThat(listed.reason()).isEqualTo("too chatty");
		assertThat(listed.endedAt()).isNull();
		application.pending().cancel(operation);
		assertThat(application.pending().asyncDeletion(operation).progress().state()).isEqualTo(State.CANCELLED);
		assertThatExceptionOfType(UnknownOperationException.class)
			.isThrownBy(() -> application.pending().cancel(operation));
		assertThatExceptionOfType(UnknownOperationException.class)
			.isThrownBy(() -> application.pending().asyncDeletion(UUID.randomUUID()));
	}

	@Test
	void twoOverlappingOnesCountEachRowOnce() {
		for (String table : List.of("logs", "notes")) {
			List<AsyncDeletion> both = List.of(
					application.deletes().from(table).all().executeAsync(new AsyncOptions(7, Duration.ZERO)),
					application.deletes().from(table).all().executeAsync(new AsyncOptions(11, Duration.ZERO)));
			CompletableFuture<?>[] runs = { run(), run() };
			CompletableFuture.allOf(runs).join();
			assertThat(both).allSatisfy((deletion) -> {
				assertThat(deletion.progress().state()).isEqualTo(State.DONE);
				assertThat(deletion.progress().failed()).isZero();
			});
			assertThat(both.stream().mapToLong((deletion) -> deletion.progress().done()).sum()).isEqualTo(1000);
		}
	}

	private static CompletableFuture<Void> run() {
		return CompletableFuture.runAsync(() -> application.purges().runDue(), TreeTables.THREADS);
	}

	@Test
	void aTableThatIsDroppedInTheMiddleFailsIt() {
		application.jdbc().sql("CREATE TABLE doomed AS SELECT g AS id FROM generate_series(1, 1000) g").update();
		application.jdbc().sql("ALTER TABLE doomed ADD PRIMARY KEY (id)").update();
		AsyncDeletion deletion = oneBatch("doomed", 100);
		application.jdbc().sql("DROP TABLE doomed").update();
		finish(deletion);
		assertThat(deletion.progress().state()).isEqualTo(State.FAILED);
		assertThat(deletion.progress().done()).isEqualTo(100);
		assertThat(deletion.lastError().orElseThrow()).contains("doomed");
		application.jdbc().sql("CREATE TABLE doomed (id integer PRIMARY KEY)").update();
		application.jdbc().sql("INSERT INTO doomed SELECT generate_series(1, 1000)").update();
		application.pending().retry(deletion.operationId());
		finish(deletion);
		assertThat(deletion.progress()).isEqualTo(new AsyncProgress(State.DONE, 1000, 0, 1));
		assertThat(application.ids("doomed")).hasSize(100);
		application.jdbc().sql("DROP TABLE doomed").update();
	}

	@Test
	void aColumnOfTheConditionThatIsDroppedFailsIt() {
		application.jdbc().sql("ALTER TABLE logs ADD COLUMN size integer DEFAULT 1").update();
		AsyncDeletion deletion = application.deletes()
			.from("logs")
			.where(Criteria.where("size").is(1))
			.executeAsync(new AsyncOptions(100, UNTIL_NEXT_RUN));
		application.purges().runDue();
		application.jdbc().sql("ALTER TABLE logs DROP COLUMN size").update();
		finish(deletion);
		assertThat(deletion.progress().state()).isEqualTo(State.FAILED);
		assertThat(deletion.lastError().orElseThrow()).contains("size");
	}

	@Test
	void aColumnOfTheConditionThatChangesItsTypeFailsItAndHoldsUpNoOther() {
		application.jdbc().sql("ALTER TABLE plain ADD COLUMN size text DEFAULT 'big'").update();
		AsyncDeletion broken = application.deletes()
			.from("plain")
			.where(Criteria.where("size").is("big"))
			.executeAsync(new AsyncOptions(100, UNTIL_NEXT_RUN));
		AsyncDeletion other = application.deletes().from("logs").all().executeAsync();
		application.jdbc().sql("ALTER TABLE plain ALTER size DROP DEFAULT, ALTER size TYPE integer USING 1").update();
		application.purges().runDue();
		application.jdbc().sql("ALTER TABLE plain DROP COLUMN size").update();
		assertThat(broken.progress()).isEqualTo(new AsyncProgress(State.FAILED, 0, 0, 0));
		assertThat(broken.lastError().orElseThrow()).contains("big");
		assertThat(other.progress().state()).isEqualTo(State.DONE);
	}

	@Test
	void aTableThatOthersHaveLockedIsLeftForALaterRun() {
		AsyncDeletion deletion = application.deletes().from("plain").all().executeAsync();
		application.transactions().executeWithoutResult((status) -> {
			application.jdbc().sql("LOCK TABLE plain IN ACCESS EXCLUSIVE MODE").update();
			CompletableFuture.runAsync(() -> application.purges().runDue(), TreeTables.THREADS).join();
			assertThat(deletion.progress()).isEqualTo(new AsyncProgress(State.ACCEPTED, 0, 0, 0));
		});
		application.purges().runDue();
		assertThat(deletion.progress()).isEqualTo(new AsyncProgress(State.DONE, 1000, 0, 1));
	}

	@Test
	void anotherPrimaryKeyFailsIt() {
		application.jdbc().sql("CREATE TABLE keyed (a integer PRIMARY KEY, b integer NOT NULL)").update();
		application.jdbc().sql("INSERT INTO keyed SELECT g, -g FROM generate_series(1, 1000) g").update();
		AsyncDeletion deletion = oneBatch("keyed", 100);
		application.jdbc().sql("ALTER TABLE keyed DROP CONSTRAINT keyed_pkey, ADD PRIMARY KEY (b)").update();
		finish(deletion);
		assertThat(deletion.progress().state()).isEqualTo(State.FAILED);
		assertThat(deletion.lastError().orElseThrow()).contains("(a)", "(b)");
		assertThat(count("SELECT count(*) FROM keyed")).isEqualTo(900);
		application.jdbc().sql("DROP TABLE keyed").update();
	}

	@Test
	void aRowThatAForeignKeyKeepsIsTriedAgainAndGivenUpAndItsNeighboursGo() {
		application.jdbc().sql("INSERT INTO parent SELECT generate_series(1, 1000)").update();
		application.jdbc().sql("INSERT INTO child VALUES (1, 300), (2, 301)").update();
		AsyncDeletion deletion = application.deletes().from("parent").all().executeAsync();
		application.purges().runDue();
		assertThat(application.ids("parent")).containsExactly(300L, 301L);
		assertThat(deletion.progress().state()).isEqualTo(State.RUNNING);
		assertThat(deletion.progress().done()).isEqualTo(998);
		assertThat(deletion.lastError().orElseThrow()).contains("child_parent_id_fkey");
		assertThat(application.pending().asyncDeletions().get(0).retrying()).isEqualTo(2);
		application.jdbc().sql("DELETE FROM child WHERE id = 1").update();
		application.purgeAfter(Duration.ofHours(1));
		assertThat(application.ids("parent")).containsExactly(301L);
		for (int attempt = 0; attempt < 5; attempt++) {
			application.purgeAfter(Duration.ofDays(attempt + 1));
		}
		assertThat(deletion.progress()).isEqualTo(new AsyncProgress(State.DONE, 999, 1, 1));
	}

	@Test
	void aRowThatOthersHaveLockedIsLeftBehindAndGoesLater() {
		AsyncDeletion deletion = application.deletes().from("logs").all().executeAsync();
		application.transactions().executeWithoutResult((status) -> {
			application.jdbc().sql("SELECT id FROM logs WHERE id = 400 FOR UPDATE").query().listOfRows();
			CompletableFuture.runAsync(() -> application.purges().runDue(), TreeTables.THREADS).join();
			assertThat(deletion.progress().done()).isEqualTo(999);
			assertThat(deletion.progress().state()).isEqualTo(State.RUNNING);
			assertThat(deletion.lastError().orElseThrow()).contains("locked");
		});
		assertThat(application.ids("logs")).containsExactly(400L);
		application.pending().retry(deletion.operationId());
		application.purges().runDue();
		assertThat(deletion.progress()).isEqualTo(new AsyncProgress(State.DONE, 1000, 0, 1));
	}

	@Test
	void aRowThatATriggerKeepsIsGivenUp() {
		application.jdbc()
			.sql("CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF OLD.id = 3 THEN RETURN NULL; END IF; RETURN OLD; END'")
			.update();
		application.jdbc()
			.sql("CREATE TRIGGER keep BEFORE DELETE ON logs FOR EACH ROW EXECUTE FUNCTION keep()")
			.update();
		AsyncDeletion deletion = application.deletes().from("logs").all().executeAsync();
		for (int attempt = 0; attempt < 6; attempt++) {
			application.purgeAfter(Duration.ofDays(attempt));
		}
		application.jdbc().sql("DROP TRIGGER keep ON logs").update();
		application.jdbc().sql("DROP FUNCTION keep()").update();
		assertThat(deletion.progress()).isEqualTo(new AsyncProgress(State.DONE, 999, 1, 1));
		assertThat(deletion.lastError().orElseThrow()).contains("trigger");
		assertThat(application.ids("logs")).containsExactly(3L);
	}

	@Test
	void aListenerThatFailsForOneRowHoldsUpNoOther() {
		Listeners.failing = 5L;
		try {
			AsyncDeletion deletion = application.deletes().from("logs").all().executeAsync();
			application.purges().runDue();
			assertThat(application.ids("logs")).containsExactly(5L);
			assertThat(deletion.lastError().orElseThrow()).contains("no fives");
			Listeners.failing = null;
			application.pending().retry(deletion.operationId());
			application.purges().runDue();
			assertThat(deletion.progress()).isEqualTo(new AsyncProgress(State.DONE, 1000, 0, 1));
			assertThat(told.stream().flatMap((rows) -> rows.keys().stream()).toList()).hasSize(1000)
				.doesNotHaveDuplicates();
		}
		finally {
			Listeners.failing = null;
		}
	}

	@Test
	void aPauseStopsItAndAResumeLetsItGoOn() {
		AsyncDeletion deletion = oneBatch("logs", 100);
		application.pending().pause("logs");
		finish(deletion);
		assertThat(application.ids("logs")).hasSize(900);
		application.pending().resume("logs");
		finish(deletion);
		assertThat(application.ids("logs")).isEmpty();
	}

	@Test
	void idsAreDeletedWhateverLiesBetweenThem() {
		AsyncDeletion deletion = application.deletes()
			.from("logs")
			.byIds(List.of(2, 999, 5000))
			.executeAsync(ONE_BY_ONE);
		application.purges().runDue();
		assertThat(deletion.progress()).isEqualTo(new AsyncProgress(State.DONE, 2, 0, 1));
		assertThat(application.ids("logs")).hasSize(998).doesNotContain(2L, 999L);
	}

	@Test
	void whereNothingIsThereItIsDoneAtOnce() {
		application.jdbc().sql("TRUNCATE logs").update();
		AsyncDeletion deletion = application.deletes().from("logs").all().executeAsync();
		assertThat(deletion.progress()).isEqualTo(new AsyncProgress(State.DONE, 0, 0, 1));
	}

	@Test
	void aTableWithoutPrimaryKeyIsRefused() {
		application.jdbc().sql("CREATE TABLE keyless (id integer)").update();
		assertThatExceptionOfType(UnsupportedTableException.class)
			.isThrownBy(() -> application.deletes().from("keyless").all().executeAsync())
			.withMessageContaining("primary key");
		application.jdbc().sql("DROP TABLE keyless").update();
	}

	@Test
	void fewMatchesAmongManyAreFound() {
		application.jdbc().sql("INSERT INTO plain SELECT g, 'bulk' FROM generate_series(1001, 200000) g").update();
		application.jdbc().sql("UPDATE plain SET level = 'rare' WHERE id IN (1, 100000, 200000)").update();
		AsyncDeletion deletion = application.deletes()
			.from("plain")
			.where(Criteria.where("level").is("rare"))
			.executeAsync(ONE_BY_ONE);
		application.purges().runDue();
		assertThat(deletion.progress()).isEqualTo(new AsyncProgress(State.DONE, 3, 0, 1));
	}

	@Test
	void theProgressNeverGoesBack() {
		AsyncDeletion deletion = application.deletes()
			.from("logs")
			.where(Criteria.where("level").is("debug"))
			.executeAsync(new AsyncOptions(9, Duration.ZERO));
		List<AsyncProgress> seen = new CopyOnWriteArrayList<>();
		Listeners.watching = () -> seen.add(deletion.progress());
		try {
			application.purges().runDue();
		}
		finally {
			Listeners.watching = () -> {
			};
		}
		seen.add(deletion.progress());
		assertThat(seen).hasSizeGreaterThan(50);
		assertThat(seen.stream().map(AsyncProgress::fraction).toList()).isSorted().endsWith(1.0);
		assertThat(seen.stream().map(AsyncProgress::done).toList()).isSorted().endsWith(500L);
		assertThat(seen.subList(0, seen.size() - 1)).allMatch((progress) -> progress.fraction() < 1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "uuid", "text", "timestamptz", "date", "numeric", "inet", "interval", "float8", "bytea",
			"time", "int4range" })
	void everyTypeOfKeyCanBeWalked(String type) {
		application.jdbc().sql("CREATE TABLE walked (id %s PRIMARY KEY)".formatted(type)).update();
		String value = switch (type) {
			case "uuid" -> "gen_random_uuid()";
			case "timestamptz" -> "timestamptz '2020-03-28 23:59:59.999999+00' + g * interval '7 hours'";
			case "date" -> "date '2020-01-01' + g";
			case "inet" -> "inet '10.0.0.0' + g";
			case "interval" -> "g * interval '1 month 2 days -03:04:05.678901'";
			case "float8" -> "g / 3.0::float8";
			case "bytea" -> "decode(to_hex(g + 4096), 'hex')";
			case "time" -> "time '00:00:01' + g * interval '1.234567 seconds'";
			case "int4range" -> "int4range(g, g + 2)";
			default -> "CAST(g AS %s)".formatted(type);
		};
		application.jdbc()
			.sql("INSERT INTO walked SELECT %s FROM generate_series(1, 300) AS g"
				.formatted(type.equals("bytea") ? "decode(lpad(to_hex(g), 4, '0'), 'hex')" : value))
			.update();
		AsyncDeletion deletion = application.transactions().execute((status) -> {
			for (String setting : List.of("DateStyle = 'ISO, DMY'", "IntervalStyle = 'iso_8601'",
					"extra_float_digits = -10", "bytea_output = 'escape'", "TimeZone = 'Asia/Kolkata'")) {
				application.jdbc().sql("SET LOCAL " + setting).update();
			}
			AsyncDeletion accepted = application.deletes()
				.from("walked")
				.all()
				.hard()
				.executeAsync(new AsyncOptions(7, Duration.ZERO));
			assertThat(application.jdbc().sql("SHOW DateStyle").query(String.class).single()).isEqualTo("ISO, DMY");
			return accepted;
		});
		application.purges().runDue();
		AsyncProgress progress = deletion.progress();
		long left = count("SELECT count(*) FROM walked");
		application.jdbc().sql("DROP TABLE walked").update();
		assertThat(left).as(deletion.lastError().orElse("")).isZero();
		assertThat(progress).isEqualTo(new AsyncProgress(State.DONE, 300, 0, 1));
	}

	@Test
	void aCompositeKeyCanBeWalked() {
		application.jdbc()
			.sql("CREATE TABLE pairs (tenant text, day date, nr smallint, PRIMARY KEY (tenant, day, nr))")
			.update();
		application.jdbc()
			.sql("INSERT INTO pairs SELECT t, date '2024-02-27' + d, n FROM unnest(ARRAY['a', '', 'Ä', '{,\"']) t, generate_series(0, 5) d, generate_series(-3, 3) n")
			.update();
		AsyncDeletion deletion = application.deletes()
			.from("pairs")
			.where(Criteria.where("nr").not(0))
			.executeAsync(new AsyncOptions(5, Duration.ZERO));
		application.purges().runDue();
		assertThat(deletion.progress()).isEqualTo(new AsyncProgress(State.DONE, 4 * 6 * 6, 0, 1));
		assertThat(count("SELECT count(*) FROM pairs")).isEqualTo(24);
		application.jdbc().sql("DROP TABLE pairs").update();
	}

	@Test
	void aPartitionedTableCanBeWalked() {
		application.sql("""
				CREATE TABLE parts (id integer PRIMARY KEY) PARTITION BY HASH (id);
				CREATE TABLE parts_0 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
				CREATE TABLE parts_1 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
				INSERT INTO parts SELECT generate_series(1, 500)""");
		AsyncDeletion deletion = application.deletes()
			.from("parts")
			.all()
			.executeAsync(new AsyncOptions(30, Duration.ZERO));
		application.purges().runDue();
		application.jdbc().sql("DROP TABLE parts").update();
		assertThat(deletion.progress()).isEqualTo(new AsyncProgress(State.DONE, 500, 0, 1));
	}

	@Test
	void itBeginsByItselfWhereANodePurges() {
		try (Application node = Application
			.of(application.database(), "deletion-policy.purge.enabled=true", "deletion-policy.purge.interval=1h")
			.start()) {
			AsyncDeletion deletion = node.deletes().from("logs").all().executeAsync();
			assertThat(deletion.await(Duration.ofMinutes(5))).isEqualTo(new AsyncProgress(State.DONE, 1000, 0, 1));
		}
	}

	@Test
	void itIsForgottenAfterItsRetention() {
		AsyncDeletion deletion = application.deletes().from("logs").all().executeAsync();
		application.purges().runDue();
		application.jdbc().sql("UPDATE deletion_async SET ended_at = ended_at - interval '31 days'").update();
		application.jdbc()
			.sql("INSERT INTO deletion_async_spared (operation_id, table_id, keys_bigint) VALUES (?, 1, '{1}')")
			.param(deletion.operationId())
			.update();
		try (Application node = Application
			.of(application.database(), "deletion-policy.purge.enabled=true", "deletion-policy.purge.interval=1s")
			.start()) {
			Awaitility.await().untilAsserted(() -> assertThat(node.pending().asyncDeletions()).isEmpty());
		}
		assertThat(count("SELECT count(*) FROM deletion_async_spared")).isZero();
		assertThatExceptionOfType(UnknownOperationException.class).isThrownBy(deletion::progress)
			.withMessageContaining("retention");
	}

	/**
	 * Accept a delete and let it do its first batch.
	 */
	private static AsyncDeletion oneBatch(String table, int rows) {
		AsyncDeletion deletion = (Arrays.asList("logs", "notes").contains(table)
				? application.deletes().from(table).where(Criteria.where("level").in("debug", "info"))
				: application.deletes().from(table).all())
			.executeAsync(new AsyncOptions(rows, UNTIL_NEXT_RUN));
		application.purges().runDue();
		assertThat(deletion.progress().done()).isEqualTo(rows);
		assertThat(deletion.progress().state()).isEqualTo(State.RUNNING);
		return deletion;
	}

	private static void finish(AsyncDeletion deletion) {
		application.jdbc()
			.sql("UPDATE deletion_async SET pause_micros = 0, next_attempt = clock_timestamp() WHERE operation_id = ?")
			.param(deletion.operationId())
			.update();
		application.purges().runDue();
	}

	private static List<Long> live(String table) {
		return application.jdbc()
			.sql("SELECT id FROM %s WHERE deletion_time IS NULL ORDER BY id".formatted(table))
			.query(Long.class)
			.list();
	}

	private static long count(String query) {
		return application.jdbc().sql(query).query(Long.class).single();
	}

	@Configuration(proxyBeanMethods = false)
	static class Listeners {

		private static volatile Long failing;

		private static volatile Runnable watching = () -> {
		};

		@Bean
		PurgeListener recordingListener() {
			return (rows) -> {
				if (failing != null && rows.keys().contains(failing)) {
					throw new IllegalStateException("no fives");
				}
				told.add(rows);
				watching.run();
			};
		}

		@EventListener
		void deleted(RowsDeletedEvent event) {
			events.add(event);
		}

		@EventListener
		void purged(RowsPurgedEvent event) {
			events.add(event);
		}

	}

}
