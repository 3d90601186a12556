package io.github.deletionpolicy.scenario.purge;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;

import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.support.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import org.springframework.data.relational.core.query.Criteria;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A purge goes by the deletion time that the accepted delete wrote, and by nothing else.
 */
class TokenIT {

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
	void deletedClearedAndDeletedInOneTransactionHasTwoTokensAndGoesAtTheSecondDeadline() {
		List<DeletionResult> results = application.transactions().execute((status) -> {
			DeletionResult first = application.deletes().from("users").byId(1).scheduled(Duration.ofDays(1)).execute();
			clear(1);
			return List.of(first, application.deletes().from("users").byId(1).execute());
		});
		assertThat(results.get(1).deletionTime()).isAfter(results.get(0).deletionTime());
		assertThat(application.purgeAfter(Duration.ofDays(2))).isZero();
		assertThat(application.ids("users")).containsExactly(1L, 2L, 3L);
		assertThat(application.purgeAfter(Duration.ofDays(31))).isOne();
		assertThat(application.ids("users")).containsExactly(2L, 3L);
	}

	@Test
	void clearingTheColumnCancelsThePurge() {
		application.deletes().from("users").byId(1).execute();
		clear(1);
		assertThat(application.purgeAfter(Duration.ofDays(31))).isZero();
		assertThat(application.ids("users")).containsExactly(1L, 2L, 3L);
		assertThat(application.chunks()).isZero();
	}

	@Test
	void changingTheColumnCancelsThePurge() {
		application.deletes().from("users").all().execute();
		application.jdbc()
			.sql("UPDATE users SET deletion_time = deletion_time + interval '1 microsecond' WHERE id = 2")
			.update();
		assertThat(application.purgeAfter(Duration.ofDays(31))).isEqualTo(2);
		assertThat(application.ids("users")).containsExactly(2L);
		assertThat(application.purgeAfter(Duration.ofDays(365))).isZero();
	}

	@Test
	void deletingAgainChangesNothing() {
		DeletionResult first = application.deletes().from("users").byId(1).execute();
		DeletionResult second = application.deletes().from("users").byId(1).scheduled(Duration.ofDays(90)).execute();
		assertThat(second.rows()).isZero();
		assertThat(application.deletionTime("users", 1L)).isEqualTo(first.deletionTime());
		assertThat(application.operations()).isOne();
		assertThat(application.purgeAfter(Duration.ofDays(31))).isOne();
	}

	@Test
	void includingDeletedSupersedesTokenAndDeadline() {
		DeletionResult first = application.deletes().from("users").byId(1).scheduled(Duration.ofDays(1)).execute();
		DeletionResult second = application.deletes().from("users").byId(1).includingDeleted().execute();
		assertThat(second.rows()).isOne();
		assertThat(second.deletionTime()).isAfter(first.deletionTime());
		assertThat(application.deletionTime("users", 1L)).isEqualTo(second.deletionTime());
		assertThat(application.purgeAfter(Duration.ofDays(2))).isZero();
		assertThat(application.purgeAfter(Duration.ofDays(31))).isOne();
	}

	@Test
	void twoDeletesOfOneTransactionHaveTwoTokens() {
		List<Instant> tokens = application.transactions()
			.execute((status) -> List.of(application.deletes().from("users").byId(1).execute().deletionTime(),
					application.deletes().from("users").byId(2).execute().deletionTime()));
		assertThat(tokens.get(0)).isBefore(tokens.get(1));
	}

	@Test
	void aTokenThatIsTakenIsSteppedOver() {
		application.deletes().from("users").byId(1).execute();
		application.jdbc().sql("""
				INSERT INTO deletion_operation (id, token, table_id, format, mode, source)
				SELECT gen_random_uuid(), clock_timestamp() + n * interval '1 microsecond', table_id, 1, 'SOFT', 'CALL'
				FROM deletion_operation, generate_series(0, 200000) n ON CONFLICT DO NOTHING""").update();
		DeletionResult result = application.deletes().from("users").byId(2).execute();
		assertThat(result.rows()).isOne();
		assertThat(application.deletionTime("users", 2L)).isEqualTo(result.deletionTime());
		assertThat(application.jdbc()
			.sql("SELECT count(*) FROM deletion_operation WHERE token = ?")
			.param(OffsetDateTime.ofInstant(result.deletionTime(), ZoneOffset.UTC))
			.query(Long.class)
			.single()).isOne();
	}

	@Test
	void tokensAreReadInAnotherTimeZoneThanTheJvms() {
		String zone = application.jdbc().sql("SHOW TimeZone").query(String.class).single();
		assertThat(zone).isEqualTo(TestDatabase.timeZone().getId());
		Instant before = application.now();
		DeletionResult result = application.deletes().from("users").byId(1).execute();
		assertThat(result.deletionTime()).isBetween(before, application.now());
	}

	@Test
	void anInstantInNanosecondsIsCutBeforeItIsCompared() {
		DeletionResult result = application.deletes().from("users").all().execute();
		Instant withNanos = result.deletionTime().plusNanos(999);
		assertThat(application.deletes()
			.from("users")
			.where(Criteria.where("deletion_time").is(withNanos))
			.hard()
			.preview()
			.rows()).isEqualTo(3);
		assertThat(application.purges().runDueAsOf(result.purgeAt().minusNanos(1)).total()).isZero();
		assertThat(application.purges().runDueAsOf(result.purgeAt().plusNanos(999)).total()).isEqualTo(3);
	}

	private static void clear(long id) {
		application.jdbc().sql("UPDATE users SET deletion_time = NULL WHERE id = ?").param(id).update();
	}

}
