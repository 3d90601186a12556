package io.github.deletionpolicy.scenario.restore;

import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.RestoreConflictException;
import io.github.deletionpolicy.RestoreResult;
import io.github.deletionpolicy.UnknownOperationException;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.scenario.TreeTables;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import org.springframework.data.relational.core.query.Criteria;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A restore brings back exactly what a delete took.
 */
class RestoreIT {

	@RegisterExtension
	private static final Application application = Application.of("""
			CREATE TABLE users (id bigint PRIMARY KEY, email text, deletion_time timestamptz);
			CREATE UNIQUE INDEX users_email ON users (email) WHERE deletion_time IS NULL""",
			"deletion-policy.tables.users.mode=scheduled", "deletion-policy.tables.users.delay=30d");

	@BeforeEach
	void fiveUsers() {
		application.jdbc().sql("TRUNCATE users, deletion_operation, deletion_chunk").update();
		application.jdbc().sql("INSERT INTO users SELECT n, n || '@example.org' FROM generate_series(1, 5) n").update();
	}

	@Test
	void anOperationComesBackAsAWholeAndIsNotPurged() {
		DeletionResult result = application.deletes().from("users").all().execute();
		assertThat(application.deletes().restore(result.operationId()).rows()).isEqualTo(5);
		assertThat(application.liveIds("users")).containsExactly(1L, 2L, 3L, 4L, 5L);
		assertThat(application.purgeAfter(Duration.ofDays(31))).isZero();
		assertThat(application.deletes().restore(result.operationId()).rows()).isZero();
	}

	@Test
	void whatHadBeenDeletedBeforeStaysDeleted() {
		application.deletes().from("users").byId(1).execute();
		DeletionResult second = application.deletes().from("users").all().execute();
		assertThat(application.deletes().restore(second.operationId()).rows()).isEqualTo(4);
		assertThat(application.liveIds("users")).containsExactly(2L, 3L, 4L, 5L);
	}

	@Test
	void aRowThatWasDeletedAnewIsNotBroughtBackByTheOldOperation() {
		DeletionResult first = application.deletes().from("users").byIds(List.of(1, 2)).execute();
		application.deletes().from("users").byId(1).includingDeleted().execute();
		assertThat(application.deletes().restore(first.operationId()).rows()).isOne();
		assertThat(application.liveIds("users")).containsExactly(2L, 3L, 4L, 5L);
	}

	@Test
	void singleRowsComeBackAndTheirNeighboursAreStillPurged() {
		application.deletes().from("users").all().execute();
		assertThat(application.deletes().restoreFrom("users").byIds(List.of(2, 3)).execute().rows()).isEqualTo(2);
		assertThat(application.deletes()
			.restoreFrom("users")
			.where(Criteria.where("email").is("4@example.org"))
			.execute()
			.rows()).isOne();
		assertThat(application.deletes().restoreFrom("users").byId(2).execute().rows()).isZero();
		assertThat(application.purgeAfter(Duration.ofDays(31))).isEqualTo(2);
		assertThat(application.ids("users")).containsExactly(2L, 3L, 4L);
	}

	@Test
	void aStaleSaveAfterARestoreDoesNotLeadToAPurge() {
		DeletionResult all = application.deletes().from("users").byIds(List.of(1, 2)).execute();
		application.deletes().restoreFrom("users").byId(1).execute();
		application.deletes().restore(all.operationId());
		application.jdbc()
			.sql("UPDATE users SET deletion_time = ? WHERE id IN (1, 2)")
			.param(OffsetDateTime.ofInstant(all.deletionTime(), ZoneOffset.UTC))
			.update();
		assertThat(application.purgeAfter(Duration.ofDays(365))).isZero();
		assertThat(application.ids("users")).hasSize(5);
	}

	@Test
	void aKeyIsStruckFromTheChunkThatAPurgeIsCuttingMeanwhile() {
		application.deletes().from("users").all().execute();
		var restore = new AtomicReference<CompletableFuture<RestoreResult>>();
		application.cuttingTheOnlyChunk("users", () -> {
			restore
				.set(CompletableFuture.supplyAsync(() -> application.deletes().restoreFrom("users").byId(1).execute()));
			application.awaitLockWaiter();
		});
		assertThat(restore.get().join().rows()).isOne();
		assertThat(application.jdbc().sql("SELECT sum(key_count) FROM deletion_chunk").query(Long.class).single())
			.isEqualTo(4);
	}

	/**
	 * The restore has looked for operations, and waits for one of them; the other one
	 * comes meanwhile.
	 */
	@Test
	void aKeyIsStruckFromAnOperationThatDeletesItsRowWhileTheRestoreBegins() {
		application.deletes().from("users").byId(1).execute();
		var restore = new AtomicReference<CompletableFuture<RestoreResult>>();
		var meanwhile = new AtomicReference<DeletionResult>();
		application.transactions().executeWithoutResult((status) -> {
			application.jdbc().sql("SELECT 1 FROM deletion_chunk FOR UPDATE").query(Integer.class).list();
			restore.set(CompletableFuture.supplyAsync(
					() -> application.deletes().restoreFrom("users").byIds(List.of(1, 2)).execute(),
					TreeTables.THREADS));
			application.awaitLockWaiter();
			meanwhile.set(CompletableFuture
				.supplyAsync(() -> application.deletes().from("users").byId(2).execute(), TreeTables.THREADS)
				.join());
		});
		assertThat(restore.get().join().rows()).isEqualTo(2);
		application.jdbc()
			.sql("UPDATE users SET deletion_time = ? WHERE id = 2")
			.param(meanwhile.get().deletionTime().atOffset(ZoneOffset.UTC))
			.update();
		assertThat(application.purgeAfter(Duration.ofDays(31))).isZero();
		assertThat(application.ids("users")).contains(2L);
	}

	@Test
	void aUniqueConflictNamesConstraintAndKeyAndChangesNothing() {
		DeletionResult result = application.deletes().from("users").byIds(List.of(1, 2)).execute();
		application.jdbc().sql("INSERT INTO users VALUES (9, '2@example.org')").update();
		application.transactions().executeWithoutResult((status) -> {
			assertThatExceptionOfType(RestoreConflictException.class)
				.isThrownBy(() -> application.deletes().restore(result.operationId()))
				.withMessageContaining("users_email")
				.withMessageContaining("(email)=(2@example.org)");
			assertThatExceptionOfType(RestoreConflictException.class)
				.isThrownBy(() -> application.deletes().restoreFrom("users").byId(2).execute())
				.withMessageContaining("users_email");
			application.jdbc().sql("INSERT INTO users VALUES (10, 'still@usable')").update();
		});
		assertThat(application.liveIds("users")).containsExactly(3L, 4L, 5L, 9L, 10L);
		assertThat(application.purgeAfter(Duration.ofDays(31))).isEqualTo(2);
	}

	@Test
	void anUnknownOperationIsAnError() {
		assertThatExceptionOfType(UnknownOperationException.class)
			.isThrownBy(() -> application.deletes().restore(UUID.randomUUID()));
	}

	@Test
	void anUnknownOperationLeavesTheCallersTransactionUsable() {
		application.transactions().executeWithoutResult((status) -> {
			assertThatExceptionOfType(UnknownOperationException.class)
				.isThrownBy(() -> application.deletes().restore(UUID.randomUUID()));
			application.jdbc().sql("INSERT INTO users VALUES (10, 'still@usable')").update();
		});
		assertThat(application.liveIds("users")).contains(10L);
	}

	@Test
	void aRestoreThatIsRolledBackLeavesThePurge() {
		DeletionResult result = application.deletes().from("users").byId(1).execute();
		application.transactions().executeWithoutResult((status) -> {
			application.deletes().restore(result.operationId());
			status.setRollbackOnly();
		});
		assertThat(application.purgeAfter(Duration.ofDays(31))).isOne();
	}

}
