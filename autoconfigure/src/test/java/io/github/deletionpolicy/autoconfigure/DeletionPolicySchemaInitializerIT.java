package io.github.deletionpolicy.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import javax.sql.DataSource;

import io.github.deletionpolicy.support.LedgerScripts;
import io.github.deletionpolicy.support.TestDatabase;
import liquibase.integration.spring.SpringLiquibase;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

class DeletionPolicySchemaInitializerIT {

	private static final String OWN_HISTORY = "SELECT version FROM deletion_policy_schema_history WHERE success ORDER BY installed_rank";

	private final TestDatabase database = TestDatabase.create();

	private final JdbcClient jdbc = this.database.jdbc();

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DeletionPolicySchemaAutoConfiguration.class,
				DataSourceAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class,
				JdbcTemplateAutoConfiguration.class, JdbcClientAutoConfiguration.class))
		.withPropertyValues(this.database.properties());

	private final ApplicationContextRunner withFlyway = this.contextRunner
		.withConfiguration(AutoConfigurations.of(FlywayAutoConfiguration.class))
		.withPropertyValues("spring.flyway.locations=classpath:schema/shop");

	@Test
	void applicationMigratesAnEmptyDatabaseFirst() {
		this.withFlyway.run((context) -> {
			assertThat(context).hasNotFailed().hasSingleBean(Flyway.class);
			assertThat(strings("SELECT version FROM flyway_schema_history WHERE success")).containsExactly("1");
			assertThat(strings("SELECT script FROM flyway_schema_history")).containsExactly("V1__users.sql");
			assertThat(tables("public")).contains("users");
			assertOurs();
		});
	}

	@Test
	void liquibaseOfTheApplicationChangesAnEmptyDatabaseFirst() {
		ApplicationContextRunner withLiquibase = this.contextRunner
			.withConfiguration(AutoConfigurations.of(LiquibaseAutoConfiguration.class))
			.withPropertyValues("spring.liquibase.change-log=classpath:liquibase/shop.sql");
		for (int start = 0; start < 2; start++) {
			withLiquibase.withUserConfiguration(EarlyReader.class).run((context) -> {
				assertThat(context).hasNotFailed().hasSingleBean(SpringLiquibase.class);
				assertThat(context).getBean("pendingAtStart").isEqualTo(0);
				assertThat(strings("SELECT id FROM databasechangelog")).containsExactly("users");
				assertThat(tables("public")).contains("users").doesNotContain("flyway_schema_history");
				assertThat(strings(OWN_HISTORY)).startsWith("0").containsAll(LedgerScripts.versions());
				assertOurs();
			});
		}
	}

	@Test
	void secondStartChangesNothing() {
		String histories = """
				SELECT script || installed_on FROM deletion_policy_schema_history
				UNION ALL SELECT script || installed_on FROM flyway_schema_history""";
		this.withFlyway.run((context) -> assertThat(context).hasNotFailed());
		List<String> before = strings(histories);
		this.withFlyway.run((context) -> assertThat(context).hasNotFailed());
		assertThat(strings(histories)).isEqualTo(before).hasSizeGreaterThan(2);
	}

	@Test
	void aScriptThatFailedStopsTheNextStartToo() {
		this.contextRunner.run((context) -> assertThat(context).hasNotFailed());
		this.jdbc.sql("UPDATE deletion_policy_schema_history SET success = false WHERE version = '2'").update();
		this.contextRunner.run((context) -> assertThat(SchemaFailures.of(context))
			.hasMessageStartingWith("The tables that record deletes cannot be created or brought up to date.")
			.hasMessageContaining("failed migration to version 2"));
	}

	@Test
	void databaseInUseNeedsNoFlywayOfItsOwn() {
		this.jdbc.sql("CREATE TABLE users (id bigint PRIMARY KEY)").update();
		this.contextRunner.run((context) -> {
			assertThat(context).hasNotFailed().doesNotHaveBean(Flyway.class);
			assertThat(tables("public")).contains("users").doesNotContain("flyway_schema_history");
			assertOurs();
		});
	}

	@Test
	void emptyDatabaseNeedsNoFlywayOfItsOwn() {
		this.contextRunner.run((context) -> {
			assertThat(context).hasNotFailed();
			assertOurs();
		});
	}

	@Test
	void tablesMayLiveInASchemaOfTheirOwn() {
		this.jdbc.sql("CREATE SCHEMA deletions_1").update();
		this.withFlyway.withPropertyValues("deletion-policy.schema.name=Deletions_1").run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(tables("deletions_1")).contains("deletion_operation", "deletion_policy_schema_history");
			assertThat(tables("public")).containsExactlyInAnyOrder("users", "flyway_schema_history");
		});
	}

	@Test
	void missingSchemaStopsTheStart() {
		this.jdbc.sql("CREATE SCHEMA deletionsX1").update();
		this.contextRunner.withPropertyValues("deletion-policy.schema.name=deletions_1").run((context) -> {
			assertThat(SchemaFailures.of(context))
				.hasMessage("There is no schema 'deletions_1', which deletion-policy.schema.name asks for.");
			assertThat(SchemaFailures.of(context).getAction())
				.isEqualTo("Create it in a migration of the application, or correct deletion-policy.schema.name.");
		});
	}

	@Test
	void userWithoutTheRightToCreateTablesStopsTheStart() {
		this.jdbc.sql("CREATE ROLE clerk LOGIN").update();
		this.contextRunner
			.withPropertyValues("spring.datasource.url=" + this.database.url().replace("user=postgres", "user=clerk"))
			.run((context) -> {
				assertThat(SchemaFailures.of(context))
					.hasMessageStartingWith("The tables that record deletes cannot be created or brought up to date.")
					.hasMessageContaining("permission denied for schema public");
				assertThat(SchemaFailures.of(context).getAction())
					.isEqualTo("Let the user of the DataSource create tables in its current schema. "
							+ "Or run the scripts in classpath:io/github/deletionpolicy/ledger/postgresql with another user "
							+ "and set deletion-policy.schema.enabled=false.");
			});
	}

	@Test
	void userWithoutTheRightToCreateTablesStartsWhereTheyAreUpToDate() {
		this.contextRunner.run((context) -> assertThat(context).hasNotFailed());
		this.jdbc.sql("CREATE ROLE writer LOGIN").update();
		this.jdbc.sql("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO writer").update();
		this.contextRunner
			.withPropertyValues("spring.datasource.url=" + this.database.url().replace("user=postgres", "user=writer"))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBean(JdbcClient.class)
					.sql("SELECT has_schema_privilege('public', 'CREATE')")
					.query(Boolean.class)
					.single()).isFalse();
			});
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void onePooledConnectionIsEnough(boolean autoCommit) {
		String searchPath = this.jdbc.sql("SHOW search_path").query(String.class).single();
		this.jdbc.sql("CREATE SCHEMA deletions").update();
		this.contextRunner
			.withPropertyValues("spring.datasource.hikari.maximum-pool-size=1",
					"spring.datasource.hikari.connection-timeout=10000",
					"spring.datasource.hikari.auto-commit=" + autoCommit, "deletion-policy.schema.name=deletions")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(tables("deletions")).contains("deletion_operation", "deletion_policy_schema_history");
				assertThat(tables("public")).isEmpty();
				assertThat(context.getBean(JdbcClient.class).sql("SHOW search_path").query(String.class).single())
					.isEqualTo(searchPath);
			});
	}

	@Test
	void severalNodesMayStartAtOnce() throws Exception {
		this.jdbc.sql("CREATE TABLE users (id bigint PRIMARY KEY)").update();
		ExecutorService nodes = Executors.newFixedThreadPool(4);
		try {
			List<Callable<Void>> starts = new ArrayList<>();
			for (int i = 0; i < 4; i++) {
				starts.add(() -> {
					new DeletionPolicySchemaInitializer(this.database.dataSource(), null).afterPropertiesSet();
					return null;
				});
			}
			for (Future<Void> start : nodes.invokeAll(starts)) {
				start.get();
			}
		}
		finally {
			nodes.shutdownNow();
		}
		assertOurs();
	}

	@Test
	void beansThatNeedTheDatabaseFindTheTables() {
		this.withFlyway.withUserConfiguration(EarlyReader.class)
			.run((context) -> assertThat(context).hasNotFailed().getBean("pendingAtStart").isEqualTo(0));
	}

	private void assertOurs() {
		assertThat(tables("public")).contains("deletion_operation", "deletion_chunk");
		assertThat(strings(OWN_HISTORY)).contains("1").doesNotHaveDuplicates();
	}

	private List<String> tables(String schema) {
		return this.jdbc.sql("SELECT tablename FROM pg_tables WHERE schemaname = ?")
			.param(schema)
			.query(String.class)
			.list();
	}

	private List<String> strings(String sql) {
		return this.jdbc.sql(sql).query(String.class).list();
	}

	@Configuration(proxyBeanMethods = false)
	static class EarlyReader {

		@Bean
		@DependsOnDatabaseInitialization
		Integer pendingAtStart(DataSource dataSource) {
			return JdbcClient.create(dataSource)
				.sql("SELECT count(*) FROM deletion_chunk, users")
				.query(Integer.class)
				.single();
		}

	}

}
