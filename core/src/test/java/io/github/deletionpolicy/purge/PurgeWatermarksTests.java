package io.github.deletionpolicy.purge;

import java.time.Instant;
import java.util.Set;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class PurgeWatermarksTests {

	private static final int USERS = 1;

	private static final int ORDERS = 2;

	private static final Instant NOON = Instant.parse("2030-01-01T12:00:00Z");

	private final PurgeWatermarks watermarks = new PurgeWatermarks();

	@Test
	void markDoesNotCountUntilItIsConfirmed() {
		this.watermarks.advance(USERS, NOON, 100);
		assertThat(this.watermarks.isUnsure()).isTrue();
		assertThat(this.watermarks.marks(NOON)).isEmpty();
	}

	@Test
	void markCountsOnceAllWritersOfThatTimeHaveEnded() {
		this.watermarks.advance(USERS, NOON, 100);
		this.watermarks.confirm(99, Set.of());
		assertThat(this.watermarks.marks(NOON)).isEmpty();
		this.watermarks.confirm(100, Set.of());
		assertThat(this.watermarks.isUnsure()).isFalse();
		assertThat(this.watermarks.marks(NOON)).containsEntry(USERS, NOON);
	}

	@Test
	void tableThatWasNotSeenAsAWholeIsNotConfirmed() {
		this.watermarks.advance(USERS, NOON, 100);
		this.watermarks.advance(ORDERS, NOON, 100);
		this.watermarks.confirm(100, Set.of(USERS));
		assertThat(this.watermarks.marks(NOON)).containsOnlyKeys(ORDERS);
		assertThat(this.watermarks.isUnsure()).isTrue();
	}

	@Test
	void markOnlyMovesOnAndIsThenUnsureAgain() {
		this.watermarks.advance(USERS, NOON, 100);
		this.watermarks.confirm(100, Set.of());
		this.watermarks.advance(USERS, NOON.minusSeconds(1), 120);
		assertThat(this.watermarks.marks(NOON)).isEmpty();
		this.watermarks.confirm(119, Set.of());
		assertThat(this.watermarks.isUnsure()).isTrue();
		this.watermarks.confirm(120, Set.of());
		assertThat(this.watermarks.marks(NOON)).containsEntry(USERS, NOON);
	}

	@Test
	void laterMarkKeepsTheHigherHorizon() {
		this.watermarks.advance(USERS, NOON, 120);
		this.watermarks.advance(USERS, NOON.plusSeconds(1), 100);
		this.watermarks.confirm(110, Set.of());
		assertThat(this.watermarks.isUnsure()).isTrue();
		this.watermarks.confirm(120, Set.of());
		assertThat(this.watermarks.marks(NOON.plusSeconds(1))).containsEntry(USERS, NOON.plusSeconds(1));
	}

	@Test
	void clockThatWasSetBackVoidsMarksThatLieAhead() {
		this.watermarks.advance(USERS, NOON, 100);
		this.watermarks.advance(ORDERS, NOON.minusSeconds(60), 100);
		this.watermarks.confirm(100, Set.of());
		assertThat(this.watermarks.marks(NOON.minusSeconds(1))).containsOnlyKeys(ORDERS);
		assertThat(this.watermarks.marks(NOON)).containsOnlyKeys(ORDERS);
	}

	@Test
	void forgottenMarksAreGone() {
		this.watermarks.advance(USERS, NOON, 100);
		this.watermarks.forget();
		assertThat(this.watermarks.isUnsure()).isFalse();
		assertThat(this.watermarks.marks(NOON)).isEmpty();
	}

}
