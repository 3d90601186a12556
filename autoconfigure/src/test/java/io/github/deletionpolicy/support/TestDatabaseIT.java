package io.github.deletionpolicy.support;

import java.time.ZoneId;

import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

class TestDatabaseIT {

	private static final String TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";

	@Test
	void databasesShareNothing() {
		JdbcClient first = TestDatabase.create().jdbc();
		JdbcClient second = TestDatabase.create().jdbc();
		first.sql("CREATE TABLE users (id bigint)").update();
		assertThat(first.sql(TABLES).query(Integer.class).single()).isOne();
		assertThat(second.sql(TABLES).query(Integer.class).single()).isZero();
	}

	@Test
	void sessionsLiveInAnotherTimeZoneThanTheJvm() {
		assertThat(timeZone(TestDatabase.create().jdbc())).isEqualTo(TestDatabase.timeZone())
			.isNotEqualTo(ZoneId.systemDefault());
	}

	@Test
	void sessionsOfAnApplicationLiveInAnotherTimeZoneThanTheJvm() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class,
					JdbcTemplateAutoConfiguration.class, JdbcClientAutoConfiguration.class))
			.withPropertyValues(TestDatabase.create().properties())
			.run((context) -> assertThat(timeZone(context.getBean(JdbcClient.class)))
				.isEqualTo(TestDatabase.timeZone()));
	}

	private static ZoneId timeZone(JdbcClient jdbc) {
		return ZoneId.of(jdbc.sql("SHOW TimeZone").query(String.class).single());
	}

}
