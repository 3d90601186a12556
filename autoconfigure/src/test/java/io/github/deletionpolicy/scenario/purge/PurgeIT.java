package io.github.deletionpolicy.scenario.purge;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.InvalidDeletionPolicyException;
import io.github.deletionpolicy.PendingPurges.PendingPurge;
import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.PendingPurges.TableSummary;
import io.github.deletionpolicy.PurgeListener;
import io.github.deletionpolicy.PurgedRows;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.purge.PurgeReport;
import io.github.deletionpolicy.purge.Purger;
import io.github.deletionpolicy.scenario.Application;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What a purge removes, what it leaves, and what it says about that.
 */
class PurgeIT {

	private static final List<PurgedRows> told = new ArrayList<>();

	@RegisterExtension
	private static final Application application = Application
		.of("""
				CREATE TABLE users (id bigint PRIMARY KEY, legal_hold boolean, deletion_time timestamptz);
				CREATE TABLE documents (id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
					user_id bigint NOT NULL REFERENCES users, deletion_time timestamptz);
				CREATE TABLE outbox (keys text)""", "deletion-policy.tables.users.mode=scheduled",
				"deletion-policy.tables.users.delay=1d", "deletion-policy.tables.users.hold-condition=legal_hold",
				"deletion-policy.tables.documents.mode=scheduled", "deletion-policy.tables.documents.delay=1d",
				"deletion-policy.purge.batch-size=100")
		.with(Listeners.class);

	@BeforeEach
	void thousandUsers() {
		application.jdbc().sql("TRUNCATE users, documents, outbox, deletion_operation, deletion_chunk").update();
		application.jdbc().sql("INSERT INTO users SELECT generate_series(1, 1000)").update();
		told.clear();
	}

	@Test
	void aBacklogThatIsLargerThanABatchGoesInOneRun() {
		application.deletes().from("users").all().execute();
		assertThat(application.purgeAfter(Duration.ofDays(2))).isEqualTo(1000);
		assertThat(application.ids("users")).isEmpty();
		assertThat(application.chunks()).isZero();
	}

	@Test
	void rowsDeletedOneByOneGoInBatches() {
		for (long id = 1; id <= 250; id++) {
			application.deletes().from("users").byId(id).execute();
		}
		assertThat(application.chunks()).isEqualTo(250);
		assertThat(application.purgeAfter(Duration.ofDays(2))).isEqualTo(250);
		assertThat(application.ids("users")).hasSize(750);
		assertThat(application.chunks()).isZero();
	}

	@Test
	void aRowThatAForeignKeyProtectsWaitsAndItsNeighboursGo() {
		application.deletes().from("users").all().execute();
		application.jdbc().sql("INSERT INTO documents (user_id) VALUES (500)").update();
		PurgeReport report = application.purges().runDueAsOf(application.now().plus(Duration.ofDays(2)));
		assertThat(report.total()).isEqualTo(999);
		assertThat(report.blocked()).isOne();
		assertThat(application.ids("users")).containsExactly(500L);
		PendingPurge waiting = application.pending().forRow("users", 500).orElseThrow();
		assertThat(waiting.state()).isEqualTo(State.BLOCKED);
		assertThat(waiting.lastError()).contains("documents_user_id_fkey");
		assertThat(waiting.rows()).isOne();
		assertThat(application.purgeAfter(Duration.ofDays(2))).isZero();
		application.jdbc().sql("DELETE FROM documents").update();
		application.pending().retry(waiting.operationId());
		assertThat(application.purgeAfter(Duration.ofDays(2))).isOne();
		assertThat(application.ids("users")).isEmpty();
	}

	@Test
	void aTreeThatWasDeletedBottomUpGoesInOneRun() {
		application.jdbc().sql("INSERT INTO documents (user_id) SELECT generate_series(1, 1000)").update();
		application.deletes().from("documents").all().execute();
		application.deletes().from("users").all().execute();
		PurgeReport report = application.purges().runDueAsOf(application.now().plus(Duration.ofDays(2)));
		assertThat(report.rows()).isEqualTo(Map.of("public.users", 1000L, "public.documents", 1000L));
		assertThat(report.blocked()).isZero();
	}

	@Test
	void aHeldRowStaysUntilItIsReleased() {
		application.jdbc().sql("UPDATE users SET legal_hold = (id = 7)").update();
		application.deletes().from("users").all().execute();
		PurgeReport report = application.purges().runDueAsOf(application.now().plus(Duration.ofDays(2)));
		assertThat(report.total()).isEqualTo(999);
		assertThat(report.held()).isOne();
		assertThat(application.pending().forRow("users", 7).orElseThrow().state()).isEqualTo(State.HELD);
		application.jdbc().sql("UPDATE users SET legal_hold = NULL").update();
		assertThat(application.purgeAfter(Duration.ofDays(3))).isOne();
	}

	@Test
	void aHoldConditionMayUseTheOperatorWithAQuestionMark() {
		application.jdbc()
			.sql("CREATE TABLE tagged (id bigint PRIMARY KEY, labels jsonb, deletion_time timestamptz)")
			.update();
		application.jdbc().sql("INSERT INTO tagged VALUES (1, '{\"hold\": 1}'), (2, '{}')").update();
		String[] policy = { "deletion-policy.tables.tagged.mode=scheduled", "deletion-policy.tables.tagged.delay=0",
				"deletion-policy.tables.tagged.hold-condition=labels ?? 'hold'" };
		try (Application tagged = Application.of(application.database(), policy).start()) {
			tagged.deletes().from("tagged").all().execute();
			assertThat(tagged.purges().runDue().total()).isOne();
			assertThat(application.ids("tagged")).containsExactly(1L);
		}
		policy[2] = policy[2].replace("??", "?");
		assertThatExceptionOfType(InvalidDeletionPolicyException.class)
			.isThrownBy(() -> Application.of(application.database(), policy).start().close())
			.withMessageContaining("??");
		application.jdbc().sql("DROP TABLE tagged").update();
	}

	@Test
	void aLockedRowWaitsAndItsNeighboursGoAtOnce() {
		application.deletes().from("users").all().execute();
		application.transactions().executeWithoutResult((status) -> {
			application.jdbc().sql("SELECT id FROM users WHERE id = 42 FOR UPDATE").query(Long.class).single();
			PurgeReport report = elsewhere();
			assertThat(report.total()).isEqualTo(999);
			assertThat(report.blocked()).isOne();
		});
		assertThat(application.pending().forRow("users", 42).orElseThrow().lastError()).contains("locked");
		assertThat(application.purgeAfter(Duration.ofDays(3))).isOne();
	}

	@Test
	void aRowThatIsRestoredWhileThePurgeWaitsForItIsSpared() {
		application.deletes().from("users").byId(1).execute();
		var purge = new CompletableFuture<PurgeReport>();
		application.transactions().executeWithoutResult((status) -> {
			application.jdbc().sql("UPDATE users SET deletion_time = NULL WHERE id = 1").update();
			new Thread(() -> purge.complete(elsewhere())).start();
			Awaitility.await()
				.until(() -> application.database()
					.jdbc()
					.sql("""
							SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'
							AND datname = current_database() AND query LIKE '%DELETE FROM%'""")
					.query(Long.class)
					.single() == 1);
		});
		assertThat(purge.join().total()).isZero();
		assertThat(application.liveIds("users")).hasSize(1000);
	}

	@Test
	void aRowThatATriggerKeepsShowsAsFailed() {
		application.jdbc().sql("""
				CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS
				'BEGIN IF OLD.id = 3 THEN RETURN NULL; END IF; RETURN OLD; END'""").update();
		application.jdbc()
			.sql("CREATE TRIGGER keep BEFORE DELETE ON users FOR EACH ROW EXECUTE FUNCTION keep()")
			.update();
		try {
			application.deletes().from("users").all().execute();
			PurgeReport report = application.purges().runDueAsOf(application.now().plus(Duration.ofDays(2)));
			assertThat(report.total()).isEqualTo(999);
			assertThat(report.failed()).isOne();
			assertThat(application.pending().forRow("users", 3).orElseThrow().state()).isEqualTo(State.FAILED);
		}
		finally {
			application.jdbc().sql("DROP FUNCTION keep() CASCADE").update();
		}
	}

	@Test
	void listenersAreToldOfEachRemovedRowOnceInsideTheTransaction() {
		application.jdbc().sql("UPDATE users SET legal_hold = true WHERE id = 5").update();
		DeletionResult result = application.deletes().from("users").all().execute();
		application.purgeAfter(Duration.ofDays(2));
		assertThat(told).allSatisfy((rows) -> {
			assertThat(rows.table()).isEqualTo("public.users");
			assertThat(rows.operationId()).isEqualTo(result.operationId());
			assertThat(rows.deletionTime()).isEqualTo(result.deletionTime());
			assertThat(rows.keys()).hasSizeLessThanOrEqualTo(100);
		});
		assertThat(told.stream().flatMap((rows) -> rows.keys().stream())).hasSize(999)
			.doesNotHaveDuplicates()
			.doesNotContain(5L);
		assertThat(application.jdbc().sql("SELECT count(*) FROM outbox").query(Long.class).single())
			.isEqualTo(told.size());
	}

	@Test
	void aListenerThatThrowsFailsItsRowsVisiblyAndLosesNothing() {
		application.jdbc().sql("INSERT INTO users VALUES (-13)").update();
		application.deletes().from("users").all().execute();
		PurgeReport report = application.purges().runDueAsOf(application.now().plus(Duration.ofDays(2)));
		assertThat(report.total()).isEqualTo(1000);
		assertThat(report.failed()).isOne();
		assertThat(application.ids("users")).containsExactly(-13L);
		assertThat(application.pending().forRow("users", -13).orElseThrow().lastError()).contains("unlucky");
	}

	@Test
	void aTableThatIsGoneDoesNotStandInTheWayOfOthers() {
		application.jdbc().sql("CREATE TABLE brief (id bigint PRIMARY KEY, deletion_time timestamptz)").update();
		application.jdbc().sql("INSERT INTO brief VALUES (1)").update();
		application.deletes().from("brief").all().scheduled().execute();
		application.jdbc().sql("DROP TABLE brief").update();
		application.deletes().from("users").byId(1).scheduled(Duration.ZERO).execute();
		assertThat(application.purges().runDue().total()).isOne();
		TableSummary gone = application.pending()
			.summary()
			.stream()
			.filter((it) -> it.table().equals("public.brief"))
			.findFirst()
			.orElseThrow();
		assertThat(gone.failed()).isOne();
	}

	@Test
	void rowsWhosePrimaryKeyIsAnotherNowAreKeptOnRecord() {
		application.sql("""
				CREATE TABLE moved (id bigint PRIMARY KEY, deletion_time timestamptz);
				CREATE TABLE renumbered (id text PRIMARY KEY, day date, deletion_time timestamptz);
				INSERT INTO moved VALUES (1), (2);
				INSERT INTO renumbered SELECT 'n' || n, date '2020-01-01' + n FROM generate_series(1, 300) n""");
		DeletionResult moved = application.deletes().from("moved").all().scheduled().execute();
		application.deletes().from("renumbered").all().scheduled().execute();
		application.deletes().from("users").byId(1).scheduled(Duration.ZERO).execute();
		application.jdbc().sql("ALTER TABLE moved ALTER COLUMN id TYPE text").update();
		application.jdbc()
			.sql("ALTER TABLE renumbered DROP CONSTRAINT renumbered_pkey, ADD PRIMARY KEY (day)")
			.update();
		PurgeReport report = application.purges().runDue();
		assertThat(report.rows()).isEqualTo(Map.of("public.users", 1L));
		assertThat(report.failed()).isEqualTo(302);
		assertThatExceptionOfType(UnsupportedTableException.class)
			.isThrownBy(() -> application.deletes().restore(moved.operationId()))
			.withMessageContaining("another primary key");
		assertThatExceptionOfType(UnsupportedTableException.class)
			.isThrownBy(() -> application.deletes().restoreFrom("moved").byId("1").execute());
		application.jdbc().sql("ALTER TABLE moved ALTER COLUMN id TYPE bigint USING CAST(id AS bigint)").update();
		application.pending().retry(moved.operationId());
		assertThat(application.purges().runDue().total()).isEqualTo(2);
		application.jdbc().sql("DROP TABLE moved, renumbered").update();
	}

	@Test
	void aCascadingKeyThatWasAddedSinceTakesNoLiveRowsAlong() {
		application.deletes().from("users").byId(1).execute();
		application.jdbc()
			.sql("CREATE TABLE orders (user_id bigint PRIMARY KEY REFERENCES users ON DELETE CASCADE, deletion_time timestamptz)")
			.update();
		application.jdbc().sql("INSERT INTO orders VALUES (1)").update();
		assertThat(application.purgeAfter(Duration.ofDays(2))).isZero();
		assertThat(application.jdbc().sql("SELECT user_id FROM orders").query(Long.class).list()).containsExactly(1L);
		assertThat(application.pending().forRow("users", 1).orElseThrow().lastError()).contains("public.orders");
		application.jdbc().sql("DROP TABLE orders").update();
		assertThat(application.purgeAfter(Duration.ofDays(3))).isOne();
	}

	@Test
	void aTableThatMayNotBePurgedIsNotTakenApartAndStopsNoOther() {
		application.sql("""
				CREATE ROLE purger LOGIN; GRANT ALL ON SCHEMA public TO purger; CREATE SCHEMA closed;
				GRANT ALL ON ALL TABLES IN SCHEMA public TO purger; GRANT USAGE ON SCHEMA closed TO purger;
				CREATE TABLE closed.secrets (id bigint PRIMARY KEY, deletion_time timestamptz);
				CREATE TABLE kept (id bigint PRIMARY KEY, deletion_time timestamptz);
				GRANT ALL ON closed.secrets TO purger; GRANT SELECT, UPDATE ON kept TO purger;
				INSERT INTO closed.secrets VALUES (1); INSERT INTO kept SELECT generate_series(1, 1000)""");
		try (Application purger = Application
			.of(application.database(),
					"spring.datasource.url=" + application.database().url().replace("user=postgres", "user=purger"),
					"deletion-policy.schema.enabled=false")
			.start()) {
			purger.deletes().from("closed.secrets").all().scheduled().execute();
			purger.deletes().from("kept").all().scheduled().execute();
			purger.deletes().from("users").byId(1).scheduled().execute();
			application.jdbc().sql("REVOKE ALL ON SCHEMA closed FROM purger").update();
			PurgeReport report = purger.purges().runDue();
			assertThat(report.rows()).isEqualTo(Map.of("public.users", 1L));
			assertThat(report.failed()).isEqualTo(1001);
			assertThat(application.chunks()).isEqualTo(2);
		}
		finally {
			application.jdbc().sql("DROP SCHEMA closed CASCADE").update();
			application.jdbc().sql("DROP TABLE kept").update();
			application.jdbc().sql("DROP OWNED BY purger").update();
			application.jdbc().sql("DROP ROLE purger").update();
		}
	}

	@Test
	void dueRowsThatNobodyMayTakeYetDoNotHoldUpTheTableTheyReferTo() {
		application.jdbc().sql("INSERT INTO documents (user_id) VALUES (500)").update();
		DeletionResult ofANewerVersion = application.deletes().from("documents").all().execute();
		application.deletes().from("users").byId(1).execute();
		application.jdbc()
			.sql("UPDATE deletion_operation SET format = 1000 WHERE id = ?")
			.param(ofANewerVersion.operationId())
			.update();
		assertThat(application.purgeAfter(Duration.ofDays(2))).isOne();
		assertThat(application.ids("users")).doesNotContain(1L);
	}

	@Test
	void aTableThatTakesUpAllTheTimeIsTheLastInTheNextRun() {
		application.jdbc().sql("CREATE TABLE last_one (id bigint PRIMARY KEY, deletion_time timestamptz)").update();
		application.jdbc().sql("INSERT INTO last_one VALUES (1)").update();
		try (Application hurried = Application.of(application.database(), "deletion-policy.purge.max-runtime=2s")
			.start()) {
			hurried.deletes().from("users").all().scheduled().execute();
			hurried.deletes().from("last_one").all().scheduled().execute();
			application.jdbc().sql("INSERT INTO documents (user_id) SELECT generate_series(1, 1000)").update();
			application.transactions().executeWithoutResult((status) -> {
				application.jdbc().sql("DELETE FROM documents").update();
				CompletableFuture.runAsync(() -> {
					hurried.bean(Purger.class).purge();
					hurried.bean(Purger.class).purge();
				}).join();
			});
			assertThat(application.ids("last_one")).isEmpty();
		}
		application.jdbc().sql("DROP TABLE last_one").update();
	}

	@Test
	void aPauseStopsThePurgeUntilItIsResumed() {
		application.deletes().from("users").all().execute();
		application.pending().pause("users");
		assertThat(application.purgeAfter(Duration.ofDays(2))).isZero();
		assertThat(summaryOfUsers().paused()).isTrue();
		application.pending().resume("users");
		application.pending().pause(null);
		assertThat(application.purgeAfter(Duration.ofDays(2))).isZero();
		application.pending().resume(null);
		assertThat(application.purgeAfter(Duration.ofDays(2))).isEqualTo(1000);
	}

	@Test
	void aCancelledPurgeLeavesTheRowsDeleted() {
		DeletionResult result = application.deletes().from("users").byId(1).execute();
		application.pending().cancel(result.operationId());
		assertThat(application.purgeAfter(Duration.ofDays(365))).isZero();
		assertThat(application.deletionTime("users", 1L)).isEqualTo(result.deletionTime());
		assertThat(application.operations()).isOne();
	}

	@Test
	void aCancelReachesTheChunksThatAPurgeIsCuttingMeanwhile() {
		DeletionResult result = application.deletes().from("users").all().execute();
		var cancel = new AtomicReference<CompletableFuture<Void>>();
		application.cuttingTheOnlyChunk("users", () -> {
			cancel.set(CompletableFuture.runAsync(() -> application.pending().cancel(result.operationId())));
			application.awaitLockWaiter();
		});
		cancel.get().join();
		assertThat(application.purgeAfter(Duration.ofDays(2))).isZero();
		assertThat(application.deletes().restore(result.operationId()).rows()).isEqualTo(1000);
	}

	@Test
	void anOperationCanBeMadeDueNow() {
		DeletionResult result = application.deletes().from("users").byId(1).execute();
		assertThat(application.purges().runDue().total()).isZero();
		application.pending().purgeNow(result.operationId());
		assertThat(application.purges().runDue().total()).isOne();
	}

	@Test
	void aSummaryCountsRowsAndAPageListsThem() {
		application.deletes().from("users").byIds(List.of(1, 2, 3)).execute();
		DeletionResult due = application.deletes().from("users").byId(4).scheduled(Duration.ZERO).execute();
		TableSummary summary = summaryOfUsers();
		assertThat(summary.pending()).isEqualTo(4);
		assertThat(summary.due()).isOne();
		assertThat(summary.oldestDue()).isEqualTo(due.purgeAt());
		var first = application.pending().page("users", null, 1);
		assertThat(first.purges()).extracting(PendingPurge::operationId).containsExactly(due.operationId());
		var second = application.pending().page("users", first.next(), 1);
		assertThat(second.purges()).extracting(PendingPurge::rows).containsExactly(3L);
		assertThat(second.next()).isNull();
	}

	/**
	 * But for its hold condition, which the changed policy would have to name again.
	 */
	@Test
	void aPolicyThatChangesChangesNothingThatIsPending() {
		DeletionResult result;
		try (Application before = Application
			.of(application.database(), "deletion-policy.tables.users.mode=scheduled",
					"deletion-policy.tables.users.delay=30d")
			.start()) {
			result = before.deletes().from("users").byId(1).execute();
		}
		try (Application changed = Application
			.of(application.database(), "deletion-policy.tables.users.mode=hard",
					"deletion-policy.defaults.deletion-time-column=other")
			.start()) {
			assertThat(changed.purges().runDueAsOf(result.purgeAt().minusSeconds(1)).total()).isZero();
			assertThat(changed.purges().runDueAsOf(result.purgeAt()).total()).isOne();
		}
	}

	@Test
	void settledOperationsAreForgottenAfterTheirRetention() {
		DeletionResult old = application.deletes().from("users").byId(1).scheduled(Duration.ZERO).execute();
		application.deletes().from("users").byId(2).scheduled(Duration.ZERO).execute();
		application.deletes().from("users").byId(3).execute();
		application.purges().runDue();
		application.jdbc()
			.sql("UPDATE deletion_operation SET purge_at = purge_at - interval '31 days' WHERE id = ?")
			.param(old.operationId())
			.update();
		assertThat(application.operations()).isEqualTo(3);
		application.bean(Purger.class).purge();
		assertThat(application.operations()).isEqualTo(2);
	}

	@Test
	void softOperationsAreForgottenWhenTheirRowsAreBack() {
		try (Application fresh = Application.of(application.database()).start()) {
			DeletionResult restored = fresh.deletes().from("users").byId(1).soft().execute();
			DeletionResult deleted = fresh.deletes().from("users").byId(2).soft().execute();
			fresh.deletes().restore(restored.operationId());
			application.jdbc().sql("UPDATE deletion_operation SET token = token - interval '31 days'").update();
			fresh.bean(Purger.class).purge();
			assertThat(application.jdbc().sql("SELECT id FROM deletion_operation").query(UUID.class).list())
				.containsExactly(deleted.operationId());
		}
	}

	@Test
	void settledOperationsAreForgottenWhereConnectionsDoNotCommitByThemselves() {
		try (Application manual = Application.of(application.database(), "spring.datasource.hikari.auto-commit=false")
			.start()) {
			DeletionResult old = manual.deletes().from("users").byId(1).scheduled(Duration.ZERO).execute();
			assertThat(manual.purges().runDue().total()).isOne();
			application.jdbc()
				.sql("UPDATE deletion_operation SET purge_at = purge_at - interval '31 days' WHERE id = ?")
				.param(old.operationId())
				.update();
			manual.bean(Purger.class).purge();
			assertThat(application.operations()).isZero();
		}
	}

	@Test
	void aRunMayLastAsLongAsCanBeSaid() {
		try (Application patient = Application.of(application.database(), "deletion-policy.purge.max-runtime=365000d")
			.start()) {
			patient.deletes().from("users").byId(1).scheduled(Duration.ZERO).execute();
			assertThat(patient.bean(Purger.class).purge().total()).isOne();
		}
	}

	@Test
	void theRateHoldsAcrossBatches() {
		try (Application slow = Application
			.of(application.database(), "deletion-policy.tables.users.mode=scheduled",
					"deletion-policy.tables.users.delay=0", "deletion-policy.purge.max-rows-per-second=500")
			.start()) {
			slow.deletes().from("users").all().execute();
			Instant before = slow.now();
			assertThat(slow.purges().runDue().total()).isEqualTo(1000);
			assertThat(Duration.between(before, slow.now())).isGreaterThan(Duration.ofSeconds(1));
		}
	}

	@Test
	void aRestThatAClockSetBackHasLeftIsNotBelieved() {
		try (Application limited = Application
			.of(application.database(), "deletion-policy.purge.max-rows-per-second=500",
					"deletion-policy.purge.max-runtime=2s")
			.start()) {
			limited.deletes().from("users").byId(1).scheduled().execute();
			application.jdbc()
				.sql("UPDATE deletion_table SET not_before = clock_timestamp() + interval '1 hour'")
				.update();
			assertThat(limited.bean(Purger.class).purge().total()).isOne();
		}
	}

	private static TableSummary summaryOfUsers() {
		return application.pending()
			.summary()
			.stream()
			.filter((it) -> it.table().equals("public.users"))
			.findFirst()
			.orElseThrow();
	}

	private static PurgeReport elsewhere() {
		return CompletableFuture
			.supplyAsync(() -> application.purges().runDueAsOf(Instant.now().plus(Duration.ofDays(2))))
			.join();
	}

	@Configuration(proxyBeanMethods = false)
	static class Listeners {

		@Bean
		PurgeListener recordingListener(JdbcTemplate jdbc) {
			return (rows) -> {
				if (rows.keys().contains(-13L)) {
					throw new IllegalStateException("unlucky");
				}
				jdbc.update("INSERT INTO outbox VALUES (?)", rows.keys().toString());
				told.add(rows);
			};
		}

	}

}
