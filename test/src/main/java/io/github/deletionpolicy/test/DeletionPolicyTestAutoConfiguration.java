package io.github.deletionpolicy.test;

import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.engine.DeletionEngine;
import io.github.deletionpolicy.mapping.AggregateMapping;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * {@link AutoConfiguration Auto-configuration} for what tests inject. It is on the class
 * path of tests only, and applies where the application deletes by policy.
 *
 * @since 0.1
 */
@AutoConfiguration(afterName = "io.github.deletionpolicy.autoconfigure.DeletionEngineAutoConfiguration")
@ConditionalOnBean(DeletionEngine.class)
public final class DeletionPolicyTestAutoConfiguration {

	@Bean
	PurgeRunner purgeRunner(DeletionEngine engine) {
		return new PurgeRunner(engine.purger());
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(name = "org.assertj.core.api.AbstractAssert")
	static class RowAssertionsConfiguration {

		@Bean
		RowAssertions deletionRowAssertions(DeletionEngine engine, ObjectProvider<AggregateMapping> mapping,
				PendingPurges pendingPurges) {
			return new RowAssertions(engine.database().jdbc(), engine.catalog(), engine.deletionTimes(),
					mapping.getIfAvailable(() -> AggregateMapping.NONE), pendingPurges);
		}

	}

}
