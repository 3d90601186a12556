package io.github.deletionpolicy.autoconfigure;

import io.github.deletionpolicy.autoconfigure.health.DeletionPolicyHealthIndicator;
import io.github.deletionpolicy.autoconfigure.health.RecentBacklog;
import io.github.deletionpolicy.autoconfigure.metrics.DeletionPolicyMeters;
import io.github.deletionpolicy.autoconfigure.metrics.DeletionPolicyObservations;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.operator.Backlog;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Health and meters are there where their libraries are, and where there is something to
 * watch. No database is asked.
 */
class WatchingAutoConfigurationTests {

	private final ApplicationContextRunner withoutParts = PolicyContexts.runner()
		.withConfiguration(AutoConfigurations.of(DeletionPolicyHealthAutoConfiguration.class,
				DeletionPolicyMetricsAutoConfiguration.class));

	private final ApplicationContextRunner contextRunner = this.withoutParts.withUserConfiguration(Watched.class);

	@Test
	void healthAndObserversAreThere() {
		this.contextRunner.withUserConfiguration(Registries.class)
			.run((context) -> assertThat(context).hasSingleBean(DeletionPolicyHealthIndicator.class)
				.hasSingleBean(DeletionPolicyMeters.class)
				.hasSingleBean(DeletionPolicyObservations.class));
	}

	@Test
	void nothingIsThereWhereNothingIsWatched() {
		this.withoutParts.withUserConfiguration(Registries.class)
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(DeletionPolicyHealthIndicator.class)
				.doesNotHaveBean(DeletionPolicyMeters.class)
				.doesNotHaveBean(DeletionPolicyObservations.class));
	}

	@Test
	void metersNeedARegistry() {
		this.contextRunner.run((context) -> assertThat(context).hasNotFailed()
			.doesNotHaveBean(DeletionPolicyMeters.class)
			.doesNotHaveBean(DeletionPolicyObservations.class));
	}

	@Test
	void contextStartsWithoutSpringBootsHealth() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("org.springframework.boot.health"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("deletionPolicyHealthIndicator"));
	}

	@Test
	void contextStartsWithoutMicrometersMeters() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("io.micrometer.core"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("deletionPolicyMeters"));
	}

	@Test
	void healthCanBeSwitchedOff() {
		this.contextRunner.withPropertyValues("management.health.deletionpolicy.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(HealthIndicator.class));
		this.contextRunner.withPropertyValues("deletion-policy.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(HealthIndicator.class));
	}

	@Configuration(proxyBeanMethods = false)
	static class Watched {

		@Bean
		RecentBacklog recentBacklog() {
			return new RecentBacklog(
					new Backlog(new JdbcTemplate(new PGSimpleDataSource()), new LedgerTables("public")));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Registries {

		@Bean
		MeterRegistry meterRegistry() {
			return new SimpleMeterRegistry();
		}

		@Bean
		ObservationRegistry observationRegistry() {
			return ObservationRegistry.create();
		}

	}

}
