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
	void aRowThatIsDeletedAgainFirstGoesAtItsNewTime(Path path) {
		Met<DeletionResult> met = races.otherFirst(path, (deleted) -> deleteAgain(path));
		assertWaitedForTheRow(path, met);
		assertGoesAtItsNewTime(path, met);
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "TREE")
	void aRowThatIsRestoredBySqlAndDeletedAgainFirstGoesAtItsNewTime(Path path) {
		Met<DeletionResult> met = races.otherFirst(path, (deleted) -> {
			races.update("UPDATE " + path.table + " SET deletion_time = NULL WHERE id = ?", path.id);
			return deleteLive(path);
		});
		assertWaitedForTheRow(path, met);
		assertStaysDeleted(path, met);
		races.application().purges().runDueAsOf(met.answer().purgeAt());
		races.purgeTheRest(path);
		assertThat(races.rows(path)).isEmpty();
		assertThat(races.told()).containsExactlyElementsOf(path.all());
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "TREE")
	void aRowThatIsDeletedAgainWhenThePurgeHasSeenItGoesAtItsNewTime(Path path) {
		Met<DeletionResult> met = races.amidPurge(path,
				path.isFlat() ? "%" + path.statement + "%" : "WITH RECURSIVE roots%", (deleted) -> deleteAgain(path));
		assertThat(met.isWaiting()).isFalse();
		assertGoesAtItsNewTime(path, met);
	}

	@ParameterizedTest
	@EnumSource
	void aRowIsNotDeletedAgainWhenItIsGone(Path path) {
		Met<DeletionResult> met = races.purgeFirst(path, (deleted) -> deleteAgain(path));
		assertThat(met.waiting()).contains("UPDATE \"public\".\"" + path.table + "\"");
		assertThat(met.answer().rows()).isZero();
		assertThat(met.answer().purgeAt()).isNull();
		races.purgeTheRest(path);
		assertThat(races.rows(path)).isEmpty();
		assertThat(races.told()).containsExactlyElementsOf(path.all());
		assertThat(races.record(met.deleted())).isEqualTo("SCHEDULED");
		assertThat(races.isRecorded(met.answer())).isFalse();
	}

	private static void assertWaitedForTheRow(Path path, Met<DeletionResult> met) {
		if (path.isFlat()) {
			assertThat(met.waiting()).startsWith(path.statement);
		}
		else {
			assertThat(met.isWaiting()).isFalse();
			assertThat(met.report().blocked()).isOne();
		}
		assertThat(met.answer().rows()).isOne();
	}

	private static void assertGoesAtItsNewTime(Path path, Met<DeletionResult> met) {
		assertStaysDeleted(path, met);
		DeletionResult again = met.answer();
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

	private static void assertStaysDeleted(Path path, Met<DeletionResult> met) {
		races.purgeTheRest(path);
		assertThat(races.rows(path))
			.isEqualTo(path.isFlat() ? List.of("users (2)") : List.of("customers (2)", "orders (21)"));
		assertThat(races.told()).containsExactlyElementsOf(path.neighbours());
		assertThat(races.application().deletionTime(path.table, path.id)).isEqualTo(met.answer().deletionTime())
			.isAfter(met.deleted().deletionTime());
	}

	private static DeletionResult deleteAgain(Path path) {
		return races.application()
			.deletes()
			.from(path.table)
			.byId(path.id)
			.includingDeleted()
			.scheduled(LATER)
			.execute();
	}

	private static DeletionResult deleteLive(Path path) {
		return races.application().deletes().from(path.table).byId(path.id).scheduled(LATER).execute();
	}

}
