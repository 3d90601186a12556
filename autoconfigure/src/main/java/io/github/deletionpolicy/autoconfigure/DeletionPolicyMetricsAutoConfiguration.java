package io.github.deletionpolicy.autoconfigure;

import io.github.deletionpolicy.autoconfigure.health.RecentBacklog;
import io.github.deletionpolicy.autoconfigure.metrics.DeletionPolicyMeters;
import io.github.deletionpolicy.autoconfigure.metrics.DeletionPolicyObservations;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.observation.ObservationRegistry;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Offers meters and observations where Micrometer is present and the application has a
 * registry of them.
 *
 * @since 0.1
 */
@AutoConfiguration(after = DeletionEngineAutoConfiguration.class,
		afterName = {
				"org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration",
				"org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration" })
@ConditionalOnBooleanProperty(name = "deletion-policy.enabled", matchIfMissing = true)
@ConditionalOnBean(RecentBacklog.class)
public final class DeletionPolicyMetricsAutoConfiguration {

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ MeterRegistry.class, MeterBinder.class })
	@ConditionalOnBean(MeterRegistry.class)
	static class MetersConfiguration {

		@Bean
		@ConditionalOnMissingBean
		DeletionPolicyMeters deletionPolicyMeters(RecentBacklog backlog) {
			return new DeletionPolicyMeters(backlog);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(ObservationRegistry.class)
	@ConditionalOnBean(ObservationRegistry.class)
	static class ObservationsConfiguration {

		@Bean
		@ConditionalOnMissingBean
		DeletionPolicyObservations deletionPolicyObservations(ObservationRegistry registry) {
			return new DeletionPolicyObservations(registry);
		}

	}

}
