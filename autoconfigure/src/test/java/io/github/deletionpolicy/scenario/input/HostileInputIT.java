package io.github.deletionpolicy.scenario.input;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import io.github.deletionpolicy.AsyncDeletion;
import io.github.deletionpolicy.AsyncProgress.State;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.support.LogLevels;
import io.github.deletionpolicy.support.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.data.relational.core.query.Criteria;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * SQL where none belongs: in the configuration, in calls, and in a record that somebody
 * has tampered with. Nothing of it is run.
 */
class HostileInputIT {

	private static final String DROP = "DROP TABLE canary";

	@RegisterExtension
	private static final Application application = Application.of("""
			CREATE TABLE people (id bigint PRIMARY KEY, full_name text, legal_hold boolean, deletion_time timestamptz);
			CREATE TABLE canary (id bigint PRIMARY KEY, deletion_time timestamptz);
			INSERT INTO canary SELECT generate_series(1, 10)""", "deletion-policy.tables.people.mode=soft");

	@AfterAll
	static void stop() {
		LogLevels.reset();
	}

	@BeforeEach
	void tenPeople() {
		application.jdbc().sql("TRUNCATE people, deletion_operation, deletion_chunk, deletion_async CASCADE").update();
		application.jdbc().sql("INSERT INTO people SELECT g, 'name ' || g FROM generate_series(1, 10) g").update();
	}

	@AfterEach
	void theCanaryLives() {
		assertThat(application.ids("canary")).hasSize(10);
		assertThat(application.liveIds("canary")).hasSize(10);
	}

	@ParameterizedTest
	@ValueSource(strings = { "deletion-policy.tables.people.deletion-time-column=deletion_time; " + DROP,
			"deletion-policy.tables.people.deletion-time-column=\"x\"\" = now(); " + DROP + "; --\"",
			"deletion-policy.tables.people.live-view=live\"; " + DROP,
			"deletion-policy.tables.people.live-view=\"live\"\"; " + DROP + "; --\"",
			"deletion-policy.tables.people.table=people; " + DROP,
			"deletion-policy.tables.people.table=\"people\"\"; " + DROP + "; --\"",
			"deletion-policy.defaults.deletion-time-column=\"x\"\" = now(); " + DROP + "; --\"",
			"deletion-policy.schema.name=public; " + DROP,
			"deletion-policy.schema.name=\"public\"\".x; " + DROP + "; --\"" })
	void aNameInTheConfigurationIsOneName(String property) {
		List<String> properties = new ArrayList<>(
				List.of("deletion-policy.tables.people.mode=soft", "logging.level.root=off", property));
		assertThat(catchThrowable(
				() -> Application.of(application.database(), properties.toArray(String[]::new)).start().close()))
			.as(property)
			.isNotNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "legal_hold)) IS TRUE FROM people AS t; " + DROP + "; SELECT ((true",
			"legal_hold; " + DROP, "true)) IS TRUE; " + DROP + "; --", "legal_hold) OR (true", "legal_hold -- ",
			"legal_hold /* ", "legal_hold OR full_name = 'a", "(legal_hold", "legal_hold OR full_name = $a$a$b$" })
	void aHoldConditionIsOneCondition(String condition) {
		Throwable refused = catchThrowable(() -> Application
			.of(application.database(), "deletion-policy.tables.people.mode=scheduled",
					"deletion-policy.tables.people.delay=1d", "logging.level.root=off",
					"deletion-policy.tables.people.hold-condition=" + condition)
			.start()
			.close());
		assertThat(refused).as(condition).isNotNull();
	}

	@Test
	void aReasonIsAText() {
		String reason = "'); " + DROP + "; --\"\\'";
		application.deletes().from("people").byId(1).reason(reason).execute();
		application.deletes().from("people").byId(2).reason(reason).hard().executeAsync();
		application.purges().runDue();
		assertThat(application.jdbc()
			.sql("SELECT reason FROM deletion_operation UNION ALL SELECT reason FROM deletion_async")
			.query(String.class)
			.list()).containsExactly(reason, reason);
	}

	static Stream<Tampered> tampered() {
		return Stream
			.of(new Tampered("selection = ARRAY['" + DROP + "']", State.FAILED),
					new Tampered("selection = ARRAY['compare', 'full_name = full_name; " + DROP
							+ "; --', 'eq', 'false', 'x']", State.FAILED),
					new Tampered("selection = ARRAY['compare', 'full_name\" IS NOT NULL --', 'eq', 'false', 'x']",
							State.FAILED),
					new Tampered("selection = ARRAY['compare', 'full_name', '= 1; " + DROP + "', 'false', 'x']",
							State.FAILED),
					new Tampered("selection = ARRAY['compare', 'full_name', 'eq', 'false', '''; " + DROP + "; --']",
							State.DONE),
					new Tampered("selection = ARRAY['is', 'full_name', 'null; " + DROP + "']", State.FAILED),
					new Tampered("selection = ARRAY['keys', '1', '999999999', 'id', '1']", State.FAILED),
					new Tampered("selection = ARRAY['keys', '1', '1', 'id', '1) OR (true']", State.FAILED),
					new Tampered("selection = ARRAY['all', '1', 'always', 'true']", State.FAILED),
					new Tampered("selection = array_fill('not'::text, ARRAY[5000])", State.FAILED),
					new Tampered("selection = ARRAY[NULL]::text[]", State.FAILED),
					new Tampered("selection = '{}'", State.FAILED),
					new Tampered("key_columns = ARRAY['id\"; " + DROP + "; --']", State.FAILED),
					new Tampered("last_key = ARRAY['10; " + DROP + "']", State.FAILED),
					new Tampered("after_key = ARRAY['0) OR (true']", State.FAILED));
	}

	/**
	 * Of the people nobody is called like that, so nobody goes.
	 */
	@ParameterizedTest
	@MethodSource("tampered")
	void aRecordThatSomebodyHasTamperedWithIsNeverRun(Tampered tampered) {
		AsyncDeletion deletion = application.deletes()
			.from("people")
			.where(Criteria.where("full_name").is("nobody"))
			.hard()
			.executeAsync();
		assertThat(application.jdbc()
			.sql("UPDATE deletion_async SET " + tampered.change() + " WHERE operation_id = ?")
			.param(deletion.operationId())
			.update()).isOne();
		application.purges().runDue();
		assertThat(deletion.progress().state()).as(deletion.lastError().orElse("")).isEqualTo(tampered.state());
		assertThat(application.ids("people")).hasSize(10);
		assertThat(application.pending().asyncDeletions()).hasSize(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "table_name = 'people\"; " + DROP + "; --'",
			"schema_name = 'public\".people; " + DROP + "; --'",
			"time_column = 'deletion_time\" IS NOT NULL; " + DROP + "; --'" })
	void aNameInTheRecordIsOneName(String change) {
		application.deletes().from("people").all().scheduled().execute();
		application.jdbc().sql("UPDATE deletion_table SET " + change + " WHERE table_name = 'people'").update();
		try {
			catchThrowable(() -> application.purges().runDue());
			assertThat(application.ids("people")).hasSize(10);
		}
		finally {
			application.jdbc()
				.sql("UPDATE deletion_table SET schema_name = 'public', table_name = 'people', time_column = 'deletion_time' WHERE table_name LIKE 'people%'")
				.update();
		}
		application.jdbc().sql("UPDATE deletion_chunk SET next_attempt = now() - interval '1 s'").update();
		application.purges().runDue();
		assertThat(application.ids("people")).isEmpty();
	}

	/**
	 * What the application's role may not see is neither deleted by it nor purged by its
	 * workers, and nobody takes "hidden" for "gone".
	 */
	@Test
	void rowsThatASecurityPolicyHidesAreNotTouchedAndNotTakenForGone() {
		TestDatabase database = TestDatabase.create();
		database.execute(
				"""
						CREATE TABLE people (id bigint PRIMARY KEY, tenant text, deletion_time timestamptz);
						INSERT INTO people SELECT g, CASE WHEN g <= 5 THEN 'a' ELSE 'b' END FROM generate_series(1, 10) g;
						CREATE TABLE plain (id bigint PRIMARY KEY, tenant text); INSERT INTO plain SELECT id, tenant FROM people;
						ALTER TABLE people ENABLE ROW LEVEL SECURITY; ALTER TABLE plain ENABLE ROW LEVEL SECURITY;
						CREATE POLICY own ON people USING (tenant = 'a'); CREATE POLICY own ON plain USING (tenant = 'a');
						CREATE ROLE tenant_a LOGIN; GRANT ALL ON SCHEMA public TO tenant_a;
						GRANT SELECT, UPDATE, DELETE ON people, plain TO tenant_a""");
		try (Application tenant = Application
			.of(database, "spring.datasource.url=" + database.url().replace("user=postgres", "user=tenant_a"),
					"logging.level.root=off")
			.start()) {
			assertThat(tenant.deletes().from("people").all().scheduled().execute().rows()).isEqualTo(5);
			assertThat(tenant.deletes().from("people").byId(6).hard().execute().rows()).isZero();
			for (String table : List.of("people", "plain")) {
				assertThatExceptionOfType(UnsupportedTableException.class)
					.isThrownBy(() -> tenant.deletes().from(table).all().hard().executeAsync())
					.withMessageContaining("Row-level security of table public." + table)
					.withMessageContaining("Write execute()");
			}
			database.jdbc().sql("ALTER TABLE plain DISABLE ROW LEVEL SECURITY").update();
			AsyncDeletion hard = tenant.deletes().from("plain").all().hard().executeAsync();
			database.jdbc().sql("ALTER TABLE plain ENABLE ROW LEVEL SECURITY").update();
			tenant.purges().runDue();
			assertThat(hard.progress().state()).isEqualTo(State.FAILED);
			assertThat(hard.lastError().orElseThrow()).contains("row-level security", "plain");
			assertThat(database.jdbc().sql("SELECT count(*) FROM plain").query(Long.class).single()).isEqualTo(10);
			assertThat(database.jdbc().sql("SELECT count(*) FROM people").query(Long.class).single()).isEqualTo(10);
			assertThat(tenant.pending().summary().get(0).failed()).isEqualTo(5);
			database.jdbc().sql("ALTER ROLE tenant_a BYPASSRLS").update();
			tenant.pending().retry(hard.operationId());
			tenant.pending().retry(tenant.pending().page("people", null, 1).purges().get(0).operationId());
			tenant.purges().runDue();
			assertThat(hard.progress().state()).isEqualTo(State.DONE);
			assertThat(database.jdbc().sql("SELECT count(*) FROM plain").query(Long.class).single()).isZero();
			assertThat(database.jdbc().sql("SELECT count(*) FROM people").query(Long.class).single()).isEqualTo(5);
		}
		finally {
			database.jdbc().sql("DROP OWNED BY tenant_a CASCADE").update();
			database.jdbc().sql("DROP ROLE tenant_a").update();
		}
	}

	/**
	 * A change of a record, and how the delete ends.
	 */
	record Tampered(String change, State state) {
	}

}
