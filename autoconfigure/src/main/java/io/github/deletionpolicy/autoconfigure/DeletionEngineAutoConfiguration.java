package io.github.deletionpolicy.autoconfigure;

import javax.sql.DataSource;

import io.github.deletionpolicy.AggregateMapping;
import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.DeleteTemplate;
import io.github.deletionpolicy.DeletionExecutor;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.PurgeListener;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.delete.JdbcDeletionExecutor;
import io.github.deletionpolicy.ledger.DueChunks;
import io.github.deletionpolicy.ledger.Ledger;
import io.github.deletionpolicy.ledger.LedgerPendingPurges;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.ledger.RecordedKeys;
import io.github.deletionpolicy.purge.PurgeSettings;
import io.github.deletionpolicy.purge.Purger;
import io.github.deletionpolicy.test.PurgeRunner;
import org.quartz.Scheduler;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * Wires what deletes, records and purges. It does not back off where a part is missing:
 * without it a delete would be a hard one.
 *
 * @since 0.1
 */
@AutoConfiguration(
		after = { DeletionPolicyAutoConfiguration.class, DeletionPolicySchemaAutoConfiguration.class,
				DataSourceAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class },
		afterName = { "org.springframework.boot.quartz.autoconfigure.QuartzAutoConfiguration",
				"org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration" })
@ConditionalOnBooleanProperty(name = "deletion-policy.enabled", matchIfMissing = true)
public final class DeletionEngineAutoConfiguration {

	@Bean
	DeletionJdbc deletionJdbc(DataSource dataSource, PlatformTransactionManager transactionManager) {
		return DeletionJdbc.of(dataSource, transactionManager);
	}

	@Bean
	@DependsOnDatabaseInitialization
	LedgerTables deletionLedgerTables(DeletionJdbc jdbc, DeletionPolicyProperties properties) {
		return LedgerTablesLocator.locate(jdbc.jdbc(), properties.schema());
	}

	@Bean
	Catalog deletionCatalog(DeletionJdbc jdbc) {
		return new Catalog(jdbc.jdbc());
	}

	@Bean
	Ledger deletionLedger(DeletionJdbc jdbc, LedgerTables tables) {
		return new Ledger(jdbc.jdbc(), tables);
	}

	@Bean
	JdbcDeletionExecutor deletionExecutor(DeletionJdbc jdbc, Catalog catalog, Ledger ledger, LedgerTables tables,
			ObjectProvider<AggregateMapping> mapping, DeletionPolicyProperties properties) {
		return new JdbcDeletionExecutor(jdbc.jdbc(), jdbc.callers(), catalog, ledger,
				new RecordedKeys(jdbc.jdbc(), tables), mapping.getIfAvailable(NoAggregateMapping::new),
				properties.defaults().deletionTimeColumn());
	}

	@Bean
	@ConditionalOnMissingBean(DeleteOperations.class)
	DeleteTemplate deleteTemplate(DeletionPolicyRegistry policies, DeletionExecutor executor) {
		return new DeleteTemplate(policies, executor);
	}

	@Bean
	LedgerPendingPurges pendingPurges(DeletionJdbc jdbc, Catalog catalog, LedgerTables tables) {
		return new LedgerPendingPurges(jdbc.jdbc(), jdbc.callers(), catalog, tables);
	}

	@Bean
	Purger deletionPurger(DeletionJdbc jdbc, Catalog catalog, LedgerTables tables, DeletionPolicyRegistry policies,
			DeletionPolicyProperties properties, ObjectProvider<PurgeListener> listeners) {
		return new Purger(jdbc.jdbc(), jdbc.workers(), catalog, new DueChunks(jdbc.jdbc(), tables), policies,
				settings(properties), listeners.orderedStream().toList());
	}

	@Bean
	DeletionPolicyCheck deletionPolicyCheck(DeletionPolicyRegistry policies, Catalog catalog, Ledger ledger,
			DeletionJdbc jdbc, DeletionPolicyProperties properties, ObjectProvider<PurgeSchedule> schedule) {
		return new DeletionPolicyCheck(policies, catalog, ledger, jdbc, properties,
				schedule.stream().findAny().isPresent());
	}

	private static PurgeSettings settings(DeletionPolicyProperties properties) {
		DeletionPolicyProperties.Purge purge = properties.purge();
		return new PurgeSettings(purge.batchSize(), purge.concurrency(), purge.maxRowsPerSecond(), purge.maxRuntime(),
				purge.retryDelay(), properties.retention());
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(Scheduler.class)
	@ConditionalOnBooleanProperty(name = "deletion-policy.purge.enabled", matchIfMissing = true)
	static class QuartzConfiguration {

		@Bean
		PurgeJobSchedule deletionPurgeSchedule(Scheduler scheduler, DeletionJdbc jdbc,
				DeletionPolicyProperties properties) {
			return new PurgeJobSchedule(scheduler, jdbc.callers(), properties.purge().interval());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(PurgeRunner.class)
	static class TestConfiguration {

		@Bean
		PurgeRunner purgeRunner(Purger purger) {
			return new PurgeRunner(purger);
		}

	}

}
