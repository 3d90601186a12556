package io.github.deletionpolicy.race;

import java.util.List;
import java.util.stream.Stream;

import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.RestoreConflictException;
import io.github.deletionpolicy.RestoreResult;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A row is restored, by the library or by plain SQL, while a purge is about to remove it.
 * Whoever comes first has it: a row that is live again stays, and one that is gone is not
 * said to be back.
 */
class RestoredWhilePurgingIT {

	@RegisterExtension
	private static final Races races = Races.of();

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "BELOW")
	void aRestoreThatComesFirstBringsTheRowBackAndItsNeighboursGo(PurgePath path) {
		RaceResult<RestoreResult> result = races.otherFirst(path, (deleted) -> restoreRow(path));
		assertThat(result.isWaiting()).as("only one that takes many chunks at once waits for one")
			.isEqualTo(path == PurgePath.OPTIMISTIC_MANY);
		assertThat(result.answer().rows()).isOne();
		races.purgeTheRest(path);
		assertThat(races.rows(path)).containsExactlyElementsOf(path.raced());
		assertThat(races.told()).containsExactlyElementsOf(path.neighbours());
		assertThat(races.record(result.deleted()))
			.isEqualTo((path == PurgePath.OPTIMISTIC_MANY) ? "SOFT" : "SCHEDULED");
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "BELOW")
	void aRestoreOfTheWholeDeleteThatComesFirstBringsAllOfItBack(PurgePath path) {
		RaceResult<RestoreResult> result = races.otherFirst(path, RestoredWhilePurgingIT::restore);
		assertThat(result.isWaiting()).isEqualTo(path == PurgePath.OPTIMISTIC_MANY);
		races.purgeTheRest(path);
		List<String> back = (path == PurgePath.OPTIMISTIC_MANY) ? path.raced() : path.all();
		assertThat(
				result.answer().rows() + result.answer().cascaded().values().stream().mapToLong(Long::longValue).sum())
			.isEqualTo(back.size());
		assertThat(races.rows(path)).containsExactlyElementsOf(back);
		assertThat(races.told()).containsExactlyElementsOf(without(path.all(), back));
		assertThat(races.record(result.deleted())).isEqualTo("SOFT");
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "BELOW")
	void aRestoreThatComesFirstAndIsRolledBackLeavesTheRowToThePurge(PurgePath path) {
		RaceResult<RestoreResult> result = races.otherFirst(path, RestoredWhilePurgingIT::restore, false);
		assertThat(result.isWaiting()).isEqualTo(path == PurgePath.OPTIMISTIC_MANY);
		races.purgeTheRest(path);
		assertThat(races.rows(path)).isEmpty();
		assertThat(races.told()).containsExactlyElementsOf(path.all());
		assertThat(races.record(result.deleted())).isEqualTo("SCHEDULED");
	}

	@ParameterizedTest
	@EnumSource
	void plainSqlThatComesFirstKeepsTheRowAndItsNeighboursGo(PurgePath path) {
		RaceResult<Integer> result = races.otherFirst(path, (deleted) -> clear(path));
		assertThat(result.answer()).isOne();
		assertWaitedForTheRow(path, result);
		assertRowIsLiveAndItsNeighboursAreGone(path);
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "TREE")
	void plainSqlThatComesWhenThePurgeHasSeenTheRowAndNotLockedItKeepsIt(PurgePath path) {
		RaceResult<Integer> result = races.amidPurge(path, path.isFlat() ? "%" + path.statement + "%" : PurgePath.LOCKS,
				(deleted) -> clear(path));
		assertThat(result.isWaiting()).isFalse();
		assertThat(result.answer()).isOne();
		assertRowIsLiveAndItsNeighboursAreGone(path);
	}

	@ParameterizedTest
	@EnumSource
	void plainSqlThatComesSecondFindsNoRow(PurgePath path) {
		RaceResult<Integer> result = races.purgeFirst(path, (deleted) -> clear(path));
		assertThat(result.waiting()).startsWith("UPDATE " + path.table);
		assertThat(result.answer()).isZero();
		assertAllIsGone(path, result.deleted());
	}

	@ParameterizedTest
	@EnumSource
	void aRestoreOfTheRowThatComesSecondFindsNoRow(PurgePath path) {
		RaceResult<RestoreResult> result = races.purgeFirst(path, (deleted) -> restoreRow(path));
		assertThat(result.waiting()).contains("deletion_chunk");
		assertThat(result.answer().rows()).isZero();
		assertAllIsGone(path, result.deleted());
	}

	@ParameterizedTest
	@EnumSource
	void aRestoreOfTheWholeDeleteThatComesSecondIsRefused(PurgePath path) {
		RaceResult<RestoreResult> result = races.purgeFirst(path, RestoredWhilePurgingIT::restore);
		assertThat(result.waiting()).contains("deletion_chunk");
		assertThat(result.failure()).isInstanceOf(RestoreConflictException.class)
			.hasMessageContaining("have been purged");
		assertAllIsGone(path, result.deleted());
	}

	private static void assertWaitedForTheRow(PurgePath path, RaceResult<?> result) {
		if (path.isFlat()) {
			assertThat(result.waiting()).startsWith(path.statement);
		}
		else {
			assertThat(result.isWaiting()).isFalse();
			assertThat(result.report().blocked()).isOne();
		}
	}

	/**
	 * A row that came back below one that is still deleted keeps that one.
	 */
	private static void assertRowIsLiveAndItsNeighboursAreGone(PurgePath path) {
		races.purgeTheRest(path);
		assertThat(races.rows(path)).isEqualTo(switch (path) {
			case TREE -> List.of("customers 2", "orders (21)");
			case BELOW -> List.of("customers (2)", "orders 21");
			default -> List.of("users 2");
		});
		assertThat(races.told()).containsExactlyElementsOf(path.neighbours());
	}

	/**
	 * Records of trees are cleaned up later if a restore was working on them.
	 */
	private static void assertAllIsGone(PurgePath path, DeletionResult deleted) {
		races.purgeTheRest(path);
		assertThat(races.rows(path)).isEmpty();
		assertThat(races.told()).containsExactlyElementsOf(path.all());
		assertThat(races.record(deleted)).isIn("SCHEDULED", "SCHEDULED orders {11,21,31}");
	}

	private static RestoreResult restore(DeletionResult deleted) {
		return races.application().deletes().restore(deleted.operationId());
	}

	private static RestoreResult restoreRow(PurgePath path) {
		return races.application().deletes().restoreFrom(path.table).byId(path.id).execute();
	}

	private static int clear(PurgePath path) {
		return races.update("UPDATE " + path.table + " SET deletion_time = NULL WHERE id = ?", path.id);
	}

	private static List<String> without(List<String> all, List<String> some) {
		return Stream.of(all).flatMap(List::stream).filter((row) -> !some.contains(row)).toList();
	}

}
