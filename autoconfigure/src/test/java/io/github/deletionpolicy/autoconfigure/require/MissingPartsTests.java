package io.github.deletionpolicy.autoconfigure.require;

import javax.sql.DataSource;

import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.InvalidDeletionPolicyException;
import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.autoconfigure.DeletionPolicyDataSource;
import io.github.deletionpolicy.autoconfigure.PolicyContexts;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.config.BeanDefinitionCustomizer;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.ResourceTransactionManager;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application that has not what policies need, or has it twice.
 */
class MissingPartsTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(PolicyContexts.allAutoConfigurations())
		.withPropertyValues("management.endpoints.web.exposure.include=*");

	private final DataSource ours = new PGSimpleDataSource();

	@Test
	void withoutPoliciesNothingIsMissed() {
		this.contextRunner.run((context) -> assertThat(context).hasNotFailed()
			.doesNotHaveBean(DeleteOperations.class)
			.doesNotHaveBean(PendingPurges.class));
	}

	@Test
	void hardPoliciesMissNothingEither() {
		this.contextRunner.withPropertyValues("deletion-policy.tables.users.mode=hard")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(DeleteOperations.class));
	}

	@Test
	void injectionFailsVisibly() {
		this.contextRunner.withUserConfiguration(NeedsOperations.class)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(NoSuchBeanDefinitionException.class)
				.hasMessageContaining(DeleteOperations.class.getName()));
	}

	@Test
	void policyBeansAreMissedForAsMuchAsProperties() {
		this.contextRunner.withBean(DeletionPolicy.class, () -> DeletionPolicy.soft("users"))
			.run((context) -> assertThat(context).getFailure().isInstanceOf(InvalidDeletionPolicyException.class));
	}

	@Test
	void severalDataSourcesAreNoMatterWithoutPolicies() {
		this.contextRunner.withBean("first", DataSource.class, PGSimpleDataSource::new)
			.withBean("second", DataSource.class, PGSimpleDataSource::new)
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(DeleteOperations.class));
	}

	@Test
	void missingFlywayIsNoMatterWithoutPolicies() {
		this.contextRunner.withBean(DataSource.class, PGSimpleDataSource::new)
			.withBean(PlatformTransactionManager.class, () -> new JdbcTransactionManager(this.ours))
			.withClassLoader(new FilteredClassLoader(Flyway.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(DeleteOperations.class));
	}

	@Test
	void annotatedDataSourceIsFoundAmongOthers() {
		found(Annotated.class, DataSource.class, "annotated");
	}

	@Test
	void annotatedDataSourceOfAParentIsFound() {
		new ApplicationContextRunner().withUserConfiguration(Annotated.class)
			.run((parent) -> new ApplicationContextRunner().withParent(parent)
				.withBean("local", String.class, () -> "")
				.run((context) -> assertThat(
						PartFinder.of(DataSource.class, context.getSourceApplicationContext().getBeanFactory()).name())
					.isEqualTo("annotated")));
	}

	@Test
	void primaryDataSourceIsFoundAmongOthers() {
		found("first", (definition) -> definition.setPrimary(true), (definition) -> {
		});
	}

	@Test
	void dataSourceBesideFallbacksIsFound() {
		found("first", (definition) -> {
		}, (definition) -> definition.setFallback(true));
	}

	@Test
	void dataSourceBesideOnesForQualifiersOnlyIsFound() {
		found("first", (definition) -> {
		}, (definition) -> ((AbstractBeanDefinition) definition).setDefaultCandidate(false));
	}

	@Test
	void primaryTransactionManagerOfAnotherDataSourceYieldsToTheOnlyOneOfOurs() {
		chosen("ours",
				new ApplicationContextRunner()
					.withBean("other", PlatformTransactionManager.class,
							() -> new JdbcTransactionManager(new PGSimpleDataSource()), (it) -> it.setPrimary(true))
					.withBean("ours", PlatformTransactionManager.class, () -> new JdbcTransactionManager(this.ours)));
	}

	@Test
	void primaryTransactionManagerIsTakenOfTwo() {
		chosen("second",
				new ApplicationContextRunner()
					.withBean("first", PlatformTransactionManager.class, () -> new JdbcTransactionManager(this.ours))
					.withBean("second", PlatformTransactionManager.class, () -> new JdbcTransactionManager(this.ours),
							(it) -> it.setPrimary(true)));
	}

	@Test
	void transactionManagerOfWhatAProxyStandsForIsOfOurs() {
		DataSource proxy = new TransactionAwareDataSourceProxy(this.ours);
		new ApplicationContextRunner()
			.withBean("ours", PlatformTransactionManager.class, () -> new JdbcTransactionManager(this.ours))
			.run((context) -> assertThat(
					TransactionManagers.choose(proxy, context.getSourceApplicationContext().getBeanFactory()).manager())
				.isSameAs(context.getBean("ours")));
	}

	@Test
	void transactionManagerOfWhatAWrapperHidesIsNot() {
		refused(new ApplicationContextRunner().withBean(PlatformTransactionManager.class,
				() -> new JdbcTransactionManager(new DelegatingDataSource(this.ours))));
	}

	@Test
	void transactionManagerOfAQueueIsNeverTaken() {
		refused(new ApplicationContextRunner().withBean(PlatformTransactionManager.class, QueueManager::new));
	}

	@Test
	void transactionManagerThatTellsNothingIsTakenIfItIsTheOnlyOne() {
		chosen("global", new ApplicationContextRunner().withBean("global", PlatformTransactionManager.class,
				GlobalManager::new));
	}

	private void chosen(String name, ApplicationContextRunner runner) {
		runner.run((context) -> assertThat(
				TransactionManagers.choose(this.ours, context.getSourceApplicationContext().getBeanFactory()).manager())
			.isSameAs(context.getBean(name)));
	}

	private void refused(ApplicationContextRunner runner) {
		runner.run((context) -> assertThat(
				TransactionManagers.choose(this.ours, context.getSourceApplicationContext().getBeanFactory()).missing())
			.isNotNull());
	}

	private static void found(String name, BeanDefinitionCustomizer first, BeanDefinitionCustomizer second) {
		new ApplicationContextRunner().withBean("first", DataSource.class, PGSimpleDataSource::new, first)
			.withBean("second", DataSource.class, PGSimpleDataSource::new, second)
			.run((context) -> assertThat(
					PartFinder.of(DataSource.class, context.getSourceApplicationContext().getBeanFactory()).name())
				.isEqualTo(name));
	}

	private static void found(Class<?> configuration, Class<?> type, String name) {
		new ApplicationContextRunner().withUserConfiguration(configuration)
			.run((context) -> assertThat(
					PartFinder.of(type, context.getSourceApplicationContext().getBeanFactory()).name())
				.isEqualTo(name));
	}

	@Configuration(proxyBeanMethods = false)
	static class NeedsOperations {

		@Bean
		String needsOperations(DeleteOperations deletes) {
			return deletes.toString();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Annotated {

		@Bean
		@Primary
		DataSource main() {
			return new PGSimpleDataSource();
		}

		@Bean(defaultCandidate = false)
		@DeletionPolicyDataSource
		DataSource annotated() {
			return new PGSimpleDataSource();
		}

	}

	static class GlobalManager extends AbstractPlatformTransactionManager {

		@Override
		protected Object doGetTransaction() {
			return new Object();
		}

		@Override
		protected void doBegin(Object transaction, TransactionDefinition definition) {
		}

		@Override
		protected void doCommit(DefaultTransactionStatus status) {
		}

		@Override
		protected void doRollback(DefaultTransactionStatus status) {
		}

	}

	static class QueueManager extends GlobalManager implements ResourceTransactionManager {

		@Override
		public Object getResourceFactory() {
			return "queue";
		}

	}

}
