package io.github.deletionpolicy.scenario.operations;

import java.sql.Connection;
import java.sql.Savepoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.DeletionEvent;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.RestoreResult;
import io.github.deletionpolicy.RestrictedDeletionException;
import io.github.deletionpolicy.RowsDeletedEvent;
import io.github.deletionpolicy.RowsPurgedEvent;
import io.github.deletionpolicy.RowsRestoredEvent;
import io.github.deletionpolicy.purge.PurgeReport;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.support.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.event.TransactionalEventListener;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Of which deletes, restores and purges the application is notified, and when.
 */
@ExtendWith(OutputCaptureExtension.class)
class EventsIT {

	private static final TestDatabase database = TestDatabase.create("""
			CREATE TABLE users (id bigint PRIMARY KEY, deletion_time timestamptz);
			CREATE TABLE documents (id bigint PRIMARY KEY, user_id bigint REFERENCES users ON DELETE CASCADE,
				folder_id bigint, deletion_time timestamptz);
			CREATE TABLE folders (id bigint PRIMARY KEY, deletion_time timestamptz);
			ALTER TABLE documents ADD FOREIGN KEY (folder_id) REFERENCES folders ON DELETE CASCADE;
			CREATE TABLE notes (id bigint PRIMARY KEY, deletion_time timestamptz);
			CREATE TABLE invoices (note_id bigint REFERENCES notes);
			CREATE TABLE plans (id bigint PRIMARY KEY, deletion_time timestamptz);
			CREATE TABLE bookings (plan_id bigint REFERENCES plans DEFERRABLE INITIALLY DEFERRED);
			CREATE TABLE journal (entry text)""");

	@RegisterExtension
	private static final Application application = application();

	private static Application application(String... properties) {
		String[] policies = { "deletion-policy.tables.users.mode=scheduled", "deletion-policy.tables.users.delay=1d",
				"deletion-policy.tables.notes.mode=scheduled", "deletion-policy.tables.notes.delay=1d",
				"deletion-policy.purge.batch-size=100" };
		return Application.of(database, Stream.of(policies, properties).flatMap(Stream::of).toArray(String[]::new))
			.with(Listening.class);
	}

	@BeforeEach
	void threeUsers() {
		application.jdbc()
			.sql("TRUNCATE users, documents, folders, notes, invoices, plans, bookings, journal, deletion_operation, deletion_chunk")
			.update();
		application.jdbc().sql("INSERT INTO users SELECT generate_series(1, 3)").update();
		listener().forget();
	}

	@ParameterizedTest
	@EnumSource
	void aDeleteIsToldWithWhatItsCallerGot(DeletionMode mode) {
		DeletionResult result = inMode(application.deletes().from("users").byIds(List.of(1, 2)), mode).execute();
		assertThat(result.rows()).isEqualTo(2);
		assertThat(events()).containsExactly(new RowsDeletedEvent("public.users", result));
	}

	@ParameterizedTest
	@EnumSource
	void aDeleteThatReturnsItsRowsIsToldToo(DeletionMode mode) {
		DeletionResult result = inMode(application.deletes().from("USERS").all(), mode).returning(Map.class)
			.execute()
			.result();
		assertThat(events()).containsExactly(new RowsDeletedEvent("public.users", result));
	}

	@Test
	void dependantsAreCountedInTheEventOfTheirRoots() {
		application.jdbc().sql("INSERT INTO documents SELECT n, 1 FROM generate_series(1, 5) n").update();
		DeletionResult result = application.deletes().from("users").byId(1).execute();
		assertThat(result.cascaded()).containsEntry("public.documents", 5L);
		assertThat(events()).containsExactly(new RowsDeletedEvent("public.users", result));
	}

	@Test
	void deletesAreToldInTheirOrderAfterTheCommitOfTheCallersTransaction() {
		List<DeletionEvent> expected = new ArrayList<>();
		application.transactions().executeWithoutResult((status) -> {
			expected.add(new RowsDeletedEvent("public.users", delete(1)));
			expected.add(new RowsDeletedEvent("public.users", hardDelete(2)));
			expected.add(new RowsDeletedEvent("public.users", delete(3)));
			assertThat(events()).isEmpty();
		});
		assertThat(events()).isEqualTo(expected);
		assertThat(listener().usersSeen).containsExactly("(1) (3)", "(1) (3)", "(1) (3)");
	}

	@Test
	void aRolledBackTransactionTellsNothing() {
		application.transactions().executeWithoutResult((status) -> {
			delete(1);
			hardDelete(2);
			status.setRollbackOnly();
		});
		assertThatIllegalStateException().isThrownBy(() -> application.transactions().executeWithoutResult((status) -> {
			delete(1);
			throw new IllegalStateException("changed my mind");
		}));
		assertThat(events()).isEmpty();
	}

	@Test
	void aTransactionWhoseCommitFailsTellsNothing() {
		application.jdbc().sql("INSERT INTO plans VALUES (1)").update();
		application.jdbc().sql("INSERT INTO bookings VALUES (1)").update();
		assertThatException().isThrownBy(() -> application.deletes().from("plans").all().hard().execute())
			.withStackTraceContaining("bookings_plan_id_fkey");
		assertThatException()
			.isThrownBy(() -> application.transactions()
				.executeWithoutResult((status) -> application.deletes().from("plans").all().hard().execute()))
			.withStackTraceContaining("bookings_plan_id_fkey");
		assertThat(application.ids("plans")).containsExactly(1L);
		assertThat(events()).isEmpty();
	}

	/**
	 * The server answers such a commit with a rollback, and the driver keeps that to
	 * itself.
	 */
	@Test
	void aTransactionThatAnErrorOfTheDatabaseHasEndedTellsNothing() {
		application.transactions().executeWithoutResult((status) -> {
			delete(1);
			assertThatException().isThrownBy(() -> application.jdbc().sql("SELECT 1 / 0").query().singleValue());
		});
		assertThat(application.liveIds("users")).hasSize(3);
		assertThat(events()).isEmpty();
	}

	@ParameterizedTest
	@MethodSource("savepoints")
	void whatIsRolledBackToASavepointIsNotTold(Function<Runnable, Runnable> rollingBack) {
		List<DeletionEvent> expected = new ArrayList<>();
		DeletionResult deletedBefore = application.deletes().from("users").byId(3).execute();
		listener().forget();
		application.transactions().executeWithoutResult((status) -> {
			expected.add(new RowsDeletedEvent("public.users", delete(1)));
			rollingBack.apply(() -> {
				delete(2);
				hardDelete(1);
				application.deletes().restore(deletedBefore.operationId());
			}).run();
			rollingBack.apply(() -> hardDelete(2)).run();
			expected.add(new RowsDeletedEvent("public.users", delete(2)));
			rollingBack.apply(() -> application.deletes().restoreFrom("users").byId(1).execute()).run();
		});
		assertThat(events()).isEqualTo(expected);
	}

	@ParameterizedTest
	@MethodSource("savepoints")
	void aTransactionOfWhichEverythingIsRolledBackToASavepointTellsNothing(Function<Runnable, Runnable> rollingBack) {
		application.transactions()
			.executeWithoutResult(
					(status) -> rollingBack.apply(() -> application.deletes().from("users").all().execute()).run());
		assertThat(application.liveIds("users")).hasSize(3);
		assertThat(events()).isEmpty();
	}

	@Test
	void aSavepointThatIsSetInsideOneThatIsRolledBackChangesNothing() {
		List<DeletionEvent> expected = new ArrayList<>();
		application.transactions().executeWithoutResult((status) -> {
			Object outer = status.createSavepoint();
			delete(1);
			Object inner = status.createSavepoint();
			delete(2);
			status.releaseSavepoint(inner);
			status.rollbackToSavepoint(outer);
			delete(3);
			status.rollbackToSavepoint(outer);
			expected.add(new RowsDeletedEvent("public.users", delete(2)));
		});
		assertThat(events()).isEqualTo(expected);
	}

	@Test
	void aNestedTransactionIsToldWhenTheOuterOneHasCommitted() {
		List<DeletionEvent> expected = new ArrayList<>();
		application.transactions().executeWithoutResult((status) -> {
			propagating(TransactionDefinition.PROPAGATION_NESTED)
				.executeWithoutResult((nested) -> expected.add(new RowsDeletedEvent("public.users", delete(1))));
			assertThat(events()).isEmpty();
		});
		assertThat(events()).isEqualTo(expected);
	}

	@Test
	void aNestedTransactionIsNotToldWhenTheOuterOneIsRolledBack() {
		application.transactions().executeWithoutResult((status) -> {
			propagating(TransactionDefinition.PROPAGATION_NESTED).executeWithoutResult((nested) -> delete(1));
			status.setRollbackOnly();
		});
		assertThat(events()).isEmpty();
	}

	@Test
	void aTransactionInsideAnotherIsToldByItself() {
		List<DeletionEvent> expected = new ArrayList<>();
		application.transactions().executeWithoutResult((status) -> {
			delete(1);
			propagating(TransactionDefinition.PROPAGATION_REQUIRES_NEW)
				.executeWithoutResult((inner) -> expected.add(new RowsDeletedEvent("public.users", delete(2))));
			assertThat(events()).isEqualTo(expected);
			status.setRollbackOnly();
		});
		assertThat(events()).isEqualTo(expected);
	}

	@Test
	void marksOfATransactionDoNotOutliveIt() {
		application.transactions().executeWithoutResult((status) -> {
			delete(1);
			delete(2);
		});
		listener().forget();
		application.transactions().executeWithoutResult((status) -> {
			Object savepoint = status.createSavepoint();
			delete(3);
			status.rollbackToSavepoint(savepoint);
		});
		assertThat(events()).isEmpty();
	}

	@Test
	void aDeleteThatIsRefusedTellsNothingAndTheTransactionTellsTheRest() {
		application.jdbc().sql("INSERT INTO notes VALUES (1)").update();
		application.jdbc().sql("INSERT INTO invoices VALUES (1)").update();
		List<DeletionEvent> expected = new ArrayList<>();
		application.transactions().executeWithoutResult((status) -> {
			expected.add(new RowsDeletedEvent("public.users", delete(1)));
			Object savepoint = status.createSavepoint();
			assertThatExceptionOfType(RestrictedDeletionException.class)
				.isThrownBy(() -> application.deletes().from("notes").all().hard().execute());
			status.rollbackToSavepoint(savepoint);
		});
		assertThat(events()).isEqualTo(expected);
	}

	@Test
	void whatTouchesNoRowAndWhatOnlyLooksIsNotTold() {
		DeletionResult result = delete(1);
		application.deletes().restore(result.operationId());
		listener().forget();
		delete(99);
		hardDelete(99);
		application.deletes().from("users").byIds(List.of()).returning(Long.class).execute();
		application.deletes().from("users").all().preview();
		application.deletes().restore(result.operationId());
		application.deletes().restoreFrom("users").byId(1).execute();
		assertThat(application.purgeAfter(Duration.ofDays(2))).isZero();
		assertThat(events()).isEmpty();
	}

	@Test
	void aRestoreOfAnOperationIsToldWithItsTable() {
		DeletionResult result = application.deletes().from("users").all().execute();
		listener().forget();
		RestoreResult restored = application.deletes().restore(result.operationId());
		assertThat(events()).containsExactly(new RowsRestoredEvent("public.users", result.operationId(), restored));
		assertThat(restored.rows()).isEqualTo(3);
	}

	@Test
	void aRestoreOfRowsIsToldWithoutAnOperation() {
		application.deletes().from("users").all().execute();
		listener().forget();
		RestoreResult restored = application.deletes().restoreFrom("users").byIds(List.of(1, 2)).execute();
		assertThat(events()).containsExactly(new RowsRestoredEvent("public.users", null, restored));
	}

	@Test
	void aRestoreThatBringsBackDependantsAloneIsTold() {
		application.jdbc().sql("INSERT INTO folders VALUES (1)").update();
		application.jdbc().sql("INSERT INTO documents VALUES (1, 1, 1)").update();
		DeletionResult user = delete(1);
		DeletionResult folder = application.deletes().from("folders").byId(1).soft().execute();
		application.deletes().restore(user.operationId());
		application.deletes().restore(folder.operationId());
		listener().forget();
		RestoreResult restored = application.deletes().restore(user.operationId());
		assertThat(restored.rows()).isZero();
		assertThat(restored.cascaded()).containsEntry("public.documents", 1L);
		assertThat(events()).containsExactly(new RowsRestoredEvent("public.users", user.operationId(), restored));
	}

	@ParameterizedTest
	@MethodSource("throwables")
	void aListenerThatThrowsIsLoggedAndHarmsNeitherTheDeleteNorWhatIsToldNext(Throwable thrown, CapturedOutput output) {
		listener().then((event) -> EventsIT.<RuntimeException>sneakily(thrown));
		application.transactions().executeWithoutResult((status) -> {
			delete(1);
			delete(2);
		});
		DeletionResult last = delete(3);
		assertThat(last.rows()).isOne();
		assertThat(application.liveIds("users")).isEmpty();
		assertThat(events()).hasSize(3);
		assertThat(output.getAll()).contains("a listener failed", "not my day", last.operationId().toString());
	}

	@Test
	void aListenerRunsOutsideOfTheTransactionSoThatWhatItWritesStays() {
		listener().then((event) -> {
			assertThat(TransactionSynchronizationManager.isActualTransactionActive()).isFalse();
			application.transactions().executeWithoutResult((status) -> {
				assertThat(status.isNewTransaction()).isTrue();
				application.jdbc().sql("INSERT INTO journal VALUES (?)").param(event.table()).update();
			});
		});
		application.transactions().executeWithoutResult((status) -> delete(1));
		delete(2);
		assertThat(database.jdbc().sql("SELECT entry FROM journal").query(String.class).list())
			.containsExactly("public.users", "public.users");
	}

	@Test
	void aListenerNeedsNoSecondConnectionWhereTheTransactionIsNotTheCallers() {
		try (Application narrow = application("spring.datasource.hikari.maximum-pool-size=1",
				"spring.datasource.hikari.connection-timeout=5000")
			.start()) {
			Listener narrowListener = narrow.bean(Listener.class);
			narrowListener
				.then((event) -> narrow.jdbc().sql("INSERT INTO journal VALUES (?)").param(event.table()).update());
			narrow.deletes().from("users").byId(1).execute();
			narrow.purgeAfter(Duration.ofDays(2));
			assertThat(narrowListener.told).hasSize(2);
			assertThat(database.jdbc().sql("SELECT count(*) FROM journal").query(Long.class).single()).isEqualTo(2);
		}
	}

	@Test
	void aTransactionOfJpaIsToldAfterItsCommitWithoutWhatWasRolledBackToASavepoint() {
		try (Application jpa = application("spring.autoconfigure.exclude=").start()) {
			Listener jpaListener = jpa.bean(Listener.class);
			List<DeletionEvent> expected = new ArrayList<>();
			jpa.transactions().executeWithoutResult((status) -> {
				expected.add(new RowsDeletedEvent("public.users", jpa.deletes().from("users").byId(1).execute()));
				jpa.bean(JdbcTemplate.class).execute((Connection connection) -> {
					Savepoint savepoint = connection.setSavepoint();
					jpa.deletes().from("users").byId(2).execute();
					connection.rollback(savepoint);
					return true;
				});
				expected.add(new RowsDeletedEvent("public.users", jpa.deletes().from("users").byId(3).execute()));
				assertThat(jpaListener.told).isEmpty();
			});
			assertThat(jpaListener.told).isEqualTo(expected);
			assertThat(jpaListener.usersSeen).containsOnly("(1) 2 (3)");
			jpaListener.forget();
			jpaListener.then((event) -> jpa.transactions()
				.executeWithoutResult(
						(status) -> jpa.jdbc().sql("INSERT INTO journal VALUES (?)").param(event.table()).update()));
			jpa.transactions().executeWithoutResult((status) -> jpa.deletes().from("users").byId(2).execute());
			assertThat(database.jdbc().sql("SELECT entry FROM journal").query(String.class).list())
				.containsExactly("public.users");
		}
	}

	@Test
	void aListenerMayDeleteAndItsDeleteIsToldToo() {
		listener().then((event) -> {
			if (events().size() == 1) {
				delete(2);
			}
		});
		application.transactions().executeWithoutResult((status) -> delete(1));
		assertThat(application.liveIds("users")).containsExactly(3L);
		assertThat(events()).hasSize(2);
	}

	@Test
	void whatOthersThrowAfterTheCommitDoesNotKeepItFromBeingTold() {
		assertThatIllegalStateException().isThrownBy(() -> application.transactions().executeWithoutResult((status) -> {
			TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

				@Override
				public void afterCommit() {
					throw new IllegalStateException("somebody else's");
				}

			});
			delete(1);
		}));
		assertThat(application.liveIds("users")).containsExactly(2L, 3L);
		assertThat(events()).hasSize(1);
	}

	@Test
	void aTransactionalListenerIsToldOnlyWithFallbackExecution() {
		application.transactions().executeWithoutResult((status) -> delete(1));
		delete(2);
		application.purgeAfter(Duration.ofDays(2));
		assertThat(events()).hasSize(4);
		assertThat(listener().withoutFallback).isEmpty();
		assertThat(listener().withFallback).isEqualTo(events());
	}

	@Test
	void aPurgeIsToldPerTransactionAndOperation() {
		application.jdbc().sql("INSERT INTO notes SELECT generate_series(1, 250)").update();
		DeletionResult one = application.deletes().from("notes").byId(250).execute();
		DeletionResult others = application.deletes().from("notes").all().execute();
		listener().forget();
		assertThat(application.purgeAfter(Duration.ofDays(2))).isEqualTo(250);
		assertThat(purges()).allSatisfy((event) -> {
			assertThat(event.table()).isEqualTo("public.notes");
			assertThat(event.rows()).isBetween(1L, 100L);
		});
		assertThat(purgesOf(one)).singleElement()
			.isEqualTo(new RowsPurgedEvent("public.notes", one.operationId(), one.deletionTime(), 1));
		assertThat(purgesOf(others)).hasSizeGreaterThan(2)
			.allSatisfy((event) -> assertThat(event.deletionTime()).isEqualTo(others.deletionTime()));
		assertThat(purgesOf(others).stream().mapToLong(RowsPurgedEvent::rows).sum()).isEqualTo(249);
	}

	@Test
	void aPurgeIsToldAfterItsCommit() {
		delete(1);
		listener().forget();
		application.purgeAfter(Duration.ofDays(2));
		assertThat(purges()).hasSize(1);
		assertThat(listener().usersSeen).containsExactly("2 3");
	}

	@Test
	void onlyRowsThatWereRemovedAreTold() {
		application.jdbc().sql("INSERT INTO notes SELECT generate_series(1, 150)").update();
		application.deletes().from("notes").all().execute();
		application.jdbc().sql("INSERT INTO invoices VALUES (77)").update();
		listener().forget();
		PurgeReport report = application.purges().runDueAsOf(application.now().plus(Duration.ofDays(2)));
		assertThat(report.total()).isEqualTo(149);
		assertThat(purges().stream().mapToLong(RowsPurgedEvent::rows).sum()).isEqualTo(149);
	}

	@Test
	void aTreeIsToldByTable() {
		application.jdbc().sql("INSERT INTO documents SELECT n, 1 FROM generate_series(1, 5) n").update();
		DeletionResult result = delete(1);
		listener().forget();
		application.purgeAfter(Duration.ofDays(2));
		assertThat(purges()).containsExactlyInAnyOrder(
				new RowsPurgedEvent("public.users", result.operationId(), result.deletionTime(), 1),
				new RowsPurgedEvent("public.documents", result.operationId(), result.deletionTime(), 5));
	}

	@Test
	void aTreeThatIsLargerThanABatchIsToldTransactionByTransaction() {
		application.jdbc().sql("INSERT INTO documents SELECT n, 1 FROM generate_series(1, 350) n").update();
		DeletionResult result = delete(1);
		listener().forget();
		application.purgeAfter(Duration.ofDays(2));
		assertThat(purges()).hasSizeGreaterThan(4)
			.allSatisfy((event) -> assertThat(event.operationId()).isEqualTo(result.operationId()));
		assertThat(purges().stream()
			.filter((event) -> event.table().equals("public.documents"))
			.mapToLong(RowsPurgedEvent::rows)
			.sum()).isEqualTo(350);
	}

	@ParameterizedTest
	@MethodSource("throwables")
	void aListenerThatThrowsDoesNotFailThePurge(Throwable thrown, CapturedOutput output) {
		application.jdbc().sql("INSERT INTO notes SELECT generate_series(1, 250)").update();
		application.deletes().from("notes").all().execute();
		listener().forget();
		listener().then((event) -> EventsIT.<RuntimeException>sneakily(thrown));
		PurgeReport report = application.purges().runDueAsOf(application.now().plus(Duration.ofDays(2)));
		assertThat(report.total()).isEqualTo(250);
		assertThat(report.failed()).isZero();
		assertThat(purges().stream().mapToLong(RowsPurgedEvent::rows).sum()).isEqualTo(250);
		assertThat(output.getAll()).contains("a listener failed", "not my day");
	}

	static Stream<Throwable> throwables() {
		return Stream.of(new IllegalStateException("not my day"), new AssertionError("not my day"),
				new Exception("not my day"));
	}

	static Stream<Function<Runnable, Runnable>> savepoints() {
		return Stream.of(EventsIT::inNestedTransaction, EventsIT::toSavepointOfTheTransaction,
				EventsIT::toSavepointOfTheConnection);
	}

	private static Runnable inNestedTransaction(Runnable work) {
		return () -> propagating(TransactionDefinition.PROPAGATION_NESTED).executeWithoutResult((nested) -> {
			work.run();
			nested.setRollbackOnly();
		});
	}

	private static Runnable toSavepointOfTheTransaction(Runnable work) {
		return () -> application.transactions().executeWithoutResult((status) -> {
			Object savepoint = status.createSavepoint();
			work.run();
			status.rollbackToSavepoint(savepoint);
		});
	}

	private static Runnable toSavepointOfTheConnection(Runnable work) {
		return () -> application.bean(JdbcTemplate.class).execute((Connection connection) -> {
			Savepoint savepoint = connection.setSavepoint();
			work.run();
			connection.rollback(savepoint);
			return true;
		});
	}

	private static TransactionTemplate propagating(int propagation) {
		TransactionTemplate transactions = application.transactions();
		transactions.setPropagationBehavior(propagation);
		return transactions;
	}

	private static DeletionResult delete(long id) {
		return application.deletes().from("users").byId(id).execute();
	}

	private static DeletionResult hardDelete(long id) {
		return application.deletes().from("users").byId(id).hard().execute();
	}

	private static DeleteOperations.Step<?> inMode(DeleteOperations.Mode step, DeletionMode mode) {
		return switch (mode) {
			case HARD -> step.hard();
			case SOFT -> step.soft();
			case SCHEDULED -> step.scheduled();
		};
	}

	private static List<DeletionEvent> events() {
		return listener().told;
	}

	private static List<RowsPurgedEvent> purges() {
		return events().stream().map(RowsPurgedEvent.class::cast).toList();
	}

	private static List<RowsPurgedEvent> purgesOf(DeletionResult result) {
		UUID operationId = result.operationId();
		return purges().stream().filter((event) -> event.operationId().equals(operationId)).toList();
	}

	private static Listener listener() {
		return application.bean(Listener.class);
	}

	@SuppressWarnings("unchecked")
	private static <T extends Throwable> void sneakily(Throwable thrown) throws T {
		throw (T) thrown;
	}

	/**
	 * Looks at the users through its own connection, so that it sees what is committed.
	 */
	static class Listener {

		private final List<DeletionEvent> told = new CopyOnWriteArrayList<>();

		private final List<String> usersSeen = new CopyOnWriteArrayList<>();

		private final List<DeletionEvent> withFallback = new CopyOnWriteArrayList<>();

		private final List<DeletionEvent> withoutFallback = new CopyOnWriteArrayList<>();

		private volatile Consumer<DeletionEvent> then = (event) -> {
		};

		@EventListener
		public void on(DeletionEvent event) {
			this.told.add(event);
			this.usersSeen.add(database.jdbc()
				.sql("SELECT string_agg(CASE WHEN deletion_time IS NULL THEN id::text ELSE '(' || id || ')' END, ' ' ORDER BY id) FROM users")
				.query(String.class)
				.single());
			this.then.accept(event);
		}

		@TransactionalEventListener(fallbackExecution = true)
		public void withFallback(DeletionEvent event) {
			this.withFallback.add(event);
		}

		@TransactionalEventListener
		public void withoutFallback(DeletionEvent event) {
			this.withoutFallback.add(event);
		}

		void then(Consumer<DeletionEvent> then) {
			this.then = then;
		}

		void forget() {
			this.told.clear();
			this.usersSeen.clear();
			this.withFallback.clear();
			this.withoutFallback.clear();
			this.then = (event) -> {
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Listening {

		@Bean
		Listener eventsListener() {
			return new Listener();
		}

	}

}
