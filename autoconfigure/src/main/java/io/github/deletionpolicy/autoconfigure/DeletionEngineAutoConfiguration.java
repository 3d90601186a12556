package io.github.deletionpolicy.autoconfigure;

import java.time.Duration;

import javax.sql.DataSource;

import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.DeleteTemplate;
import io.github.deletionpolicy.DeletionExecutor;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.PurgeListener;
import io.github.deletionpolicy.autoconfigure.DeletionPolicyProperties.Validation;
import io.github.deletionpolicy.autoconfigure.health.RecentBacklog;
import io.github.deletionpolicy.autoconfigure.quartz.PurgeJobAbstention;
import io.github.deletionpolicy.autoconfigure.quartz.PurgeJobSchedule;
import io.github.deletionpolicy.autoconfigure.require.ConditionalOnDeletionParts;
import io.github.deletionpolicy.autoconfigure.require.ConditionalOnMissingDeletionPart;
import io.github.deletionpolicy.autoconfigure.require.DeletionJdbc;
import io.github.deletionpolicy.autoconfigure.require.DeletionParts;
import io.github.deletionpolicy.autoconfigure.require.MissingPartCheck;
import io.github.deletionpolicy.autoconfigure.require.TransactionManagers;
import io.github.deletionpolicy.autoconfigure.schema.LedgerTablesLocator;
import io.github.deletionpolicy.autoconfigure.startup.DeletionPolicyCheck;
import io.github.deletionpolicy.data.DeletionCriteria;
import io.github.deletionpolicy.delete.DeletionMonitor;
import io.github.deletionpolicy.doctor.Doctor;
import io.github.deletionpolicy.engine.DeletionEngine;
import io.github.deletionpolicy.engine.JdbcDeletionExecutor;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.mapping.AggregateMapping;
import io.github.deletionpolicy.operator.Backlog;
import io.github.deletionpolicy.operator.LedgerPendingPurges;
import io.github.deletionpolicy.operator.RowDiagnosis;
import io.github.deletionpolicy.purge.PurgeMonitor;
import io.github.deletionpolicy.purge.PurgeSettings;
import io.github.deletionpolicy.purge.Purger;
import org.quartz.Scheduler;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.data.relational.core.query.Criteria;

/**
 * Wires what deletes, records and purges. Where a part is missing nothing of it is there,
 * and if rows are to be kept the start fails: to back off would mean to remove them.
 *
 * @since 0.1
 */
@AutoConfiguration(
		after = { DeletionPolicyAutoConfiguration.class, DeletionPolicySchemaAutoConfiguration.class,
				DataSourceAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class },
		afterName = { "org.springframework.boot.quartz.autoconfigure.QuartzAutoConfiguration",
				"org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration",
				"org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration",
				"org.springframework.boot.transaction.jta.autoconfigure.JtaAutoConfiguration" })
@ConditionalOnBooleanProperty(name = "deletion-policy.enabled", matchIfMissing = true)
public final class DeletionEngineAutoConfiguration {

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnDeletionParts
	static class EngineConfiguration {

		/**
		 * A run that finds nothing due leaves a note this often before the last one would
		 * be taken for late: two may be missed, and a poll seldom writes.
		 */
		private static final int NOTES_PER_LATENESS = 3;

		@Bean
		DeletionJdbc deletionJdbc(ConfigurableListableBeanFactory beanFactory) {
			DataSource dataSource = DeletionParts.find(DataSource.class, beanFactory, "deletionJdbc");
			return DeletionJdbc.of(dataSource, TransactionManagers.choose(dataSource, beanFactory));
		}

		@Bean
		@DependsOnDatabaseInitialization
		LedgerTables deletionLedgerTables(DeletionJdbc jdbc, DeletionPolicyProperties properties) {
			return LedgerTablesLocator.locate(jdbc.database().jdbc(), properties.schema());
		}

		@Bean
		DeletionEngine deletionEngine(DeletionJdbc jdbc, LedgerTables tables, DeletionPolicyRegistry policies,
				DeletionPolicyProperties properties, ObjectProvider<AggregateMapping> mapping,
				ObjectProvider<PurgeListener> listeners, ApplicationContext context,
				ObjectProvider<DeletionMonitor> deletionMonitors, ObjectProvider<PurgeMonitor> purgeMonitors,
				ObjectProvider<PurgeJobSchedule> schedule, ObjectProvider<RowDiagnosis.NextRun> nextRun) {
			return DeletionEngine.builder(jdbc.database(), tables, policies, settings(properties))
				.mapping(mapping.getIfAvailable(() -> AggregateMapping.NONE))
				.deletionTimeColumn(properties.defaults().deletionTimeColumn())
				.listeners(() -> listeners.orderedStream().toList())
				.events(context::publishEvent, new EventAudience(context)::listensTo)
				.monitors(Monitors.ofDeletes(deletionMonitors.orderedStream().toList()),
						Monitors.ofPurges(purgeMonitors.orderedStream().toList()))
				.wakeWorker(() -> schedule.ifAvailable(PurgeJobSchedule::runSoon))
				.nextRun(() -> nextRun.getIfAvailable(() -> () -> null).nextRun())
				.build();
		}

		@Bean
		@ConditionalOnMissingBean(DeletionExecutor.class)
		JdbcDeletionExecutor deletionExecutor(DeletionEngine engine) {
			return engine.executor();
		}

		@Bean
		@ConditionalOnMissingBean(DeleteOperations.class)
		DeleteTemplate deleteTemplate(DeletionPolicyRegistry policies, DeletionExecutor executor) {
			return new DeleteTemplate(policies, executor);
		}

		@Bean
		LedgerPendingPurges pendingPurges(DeletionEngine engine) {
			return engine.pendingPurges();
		}

		@Bean
		Purger deletionPurger(DeletionEngine engine) {
			return engine.purger();
		}

		@Bean
		@ConditionalOnMissingBean
		Doctor deletionDoctor(DeletionEngine engine) {
			return engine.doctor();
		}

		@Bean
		RecentBacklog deletionRecentBacklog(DeletionJdbc jdbc, LedgerTables tables) {
			return new RecentBacklog(new Backlog(jdbc.database().jdbc(), tables));
		}

		@Bean
		DeletionPolicyCheck deletionPolicyCheck(DeletionPolicyRegistry policies, Doctor doctor, DeletionJdbc jdbc,
				DeletionPolicyProperties properties, ConfigurableListableBeanFactory beanFactory,
				ObjectProvider<TestSlice> testSlice) {
			boolean slice = testSlice.getIfAvailable() != null;
			boolean warning = slice && properties.validation() == Validation.FAIL;
			return new DeletionPolicyCheck(policies, doctor, jdbc, warning ? Validation.WARN : properties.validation(),
					(properties.purge().enabled() && !slice) ? DeletionParts.missingScheduler(beanFactory) : null);
		}

		private static PurgeSettings settings(DeletionPolicyProperties properties) {
			DeletionPolicyProperties.Purge purge = properties.purge();
			int limit = purge.maxRowsPerSecond();
			Duration late = properties.health().lateAfter(purge);
			Duration shorter = (late.compareTo(purge.brakeAfter()) < 0) ? late : purge.brakeAfter();
			return new PurgeSettings(purge.enabled(), purge.batchSize(), purge.concurrency(),
					(limit != PropertyChecks.NO_LIMIT) ? limit : null, purge.maxRuntime(), purge.retryDelay(),
					properties.retention(), shorter.dividedBy(NOTES_PER_LATENESS), purge.brakeAfter());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(Scheduler.class)
	@ConditionalOnBooleanProperty(name = "deletion-policy.purge.enabled", matchIfMissing = true)
	@ConditionalOnDeletionParts(scheduler = true)
	static class QuartzConfiguration {

		@Bean
		PurgeJobSchedule deletionPurgeSchedule(ConfigurableListableBeanFactory beanFactory, Purger purger,
				DeletionJdbc jdbc, DeletionPolicyProperties properties) {
			Scheduler scheduler = DeletionParts.findDependent(Scheduler.class, beanFactory, "deletionPurgeSchedule");
			return new PurgeJobSchedule(scheduler, purger, jdbc, properties.purge().interval());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(Scheduler.class)
	@ConditionalOnBooleanProperty(name = "deletion-policy.purge.enabled", havingValue = false)
	@ConditionalOnDeletionParts(scheduler = true)
	static class SharedQuartzConfiguration {

		@Bean
		PurgeJobAbstention deletionPurgeAbstention(ConfigurableListableBeanFactory beanFactory, DeletionJdbc jdbc) {
			Scheduler scheduler = DeletionParts.findDependent(Scheduler.class, beanFactory, "deletionPurgeAbstention");
			return new PurgeJobAbstention(scheduler, jdbc);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(Criteria.class)
	@ConditionalOnDeletionParts
	static class CriteriaConfiguration {

		@Bean
		@ConditionalOnMissingBean
		DeletionCriteria deletionCriteria(DeletionEngine engine, ObjectProvider<AggregateMapping> mapping) {
			return new DeletionCriteria(engine.liveViews(), engine.deletionTimes(), engine.catalog(),
					mapping.getIfAvailable(() -> AggregateMapping.NONE));
		}

	}

	/**
	 * Spring Boot's slices name their auto-configurations one by one and switch the
	 * others off by this property. A context that was generated ahead of time no longer
	 * has it, but has the bean.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBooleanProperty(name = EnableAutoConfiguration.ENABLED_OVERRIDE_PROPERTY, havingValue = false)
	static class TestSliceConfiguration {

		@Bean
		TestSlice deletionTestSlice() {
			return new TestSlice();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnMissingDeletionPart
	static class MissingPartConfiguration {

		@Bean
		MissingPartCheck deletionMissingPartCheck(DeletionPolicyRegistry policies,
				ConfigurableListableBeanFactory beanFactory, Environment environment) {
			return new MissingPartCheck(policies, DeletionParts.missing(beanFactory, environment));
		}

	}

}
