package io.github.deletionpolicy.scenario.delete;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

import io.github.deletionpolicy.AsyncDeletion;
import io.github.deletionpolicy.AsyncOptions;
import io.github.deletionpolicy.AsyncProgress;
import io.github.deletionpolicy.AsyncScheduledDeletionException;
import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.ModeSource;
import io.github.deletionpolicy.scenario.Application;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The call's mode, else the table's, else hard; and what each of them leaves behind.
 */
class ModesIT {

	@RegisterExtension
	private static final Application application = Application.of("""
			CREATE TABLE scheduled_ones (id bigint PRIMARY KEY, deletion_time timestamptz);
			CREATE TABLE soft_ones (id bigint PRIMARY KEY, deletion_time timestamptz);
			CREATE TABLE plain_ones (id bigint PRIMARY KEY, deletion_time timestamptz)""",
			"deletion-policy.tables.scheduled_ones.mode=scheduled", "deletion-policy.tables.scheduled_ones.delay=30d",
			"deletion-policy.tables.soft_ones.mode=soft");

	@BeforeEach
	void threeRowsEach() {
		for (String table : List.of("scheduled_ones", "soft_ones", "plain_ones")) {
			application.jdbc().sql("TRUNCATE " + table).update();
			application.jdbc().sql("INSERT INTO " + table + " VALUES (1), (2), (3)").update();
		}
		application.jdbc().sql("TRUNCATE deletion_operation, deletion_chunk").update();
	}

	@Test
	void aScheduledDefaultSchedulesOnAPlainDelete() {
		DeletionResult result = delete("scheduled_ones").execute();
		assertThat(result.mode()).isEqualTo(DeletionMode.SCHEDULED);
		assertThat(result.source()).isEqualTo(ModeSource.TABLE);
		assertThat(result.rows()).isOne();
		assertThat(result.deletionTime()).isEqualTo(application.deletionTime("scheduled_ones", 1L));
		assertThat(result.purgeAt()).isEqualTo(result.deletionTime().plus(Duration.ofDays(30)));
		assertThat(application.liveIds("scheduled_ones")).containsExactly(2L, 3L);
	}

	@Test
	void aScheduledDefaultIsReallyPurged() {
		delete("scheduled_ones").execute();
		assertThat(application.purgeAfter(Duration.ofDays(29))).isZero();
		assertThat(application.ids("scheduled_ones")).containsExactly(1L, 2L, 3L);
		assertThat(application.purgeAfter(Duration.ofDays(31))).isOne();
		assertThat(application.ids("scheduled_ones")).containsExactly(2L, 3L);
	}

	@Test
	void aSoftDefaultWithAnExplicitScheduledIsReallyPurged() {
		DeletionResult result = delete("soft_ones").scheduled(Duration.ofDays(1)).execute();
		assertThat(result.purgeAt()).isEqualTo(result.deletionTime().plus(Duration.ofDays(1)));
		assertThat(result.source()).isEqualTo(ModeSource.CALL);
		assertThat(application.purgeAfter(Duration.ofDays(2))).isOne();
		assertThat(application.ids("soft_ones")).containsExactly(2L, 3L);
	}

	@Test
	void aSoftDefaultStampsOnly() {
		DeletionResult result = delete("soft_ones").execute();
		assertThat(result.mode()).isEqualTo(DeletionMode.SOFT);
		assertThat(result.purgeAt()).isNull();
		assertThat(result.deletionTime()).isEqualTo(application.deletionTime("soft_ones", 1L));
		assertThat(application.purgeAfter(Duration.ofDays(36_500))).isZero();
		assertThat(application.ids("soft_ones")).containsExactly(1L, 2L, 3L);
	}

	@Test
	void aTableWithoutPolicyIsDeletedHard() {
		DeletionResult result = delete("plain_ones").execute();
		assertThat(result.mode()).isEqualTo(DeletionMode.HARD);
		assertThat(result.source()).isEqualTo(ModeSource.FALLBACK);
		assertThat(result.deletionTime()).isNull();
		assertThat(application.ids("plain_ones")).containsExactly(2L, 3L);
	}

	@Test
	void anExplicitHardDeletesAtOnceAndLeavesNoRecord() {
		DeletionResult result = delete("scheduled_ones").hard().execute();
		assertThat(result.mode()).isEqualTo(DeletionMode.HARD);
		assertThat(application.ids("scheduled_ones")).containsExactly(2L, 3L);
		assertThat(application.operations()).isZero();
		assertThat(application.chunks()).isZero();
	}

	@Test
	void anExplicitSoftStampsWithoutADeadline() {
		DeletionResult result = delete("scheduled_ones").soft().execute();
		assertThat(result.mode()).isEqualTo(DeletionMode.SOFT);
		assertThat(result.purgeAt()).isNull();
		assertThat(application.purgeAfter(Duration.ofDays(36_500))).isZero();
		assertThat(application.ids("scheduled_ones")).containsExactly(1L, 2L, 3L);
	}

	@Test
	void anExplicitDelayOfZeroMeansZero() {
		DeletionResult result = delete("scheduled_ones").scheduled(Duration.ZERO).execute();
		assertThat(result.purgeAt()).isEqualTo(result.deletionTime());
		assertThat(application.purges().runDue().total()).isOne();
	}

	@Test
	void scheduledWithoutADelayTakesTheTables() {
		DeletionResult result = delete("scheduled_ones").scheduled().execute();
		assertThat(result.purgeAt()).isEqualTo(result.deletionTime().plus(Duration.ofDays(30)));
		DeletionResult onSoft = delete("soft_ones").scheduled().execute();
		assertThat(onSoft.purgeAt()).isEqualTo(onSoft.deletionTime());
	}

	@Test
	void theDefaultPathRecordsTheSameAsTheExplicitPath() {
		DeletionResult byDefault = delete("scheduled_ones").execute();
		DeletionResult explicit = application.deletes()
			.from("scheduled_ones")
			.byId(2)
			.scheduled(Duration.ofDays(30))
			.execute();
		assertThat(application.record(byDefault.operationId())).isEqualTo(application.record(explicit.operationId()))
			.isEqualTo("SCHEDULED 720:00:00 30 days 1 00:00:00 t public scheduled_ones deletion_time");
	}

	@Test
	void aDelayIsExactSecondsWhateverTheTimeZoneDoes() {
		Duration delay = Duration.ofDays(300).plusNanos(123_456_789);
		DeletionResult result = delete("soft_ones").scheduled(delay).execute();
		assertThat(result.purgeAt()).isEqualTo(result.deletionTime().plus(delay.minusNanos(789)));
	}

	@Test
	void anAsyncDeleteOfAScheduledDefaultIsRefusedAndNothingIsWritten() {
		DeleteOperations.Mode delete = delete("scheduled_ones");
		assertThatExceptionOfType(AsyncScheduledDeletionException.class).isThrownBy(delete::executeAsync)
			.withMessageContaining("scheduled_ones")
			.withMessageContaining("deletion-policy.tables")
			.withMessageContaining(".hard().executeAsync()");
		assertThat(application.liveIds("scheduled_ones")).containsExactly(1L, 2L, 3L);
		assertThat(application.operations()).isZero();
	}

	@Test
	void anAsyncHardDeletePassesTheGuardAndGoesThroughAllBatches() {
		AsyncDeletion deletion = application.deletes()
			.from("scheduled_ones")
			.all()
			.hard()
			.executeAsync(new AsyncOptions(1, Duration.ZERO));
		application.purges().runDue();
		assertThat(deletion.progress()).isEqualTo(new AsyncProgress(AsyncProgress.State.DONE, 3, 0, 1));
		assertThat(application.ids("scheduled_ones")).isEmpty();
	}

	@Test
	void aDeleteThatMatchesNothingRecordsNothing() {
		DeletionResult result = application.deletes().from("scheduled_ones").byId(99).execute();
		assertThat(result.rows()).isZero();
		assertThat(result.deletionTime()).isNull();
		assertThat(result.purgeAt()).isNull();
		assertThat(application.operations()).isZero();
		assertThat(application.deletes().from("scheduled_ones").byIds(List.of()).execute().rows()).isZero();
	}

	@Test
	void manyRowsOfOneDeleteShareTokenAndChunks() {
		application.jdbc().sql("INSERT INTO scheduled_ones SELECT generate_series(4, 2500)").update();
		DeletionResult result = application.deletes().from("scheduled_ones").all().execute();
		assertThat(result.rows()).isEqualTo(2500);
		assertThat(application.chunks()).isEqualTo(3);
		assertThat(application.jdbc()
			.sql("SELECT count(DISTINCT deletion_time) FROM scheduled_ones")
			.query(Long.class)
			.single()).isOne();
		assertThat(application.purgeAfter(Duration.ofDays(31))).isEqualTo(2500);
		assertThat(application.chunks()).isZero();
	}

	@Test
	void rowsComeBackAsTheyAreAfterTheDelete() {
		var stamped = application.deletes().from("scheduled_ones").byIds(List.of(1, 2)).returning(Row.class).execute();
		assertThat(stamped.rows()).extracting(Row::id).containsExactlyInAnyOrder(1L, 2L);
		assertThat(stamped.rows()).extracting(Row::deletionTime).containsOnly(stamped.result().deletionTime());
		var removed = application.deletes().from("plain_ones").all().returning(Row.class).execute();
		assertThat(removed.rows()).extracting(Row::id).containsExactlyInAnyOrder(1L, 2L, 3L);
	}

	@Test
	void aPreviewCountsAndChangesNothing() {
		application.deletes().from("scheduled_ones").byId(1).execute();
		assertThat(application.deletes().from("scheduled_ones").all().preview().rows()).isEqualTo(2);
		assertThat(application.deletes().from("scheduled_ones").all().hard().preview().rows()).isEqualTo(3);
		assertThat(application.liveIds("scheduled_ones")).containsExactly(2L, 3L);
	}

	private static DeleteOperations.Mode delete(String table) {
		return application.deletes().from(table).byId(1);
	}

	record Row(long id, Instant deletionTime) {
	}

}
