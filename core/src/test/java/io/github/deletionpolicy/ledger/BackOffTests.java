package io.github.deletionpolicy.ledger;

import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class BackOffTests {

	private static final Instant NOW = Instant.parse("2030-01-01T12:00:00Z");

	@Test
	void eachFailureDoublesTheWait() {
		BackOff backOff = BackOff.of(NOW, Duration.ofMinutes(1));
		assertThat(backOff.after(1)).isEqualTo(NOW.plus(Duration.ofMinutes(1)));
		assertThat(backOff.after(2)).isEqualTo(NOW.plus(Duration.ofMinutes(2)));
		assertThat(backOff.after(4)).isEqualTo(NOW.plus(Duration.ofMinutes(8)));
	}

	@Test
	void waitIsAnHourAtMost() {
		BackOff backOff = BackOff.of(NOW, Duration.ofMinutes(1));
		assertThat(backOff.after(7)).isEqualTo(NOW.plus(Duration.ofHours(1)));
		assertThat(backOff.after(Integer.MAX_VALUE)).isEqualTo(NOW.plus(Duration.ofHours(1)));
	}

	@Test
	void delayThatIsLongerThanAnHourStays() {
		BackOff backOff = BackOff.of(NOW, Duration.ofHours(3));
		assertThat(backOff.after(1)).isEqualTo(NOW.plus(Duration.ofHours(3)));
		assertThat(backOff.after(9)).isEqualTo(NOW.plus(Duration.ofHours(3)));
	}

	@Test
	void attemptWithoutDelayStillMovesOn() {
		assertThat(BackOff.of(NOW, Duration.ZERO).after(1)).isAfter(NOW);
	}

}
