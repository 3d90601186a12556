package io.github.deletionpolicy.scenario.repositories;

import javax.sql.DataSource;

import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.support.TestDatabase;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan.Filter;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.FilterType;
import org.springframework.data.annotation.Id;
import org.springframework.data.jdbc.core.JdbcAggregateTemplate;
import org.springframework.data.jdbc.core.convert.DataAccessStrategyFactory;
import org.springframework.data.jdbc.core.convert.JdbcConverter;
import org.springframework.data.jdbc.core.convert.QueryMappingConfiguration;
import org.springframework.data.jdbc.core.dialect.JdbcDialect;
import org.springframework.data.jdbc.repository.config.EnableJdbcRepositories;
import org.springframework.data.relational.core.mapping.Table;
import org.springframework.data.repository.Repository;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.support.JdbcTransactionManager;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Repositories of two databases, of which one has policies. A table of the other may have
 * the same name.
 */
class OtherDatabaseIT {

	private static final String TABLE = "CREATE TABLE notes (id bigint PRIMARY KEY, text text, deletion_time timestamptz)";

	private static TestDatabase other;

	@Test
	void eachRepositoryDeletesFromItsOwn() {
		TestDatabase database = TestDatabase.create();
		other = TestDatabase.create();
		for (TestDatabase each : new TestDatabase[] { database, other }) {
			each.jdbc().sql(TABLE).update();
			each.jdbc().sql("INSERT INTO notes VALUES (1, 'a'), (2, 'b')").update();
		}
		try (Application application = Application.of(database, "deletion-policy.tables.notes.mode=soft")
			.with(OwnRepositories.class, OtherRepositories.class)
			.start()) {
			application.bean(OtherNotes.class).deleteByText("a");
			assertThat(application.liveIds("notes")).containsExactly(1L, 2L);
			assertThat(other.jdbc().sql("SELECT id FROM notes").query(Long.class).list()).containsExactly(2L);
			application.bean(OwnNotes.class).deleteByText("b");
			assertThat(application.liveIds("notes")).containsExactly(1L);
			assertThat(application.ids("notes")).containsExactly(1L, 2L);
			assertThat(other.jdbc().sql("SELECT id FROM notes").query(Long.class).list()).containsExactly(2L);
		}
	}

	@Table("notes")
	record Note(@Id long id, String text) {
	}

	interface OwnNotes extends Repository<Note, Long> {

		int deleteByText(String text);

	}

	interface OtherNotes extends Repository<Note, Long> {

		int deleteByText(String text);

	}

	@Configuration(proxyBeanMethods = false)
	@EnableJdbcRepositories(basePackageClasses = OtherDatabaseIT.class, considerNestedRepositories = true,
			includeFilters = @Filter(type = FilterType.ASSIGNABLE_TYPE, classes = OwnNotes.class))
	static class OwnRepositories {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableJdbcRepositories(basePackageClasses = OtherDatabaseIT.class, considerNestedRepositories = true,
			jdbcAggregateOperationsRef = "otherAggregates", transactionManagerRef = "otherTransactions",
			includeFilters = @Filter(type = FilterType.ASSIGNABLE_TYPE, classes = OtherNotes.class))
	static class OtherRepositories {

		@Bean(defaultCandidate = false)
		DataSource otherDataSource() {
			return other.dataSource();
		}

		@Bean(defaultCandidate = false)
		JdbcTransactionManager otherTransactions(@Qualifier("otherDataSource") DataSource dataSource) {
			return new JdbcTransactionManager(dataSource);
		}

		@Bean(defaultCandidate = false)
		JdbcAggregateTemplate otherAggregates(@Qualifier("otherDataSource") DataSource dataSource,
				JdbcConverter converter, JdbcDialect dialect) {
			return new JdbcAggregateTemplate(converter,
					new DataAccessStrategyFactory(converter,
							new NamedParameterJdbcTemplate(new LazyConnectionDataSourceProxy(dataSource)), dialect,
							QueryMappingConfiguration.EMPTY)
						.create());
		}

	}

}
