package io.github.deletionpolicy.autoconfigure;

import io.github.deletionpolicy.autoconfigure.health.DeletionPolicyHealthIndicator;
import io.github.deletionpolicy.autoconfigure.health.RecentBacklog;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Offers the health of the purge where Spring Boot's health is present.
 *
 * @since 0.1
 */
@AutoConfiguration(after = DeletionEngineAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "deletion-policy.enabled", matchIfMissing = true)
@ConditionalOnClass(HealthIndicator.class)
@ConditionalOnBean(RecentBacklog.class)
public final class DeletionPolicyHealthAutoConfiguration {

	/**
	 * Apart from the condition on classes: where those are missing, the other condition
	 * cannot be loaded either.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnEnabledHealthIndicator("deletionpolicy")
	static class IndicatorConfiguration {

		@Bean
		@ConditionalOnMissingBean(name = "deletionPolicyHealthIndicator")
		DeletionPolicyHealthIndicator deletionPolicyHealthIndicator(RecentBacklog backlog,
				DeletionPolicyProperties properties) {
			DeletionPolicyProperties.Health health = properties.health();
			return new DeletionPolicyHealthIndicator(backlog, health.lateAfter(properties.purge()),
					health.pausedAfter(), health.problemStatus());
		}

	}

}
