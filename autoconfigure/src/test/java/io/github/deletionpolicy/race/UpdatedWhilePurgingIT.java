package io.github.deletionpolicy.race;

import java.util.List;

import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Somebody updates a deleted row, and not its deletion time, while a purge is about to
 * remove it. That changes nothing for the purge: the row is purged, and listeners are
 * notified once.
 */
class UpdatedWhilePurgingIT {

	@RegisterExtension
	private static final Races races = Races.of();

	@ParameterizedTest
	@EnumSource
	void aRowThatIsUpdatedFirstGoesWhenThatIsCommitted(PurgePath path) {
		RaceResult<List<String>> result = races.otherFirst(path, (deleted) -> {
			assertThat(update(path)).isOne();
			return races.rows(path);
		});
		if (path.isFlat()) {
			assertThat(result.waiting()).startsWith(path.statement);
		}
		else {
			assertThat(result.isWaiting()).isFalse();
			assertThat(result.report().blocked()).isOne();
			assertThat(races.rows(path)).containsExactly("customers (2)", "orders (21)");
			assertThat(races.told()).containsExactlyElementsOf(path.neighbours());
		}
		assertAllIsGone(path, result);
	}

	@ParameterizedTest
	@EnumSource
	void aRowWhoseUpdateIsRolledBackGoes(PurgePath path) {
		RaceResult<Integer> result = races.otherFirst(path, (deleted) -> update(path), false);
		assertThat(result.isWaiting()).isEqualTo(path.isFlat());
		assertAllIsGone(path, result);
	}

	/**
	 * A row that was asked for is locked by then where it takes others along.
	 */
	@ParameterizedTest
	@EnumSource
	void aRowThatIsUpdatedWhenThePurgeHasSeenItGoes(PurgePath path) {
		RaceResult<Integer> result = races.amidPurge(path, path.isFlat() ? "%" + path.statement + "%" : PurgePath.LOCKS,
				path.isFlat() ? path.id : 21, (deleted) -> update(path));
		assertThat(result.isWaiting()).isEqualTo(path == PurgePath.TREE);
		assertThat(result.answer()).isEqualTo((path == PurgePath.TREE) ? 0 : 1);
		assertAllIsGone(path, result);
	}

	@ParameterizedTest
	@EnumSource
	void anUpdateThatComesSecondFindsNoRow(PurgePath path) {
		RaceResult<Integer> result = races.purgeFirst(path, (deleted) -> update(path));
		assertThat(result.waiting()).startsWith("UPDATE " + path.table);
		assertThat(result.answer()).isZero();
		assertAllIsGone(path, result);
	}

	private static void assertAllIsGone(PurgePath path, RaceResult<?> result) {
		races.purgeTheRest(path);
		assertThat(races.rows(path)).isEmpty();
		assertThat(races.told()).containsExactlyElementsOf(path.all());
		assertThat(races.told(result.deleted().operationId()))
			.containsExactlyElementsOf((path == PurgePath.OPTIMISTIC_MANY) ? path.raced() : path.all());
		assertThat(races.record(result.deleted())).isEqualTo("SCHEDULED");
	}

	private static int update(PurgePath path) {
		return races.update("UPDATE " + path.table + " SET name = 'another' WHERE id = ?", path.id);
	}

}
