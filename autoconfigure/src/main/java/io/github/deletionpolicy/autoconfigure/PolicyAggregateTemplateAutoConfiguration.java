package io.github.deletionpolicy.autoconfigure;

import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.DeletionExecutor;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.autoconfigure.data.PolicyDataSource;
import io.github.deletionpolicy.autoconfigure.data.RepositoryTemplates;
import io.github.deletionpolicy.autoconfigure.require.DeletionJdbc;
import io.github.deletionpolicy.data.PolicyAggregateTemplate;
import io.github.deletionpolicy.data.PolicyDeletes;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.jdbc.core.JdbcAggregateTemplate;
import org.springframework.data.jdbc.core.convert.DataAccessStrategy;
import org.springframework.data.jdbc.core.convert.JdbcConverter;
import org.springframework.data.relational.core.mapping.RelationalMappingContext;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcOperations;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * Takes the place of Spring Boot's {@link JdbcAggregateTemplate}, so that repositories
 * obey the policies. It goes first, and on the same conditions, as Spring Boot's stands
 * back where there is one. Templates of the application's own are looked at on any
 * conditions.
 *
 * @since 0.1
 */
@AutoConfiguration(before = DataJdbcRepositoriesAutoConfiguration.class,
		after = { JdbcTemplateAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class })
@ConditionalOnClass({ JdbcAggregateTemplate.class, DataJdbcRepositoriesAutoConfiguration.class })
@ConditionalOnBooleanProperty(name = "deletion-policy.enabled", matchIfMissing = true)
public final class PolicyAggregateTemplateAutoConfiguration {

	@Bean
	RepositoryTemplates deletionRepositoryTemplates(DeletionPolicyRegistry policies,
			DeletionPolicyProperties properties, ConfigurableListableBeanFactory beanFactory) {
		return new RepositoryTemplates(policies, properties.repositories().enabled(), beanFactory);
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBooleanProperty(name = "deletion-policy.repositories.enabled", matchIfMissing = true)
	static class DeletesConfiguration {

		@Bean
		PolicyDeletes deletionPolicyDeletes(DeletionPolicyRegistry policies, ObjectProvider<DeletionExecutor> executor,
				ObjectProvider<DeleteOperations> operations, ObjectProvider<DeletionJdbc> jdbc) {
			return new PolicyDeletes(policies, executor::getObject, operations::getIfAvailable,
					() -> jdbc.getObject().callers());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBean({ NamedParameterJdbcOperations.class, PlatformTransactionManager.class })
	@ConditionalOnBooleanProperty(
			name = { "deletion-policy.repositories.enabled", "spring.data.jdbc.repositories.enabled" },
			matchIfMissing = true)
	static class TemplateConfiguration {

		@Bean
		@ConditionalOnMissingBean
		JdbcAggregateTemplate jdbcAggregateTemplate(ApplicationContext applicationContext,
				RelationalMappingContext mappingContext, JdbcConverter converter, DataAccessStrategy dataAccessStrategy,
				PolicyDeletes deletes, ConfigurableListableBeanFactory beanFactory) {
			return new PolicyDataSource(beanFactory).isOf(dataAccessStrategy)
					? new PolicyAggregateTemplate(applicationContext, mappingContext, converter, dataAccessStrategy,
							deletes)
					: new JdbcAggregateTemplate(applicationContext, mappingContext, converter, dataAccessStrategy);
		}

	}

}
