package io.github.deletionpolicy.scenario.delete;

import java.time.Duration;

import io.github.deletionpolicy.ReadOnlyDeletionException;
import io.github.deletionpolicy.scenario.Application;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A delete is part of the caller's transaction, whole or not at all.
 */
class TransactionIT {

	@RegisterExtension
	private static final Application application = Application.of(
			"CREATE TABLE users (id bigint PRIMARY KEY, deletion_time timestamptz)",
			"deletion-policy.tables.users.mode=scheduled", "deletion-policy.tables.users.delay=30d");

	@BeforeEach
	void threeUsers() {
		application.jdbc().sql("TRUNCATE users, deletion_operation, deletion_chunk").update();
		application.jdbc().sql("INSERT INTO users VALUES (1), (2), (3)").update();
	}

	@Test
	void aRollbackLeavesNoTrace() {
		application.transactions().executeWithoutResult((status) -> {
			assertThat(application.deletes().from("users").all().execute().rows()).isEqualTo(3);
			status.setRollbackOnly();
		});
		assertThat(application.liveIds("users")).containsExactly(1L, 2L, 3L);
		assertThat(application.operations()).isZero();
		assertThat(application.chunks()).isZero();
		assertThat(application.purgeAfter(Duration.ofDays(31))).isZero();
	}

	@Test
	void aRollbackToASavepointTakesBackWhatCameAfterIt() {
		application.transactions().executeWithoutResult((status) -> {
			application.deletes().from("users").byId(1).execute();
			Object savepoint = status.createSavepoint();
			application.deletes().from("users").byId(2).execute();
			status.rollbackToSavepoint(savepoint);
		});
		assertThat(application.liveIds("users")).containsExactly(2L, 3L);
		assertThat(application.operations()).isOne();
		assertThat(application.chunks()).isOne();
		assertThat(application.purgeAfter(Duration.ofDays(31))).isOne();
		assertThat(application.ids("users")).containsExactly(2L, 3L);
	}

	@Test
	void aCommitKeepsAll() {
		application.transactions()
			.executeWithoutResult((status) -> application.deletes().from("users").byId(1).execute());
		assertThat(application.liveIds("users")).containsExactly(2L, 3L);
		assertThat(application.operations()).isOne();
		assertThat(application.chunks()).isOne();
	}

	@Test
	void theFirstDeleteFromATableMayRollBackWithoutHarmToTheNext() {
		application.jdbc().sql("CREATE TABLE late (id bigint PRIMARY KEY, deletion_time timestamptz)").update();
		application.jdbc().sql("INSERT INTO late VALUES (1)").update();
		application.transactions().executeWithoutResult((status) -> {
			application.deletes().from("late").all().scheduled(Duration.ZERO).execute();
			status.setRollbackOnly();
		});
		assertThat(application.deletes().from("late").all().scheduled(Duration.ZERO).execute().rows()).isOne();
		assertThat(application.purges().runDue().total()).isOne();
		application.jdbc().sql("DROP TABLE late").update();
	}

	@Test
	void aReadOnlyTransactionIsRefused() {
		TransactionTemplate readOnly = application.transactions();
		readOnly.setReadOnly(true);
		assertThatExceptionOfType(ReadOnlyDeletionException.class).isThrownBy(
				() -> readOnly.executeWithoutResult((status) -> application.deletes().from("users").byId(1).execute()))
			.withMessageContaining("readOnly = true");
		assertThat(application.liveIds("users")).containsExactly(1L, 2L, 3L);
	}

}
