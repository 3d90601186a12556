package io.github.deletionpolicy.autoconfigure;

import javax.sql.DataSource;

import org.flywaydb.core.Flyway;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

class DeletionPolicySchemaAutoConfigurationTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DeletionPolicySchemaAutoConfiguration.class));

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
	void missingFlywayStopsTheStart() {
		this.withDataSource.withClassLoader(new FilteredClassLoader(Flyway.class))
			.run((context) -> assertRefused(context,
					"Flyway is not on the class path, so the tables that record deletes cannot be created or brought up to date.",
					"Add org.flywaydb:flyway-core and org.flywaydb:flyway-database-postgresql, "
							+ "or run the scripts yourself and set deletion-policy.schema.enabled=false."));
	}

	@Test
	void flywayIsNotMissedWhenDisabled() {
		this.withDataSource.withClassLoader(new FilteredClassLoader(Flyway.class))
			.withPropertyValues("deletion-policy.schema.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed());
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
