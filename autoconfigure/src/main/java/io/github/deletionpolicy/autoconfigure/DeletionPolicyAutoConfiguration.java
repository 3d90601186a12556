package io.github.deletionpolicy.autoconfigure;

import io.github.deletionpolicy.DeclaredDeletionPolicies;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.autoconfigure.policy.PolicyDeclarations;
import io.github.deletionpolicy.data.JdbcAggregateMapping;
import io.github.deletionpolicy.data.RelationalAggregateMapping;
import io.github.deletionpolicy.mapping.AggregateMapping;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingClass;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.data.jdbc.core.JdbcAggregateOperations;
import org.springframework.data.jdbc.core.convert.JdbcConverter;
import org.springframework.data.mapping.callback.EntityCallbacks;
import org.springframework.data.relational.core.mapping.DefaultNamingStrategy;
import org.springframework.data.relational.core.mapping.NamingStrategy;
import org.springframework.data.relational.core.mapping.RelationalMappingContext;
import org.springframework.util.function.SingletonSupplier;

/**
 * {@link AutoConfiguration Auto-configuration} for deletion policies.
 *
 * @since 0.1
 */
@AutoConfiguration
@ConditionalOnBooleanProperty(name = "deletion-policy.enabled", matchIfMissing = true)
@EnableConfigurationProperties(DeletionPolicyProperties.class)
public final class DeletionPolicyAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(DeletionPolicyRegistry.class)
	DeclaredDeletionPolicies deletionPolicyRegistry(DeletionPolicyProperties properties,
			ConfigurableEnvironment environment, ApplicationContext applicationContext,
			ObjectProvider<AggregateMapping> mapping) {
		return PolicyDeclarations.read(properties, environment, applicationContext,
				() -> mapping.getIfAvailable(() -> AggregateMapping.NONE));
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ JdbcConverter.class, RelationalMappingContext.class })
	static class JdbcMappingConfiguration {

		/**
		 * The template that reads aggregates may delete by policy itself, and the
		 * converter reads from the database: both are asked for when a delete needs them.
		 */
		@Bean
		@ConditionalOnMissingBean(AggregateMapping.class)
		JdbcAggregateMapping deletionAggregateMapping(ObjectProvider<RelationalMappingContext> context,
				ObjectProvider<NamingStrategy> namingStrategy, ObjectProvider<JdbcConverter> converter,
				ObjectProvider<JdbcAggregateOperations> aggregates, ApplicationContext applicationContext) {
			return new JdbcAggregateMapping(MappingConfiguration.context(context, namingStrategy),
					SingletonSupplier.ofNullable(converter::getIfUnique),
					SingletonSupplier.ofNullable(aggregates::getIfUnique),
					SingletonSupplier.of(() -> EntityCallbacks.create(applicationContext)));
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(RelationalMappingContext.class)
	@ConditionalOnMissingClass("org.springframework.data.jdbc.core.convert.JdbcConverter")
	static class MappingConfiguration {

		@Bean
		@ConditionalOnMissingBean(AggregateMapping.class)
		RelationalAggregateMapping deletionAggregateMapping(ObjectProvider<RelationalMappingContext> context,
				ObjectProvider<NamingStrategy> namingStrategy) {
			return new RelationalAggregateMapping(context(context, namingStrategy));
		}

		static RelationalMappingContext context(ObjectProvider<RelationalMappingContext> context,
				ObjectProvider<NamingStrategy> namingStrategy) {
			return context.getIfAvailable(
					() -> new RelationalMappingContext(namingStrategy.getIfAvailable(DefaultNamingStrategy::new)));
		}

	}

}
