package io.github.deletionpolicy.race;

import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A table is changed while a purge is about to remove rows of it. The purge waits for a
 * change that comes first, and keeps the rows as long as it cannot live with that; a
 * change that comes second waits until the rows are gone.
 */
class SchemaChangedWhilePurgingIT {

	@RegisterExtension
	private static final Races races = Races.of();

	@AfterEach
	void takeBack() {
		changes().forEach((arguments) -> takeBack((PurgePath) arguments.get()[0], (Change) arguments.get()[1]));
	}

	@ParameterizedTest
	@MethodSource("changes")
	void aChangeThatComesFirstIsWaitedForAndKeepsTheRowsIfItIsInTheWay(PurgePath path, Change change) {
		RaceResult<Integer> result = races.otherFirst(path, (deleted) -> races.update(change.of(path)));
		assertThat(result.isWaiting()).isTrue();
		if (!change.isHarmless()) {
			assertThat(result.report().total()).isZero();
			races.purge();
			assertThat(races.told()).isEmpty();
			assertThat(races.record(result.deleted())).startsWith("SCHEDULED " + path.table + " {1,2,3} FAILED");
			takeBack(path, change);
			assertThat(races.rows(path)).hasSize(path.all().size()).allMatch((row) -> row.endsWith(")"));
			races.application().pending().retry(result.deleted().operationId());
		}
		assertAllIsGone(path, result);
	}

	@ParameterizedTest
	@MethodSource("changes")
	void aChangeThatComesSecondWaitsUntilTheRowsAreGone(PurgePath path, Change change) {
		RaceResult<Integer> result = races.purgeFirst(path, (deleted) -> races.update(change.of(path)));
		assertThat(result.waiting()).isEqualTo(change.of(path));
		assertThat(result.failure()).isNull();
		assertThat(result.report().total()).isEqualTo(path.all().size());
		takeBack(path, change);
		assertAllIsGone(path, result);
	}

	private static void assertAllIsGone(PurgePath path, RaceResult<?> result) {
		races.purgeTheRest(path);
		assertThat(races.rows(path)).isEmpty();
		assertThat(races.told()).containsExactlyElementsOf(path.all());
		assertThat(races.record(result.deleted())).isEqualTo("SCHEDULED");
	}

	private static void takeBack(PurgePath path, Change change) {
		races
			.sql("""
					DO $$ BEGIN %s; EXCEPTION WHEN undefined_table OR undefined_column OR duplicate_column THEN NULL; END $$"""
				.formatted(change.back.formatted(path.table)));
	}

	static Stream<Arguments> changes() {
		return Stream.of(PurgePath.OPTIMISTIC, PurgePath.TREE)
			.flatMap((path) -> Stream.of(Change.values()).map((change) -> Arguments.of(path, change)));
	}

	enum Change {

		NEW_COLUMN("ALTER TABLE %s ADD COLUMN more text", "ALTER TABLE %s DROP COLUMN more"),

		OTHER_DELETION_TIME("ALTER TABLE %s RENAME COLUMN deletion_time TO deleted_at",
				"ALTER TABLE %s RENAME COLUMN deleted_at TO deletion_time"),

		NO_HOLD_COLUMN("ALTER TABLE %s DROP COLUMN held", "ALTER TABLE %s ADD COLUMN held boolean"),

		OTHER_TABLE("ALTER TABLE %1$s RENAME TO former_%1$s", "ALTER TABLE former_%1$s RENAME TO %1$s");

		private final String made;

		private final String back;

		Change(String made, String back) {
			this.made = made;
			this.back = back;
		}

		String of(PurgePath path) {
			return this.made.formatted(path.table);
		}

		boolean isHarmless() {
			return this == NEW_COLUMN;
		}

	}

}
