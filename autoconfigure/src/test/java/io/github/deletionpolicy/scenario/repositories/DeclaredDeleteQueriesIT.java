package io.github.deletionpolicy.scenario.repositories;

import java.util.List;

import io.github.deletionpolicy.scenario.Application;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan.Filter;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.FilterType;
import org.springframework.data.annotation.Id;
import org.springframework.data.jdbc.core.JdbcAggregateOperations;
import org.springframework.data.jdbc.repository.aot.AotRepositoryFragmentSupport;
import org.springframework.data.jdbc.repository.config.EnableJdbcRepositories;
import org.springframework.data.jdbc.repository.query.Modifying;
import org.springframework.data.jdbc.repository.query.Query;
import org.springframework.data.projection.SpelAwareProxyProjectionFactory;
import org.springframework.data.relational.core.mapping.Table;
import org.springframework.data.repository.Repository;
import org.springframework.data.repository.core.support.AbstractRepositoryMetadata;
import org.springframework.data.repository.query.ValueExpressionDelegate;
import org.springframework.util.StringUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Statements that a user wrote for a repository are run as they are written, and those
 * that remove rows which a policy keeps are named at start.
 */
@ExtendWith(OutputCaptureExtension.class)
class DeclaredDeleteQueriesIT {

	private static final String WARNING = "is a statement of your own that removes rows from table ";

	@RegisterExtension
	private final Application application = Application
		.of("""
				CREATE TABLE users (id bigint PRIMARY KEY, name text, deletion_time timestamptz);
				CREATE VIEW live_users AS SELECT * FROM users WHERE deletion_time IS NULL;
				CREATE TABLE notes (id bigint PRIMARY KEY, text text, deletion_time timestamptz);
				CREATE TABLE logs (id bigint PRIMARY KEY, text text);
				INSERT INTO users VALUES (1, 'Ada'), (2, 'Bob');
				INSERT INTO notes VALUES (1, 'a'), (2, 'b')""", "deletion-policy.tables.users.mode=scheduled",
				"deletion-policy.tables.users.delay=30d", "deletion-policy.tables.users.live-view=live_users",
				"deletion-policy.tables.notes.mode=soft", "deletion-policy.tables.logs.mode=hard")
		.with(Repositories.class);

	@Test
	void eachIsNamedOnceWithItsTableAndWhatToWrite(CapturedOutput output) {
		assertThat(output.getOut())
			.contains(warning("Logs.wipe", "users", "scheduled"), warning("Logs.wipeView", "users", "scheduled"),
					warning("Logs.wipeAll", "users", "scheduled"), warning("Logs.wipeAll", "notes", "soft"),
					warning("Logs.returning", "notes", "soft"), warning("Logs.named", "notes", "soft"),
					warning("Logs.deleteByText", "notes", "soft"), warning("Notes.wipe", "notes", "soft"),
					warning("Notes.generated", "notes", "soft"), warning("Notes.deleteByText", "notes", "soft"))
			.contains("(command-line option --deletion-policy.tables.users.mode)",
					"deletes.from(\"users\").where(...).execute()", ".hard()");
		assertThat(StringUtils.countOccurrencesOf(output.getOut(), WARNING)).isEqualTo(10);
	}

	@Test
	void noBeanIsMadeTooEarly(CapturedOutput output) {
		assertThat(output.getOut()).doesNotContain("not eligible for getting processed");
	}

	@Test
	void theyRunAsTheyAreWritten() {
		Logs logs = this.application.bean(Logs.class);
		assertThat(logs.wipe(1)).isOne();
		assertThat(this.application.ids("users")).containsExactly(2L);
		assertThat(logs.deleteByText("a")).isOne();
		assertThat(this.application.ids("notes")).containsExactly(2L);
		assertThat(this.application.operations()).isZero();
	}

	@Test
	void aGeneratedDerivedDeleteObeys() {
		assertThat(this.application.bean(Notes.class).deleteByTextIn(List.of("a", "c"))).isOne();
		assertThat(this.application.ids("notes")).containsExactly(1L, 2L);
		assertThat(this.application.liveIds("notes")).containsExactly(2L);
	}

	@Test
	void aGeneratedNamedQueryRunsAsItIsWritten() {
		assertThat(this.application.bean(Notes.class).deleteByText("a")).isEqualTo(-1);
	}

	private static String warning(String method, String table, String mode) {
		return "%s$%s %s%s, whose policy is %s ".formatted(DeclaredDeleteQueriesIT.class.getName(), method, WARNING,
				table, mode);
	}

	@Table("logs")
	record DeclaredLog(@Id long id, String text) {
	}

	@Table("notes")
	record DeclaredNote(@Id long id, String text) {
	}

	interface Logs extends Repository<DeclaredLog, Long> {

		@Modifying
		@Query("DELETE FROM users WHERE id = :id")
		int wipe(long id);

		@Modifying
		@Query("DELETE FROM live_users")
		int wipeView();

		@Modifying
		@Query("TRUNCATE TABLE users, notes, logs")
		int wipeAll();

		@Query("WITH gone AS (DELETE FROM notes RETURNING id, text) SELECT * FROM gone")
		List<DeclaredLog> returning();

		@Modifying
		@Query("DELETE FROM logs")
		int own();

		@Query("SELECT * FROM users WHERE name <> 'DELETE FROM users'")
		List<DeclaredLog> read();

		@Modifying
		@Query(name = "wipe-notes")
		int named();

		@Modifying
		int deleteByText(String text);

	}

	/**
	 * Stands for the code that Spring Data generates before the start.
	 */
	interface Generated {

		int deleteByTextIn(List<String> texts);

		@Query("DELETE FROM notes")
		int generated();

		int deleteByText(String text);

	}

	interface Notes extends Repository<DeclaredNote, Long>, Generated {

		@Modifying
		@Query("DELETE FROM #{#tableName}")
		int wipe();

	}

	static class GeneratedImpl extends AotRepositoryFragmentSupport implements Generated {

		GeneratedImpl(JdbcAggregateOperations operations) {
			super(operations, (type) -> (rs, row) -> rs, AbstractRepositoryMetadata.getMetadata(Notes.class),
					ValueExpressionDelegate.create(), new SpelAwareProxyProjectionFactory());
		}

		@Override
		public int deleteByTextIn(List<String> texts) {
			return -1;
		}

		@Override
		public int generated() {
			return -1;
		}

		@Override
		public int deleteByText(String text) {
			return -1;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableJdbcRepositories(basePackageClasses = DeclaredDeleteQueriesIT.class, considerNestedRepositories = true,
			includeFilters = @Filter(type = FilterType.ASSIGNABLE_TYPE, classes = { Logs.class, Notes.class }))
	static class Repositories {

		@Bean
		GeneratedImpl generatedImpl(JdbcAggregateOperations operations) {
			return new GeneratedImpl(operations);
		}

	}

}
