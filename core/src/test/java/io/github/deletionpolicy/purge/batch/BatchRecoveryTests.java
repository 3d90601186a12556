package io.github.deletionpolicy.purge.batch;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.dao.InvalidDataAccessResourceUsageException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class BatchRecoveryTests {

	private static final String LOCK_TIMEOUT = "55P03";

	private static final String STATEMENT_TIMEOUT = "57014";

	private static final String SERIALIZATION = "40001";

	private static final String DEADLOCK = "40P01";

	private static final String FOREIGN_KEY = "23503";

	private static final String NO_PRIVILEGE = "42501";

	private static final String NO_CONNECTION = "08006";

	private final List<String> log = new ArrayList<>();

	private boolean over;

	private final BatchRecovery recovery = new BatchRecovery(() -> this.over, false);

	@Test
	void batchThatSucceedsRunsOnceAndMayWait() {
		assertThat(this.recovery.next(null, rows(4))).isTrue();
		assertThat(this.log).containsExactly("run 0-3");
	}

	@Test
	void emptyBatchIsNoWork() {
		assertThat(this.recovery.next(null, rows(0))).isFalse();
	}

	@Test
	void optimisticBatchGoesFirstAndAlone() {
		assertThat(this.recovery.next(optimistic(null), rows(4))).isTrue();
		assertThat(this.log).containsExactly("optimistic");
	}

	@Test
	void optimisticBatchThatFindsNothingLeavesTheRestToTheCarefulOne() {
		Batch nothing = (skipLocked) -> false;
		assertThat(this.recovery.next(nothing, rows(4))).isTrue();
		assertThat(this.log).containsExactly("run 0-3");
	}

	@Test
	void failedOptimisticBatchIsFollowedByMoreAndMoreCarefulOnes() {
		for (int i = 0; i < 9; i++) {
			this.recovery.next(optimistic(""), rows(1));
		}
		assertThat(String.join(", ", this.log)).isEqualTo("optimistic, run 0-0, run 0-0, "
				+ "optimistic, run 0-0, run 0-0, run 0-0, run 0-0, optimistic, run 0-0, run 0-0, run 0-0");
	}

	@Test
	void optimisticBatchThatSucceedsAgainIsTrusted() {
		this.recovery.next(optimistic(""), rows(1));
		this.recovery.next(optimistic(""), rows(1));
		this.recovery.next(optimistic(null), rows(1));
		this.log.clear();
		for (int i = 0; i < 3; i++) {
			this.recovery.next(optimistic(""), rows(1));
		}
		assertThat(this.log).containsExactly("optimistic", "run 0-0", "run 0-0", "optimistic", "run 0-0");
	}

	@Test
	void rowsAreSkippedAfterAnOptimisticBatchHasWaitedForThem() {
		for (int i = 0; i < 3; i++) {
			this.recovery.next(optimistic((i == 0) ? LOCK_TIMEOUT : null), rows(1));
		}
		assertThat(this.log).containsExactly("optimistic", "skip 0-0", "skip 0-0", "optimistic");
	}

	@Test
	void lockedRowsAreSkippedAtOnceAndInTheNextBatches() {
		for (String waited : List.of(LOCK_TIMEOUT, STATEMENT_TIMEOUT)) {
			this.log.clear();
			BatchRecovery recovery = new BatchRecovery(() -> false, false);
			Rows locked = rows(4);
			locked.failures.put("run", waited);
			for (int i = 0; i < 7; i++) {
				recovery.next(null, (i == 0) ? locked : rows(4));
			}
			assertThat(this.log).containsExactly("run 0-3", "skip 0-3", "skip 0-3", "skip 0-3", "skip 0-3", "skip 0-3",
					"run 0-3");
		}
	}

	@Test
	void recoveryThatNeverWaitsSkipsLockedRowsFromTheBeginning() {
		new BatchRecovery(() -> false, true).next(null, rows(4));
		assertThat(this.log).containsExactly("skip 0-3");
	}

	@Test
	void whatStillWaitsAlthoughLockedRowsAreSkippedIsHalved() {
		this.recovery.next(null, rows(2, (row) -> (row == 1) ? LOCK_TIMEOUT : null));
		assertThat(this.log).containsExactly("run 0-1", "skip 0-1", "skip 0-0", "skip 1-1", "postpone 1 55P03");
	}

	@Test
	void serializationFailuresAndDeadlocksAreRepeated() {
		for (String state : List.of(SERIALIZATION, DEADLOCK)) {
			this.log.clear();
			Rows rows = rows(2);
			rows.failures.put("first 2", state);
			assertThat(this.recovery.next(null, rows)).isTrue();
			assertThat(this.log).containsExactly("run 0-1", "run 0-1", "run 0-1");
		}
	}

	@Test
	void whatFailsThreeTimesIsHalvedAndEachHalfIsRepeatedAgain() {
		this.recovery.next(null, rows(2, (row) -> (row == 0) ? DEADLOCK : null));
		assertThat(this.log).containsExactly("run 0-1", "run 0-1", "run 0-1", "run 0-0", "run 0-0", "run 0-0",
				"postpone 0 40P01", "run 1-1");
	}

	@Test
	void theOnlyRowToBlameIsPostponedAndAllOthersGo() {
		Rows rows = rows(1000, (row) -> (row == 617) ? FOREIGN_KEY : null);
		assertThat(this.recovery.next(null, rows)).isTrue();
		assertThat(rows.gone).hasSize(999).doesNotContain(617);
		assertThat(this.log).filteredOn((entry) -> entry.startsWith("postpone")).containsExactly("postpone 617 23503");
		assertThat(this.log).hasSizeLessThan(25);
	}

	@Test
	void severalRowsToBlameAreAllPostponed() {
		Rows rows = rows(64, (row) -> (row % 16 == 3) ? FOREIGN_KEY : null);
		this.recovery.next(null, rows);
		assertThat(rows.gone).hasSize(60);
		assertThat(this.log).filteredOn((entry) -> entry.startsWith("postpone"))
			.containsExactly("postpone 3 23503", "postpone 19 23503", "postpone 35 23503", "postpone 51 23503");
	}

	@Test
	void failureThatConcernsAllRowsIsNotSearchedFor() {
		Rows rows = rows(1000, (row) -> NO_PRIVILEGE);
		rows.refused = true;
		assertThat(this.recovery.next(null, rows)).isFalse();
		assertThat(this.log).containsExactly("run 0-999", "all 0-999");
	}

	@Test
	void failureOfARowThatOnlyLooksLikeOneOfAllIsSearchedFor() {
		Rows rows = rows(2, (row) -> (row == 1) ? NO_PRIVILEGE : null);
		this.recovery.next(null, rows);
		assertThat(this.log).containsExactly("run 0-1", "run 0-0", "run 1-1", "postpone 1 42501");
	}

	@Test
	void failuresOfTheEnvironmentEndTheRun() {
		Rows rows = rows(4, (row) -> NO_CONNECTION);
		assertThatExceptionOfType(Failure.class).isThrownBy(() -> this.recovery.next(null, rows));
		assertThatExceptionOfType(Failure.class)
			.isThrownBy(() -> this.recovery.next(optimistic(NO_CONNECTION), rows(4)));
		assertThat(this.log).containsExactly("run 0-3", "optimistic");
	}

	@Test
	void failureOfTheEnvironmentEndsTheSearchToo() {
		Rows rows = rows(4, (row) -> (row == 0) ? FOREIGN_KEY : (row == 3) ? NO_CONNECTION : null);
		assertThatExceptionOfType(Failure.class).isThrownBy(() -> this.recovery.next(null, rows));
		assertThat(rows.gone).containsExactly(1);
	}

	@Test
	void nothingIsRunAfterTheEndOfTheRun() {
		Rows rows = rows(4, (row) -> {
			this.over = true;
			return FOREIGN_KEY;
		});
		assertThat(this.recovery.next(null, rows)).isTrue();
		assertThat(this.recovery.next(null, rows(4))).isFalse();
		assertThat(this.log).containsExactly("run 0-3");
	}

	@Test
	void failureOfAListenerIsTheRowsFault() {
		Rows rows = rows(2);
		rows.thrown = new PurgeListenerException(new SQLException("of another database", NO_CONNECTION));
		this.recovery.next(null, rows);
		assertThat(this.log).containsExactly("run 0-1", "run 0-0", "postpone 0 ", "run 1-1", "postpone 1 ");
	}

	@Test
	void batchWithoutPartsThatDoesNotPostponeRaisesTheFailure() {
		Batch batch = (skipLocked) -> {
			throw new Failure(FOREIGN_KEY);
		};
		assertThatExceptionOfType(Failure.class).isThrownBy(() -> this.recovery.run(batch));
	}

	private Batch optimistic(@Nullable String state) {
		return (skipLocked) -> {
			this.log.add("optimistic");
			if (state != null) {
				throw new Failure(state);
			}
			return true;
		};
	}

	private Rows rows(int count) {
		return rows(count, (row) -> null);
	}

	private Rows rows(int count, Function<Integer, @Nullable String> states) {
		return new Rows(IntStream.range(0, count).boxed().toList(), states, new ArrayList<>());
	}

	/**
	 * Rows of which some fail with a state, and batches of them that notice what becomes
	 * of them.
	 */
	private final class Rows implements Batch {

		private final List<Integer> rows;

		private final Function<Integer, @Nullable String> states;

		private final List<Integer> gone;

		private final Map<String, String> failures = new HashMap<>();

		private boolean refused;

		private @Nullable RuntimeException thrown;

		private int runs;

		Rows(List<Integer> rows, Function<Integer, @Nullable String> states, List<Integer> gone) {
			this.rows = rows;
			this.states = states;
			this.gone = gone;
		}

		@Override
		public boolean run(boolean skipLocked) {
			if (this.rows.isEmpty()) {
				return false;
			}
			String kind = skipLocked ? "skip" : "run";
			BatchRecoveryTests.this.log.add(kind + " " + name());
			fail(this.failures.get(kind));
			fail((++this.runs <= 2) ? this.failures.get("first 2") : null);
			if (this.thrown != null) {
				throw this.thrown;
			}
			this.rows.forEach((row) -> fail(this.states.apply(row)));
			this.gone.addAll(this.rows);
			return true;
		}

		private static void fail(@Nullable String state) {
			if (state != null) {
				throw new Failure(state);
			}
		}

		private String name() {
			return this.rows.get(0) + "-" + this.rows.get(this.rows.size() - 1);
		}

		@Override
		public List<Rows> parts() {
			int half = this.rows.size() / 2;
			return (half == 0) ? List.of()
					: List.of(part(this.rows.subList(0, half)), part(this.rows.subList(half, this.rows.size())));
		}

		private Rows part(List<Integer> rows) {
			Rows part = new Rows(rows, this.states, this.gone);
			part.thrown = this.thrown;
			return part;
		}

		@Override
		public boolean concernsAllRows(RuntimeException failure) {
			if (this.refused) {
				BatchRecoveryTests.this.log.add("all " + name());
			}
			return this.refused;
		}

		@Override
		public void postpone(RuntimeException failure) {
			BatchRecoveryTests.this.log.add("postpone " + this.rows.get(0) + " " + SqlStates.of(failure));
		}

	}

	@SuppressWarnings("serial")
	private static final class Failure extends InvalidDataAccessResourceUsageException {

		Failure(String state) {
			super("failed", new SQLException("failed", state));
		}

	}

}
