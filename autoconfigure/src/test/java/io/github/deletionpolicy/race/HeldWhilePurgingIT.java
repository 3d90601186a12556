package io.github.deletionpolicy.race;

import java.time.Instant;
import java.util.List;

import io.github.deletionpolicy.PendingPurges.PendingPurge;
import io.github.deletionpolicy.PendingPurges.State;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Somebody puts a hold on a row while a purge is about to remove it. A hold that is
 * committed first keeps the row, also where the purge has asked for it before; one that
 * comes second finds no row.
 */
class HeldWhilePurgingIT {

	@RegisterExtension
	private static final Races races = Races.of();

	@ParameterizedTest
	@EnumSource
	void aHoldThatComesFirstKeepsTheRowUntilItIsReleased(PurgePath path) {
		RaceResult<Integer> result = races.otherFirst(path, (deleted) -> hold(path, true));
		if (path.isFlat()) {
			assertThat(result.waiting()).startsWith(path.statement);
		}
		else {
			assertThat(result.isWaiting()).isFalse();
			assertThat(result.report().blocked()).isOne();
		}
		assertThat(result.answer()).isOne();
		assertIsKeptUntilItIsReleased(path, result);
	}

	@ParameterizedTest
	@EnumSource
	void aHoldThatComesFirstAndIsRolledBackKeepsNothing(PurgePath path) {
		RaceResult<Integer> result = races.otherFirst(path, (deleted) -> hold(path, true), false);
		assertThat(result.isWaiting()).isEqualTo(path.isFlat());
		races.purgeTheRest(path);
		assertAllIsGone(path);
	}

	/**
	 * A row that was asked for is locked before the rows that its delete cascades to are
	 * looked at.
	 */
	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "TREE")
	void aHoldThatComesWhenThePurgeHasAskedForItKeepsTheRow(PurgePath path) {
		RaceResult<Integer> result = races.amidPurge(path, path.isFlat() ? "%" + path.statement + "%" : PurgePath.LOCKS,
				(deleted) -> hold(path, true));
		assertThat(result.isWaiting()).isFalse();
		assertThat(result.answer()).isOne();
		assertIsKeptUntilItIsReleased(path, result);
	}

	@ParameterizedTest
	@EnumSource
	void aHoldThatComesSecondFindsNoRow(PurgePath path) {
		RaceResult<Integer> result = races.purgeFirst(path, (deleted) -> hold(path, true));
		assertThat(result.waiting()).startsWith("UPDATE " + path.table);
		assertThat(result.answer()).isZero();
		races.purgeTheRest(path);
		assertAllIsGone(path);
		assertThat(races.record(result.deleted())).isEqualTo("SCHEDULED");
	}

	private static void assertIsKeptUntilItIsReleased(PurgePath path, RaceResult<?> result) {
		races.purgeTheRest(path);
		List<String> kept = path.isFlat() ? List.of("users (2)") : List.of("customers (2)", "orders (21)");
		assertThat(races.rows(path)).isEqualTo(kept);
		assertThat(races.told()).containsExactlyElementsOf(path.neighbours());
		Instant token = races.application().deletionTime(path.table, path.id);
		assertThat(token).isEqualTo(result.deleted().deletionTime());
		PendingPurge pending = races.application()
			.pending()
			.forRow(path.isFlat() ? "users" : "customers", 2)
			.orElseThrow();
		assertThat(pending.state()).isEqualTo(State.HELD);
		assertThat(pending.purgeAt()).isEqualTo(result.deleted().purgeAt());
		hold(path, false);
		races.purgeTheRest(path);
		assertAllIsGone(path);
		assertThat(races.record(result.deleted())).isEqualTo("SCHEDULED");
	}

	private static void assertAllIsGone(PurgePath path) {
		assertThat(races.rows(path)).isEmpty();
		assertThat(races.told()).containsExactlyElementsOf(path.all());
	}

	private static int hold(PurgePath path, boolean held) {
		return races.update("UPDATE " + path.table + " SET held = ? WHERE id = ?", held, path.id);
	}

}
