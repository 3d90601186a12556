package io.github.deletionpolicy.autoconfigure.schema;

import javax.sql.DataSource;

import io.github.deletionpolicy.autoconfigure.DeletionPolicyDataSource;
import io.github.deletionpolicy.autoconfigure.DeletionPolicySchemaAutoConfiguration;
import org.flywaydb.core.Flyway;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;

import static org.assertj.core.api.Assertions.assertThat;

class DeletionPolicySchemaAutoConfigurationTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DeletionPolicySchemaAutoConfiguration.class))
		.withBean(PlatformTransactionManager.class, () -> new JdbcTransactionManager(outOfReach()));

	private final ApplicationContextRunner withDataSource = this.contextRunner.withBean("dataSource", DataSource.class,
			DeletionPolicySchemaAutoConfigurationTests::outOfReach);

	@ParameterizedTest
	@ValueSource(strings = { "deletion-policy.enabled=false", "deletion-policy.schema.enabled=false" })
	void nothingIsDoneWhenDisabled(String property) {
		this.withDataSource.withPropertyValues(property)
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(DeletionPolicySchemaInitializer.class));
	}

	@Test
	void nothingIsDoneWithoutADataSource() {
		this.contextRunner.run(
				(context) -> assertThat(context).hasNotFailed().doesNotHaveBean(DeletionPolicySchemaInitializer.class));
	}

	@Test
	void noneOfSeveralDataSourcesIsTaken() {
		this.withDataSource
			.withBean("otherDataSource", DataSource.class, DeletionPolicySchemaAutoConfigurationTests::outOfReach)
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(DeletionPolicySchemaInitializer.class));
	}

	@Test
	void databaseOutOfReachStopsTheStart() {
		this.withDataSource.run((context) -> assertRefused(context,
				"The database for the tables that record deletes cannot be reached: Connection to localhost:1 refused.",
				"Check the DataSource."));
	}

	@Test
	void databaseOfAnotherKindStopsTheStart() {
		JdbcDataSource h2 = new JdbcDataSource();
		h2.setUrl("jdbc:h2:mem:");
		this.contextRunner.withBean(DataSource.class, () -> h2)
			.run((context) -> assertRefused(context,
					"Deletes can be recorded in PostgreSQL only, and the DataSource is connected to H2.",
					"Connect to PostgreSQL, or set deletion-policy.enabled=false."));
	}

	@Test
	void nothingIsDoneWithoutFlyway() {
		this.withDataSource.withClassLoader(new FilteredClassLoader(Flyway.class))
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(DeletionPolicySchemaInitializer.class));
	}

	@Test
	void qualifiedDataSourceIsTakenBeforeThePrimaryOne() {
		JdbcDataSource h2 = new JdbcDataSource();
		h2.setUrl("jdbc:h2:mem:");
		this.contextRunner
			.withBean("primary", DataSource.class, DeletionPolicySchemaAutoConfigurationTests::outOfReach,
					(definition) -> definition.setPrimary(true))
			.withBean("ours", DataSource.class, () -> h2,
					(definition) -> ((AbstractBeanDefinition) definition)
						.addQualifier(new AutowireCandidateQualifier(DeletionPolicyDataSource.class)))
			.run((context) -> assertThat(SchemaFailures.of(context)).hasMessageContaining("connected to H2"));
	}

	private static DataSource outOfReach() {
		PGSimpleDataSource dataSource = new PGSimpleDataSource();
		dataSource.setServerNames(new String[] { "localhost" });
		dataSource.setPortNumbers(new int[] { 1 });
		return dataSource;
	}

	private static void assertRefused(AssertableApplicationContext context, String description, String action) {
		DeletionPolicySchemaException failure = SchemaFailures.of(context);
		assertThat(failure.getMessage()).startsWith(description);
		assertThat(failure.getAction()).isEqualTo(action);
	}

}
