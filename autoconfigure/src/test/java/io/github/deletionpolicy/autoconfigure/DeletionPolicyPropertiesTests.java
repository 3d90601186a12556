package io.github.deletionpolicy.autoconfigure;

import java.time.Duration;

import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.InvalidDeletionPolicyException;
import io.github.deletionpolicy.autoconfigure.DeletionPolicyProperties.DerivedDeletes;
import io.github.deletionpolicy.autoconfigure.DeletionPolicyProperties.ProblemStatus;
import io.github.deletionpolicy.autoconfigure.DeletionPolicyProperties.TablePolicy;
import io.github.deletionpolicy.autoconfigure.DeletionPolicyProperties.Validation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

class DeletionPolicyPropertiesTests {

	private final ApplicationContextRunner contextRunner = PolicyContexts.runner();

	@Test
	void whatIsNotSaidHasADefault() {
		this.contextRunner.run((context) -> {
			DeletionPolicyProperties properties = context.getBean(DeletionPolicyProperties.class);
			assertThat(properties.enabled()).isTrue();
			assertThat(properties.defaults().deletionTimeColumn()).isEqualTo("deletion_time");
			assertThat(properties.tables()).isEmpty();
			assertThat(properties.retention()).isEqualTo(Duration.ofDays(30));
			assertThat(properties.validation()).isEqualTo(Validation.FAIL);
			assertThat(properties.repositories().derivedDeletes()).isEqualTo(DerivedDeletes.FAIL);
			assertThat(properties.schema().enabled()).isTrue();
			assertThat(properties.schema().catalogName()).isNull();
			assertThat(properties.purge().enabled()).isTrue();
			assertThat(properties.purge().interval()).isEqualTo(Duration.ofSeconds(5));
			assertThat(properties.purge().batchSize()).isEqualTo(1000);
			assertThat(properties.purge().concurrency()).isOne();
			assertThat(properties.purge().maxRowsPerSecond()).isEqualTo(10_000);
			assertThat(properties.purge().maxRuntime()).isEqualTo(Duration.ofMinutes(1));
			assertThat(properties.purge().retryDelay()).isEqualTo(Duration.ofMinutes(1));
			assertThat(properties.purge().brakeAfter()).isEqualTo(Duration.ofDays(7));
			assertThat(properties.health().problemStatus()).isEqualTo(ProblemStatus.DEGRADED);
			assertThat(properties.health().lateAfter()).isNull();
			assertThat(properties.health().lateAfter(properties.purge())).isEqualTo(Duration.ofMinutes(10));
			assertThat(properties.health().pausedAfter()).isEqualTo(Duration.ofDays(1));
		});
	}

	@Test
	void whatIsSaidIsBound() {
		this.contextRunner
			.withPropertyValues("deletion-policy.defaults.deletion-time-column=deleted_at",
					"deletion-policy.purge.enabled=false", "deletion-policy.purge.interval=30",
					"deletion-policy.purge.batch-size=500", "deletion-policy.purge.concurrency=4",
					"deletion-policy.purge.max-rows-per-second=2000", "deletion-policy.purge.max-runtime=90",
					"deletion-policy.purge.retry-delay=10", "deletion-policy.retention=7",
					"deletion-policy.purge.brake-after=14", "deletion-policy.health.problem-status=down",
					"deletion-policy.health.late-after=90", "deletion-policy.health.paused-after=2",
					"deletion-policy.schema.enabled=false", "deletion-policy.schema.name=Deletions",
					"deletion-policy.validation=warn", "deletion-policy.repositories.derived-deletes=ignore")
			.run((context) -> {
				DeletionPolicyProperties properties = context.getBean(DeletionPolicyProperties.class);
				assertThat(properties.defaults().deletionTimeColumn()).isEqualTo("deleted_at");
				assertThat(properties.retention()).isEqualTo(Duration.ofDays(7));
				assertThat(properties.validation()).isEqualTo(Validation.WARN);
				assertThat(properties.repositories().derivedDeletes()).isEqualTo(DerivedDeletes.IGNORE);
				assertThat(properties.schema().enabled()).isFalse();
				assertThat(properties.schema().name()).isEqualTo("Deletions");
				assertThat(properties.schema().catalogName()).isEqualTo("deletions");
				assertThat(properties.purge().enabled()).isFalse();
				assertThat(properties.purge().interval()).isEqualTo(Duration.ofSeconds(30));
				assertThat(properties.purge().batchSize()).isEqualTo(500);
				assertThat(properties.purge().concurrency()).isEqualTo(4);
				assertThat(properties.purge().maxRowsPerSecond()).isEqualTo(2000);
				assertThat(properties.purge().maxRuntime()).isEqualTo(Duration.ofSeconds(90));
				assertThat(properties.purge().retryDelay()).isEqualTo(Duration.ofSeconds(10));
				assertThat(properties.purge().brakeAfter()).isEqualTo(Duration.ofDays(14));
				assertThat(properties.health().problemStatus()).isEqualTo(ProblemStatus.DOWN);
				assertThat(properties.health().lateAfter(properties.purge())).isEqualTo(Duration.ofSeconds(90));
				assertThat(properties.health().pausedAfter()).isEqualTo(Duration.ofDays(2));
			});
	}

	@Test
	void aRunIsNotLateBeforeTwoIntervalsAreOver() {
		this.contextRunner
			.withPropertyValues("deletion-policy.purge.interval=12h", "deletion-policy.purge.max-runtime=365000d")
			.run((context) -> {
				DeletionPolicyProperties properties = context.getBean(DeletionPolicyProperties.class);
				assertThat(properties.health().lateAfter(properties.purge())).isEqualTo(Duration.ofHours(24));
			});
	}

	@Test
	void everyAttributeOfATableIsBound() {
		this.contextRunner
			.withPropertyValues("deletion-policy.tables.people.table=crm.users",
					"deletion-policy.tables.people.mode=scheduled", "deletion-policy.tables.people.delay=30d",
					"deletion-policy.tables.people.hold-condition=legal_hold",
					"deletion-policy.tables.people.deletion-time-column=deleted_at",
					"deletion-policy.tables.people.live-view=live_users")
			.run((context) -> assertThat(context.getBean(DeletionPolicyProperties.class).tables())
				.containsOnlyKeys("people")
				.containsValue(new TablePolicy("crm.users", DeletionMode.SCHEDULED, Duration.ofDays(30), "legal_hold",
						"deleted_at", "live_users")));
	}

	@ParameterizedTest
	@CsvSource({ "30, P30D", "30d, P30D", "12h, PT12H", "PT36H, PT36H", "0, PT0S" })
	void delayIsInDaysUnlessItSaysOtherwise(String written, Duration delay) {
		this.contextRunner
			.withPropertyValues("deletion-policy.tables.users.mode=scheduled",
					"deletion-policy.tables.users.delay=" + written)
			.run((context) -> assertThat(context.getBean(DeletionPolicyProperties.class).tables().values())
				.extracting(TablePolicy::delay)
				.containsExactly(delay));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					purge.batch-size          | 0       | 0       | Write a number from 1 to 100000.
					purge.batch-size          | 100001  | 100001  | Write a number from 1 to 100000.
					purge.concurrency         | 0       | 0       | Write a number from 1 to 64.
					purge.concurrency         | 65      | 65      | Write a number from 1 to 64.
					purge.max-rows-per-second | 0       | 0       | Write a number of 1 or more, or -1 for no limit.
					purge.max-rows-per-second | -2      | -2      | Write a number of 1 or more, or -1 for no limit.
					purge.interval            | 0       | PT0S    | Write a duration above zero and up to 365000 days, such as 5s or 1m.
					purge.interval            | -1s     | PT-1S   | Write a duration above zero and up to 365000 days, such as 5s or 1m.
					purge.max-runtime         | 0       | PT0S    | Write a duration above zero and up to 365000 days, such as 5s or 1m.
					purge.max-runtime         | 365001d | PT8760024H | Write a duration above zero and up to 365000 days, such as 5s or 1m.
					purge.retry-delay         | -1s     | PT-1S   | Write a duration of zero or more and up to 365000 days, such as 1m or 30d.
					retention                 | -1      | PT-24H  | Write a duration of zero or more and up to 365000 days, such as 1m or 30d.
					retention                 | 365001  | PT8760024H | Write a duration of zero or more and up to 365000 days, such as 1m or 30d.
					schema.name               | a.b     | a.b     | Write one name, as in SQL, without a dot.
					schema.name               | a b     | a b     | Write one name, as in SQL: unexpected ' b'.
					defaults.deletion-time-column | 1st | 1st     | Write one name, as in SQL: '1st' begins with '1', so it needs quotes.
					""")
	void valueThatCannotBeMeantStopsTheStart(String property, String written, String shown, String action) {
		this.contextRunner.withPropertyValues("deletion-policy." + property + "=" + written)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidDeletionPolicyException.class)
				.hasMessage("The property 'deletion-policy.%s' has the value '%s'. %s", property, shown, action));
	}

	@ParameterizedTest
	@CsvSource({ "purge.retry-delay", "retention" })
	void noTimeAtAllCanBeMeant(String property) {
		this.contextRunner.withPropertyValues("deletion-policy." + property + "=0")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@ParameterizedTest
	@CsvSource({ "purge.batchsizes=1", "tables.users.dely=30d", "tables.billing.invoices.mode=soft", "mode=soft" })
	void unknownPropertyStopsTheStart(String property) {
		this.contextRunner.withPropertyValues("deletion-policy." + property)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(UnboundConfigurationPropertiesException.class)
				.hasMessageContaining("deletion-policy." + property.substring(0, property.indexOf('='))));
	}

}
