package io.github.deletionpolicy.scenario.environment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.github.deletionpolicy.DeleteTemplate;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.scenario.QuartzTables;
import io.github.deletionpolicy.support.TestDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.beans.factory.NoSuchBeanDefinitionException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Who follows {@code docs/removing.md} to its end has nothing of the starter left.
 */
class RemovalIT {

	private static final Path DOCUMENT = Path.of("..", "docs", "removing.md");

	private static final Pattern SQL = Pattern.compile("```sql\\R(.*?)```", Pattern.DOTALL);

	private static final String WITHOUT = "deletion-policy.enabled=false";

	@TempDir
	private Path migrations;

	private final TestDatabase database = TestDatabase.create();

	private String[] quartz;

	@BeforeEach
	void sixUsers() throws IOException {
		execute("CREATE TABLE users (id bigint PRIMARY KEY, deletion_time timestamptz)");
		execute("INSERT INTO users SELECT generate_series(1, 6)");
		this.quartz = QuartzTables.migration(this.migrations);
	}

	@Test
	void nothingIsLeftOfIt() throws IOException {
		start(WITHOUT).close();
		List<String> relations = relations();
		List<String> jobs = jobs();

		try (Application with = start("deletion-policy.purge.enabled=true", "deletion-policy.purge.interval=200ms")) {
			with.pending().pause(null);
			DeleteTemplate deletes = with.deletes();
			deletes.from("users").byId(1).soft().execute();
			deletes.from("users").byId(2).scheduled().reason("due").execute();
			deletes.from("users").byIds(List.of(3, 4)).scheduled(Duration.ofDays(30)).execute();
			execute("UPDATE users SET deletion_time = NULL WHERE id = 4");
		}
		assertThat(relations()).hasSizeGreaterThan(relations.size());
		assertThat(jobs()).hasSizeGreaterThan(jobs.size());

		withoutTheStarterTheDatabaseIsTheApplicationsOwn();

		List<String> document = blocks();
		assertThat(document).hasSize(5);
		assertThat(ids(document.get(0))).containsExactly(2L, 3L);
		assertThat(execute(document.get(1))).isOne();
		assertThat(execute(document.get(2))).isOne();
		assertThat(ids("SELECT id FROM users ORDER BY id")).containsExactly(1L, 3L, 4L, 5L, 7L);
		assertThat(ids("SELECT id FROM users WHERE deletion_time IS NOT NULL")).containsExactly(1L);
		execute(document.get(3));
		execute(document.get(4));

		assertThat(relations()).isEqualTo(relations);
		assertThat(jobs()).isEqualTo(jobs);
		start(WITHOUT).close();
	}

	private void withoutTheStarterTheDatabaseIsTheApplicationsOwn() {
		// Stands for the jar that is gone: Quartz looks for a class that is not there.
		execute("UPDATE qrtz_job_details SET job_class_name = job_class_name || 'Gone'");
		try (Application without = start(WITHOUT)) {
			assertThatExceptionOfType(NoSuchBeanDefinitionException.class).isThrownBy(without::deletes);
			Awaitility.await()
				.untilAsserted(() -> assertThat(this.database.jdbc()
					.sql("SELECT trigger_state FROM qrtz_triggers WHERE trigger_group = 'deletion-policy'")
					.query(String.class)
					.single()).isEqualTo("ERROR"));
			without.jdbc().sql("INSERT INTO users VALUES (7)").update();
			assertThat(without.jdbc().sql("DELETE FROM users WHERE id = 6").update()).isOne();
			assertThat(without.liveIds("users")).containsExactly(4L, 5L, 7L);
			assertThat(without.ids("users")).containsExactly(1L, 2L, 3L, 4L, 5L, 7L);
		}
	}

	private Application start(String... properties) {
		return Application
			.of(this.database, Stream.of(this.quartz, properties).flatMap(Arrays::stream).toArray(String[]::new))
			.start();
	}

	/**
	 * Return everything in the catalog that the starter could have left, columns and
	 * triggers of the application's tables too.
	 */
	private List<String> relations() {
		return this.database.jdbc()
			.sql("""
					SELECT c.oid::regclass::text || ' ' || c.relkind::text || ' ' || coalesce(a.attname, '') || ' ' || c.relhastriggers
					FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid
					WHERE c.relnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname IN ('pg_catalog', 'information_schema'))
						AND c.relkind <> 't' AND c.relname NOT LIKE 'pg\\_toast%'
					UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
					UNION ALL SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%'
					ORDER BY 1""")
			.query(String.class)
			.list();
	}

	private List<String> jobs() {
		List<String> rows = new ArrayList<>();
		for (String table : List.of("job_details", "triggers", "simple_triggers", "fired_triggers")) {
			List<Map<String, Object>> found = this.database.jdbc()
				.sql("SELECT * FROM qrtz_" + table)
				.query()
				.listOfRows();
			found.forEach((row) -> rows.add(table + row));
		}
		return rows;
	}

	private List<Long> ids(String query) {
		return this.database.jdbc().sql(query).query((rs, row) -> rs.getLong("id")).list();
	}

	private int execute(String sql) {
		return this.database.jdbc().sql(sql).update();
	}

	private static List<String> blocks() throws IOException {
		return SQL.matcher(Files.readString(DOCUMENT)).results().map((block) -> block.group(1)).toList();
	}

}
