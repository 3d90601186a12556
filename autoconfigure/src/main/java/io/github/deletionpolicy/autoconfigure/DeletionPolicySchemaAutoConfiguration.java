package io.github.deletionpolicy.autoconfigure;

import javax.sql.DataSource;

import org.flywaydb.core.Flyway;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.sql.init.dependency.DatabaseInitializationDependencyConfigurer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/**
 * {@link AutoConfiguration Auto-configuration} for the tables that record deletes.
 *
 * @since 0.1
 */
@AutoConfiguration(after = DataSourceAutoConfiguration.class,
		afterName = { "org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration",
				"org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration" })
@ConditionalOnSingleCandidate(DataSource.class)
@ConditionalOnBooleanProperty(name = { "deletion-policy.enabled", "deletion-policy.schema.enabled" },
		matchIfMissing = true)
@EnableConfigurationProperties(DeletionPolicyProperties.class)
@Import(DatabaseInitializationDependencyConfigurer.class)
public final class DeletionPolicySchemaAutoConfiguration {

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(Flyway.class)
	static class FlywayConfiguration {

		@Bean
		DeletionPolicySchemaInitializer deletionPolicySchemaInitializer(DataSource dataSource,
				DeletionPolicyProperties properties) {
			return new DeletionPolicySchemaInitializer(dataSource, properties.schema().catalogName());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnMissingClass("org.flywaydb.core.Flyway")
	static class MissingFlywayConfiguration {

		MissingFlywayConfiguration() {
			throw new DeletionPolicySchemaException(
					"Flyway is not on the class path, so the tables that record deletes cannot be created or brought up to date.",
					"Add org.flywaydb:flyway-core and org.flywaydb:flyway-database-postgresql, or run the scripts yourself and set deletion-policy.schema.enabled=false.",
					null);
		}

	}

}
