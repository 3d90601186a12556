package io.github.deletionpolicy.race;

import java.time.Duration;
import java.util.List;

import io.github.deletionpolicy.DeletionResult;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A row is deleted again, to go later, while a purge is about to remove it. If that is
 * committed first the row waits for its new time; if it comes second it finds no row and
 * leaves no trace.
 */
class DeletedAgainWhilePurgingIT {

	private static final Duration LATER = Duration.ofDays(30);

	@RegisterExtension
	private static final Races races = Races.of();

	@ParameterizedTest
	@EnumSource
	void aRowThatIsDeletedAgainFirstGoesAtItsNewTime(PurgePath path) {
		RaceResult<DeletionResult> result = races.otherFirst(path, (deleted) -> deleteAgain(path));
		assertWaitedForTheRow(path, result);
		assertGoesAtItsNewTime(path, result);
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "TREE")
	void aRowThatIsRestoredBySqlAndDeletedAgainFirstGoesAtItsNewTime(PurgePath path) {
		RaceResult<DeletionResult> result = races.otherFirst(path, (deleted) -> {
			races.update("UPDATE " + path.table + " SET deletion_time = NULL WHERE id = ?", path.id);
			return deleteLive(path);
		});
		assertWaitedForTheRow(path, result);
		assertStaysDeleted(path, result);
		races.application().purges().runDueAsOf(result.answer().purgeAt());
		races.purgeTheRest(path);
		assertThat(races.rows(path)).isEmpty();
		assertThat(races.told()).containsExactlyElementsOf(path.all());
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "TREE")
	void aRowThatIsDeletedAgainWhenThePurgeHasSeenItGoesAtItsNewTime(PurgePath path) {
		RaceResult<DeletionResult> result = races.amidPurge(path,
				path.isFlat() ? "%" + path.statement + "%" : PurgePath.LOCKS, (deleted) -> deleteAgain(path));
		assertThat(result.isWaiting()).isFalse();
		assertGoesAtItsNewTime(path, result);
	}

	@ParameterizedTest
	@EnumSource
	void aRowIsNotDeletedAgainWhenItIsGone(PurgePath path) {
		RaceResult<DeletionResult> result = races.purgeFirst(path, (deleted) -> deleteAgain(path));
		assertThat(result.waiting()).contains("UPDATE \"public\".\"" + path.table + "\"");
		assertThat(result.answer().rows()).isZero();
		assertThat(result.answer().purgeAt()).isNull();
		races.purgeTheRest(path);
		assertThat(races.rows(path)).isEmpty();
		assertThat(races.told()).containsExactlyElementsOf(path.all());
		assertThat(races.record(result.deleted())).isEqualTo("SCHEDULED");
		assertThat(races.isRecorded(result.answer())).isFalse();
	}

	private static void assertWaitedForTheRow(PurgePath path, RaceResult<DeletionResult> result) {
		if (path.isFlat()) {
			assertThat(result.waiting()).startsWith(path.statement);
		}
		else {
			assertThat(result.isWaiting()).isFalse();
			assertThat(result.report().blocked()).isOne();
		}
		assertThat(result.answer().rows()).isOne();
	}

	private static void assertGoesAtItsNewTime(PurgePath path, RaceResult<DeletionResult> result) {
		assertStaysDeleted(path, result);
		DeletionResult again = result.answer();
		assertThat(races.record(again)).isEqualTo(switch (path) {
			case TREE -> "SCHEDULED customers {2} orders {21}";
			case BELOW -> "SCHEDULED orders {21}";
			default -> "SCHEDULED users {2}";
		});
		assertThat(races.application().purges().runDueAsOf(again.purgeAt().minusMillis(1)).total()).isZero();
		races.application().purges().runDueAsOf(again.purgeAt());
		races.purgeTheRest(path);
		assertThat(races.rows(path)).isEmpty();
		assertThat(races.told()).containsExactlyElementsOf(path.all());
		assertThat(races.told(again.operationId())).contains(path.table + " " + path.id);
	}

	private static void assertStaysDeleted(PurgePath path, RaceResult<DeletionResult> result) {
		races.purgeTheRest(path);
		assertThat(races.rows(path))
			.isEqualTo(path.isFlat() ? List.of("users (2)") : List.of("customers (2)", "orders (21)"));
		assertThat(races.told()).containsExactlyElementsOf(path.neighbours());
		assertThat(races.application().deletionTime(path.table, path.id)).isEqualTo(result.answer().deletionTime())
			.isAfter(result.deleted().deletionTime());
	}

	private static DeletionResult deleteAgain(PurgePath path) {
		return races.application()
			.deletes()
			.from(path.table)
			.byId(path.id)
			.includingDeleted()
			.scheduled(LATER)
			.execute();
	}

	private static DeletionResult deleteLive(PurgePath path) {
		return races.application().deletes().from(path.table).byId(path.id).scheduled(LATER).execute();
	}

}
