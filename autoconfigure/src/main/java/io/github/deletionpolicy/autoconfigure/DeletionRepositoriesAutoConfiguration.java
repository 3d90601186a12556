package io.github.deletionpolicy.autoconfigure;

import io.github.deletionpolicy.autoconfigure.data.PolicyRepositoryBeanPostProcessor;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.data.jdbc.repository.support.JdbcRepositoryFactory;

/**
 * {@link AutoConfiguration Auto-configuration} for Spring Data JDBC repositories that
 * follow the policies of their tables.
 *
 * @since 0.1
 */
@AutoConfiguration(after = DeletionEngineAutoConfiguration.class,
		afterName = "org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration")
@ConditionalOnClass(JdbcRepositoryFactory.class)
@ConditionalOnBooleanProperty(name = { "deletion-policy.enabled", "deletion-policy.repositories.enabled" },
		matchIfMissing = true)
public final class DeletionRepositoriesAutoConfiguration {

	@Bean
	static PolicyRepositoryBeanPostProcessor deletionPolicyRepositoryPostProcessor(
			ConfigurableListableBeanFactory beanFactory) {
		return new PolicyRepositoryBeanPostProcessor(beanFactory);
	}

}
