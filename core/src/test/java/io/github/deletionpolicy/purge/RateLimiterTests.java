package io.github.deletionpolicy.purge;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.purge.batch.DueTable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class RateLimiterTests {

	private static final DueTable USERS = new DueTable(1, new TableName("public", "users"), "deletion_time");

	private static final DueTable ORDERS = new DueTable(2, new TableName("public", "orders"), "deletion_time");

	private final List<Duration> reserved = new ArrayList<>();

	private Duration busy = Duration.ZERO;

	private long now = 1_000_000_000_000L;

	@Test
	void withoutALimitNobodyRestsAndNothingIsReserved() {
		RateLimiter limiter = limiter(null);
		limiter.removed(USERS, 1_000_000);
		assertThat(limiter.restOf(USERS)).isZero();
		assertThat(this.reserved).isEmpty();
	}

	@Test
	void secondIsReservedOnceAndSpreadOverItsBatches() {
		RateLimiter limiter = limiter(100);
		assertThat(limiter.restOf(USERS)).isZero();
		limiter.removed(USERS, 40);
		assertThat(limiter.restOf(USERS)).isPositive().isLessThanOrEqualTo(Duration.ofMillis(400));
		pass(Duration.ofMillis(400));
		assertThat(limiter.restOf(USERS)).isZero();
		assertThat(this.reserved).containsExactly(Duration.ofSeconds(1));
	}

	@Test
	void secondThatIsUsedUpIsFollowedByAPauseForOtherNodes() {
		RateLimiter limiter = limiter(100);
		limiter.restOf(USERS);
		limiter.removed(USERS, 100);
		pass(Duration.ofSeconds(1));
		assertThat(limiter.restOf(USERS)).isEqualTo(Duration.ofMillis(5));
		pass(Duration.ofMillis(5));
		assertThat(limiter.restOf(USERS)).isZero();
		assertThat(this.reserved).hasSize(2);
	}

	@Test
	void rowsOverTheLimitAreTakenOffTheNextSecond() {
		RateLimiter limiter = limiter(100);
		limiter.restOf(USERS);
		limiter.removed(USERS, 150);
		pass(Duration.ofSeconds(2));
		limiter.restOf(USERS);
		assertThat(this.reserved).containsExactly(Duration.ofSeconds(1), Duration.ofMillis(1500));
	}

	@Test
	void tableThatAnotherNodeHasReservedRestsAsLongAsIsSaid() {
		RateLimiter limiter = limiter(100);
		this.busy = Duration.ofMillis(700);
		assertThat(limiter.restOf(USERS)).isEqualTo(Duration.ofMillis(700));
		this.busy = Duration.ZERO;
		assertThat(limiter.restOf(USERS)).isZero();
	}

	@Test
	void eachTableHasItsOwnLimit() {
		RateLimiter limiter = limiter(100);
		limiter.restOf(USERS);
		limiter.removed(USERS, 100);
		assertThat(limiter.restOf(ORDERS)).isZero();
		assertThat(limiter.restOf(USERS)).isPositive();
	}

	@Test
	void inTenSecondsNoMoreRowsGoThanTheLimitAllows() {
		RateLimiter limiter = limiter(100);
		long rows = 0;
		long end = this.now + Duration.ofSeconds(10).toNanos();
		while (this.now < end) {
			Duration rest = limiter.restOf(USERS);
			if (rest.isZero()) {
				limiter.removed(USERS, 7);
				rows += 7;
				pass(Duration.ofMillis(3));
			}
			else {
				pass(rest);
			}
		}
		assertThat(rows).isBetween(900L, 1110L);
	}

	private void pass(Duration time) {
		this.now += time.toNanos();
	}

	private RateLimiter limiter(@Nullable Integer rowsPerSecond) {
		return new RateLimiter((table, time) -> {
			if (this.busy.isZero()) {
				this.reserved.add(time);
			}
			return this.busy;
		}, rowsPerSecond, () -> this.now);
	}

}
