package io.github.deletionpolicy.autoconfigure;

import javax.sql.DataSource;

import io.github.deletionpolicy.autoconfigure.require.ConditionalOnDeletionParts;
import io.github.deletionpolicy.autoconfigure.require.DeletionParts;
import io.github.deletionpolicy.autoconfigure.schema.DeletionPolicySchemaInitializer;
import org.flywaydb.core.Flyway;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.sql.init.dependency.DatabaseInitializationDependencyConfigurer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/**
 * {@link AutoConfiguration Auto-configuration} for the tables that record deletes.
 *
 * @since 0.1
 */
@AutoConfiguration(after = { DataSourceAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class },
		afterName = { "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration",
				"org.springframework.boot.transaction.jta.autoconfigure.JtaAutoConfiguration",
				"org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration",
				"org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration" })
@ConditionalOnBooleanProperty(name = { "deletion-policy.enabled", "deletion-policy.schema.enabled" },
		matchIfMissing = true)
@EnableConfigurationProperties(DeletionPolicyProperties.class)
@ConditionalOnClass(Flyway.class)
@ConditionalOnDeletionParts
@Import(DatabaseInitializationDependencyConfigurer.class)
public final class DeletionPolicySchemaAutoConfiguration {

	@Bean
	DeletionPolicySchemaInitializer deletionPolicySchemaInitializer(ConfigurableListableBeanFactory beanFactory,
			DeletionPolicyProperties properties) {
		return new DeletionPolicySchemaInitializer(
				DeletionParts.find(DataSource.class, beanFactory, "deletionPolicySchemaInitializer"),
				properties.schema().catalogName());
	}

}
