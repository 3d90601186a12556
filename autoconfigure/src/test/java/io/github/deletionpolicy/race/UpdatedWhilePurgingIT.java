package io.github.deletionpolicy.race;

import java.util.List;

import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Somebody updates a deleted row, and not its deletion time, while a purge is about to
 * remove it. That changes nothing for the purge: the row goes, and is told of once.
 */
class UpdatedWhilePurgingIT {

	@RegisterExtension
	private static final Races races = Races.of();

	@ParameterizedTest
	@EnumSource
	void aRowThatIsUpdatedFirstGoesWhenThatIsCommitted(Path path) {
		Met<List<String>> met = races.otherFirst(path, (deleted) -> {
			assertThat(update(path)).isOne();
			return races.rows(path);
		});
		if (path.isFlat()) {
			assertThat(met.waiting()).startsWith(path.statement);
		}
		else {
			assertThat(met.isWaiting()).isFalse();
			assertThat(met.report().blocked()).isOne();
			assertThat(races.rows(path)).containsExactly("customers (2)", "orders (21)");
			assertThat(races.told()).containsExactlyElementsOf(path.neighbours());
		}
		assertAllIsGone(path, met);
	}

	@ParameterizedTest
	@EnumSource
	void aRowWhoseUpdateIsRolledBackGoes(Path path) {
		Met<Integer> met = races.otherFirst(path, (deleted) -> update(path), false);
		assertThat(met.isWaiting()).isEqualTo(path.isFlat());
		assertAllIsGone(path, met);
	}

	/**
	 * A row that was asked for is locked by then where it takes others along.
	 */
	@ParameterizedTest
	@EnumSource
	void aRowThatIsUpdatedWhenThePurgeHasSeenItGoes(Path path) {
		Met<Integer> met = races.amidPurge(path, path.isFlat() ? "%" + path.statement + "%" : "WITH RECURSIVE roots%",
				path.isFlat() ? path.id : 21, (deleted) -> update(path));
		assertThat(met.isWaiting()).isEqualTo(path == Path.TREE);
		assertThat(met.answer()).isEqualTo((path == Path.TREE) ? 0 : 1);
		assertAllIsGone(path, met);
	}

	@ParameterizedTest
	@EnumSource
	void anUpdateThatComesSecondFindsNoRow(Path path) {
		Met<Integer> met = races.purgeFirst(path, (deleted) -> update(path));
		assertThat(met.waiting()).startsWith("UPDATE " + path.table);
		assertThat(met.answer()).isZero();
		assertAllIsGone(path, met);
	}

	private static void assertAllIsGone(Path path, Met<?> met) {
		races.purgeTheRest(path);
		assertThat(races.rows(path)).isEmpty();
		assertThat(races.told()).containsExactlyElementsOf(path.all());
		assertThat(races.told(met.deleted().operationId()))
			.containsExactlyElementsOf((path == Path.SWIFT_MANY) ? path.raced() : path.all());
		assertThat(races.record(met.deleted())).isEqualTo("SCHEDULED");
	}

	private static int update(Path path) {
		return races.update("UPDATE " + path.table + " SET name = 'another' WHERE id = ?", path.id);
	}

}
