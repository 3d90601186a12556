package io.github.deletionpolicy.scenario.purge;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

import io.github.deletionpolicy.scenario.Application;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What {@code docs/limitations.md} says of primary keys that change.
 */
class ChangedKeyIT {

	@Test
	void rowIsNeitherPurgedNorRestoredByItsOperationAndCanBeAdopted() {
		try (Application application = Application
			.of("CREATE TABLE users (id bigint PRIMARY KEY, deletion_time timestamptz); INSERT INTO users VALUES (1), (2)",
					"deletion-policy.tables.users.mode=scheduled", "deletion-policy.tables.users.delay=30d")
			.start()) {
			UUID operation = application.deletes().from("users").byId(1).execute().operationId();
			application.jdbc().sql("UPDATE users SET id = 9 WHERE id = 1").update();
			assertThat(application.deletes().restore(operation).rows()).isZero();
			assertThat(application.purgeAfter(Duration.ofDays(31))).isZero();
			assertThat(application.ids("users")).containsExactly(2L, 9L);
			assertThat(application.liveIds("users")).containsExactly(2L);

			assertThat(application.pending().adopt("users", Instant.EPOCH)).isOne();
			assertThat(application.purgeAfter(Duration.ofDays(31))).isOne();
			assertThat(application.ids("users")).containsExactly(2L);
		}
	}

}
