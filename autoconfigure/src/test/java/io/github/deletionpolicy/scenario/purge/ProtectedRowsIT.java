package io.github.deletionpolicy.scenario.purge;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;

import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.PendingPurges.PendingPurge;
import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.PendingPurges.TableSummary;
import io.github.deletionpolicy.purge.PurgeReport;
import io.github.deletionpolicy.purge.Purger;
import io.github.deletionpolicy.scenario.Application;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * One row among many that cannot be purged, by what it says of itself, how often it is
 * tried, and what becomes of its neighbours. Rows are due by the database's clock.
 */
class ProtectedRowsIT {

	private static final int ROWS = 100_000;

	private static final long CULPRIT = 50_000;

	@RegisterExtension
	private static final Application application = Application.of("""
			CREATE TABLE users (id bigint PRIMARY KEY, deletion_time timestamptz);
			CREATE TABLE invoices (id bigint PRIMARY KEY,
				user_id bigint NOT NULL CONSTRAINT invoice_of_user REFERENCES users ON DELETE RESTRICT);
			CREATE INDEX ON invoices (user_id)""", "deletion-policy.tables.users.mode=scheduled",
			"deletion-policy.tables.users.delay=0", "deletion-policy.purge.retry-delay=1m");

	@BeforeEach
	void noUsers() {
		application.jdbc().sql("TRUNCATE users, invoices, deletion_operation, deletion_chunk").update();
	}

	@AfterEach
	void removeTrigger() {
		application.jdbc().sql("DROP TRIGGER IF EXISTS refuse ON users").update();
		application.jdbc().sql("DROP FUNCTION IF EXISTS refuse()").update();
	}

	@Test
	void aRowThatARestrictingForeignKeyProtectsLetsAHundredThousandNeighboursGo() {
		insertUsers(ROWS);
		DeletionResult result = application.deletes().from("users").all().execute();
		application.jdbc().sql("INSERT INTO invoices VALUES (1, ?)").param(CULPRIT).update();
		PurgeReport report = purge();
		assertThat(report.total()).isEqualTo(ROWS - 1);
		assertThat(report.blocked()).isOne();
		assertThat(report.failed()).isZero();
		assertThat(application.ids("users")).containsExactly(CULPRIT);
		PendingPurge waiting = application.pending().forRow("users", CULPRIT).orElseThrow();
		assertThat(waiting.operationId()).isEqualTo(result.operationId());
		assertThat(waiting.purgeAt()).isEqualTo(result.purgeAt());
		assertThat(waiting.state()).isEqualTo(State.BLOCKED);
		assertThat(waiting.lastError()).contains("invoice_of_user");
		assertThat(waiting.attempts()).isOne();
		assertThat(waiting.rows()).isOne();
		TableSummary summary = application.pending().summary().get(0);
		assertThat(summary.pending()).isOne();
		assertThat(summary.blocked()).isOne();
		application.jdbc().sql("DELETE FROM invoices").update();
		assertThat(purge().didSomething()).isFalse();
		application.pending().retry(result.operationId());
		assertThat(purge().total()).isOne();
		assertThat(application.ids("users")).isEmpty();
		assertThat(application.chunks()).isZero();
	}

	/**
	 * Each time in its own chunk, between chunks of others.
	 */
	@Test
	void severalProtectedRowsThatWereDeletedOneByOneLetTheirNeighboursGo() {
		insertUsers(500);
		for (long id = 1; id <= 500; id++) {
			application.deletes().from("users").byId(id).execute();
		}
		application.jdbc().sql("INSERT INTO invoices SELECT id, id FROM users WHERE id % 100 = 50").update();
		PurgeReport report = purge();
		assertThat(report.total()).isEqualTo(495);
		assertThat(report.blocked()).isEqualTo(5);
		assertThat(application.ids("users")).containsExactly(50L, 150L, 250L, 350L, 450L);
	}

	@ParameterizedTest
	@EnumSource
	void whatFailsAgainAndAgainIsTriedLessAndLessOftenButOnceAnHour(Cause cause) {
		insertUsers(100);
		DeletionResult result = application.deletes().from("users").all().execute();
		application.jdbc().sql(cause.sql).update();
		if (cause != Cause.FOREIGN_KEY) {
			application.jdbc()
				.sql("CREATE TRIGGER refuse BEFORE DELETE ON users FOR EACH ROW EXECUTE FUNCTION refuse()")
				.update();
		}
		Instant attempt = application.now();
		assertThat(application.purges().runDueAsOf(attempt).total()).isEqualTo(99);
		List<Long> waits = new ArrayList<>();
		for (int attempts = 1; attempts <= 8; attempts++) {
			PendingPurge waiting = application.pending().forRow("users", 50).orElseThrow();
			assertThat(waiting.state()).isEqualTo(cause.state);
			assertThat(waiting.attempts()).isEqualTo(attempts);
			assertThat(waiting.lastError()).contains(cause.error);
			assertThat(waiting.purgeAt()).isEqualTo(result.purgeAt());
			Instant next = nextAttempt();
			waits.add(Duration.between(attempt, next).toMinutes());
			assertThat(application.purges().runDueAsOf(next.minusMillis(1)).didSomething()).isFalse();
			assertThat(application.purges().runDueAsOf(next).didSomething()).isTrue();
			attempt = next;
		}
		assertThat(waits).containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L);
		removeTrigger();
		application.jdbc().sql("DELETE FROM invoices").update();
		assertThat(purge().didSomething()).isFalse();
		application.pending().retry(result.operationId());
		assertThat(application.pending().forRow("users", 50).orElseThrow().attempts()).isZero();
		assertThat(purge().total()).isOne();
	}

	private static void insertUsers(int rows) {
		application.jdbc().sql("INSERT INTO users SELECT generate_series(1, ?)").param(rows).update();
	}

	private static PurgeReport purge() {
		return application.bean(Purger.class).purge();
	}

	private static Instant nextAttempt() {
		return application.jdbc()
			.sql("SELECT next_attempt FROM deletion_chunk")
			.query(OffsetDateTime.class)
			.single()
			.toInstant();
	}

	enum Cause {

		FOREIGN_KEY("INSERT INTO invoices VALUES (1, 50)", State.BLOCKED, "invoice_of_user"),

		TRIGGER_THAT_RAISES("""
				CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
				'BEGIN IF OLD.id = 50 THEN RAISE ''not this one''; END IF; RETURN OLD; END'""", State.FAILED,
				"not this one"),

		TRIGGER_THAT_KEEPS_THE_ROW("""
				CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
				'BEGIN IF OLD.id = 50 THEN RETURN NULL; END IF; RETURN OLD; END'""", State.FAILED, "trigger");

		private final String sql;

		private final State state;

		private final String error;

		Cause(String sql, State state, String error) {
			this.sql = sql;
			this.state = state;
			this.error = error;
		}

	}

}
