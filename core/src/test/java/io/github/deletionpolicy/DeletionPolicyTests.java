package io.github.deletionpolicy;

import java.time.Duration;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class DeletionPolicyTests {

	private static final Duration DELAY = Duration.ofDays(30);

	@Test
	void factoriesSayTheMode() {
		assertThat(DeletionPolicy.hard("t").mode()).isEqualTo(DeletionMode.HARD);
		assertThat(DeletionPolicy.soft("t").mode()).isEqualTo(DeletionMode.SOFT);
		assertThat(DeletionPolicy.scheduled("t", DELAY).mode()).isEqualTo(DeletionMode.SCHEDULED);
	}

	@Test
	void tableIsKeptAsItWasWritten() {
		assertThat(DeletionPolicy.hard("Shop.\"Users\"").table()).isEqualTo("Shop.\"Users\"");
	}

	@Test
	void softPolicyReturnsANewValueFromEachMethod() {
		DeletionPolicy.Soft plain = DeletionPolicy.soft("t");
		DeletionPolicy.Soft full = plain.deletionTimeColumn("deleted_at").liveView("live_t");
		assertThat(full).isEqualTo(new DeletionPolicy.Soft("t", "deleted_at", "live_t"));
		assertThat(plain).isEqualTo(new DeletionPolicy.Soft("t", null, null));
		assertThat(plain.liveView("live_t").deletionTimeColumn("deleted_at")).isEqualTo(full);
	}

	@Test
	void scheduledPolicyReturnsANewValueFromEachMethod() {
		DeletionPolicy.Scheduled plain = DeletionPolicy.scheduled("t", DELAY);
		DeletionPolicy.Scheduled full = plain.deletionTimeColumn("deleted_at")
			.liveView("live_t")
			.holdCondition("on_hold");
		assertThat(full).isEqualTo(new DeletionPolicy.Scheduled("t", DELAY, "deleted_at", "live_t", "on_hold"));
		assertThat(plain).isEqualTo(new DeletionPolicy.Scheduled("t", DELAY, null, null, null));
		assertThat(plain.holdCondition("on_hold").liveView("live_t").deletionTimeColumn("deleted_at")).isEqualTo(full);
	}

	@Test
	void lastWordCounts() {
		assertThat(DeletionPolicy.scheduled("t", DELAY).holdCondition("a").holdCondition("b").holdCondition())
			.isEqualTo("b");
	}

	@Test
	void delayOfZeroAndTheLongestDelayAreFine() {
		assertThat(DeletionPolicy.scheduled("t", Duration.ZERO).delay()).isZero();
		assertThat(DeletionPolicy.scheduled("t", DeletionPolicy.Scheduled.MAX_DELAY).delay())
			.isEqualTo(Duration.ofDays(365_000));
	}

	@Test
	void negativeDelayIsRefused() {
		assertThatExceptionOfType(InvalidDeletionPolicyException.class)
			.isThrownBy(() -> DeletionPolicy.scheduled("users", Duration.ofNanos(-1)))
			.satisfies((ex) -> {
				assertThat(ex.getDescription()).contains("'users'", "is negative", "PT-0.000000001S");
				assertThat(ex.getAction()).contains("zero or more", "Duration.ofDays(30)", "30d");
				assertThat(ex).hasMessage(ex.getDescription() + " " + ex.getAction());
			});
	}

	@Test
	void delayBeyondWhatATimestampHoldsIsRefused() {
		for (Duration delay : new Duration[] { DeletionPolicy.Scheduled.MAX_DELAY.plusNanos(1),
				Duration.ofSeconds(Long.MAX_VALUE) }) {
			assertThatExceptionOfType(InvalidDeletionPolicyException.class)
				.isThrownBy(() -> DeletionPolicy.scheduled("users", delay))
				.withMessageContaining("'users'")
				.withMessageContaining("longer than 365000 days");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "a.b.c", "users; DROP TABLE users", "\"open" })
	void tableMustBeAName(String table) {
		for (Runnable declaration : new Runnable[] { () -> DeletionPolicy.hard(table), () -> DeletionPolicy.soft(table),
				() -> DeletionPolicy.scheduled(table, DELAY) }) {
			assertThatExceptionOfType(InvalidDeletionPolicyException.class).isThrownBy(declaration::run)
				.withMessageContaining("'" + table + "', which is not a valid table name")
				.withCauseInstanceOf(UnknownTableException.class)
				.satisfies((ex) -> assertThat(ex.getAction()).isEqualTo("Write table or schema.table, as in SQL."));
		}
	}

	static Stream<BlankCase> settings() {
		DeletionPolicy.Soft soft = DeletionPolicy.soft("users");
		DeletionPolicy.Scheduled scheduled = DeletionPolicy.scheduled("users", DELAY);
		return Stream.of(new BlankCase("deletion-time column", soft::deletionTimeColumn),
				new BlankCase("live view", soft::liveView),
				new BlankCase("deletion-time column", scheduled::deletionTimeColumn),
				new BlankCase("live view", scheduled::liveView),
				new BlankCase("hold condition", scheduled::holdCondition));
	}

	@ParameterizedTest
	@MethodSource("settings")
	void blankSettingIsRefused(BlankCase setting) {
		for (String blank : new String[] { "", "  ", "\n" }) {
			assertThatExceptionOfType(InvalidDeletionPolicyException.class)
				.isThrownBy(() -> setting.setter().set(blank))
				.withMessage("The %s of the policy for table 'users' is blank. Name it, or leave it out."
					.formatted(setting.name()));
		}
	}

	record BlankCase(String name, Setter setter) {

		@Override
		public String toString() {
			return this.name;
		}

	}

	@FunctionalInterface
	interface Setter {

		Object set(String value);

	}

}
