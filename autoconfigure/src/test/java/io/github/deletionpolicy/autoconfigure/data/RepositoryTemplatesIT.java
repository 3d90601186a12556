package io.github.deletionpolicy.autoconfigure.data;

import java.util.List;

import javax.sql.DataSource;

import io.github.deletionpolicy.InvalidDeletionPolicyException;
import io.github.deletionpolicy.autoconfigure.DeletionPolicyDataSource;
import io.github.deletionpolicy.autoconfigure.PolicyContexts;
import io.github.deletionpolicy.data.PolicyAggregateTemplate;
import io.github.deletionpolicy.support.TestDatabase;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.autoconfigure.AutoConfigurationPackages;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.core.env.Environment;
import org.springframework.data.annotation.Id;
import org.springframework.data.jdbc.core.JdbcAggregateTemplate;
import org.springframework.data.jdbc.core.convert.DataAccessStrategy;
import org.springframework.data.jdbc.core.convert.JdbcConverter;
import org.springframework.data.jdbc.core.convert.QueryMappingConfiguration;
import org.springframework.data.jdbc.core.dialect.JdbcDialect;
import org.springframework.data.jdbc.core.mapping.JdbcMappingContext;
import org.springframework.data.jdbc.repository.config.AbstractJdbcConfiguration;
import org.springframework.data.jdbc.repository.config.EnableJdbcRepositories;
import org.springframework.data.jdbc.repository.config.JdbcConfiguration;
import org.springframework.data.relational.core.mapping.Table;
import org.springframework.data.repository.ListCrudRepository;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcOperations;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.support.JdbcTransactionManager;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application that has its own template does not delete past the policies with it.
 */
@ExtendWith(OutputCaptureExtension.class)
class RepositoryTemplatesIT {

	private static final String DROP_IN = "new PolicyAggregateTemplate(applicationContext, mappingContext, converter, dataAccessStrategy)";

	private static final String WARNING = "Deletes of repositories and of JdbcAggregateTemplate remove rows";

	private static JdbcClient jdbc;

	private static ApplicationContextRunner contextRunner;

	@BeforeAll
	static void createTable() {
		TestDatabase database = TestDatabase.create();
		jdbc = database.jdbc();
		jdbc.sql("CREATE TABLE page (id bigint PRIMARY KEY, deletion_time timestamptz)").update();
		contextRunner = new ApplicationContextRunner()
			.withInitializer((context) -> AutoConfigurationPackages
				.register((BeanDefinitionRegistry) context.getBeanFactory(), TestDatabase.class.getPackageName()))
			.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class,
					JdbcTemplateAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class,
					DataJdbcRepositoriesAutoConfiguration.class))
			.withConfiguration(PolicyContexts.allAutoConfigurations())
			.withPropertyValues(database.properties())
			.withPropertyValues("deletion-policy.purge.enabled=false", "deletion-policy.tables.page.mode=soft");
	}

	@BeforeEach
	void twoPages() {
		jdbc.sql("TRUNCATE page").update();
		jdbc.sql("INSERT INTO page VALUES (1), (2)").update();
	}

	@Test
	void anOwnTemplateStopsTheStart() {
		contextRunner.withUserConfiguration(OwnTemplate.class)
			.run((context) -> refused(context, """
					Policies keep rows of 'page' (%s). Bean 'ownTemplate' (%s) deletes past the policies: it is a \
					template of the application's own, declared by method ownTemplate of %s.""",
					"Make it a PolicyAggregateTemplate, which takes what JdbcAggregateTemplate does: " + DROP_IN
							+ "; or remove it, and there will be one; or set deletion-policy.repositories.enabled=false, and every delete of a repository removes rows.",
					JdbcAggregateTemplate.class.getName(), OwnTemplate.class.getName()));
	}

	@Test
	void anOwnJdbcConfigurationStopsTheStart() {
		contextRunner.withUserConfiguration(OwnConfiguration.class)
			.run((context) -> refused(context,
					"""
							Policies keep rows of 'page' (%s). Bean 'jdbcAggregateTemplate' (%s) deletes past the policies: it is a \
							template of the application's own, declared by method jdbcAggregateTemplate of %s.""",
					"Override the method jdbcAggregateTemplate in " + OwnConfiguration.class.getName() + ", and return "
							+ DROP_IN
							+ "; or set deletion-policy.repositories.enabled=false, and every delete of a repository removes rows.",
					JdbcAggregateTemplate.class.getName(), OwnConfiguration.class.getName()));
	}

	@Test
	void itStopsTheStartAlsoWhereSpringBootConfiguresNoRepositories() {
		contextRunner.withUserConfiguration(OwnConfiguration.class)
			.withPropertyValues("spring.data.jdbc.repositories.enabled=false")
			.run((context) -> assertThat(context).getFailure().isInstanceOf(InvalidDeletionPolicyException.class));
	}

	@Test
	void whatTheMessageSaysIsEnough() {
		contextRunner.withUserConfiguration(ObeyingConfiguration.class, Repositories.class)
			.run(RepositoryTemplatesIT::keepsRows);
	}

	@Test
	void anOwnPolicyTemplateIsAccepted() {
		contextRunner.withUserConfiguration(OwnPolicyTemplate.class, Repositories.class)
			.run(RepositoryTemplatesIT::keepsRows);
	}

	@Test
	void aRepositoryWithAStrategyOfItsOwnStopsTheStart() {
		contextRunner.withUserConfiguration(StrategyOfItsOwn.class).run(RepositoryTemplatesIT::namesTheRepository);
	}

	@Test
	void aRepositoryWithOperationsOfItsOwnStopsTheStart() {
		contextRunner.withUserConfiguration(OperationsOfItsOwn.class).run(RepositoryTemplatesIT::namesTheRepository);
	}

	@Test
	void repositoriesMayBeToldToRemoveRows(CapturedOutput output) {
		contextRunner.withUserConfiguration(Repositories.class)
			.withPropertyValues("deletion-policy.repositories.enabled=false")
			.run(RepositoryTemplatesIT::removesRows);
		assertThat(output.getAll().split(WARNING, -1)).hasSize(2);
		assertThat(output).contains("those of 'page' (");
	}

	@Test
	void anOwnTemplateIsToldTheSame(CapturedOutput output) {
		contextRunner.withUserConfiguration(ObeyingConfiguration.class, Repositories.class)
			.withPropertyValues("deletion-policy.repositories.enabled=false")
			.run(RepositoryTemplatesIT::removesRows);
		assertThat(output.getAll().split(WARNING, -1)).hasSize(2);
	}

	@Test
	void nothingIsSaidWhereNoPolicyKeepsRows(CapturedOutput output) {
		contextRunner.withUserConfiguration(OwnTemplate.class, Repositories.class)
			.withPropertyValues("deletion-policy.tables.page.mode=hard", "deletion-policy.repositories.enabled=false")
			.run(RepositoryTemplatesIT::removesRows);
		assertThat(output).doesNotContain(WARNING);
	}

	@Test
	void hardPoliciesRefuseNoTemplate() {
		contextRunner.withUserConfiguration(OwnConfiguration.class, Repositories.class)
			.withPropertyValues("deletion-policy.tables.page.mode=hard")
			.run(RepositoryTemplatesIT::removesRows);
	}

	@Test
	void hardPoliciesAreLeftToSpringDataWhereNothingElseDeletes() {
		contextRunner.withUserConfiguration(Repositories.class)
			.withClassLoader(new FilteredClassLoader(Flyway.class))
			.withPropertyValues("deletion-policy.tables.page.mode=hard")
			.run((context) -> {
				assertThat(context).getBean(JdbcAggregateTemplate.class).isInstanceOf(PolicyAggregateTemplate.class);
				removesRows(context);
			});
	}

	@Test
	void aPolicyTemplateWithoutTheStarterIsAPlainOne() {
		contextRunner.withUserConfiguration(ObeyingConfiguration.class, Repositories.class)
			.withPropertyValues("deletion-policy.enabled=false")
			.run(RepositoryTemplatesIT::removesRows);
	}

	@Test
	void aTemplateOnAnotherDataSourceIsAPlainOne() {
		contextRunner.withUserConfiguration(OtherDataSource.class)
			.run((context) -> assertThat(context).hasNotFailed()
				.getBean(JdbcAggregateTemplate.class)
				.isNotInstanceOf(PolicyAggregateTemplate.class));
	}

	@Test
	void anOwnTemplateOnAnotherDataSourceIsNotRefused() {
		contextRunner.withUserConfiguration(OtherDataSource.class, OwnConfiguration.class)
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void anOwnPolicyTemplateOnAnotherDataSourceIsRefused() {
		contextRunner.withUserConfiguration(OtherDataSource.class, ObeyingConfiguration.class)
			.run((context) -> assertThat(context).getFailure()
				.isInstanceOf(InvalidDeletionPolicyException.class)
				.hasMessageContaining("another DataSource"));
	}

	@Test
	void aProxyOfTheDataSourceIsNoOtherOne() {
		contextRunner.withUserConfiguration(LateConnections.class, Repositories.class)
			.run(RepositoryTemplatesIT::keepsRows);
	}

	private static void refused(AssertableApplicationContext context, String description, String action,
			Object... arguments) {
		assertThat(context).getFailure().isInstanceOfSatisfying(InvalidDeletionPolicyException.class, (ex) -> {
			String[] parts = description.split("\\(%s\\)", 2);
			assertThat(ex.getDescription()).startsWith(parts[0]).endsWith(parts[1].formatted(arguments));
			assertThat(ex.getAction()).isEqualTo(action);
		});
	}

	private static void namesTheRepository(AssertableApplicationContext context) {
		assertThat(context).getFailure().isInstanceOfSatisfying(InvalidDeletionPolicyException.class, (ex) -> {
			assertThat(ex.getDescription()).contains("Repository 'repositoryTemplatesIT.Pages'")
				.contains("dataAccessStrategyRef or a jdbcOperationsRef");
			assertThat(ex.getAction()).contains("jdbcAggregateOperationsRef", DROP_IN, "repositories.enabled=false");
		});
	}

	private static void keepsRows(AssertableApplicationContext context) {
		assertThat(context).hasNotFailed();
		context.getBean(Pages.class).deleteById(1L);
		assertThat(rows("page")).containsExactly(1L, 2L);
		assertThat(rows("page WHERE deletion_time IS NULL")).containsExactly(2L);
	}

	private static void removesRows(AssertableApplicationContext context) {
		assertThat(context).hasNotFailed();
		context.getBean(Pages.class).delete(new Page(1L));
		assertThat(rows("page")).containsExactly(2L);
	}

	private static List<Long> rows(String table) {
		return jdbc.sql("SELECT id FROM %s ORDER BY id".formatted(table)).query(Long.class).list();
	}

	@Table("page")
	record Page(@Id Long id) {
	}

	/**
	 * Public, as another class loader makes a proxy of it.
	 */
	public interface Pages extends ListCrudRepository<Page, Long> {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableJdbcRepositories(considerNestedRepositories = true)
	static class Repositories {

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnTemplate {

		@Bean
		JdbcAggregateTemplate ownTemplate(JdbcConverter converter, DataAccessStrategy dataAccessStrategy) {
			return new JdbcAggregateTemplate(converter, dataAccessStrategy);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnPolicyTemplate {

		@Bean
		JdbcAggregateTemplate ownTemplate(ApplicationContext applicationContext, JdbcMappingContext mappingContext,
				JdbcConverter converter, DataAccessStrategy dataAccessStrategy) {
			return new PolicyAggregateTemplate(applicationContext, mappingContext, converter, dataAccessStrategy);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnConfiguration extends AbstractJdbcConfiguration {

	}

	@Configuration(proxyBeanMethods = false)
	static class ObeyingConfiguration extends AbstractJdbcConfiguration {

		@Bean
		@Override
		public JdbcAggregateTemplate jdbcAggregateTemplate(ApplicationContext applicationContext,
				JdbcMappingContext mappingContext, JdbcConverter converter, DataAccessStrategy dataAccessStrategy) {
			return new PolicyAggregateTemplate(applicationContext, mappingContext, converter, dataAccessStrategy);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableJdbcRepositories(considerNestedRepositories = true, dataAccessStrategyRef = "strategyOfItsOwn")
	static class StrategyOfItsOwn {

		@Bean
		DataAccessStrategy strategyOfItsOwn(NamedParameterJdbcOperations operations, JdbcConverter converter,
				JdbcDialect dialect) {
			return JdbcConfiguration.createDataAccessStrategy(operations, converter, QueryMappingConfiguration.EMPTY,
					dialect);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableJdbcRepositories(considerNestedRepositories = true, jdbcOperationsRef = "namedParameterJdbcTemplate")
	static class OperationsOfItsOwn {

	}

	/**
	 * Spring Data JDBC works on a second database.
	 */
	@Configuration(proxyBeanMethods = false)
	static class OtherDataSource {

		@Bean
		@DeletionPolicyDataSource
		DataSource first(Environment environment) {
			return dataSource(environment.getRequiredProperty("spring.datasource.url"));
		}

		@Bean
		@DeletionPolicyDataSource
		JdbcTransactionManager firstTransactions(@DeletionPolicyDataSource DataSource first) {
			return new JdbcTransactionManager(first);
		}

		@Bean
		@Primary
		DataSource second() {
			return dataSource(TestDatabase.create().url());
		}

		@Bean
		@Primary
		JdbcTransactionManager transactionManager(DataSource second) {
			return new JdbcTransactionManager(second);
		}

		private static DataSource dataSource(String url) {
			return new DriverManagerDataSource(url);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LateConnections {

		@Bean
		NamedParameterJdbcTemplate namedParameterJdbcTemplate(DataSource dataSource) {
			return new NamedParameterJdbcTemplate(new JdbcTemplate(new LazyConnectionDataSourceProxy(dataSource)));
		}

	}

}
