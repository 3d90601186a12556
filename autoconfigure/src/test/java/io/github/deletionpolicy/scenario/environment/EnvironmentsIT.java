package io.github.deletionpolicy.scenario.environment;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import javax.sql.DataSource;

import io.github.deletionpolicy.DeleteTemplate;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.InvalidDeletionPolicyException;
import io.github.deletionpolicy.autoconfigure.DeletionPolicyDataSource;
import io.github.deletionpolicy.purge.PurgeJob;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.support.TestDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quartz.Scheduler;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.data.annotation.Id;
import org.springframework.data.jdbc.core.JdbcAggregateTemplate;
import org.springframework.data.jdbc.core.convert.DataAccessStrategy;
import org.springframework.data.jdbc.core.convert.JdbcConverter;
import org.springframework.data.jdbc.core.mapping.JdbcMappingContext;
import org.springframework.data.jdbc.repository.config.AbstractJdbcConfiguration;
import org.springframework.data.relational.core.mapping.Column;
import org.springframework.data.relational.core.mapping.Table;
import org.springframework.data.relational.core.query.Criteria;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.scheduling.quartz.SchedulerFactoryBean;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Applications that are put together otherwise than usual.
 */
@ExtendWith(OutputCaptureExtension.class)
class EnvironmentsIT {

	private static final String[] POLICY = { "deletion-policy.tables.users.mode=scheduled",
			"deletion-policy.tables.users.delay=0", "deletion-policy.purge.enabled=true",
			"deletion-policy.purge.interval=100ms", "logging.level.io.github.deletionpolicy=info" };

	private static TestDatabase theirs;

	private static TestDatabase ours;

	private final List<Application> applications = new ArrayList<>();

	@BeforeEach
	void users() {
		theirs = TestDatabase.create();
		ours = TestDatabase.create();
		ours.jdbc().sql("CREATE TABLE users (id bigint PRIMARY KEY, deletion_time timestamptz)").update();
		ours.jdbc().sql("INSERT INTO users VALUES (1), (2)").update();
	}

	@AfterEach
	void stop() {
		this.applications.forEach(Application::close);
	}

	@Test
	void ofTwoDataSourcesTheQualifiedOneHasTablesRecordAndTransactions() {
		Application application = start(theirs, TwoDataSources.class);
		DeleteTemplate deletes = application.deletes();
		new TransactionTemplate((JdbcTransactionManager) application.bean("ourManager"))
			.executeWithoutResult((status) -> {
				deletes.from("users").byId(1).execute();
				status.setRollbackOnly();
			});
		assertThat(ours.jdbc().sql("SELECT id FROM users WHERE deletion_time IS NULL").query(Long.class).list())
			.hasSize(2);
		deletes.from("users").byId(1).execute();
		awaitUsers(2L);
		assertThat(theirs.jdbc()
			.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
			.query(Long.class)
			.single()).isZero();
	}

	@Test
	void dataSourceWithoutATransactionManagerOfItsOwnIsRefused() {
		assertThatExceptionOfType(InvalidDeletionPolicyException.class)
			.isThrownBy(() -> start(theirs, WithoutManager.class))
			.withMessageContaining("'transactionManager' does not manage this DataSource")
			.withMessageContaining("Declare a JdbcTransactionManager for this DataSource");
	}

	@Test
	void withoutPoliciesItStartsAndEveryDeleteIsRefused() {
		Application application = start(
				Application.of(theirs, "deletion-policy.purge.enabled=true").with(WithoutManager.class));
		assertThatException().isThrownBy(() -> application.deletes().from("users").byId(1).hard().execute())
			.withMessageContaining("Declare a JdbcTransactionManager for this DataSource");
		assertThat(ours.jdbc().sql("SELECT count(*) FROM users").query(Long.class).single()).isEqualTo(2);
	}

	@Test
	void schedulerOfTheApplicationStartsThePurgeHoweverItMakesJobs() {
		start(ours, OwnScheduler.class).deletes().from("users").byId(1).execute();
		awaitUsers(2L);
	}

	@Test
	void ofTwoSchedulersTheQualifiedOneStartsThePurge() throws Exception {
		Application application = start(ours, TwoSchedulers.class);
		application.deletes().from("users").byId(1).execute();
		awaitUsers(2L);
		assertThat(((Scheduler) application.bean("first")).checkExists(PurgeJob.JOB)).isFalse();
		assertThat(((Scheduler) application.bean("second")).checkExists(PurgeJob.JOB)).isTrue();
	}

	@Test
	void ofTwoSchedulersNoneIsGuessed() {
		assertThatExceptionOfType(InvalidDeletionPolicyException.class)
			.isThrownBy(() -> start(ours, UnclearSchedulers.class))
			.withMessageContaining("There are several Quartz Schedulers, and it is ambiguous which one to use");
	}

	@Test
	void schedulerMayBeStartedLater(CapturedOutput output) throws Exception {
		Application application = start(ours, "spring.quartz.auto-startup=false");
		assertThat(output).containsOnlyOnce("nothing is purged on this node before it is");
		application.deletes().from("users").byId(1).execute();
		assertThat(application.pending().forRow("users", 1)).isPresent();
		application.bean(Scheduler.class).start();
		awaitUsers(2L);
	}

	@Test
	void lazyInitializationPurgesAllTheSame(CapturedOutput output) {
		Application application = start(ours, "spring.main.lazy-initialization=true");
		assertThat(output).contains("users: scheduled");
		application.deletes().from("users").byId(1).execute();
		awaitUsers(2L);
	}

	@Test
	void lazyInitializationPurgesWhatOthersHaveDeleted() {
		Application recorder = start(ours, "deletion-policy.purge.enabled=false");
		recorder.deletes().from("users").byId(1).execute();
		start(ours, "spring.main.lazy-initialization=true");
		awaitUsers(2L);
	}

	@Test
	void lazyInitializationChecksPoliciesAllTheSame() {
		assertThatException().isThrownBy(
				() -> start(ours, "spring.main.lazy-initialization=true", "deletion-policy.tables.nonsense.mode=soft"))
			.withMessageContaining("There is no table nonsense");
	}

	@Test
	void onePooledConnectionDeletesAndPurges() {
		start(ours, "spring.datasource.hikari.maximum-pool-size=1", "spring.datasource.hikari.connection-timeout=10000")
			.deletes()
			.from("users")
			.byId(1)
			.execute();
		awaitUsers(2L);
	}

	@ParameterizedTest
	@ValueSource(classes = { OwnAggregateTemplate.class, OwnJdbcConfiguration.class })
	void applicationMaySetUpSpringDataJdbcItself(Class<?> setup) {
		Application application = start(Application
			.of(ours, "deletion-policy.tables.users.mode=scheduled", "deletion-policy.tables.users.delay=0",
					"deletion-policy.repositories.enabled=false")
			.with(setup));
		assertThat(application.bean(JdbcAggregateTemplate.class)).isInstanceOf(OwnTemplate.class);
		assertThat(application.bean(JdbcAggregateTemplate.class).findAll(User.class)).hasSize(2);
		var byClass = application.deletes().from(User.class).where(Criteria.where("number").is(1L)).execute();
		assertThat(application.record(byClass.operationId())).startsWith("SCHEDULED");
		assertThat(application.deletes().from("users").byId(2).execute().mode()).isEqualTo(DeletionMode.SCHEDULED);
		assertThat(application.purges().runDue().total()).isEqualTo(2);
	}

	@Test
	void registryOfTheApplicationIsObeyed() {
		Application application = start(ours, OwnRegistry.class);
		assertThat(application.record(application.deletes().from("users").byId(2).execute().operationId()))
			.startsWith("SOFT");
	}

	private static void awaitUsers(Long... ids) {
		Awaitility.await()
			.untilAsserted(() -> assertThat(ours.jdbc().sql("SELECT id FROM users").query(Long.class).list())
				.containsExactlyInAnyOrder(ids));
	}

	private Application start(TestDatabase database, String... properties) {
		return start(
				Application.of(database, Stream.of(POLICY, properties).flatMap(Stream::of).toArray(String[]::new)));
	}

	private Application start(TestDatabase database, Class<?> beans) {
		return start(Application.of(database, POLICY).with(beans));
	}

	private Application start(Application application) {
		application.start();
		this.applications.add(application);
		return application;
	}

	@Configuration(proxyBeanMethods = false)
	static class WithoutManager {

		@Bean
		@Primary
		DataSource theirDataSource() {
			return theirs.dataSource();
		}

		@Bean
		@DeletionPolicyDataSource
		DataSource ourDataSource() {
			return ours.dataSource();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoDataSources extends WithoutManager {

		@Bean
		@Primary
		JdbcTransactionManager theirManager() {
			return new JdbcTransactionManager(theirDataSource());
		}

		@Bean
		@DeletionPolicyDataSource
		JdbcTransactionManager ourManager(@DeletionPolicyDataSource DataSource dataSource) {
			return new JdbcTransactionManager(dataSource);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnScheduler {

		@Bean
		SchedulerFactoryBean scheduler() {
			return new SchedulerFactoryBean();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class UnclearSchedulers {

		@Bean
		SchedulerFactoryBean first() {
			return new SchedulerFactoryBean();
		}

		@Bean
		SchedulerFactoryBean other() {
			return new SchedulerFactoryBean();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoSchedulers {

		@Bean
		@Primary
		SchedulerFactoryBean first() {
			return new SchedulerFactoryBean();
		}

		@Bean
		@DeletionPolicyDataSource
		SchedulerFactoryBean second() {
			return new SchedulerFactoryBean();
		}

	}

	@Table("users")
	record User(@Id @Column("id") Long number) {
	}

	static class OwnTemplate extends JdbcAggregateTemplate {

		OwnTemplate(ApplicationContext context, JdbcMappingContext mapping, JdbcConverter converter,
				DataAccessStrategy strategy) {
			super(context, mapping, converter, strategy);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnAggregateTemplate {

		@Bean
		OwnTemplate ownTemplate(ApplicationContext context, JdbcMappingContext mapping, JdbcConverter converter,
				DataAccessStrategy strategy) {
			return new OwnTemplate(context, mapping, converter, strategy);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnJdbcConfiguration extends AbstractJdbcConfiguration {

		@Override
		public JdbcAggregateTemplate jdbcAggregateTemplate(ApplicationContext context, JdbcMappingContext mapping,
				JdbcConverter converter, DataAccessStrategy strategy) {
			return new OwnTemplate(context, mapping, converter, strategy);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnRegistry {

		@Bean
		DeletionPolicyRegistry registry() {
			return new DeletionPolicyRegistry() {

				@Override
				public DeletionPolicy policyFor(String table) {
					return DeletionPolicy.soft(table);
				}

				@Override
				public List<DeletionPolicy> policies() {
					return List.of();
				}

			};
		}

	}

}
