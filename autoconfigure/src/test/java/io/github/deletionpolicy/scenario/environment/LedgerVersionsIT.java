package io.github.deletionpolicy.scenario.environment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.github.deletionpolicy.InvalidDeletionPolicyException;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.purge.Purger;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.support.LedgerScripts;
import io.github.deletionpolicy.support.TestDatabase;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.core.NestedExceptionUtils;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * The ledger's tables as an application finds them: made by somebody else, older, newer.
 */
class LedgerVersionsIT {

	private static final String BY_HAND = "deletion-policy.schema.enabled=false";

	private static final String POLICY = "deletion-policy.tables.users.mode=soft";

	private final TestDatabase database = TestDatabase.create("""
			CREATE TABLE users (id bigint PRIMARY KEY, deletion_time timestamptz);
			INSERT INTO users VALUES (1), (2)""");

	@Test
	void tablesMadeByHandServe() {
		LedgerScripts.all().forEach(this.database::execute);
		assertThatDeletesWork(BY_HAND);
		assertThat(tables()).doesNotContain("deletion_policy_schema_history");
	}

	@Test
	void tablesMadeByTheStarterServeANodeThatMayNotMakeThem() {
		Application.of(this.database, POLICY).start().close();
		assertThatDeletesWork(BY_HAND);
	}

	@Test
	void missingTablesStopTheStartWithPoliciesAndWithout() {
		for (String[] properties : new String[][] { { BY_HAND, POLICY }, { BY_HAND } }) {
			InvalidDeletionPolicyException refusal = refusal(properties);
			assertThat(refusal.getDescription())
				.isEqualTo("The tables in which deletes are recorded are missing in schema public.");
			assertThat(refusal.getAction()).isEqualTo(
					"Set deletion-policy.schema.enabled to true, with flyway-core and flyway-database-postgresql on the class path, "
							+ "or apply the scripts in %s of deletion-policy-core yourself.",
					LedgerScripts.LOCATION);
		}
		assertThat(tables()).containsExactly("users");
	}

	@Test
	void olderTablesStopTheStartWithWhatTheyLack() {
		Application.of(this.database, POLICY).start().close();
		this.database.execute("ALTER TABLE deletion_chunk DROP COLUMN last_error, DROP COLUMN attempts");
		this.database.execute("DROP TABLE deletion_purge_state");
		InvalidDeletionPolicyException refusal = refusal(BY_HAND, POLICY);
		assertThat(refusal.getDescription())
			.isEqualTo("The tables in which deletes are recorded, in schema public, are not those of this version. "
					+ "Missing: deletion_chunk (attempts, last_error), deletion_purge_state (single, paused_at).");
		assertThat(refusal.getAction()).isEqualTo(
				"Apply those scripts in %s of deletion-policy-core that were not applied yet, in the order of their numbers. "
						+ "If the starter created the tables, it can do so: start once with deletion-policy.schema.enabled=true.",
				LedgerScripts.LOCATION);
		assertThat(refusal(POLICY).getAction()).isEqualTo(
				"They were changed from outside. Bring them in line with the scripts in %s of deletion-policy-core.",
				LedgerScripts.LOCATION);
	}

	/**
	 * A script that is added makes columns too, and none may be forgotten.
	 */
	@Test
	void everyColumnOfTheScriptsIsNeeded() {
		Application.of(this.database, POLICY).start().close();
		List<Map<String, Object>> columns = this.database.jdbc()
			.sql("""
					SELECT table_name AS table, column_name AS column FROM information_schema.columns
					WHERE table_name LIKE 'deletion\\_%' AND table_name <> 'deletion_policy_schema_history'""")
			.query()
			.listOfRows();
		assertThat(columns).hasSizeGreaterThan(25);
		LedgerTables ledger = new LedgerTables("public");
		JdbcTemplate jdbc = new JdbcTemplate(this.database.dataSource());
		assertThat(ledger.missing(jdbc)).isEmpty();
		for (Map<String, Object> it : columns) {
			String table = (String) it.get("table");
			String column = (String) it.get("column");
			jdbc.execute("ALTER TABLE %s RENAME COLUMN %s TO other".formatted(table, column));
			assertThat(ledger.missing(jdbc)).isEqualTo(Map.of(table, List.of(column)));
			jdbc.execute("ALTER TABLE %s RENAME COLUMN other TO %s".formatted(table, column));
		}
	}

	@Test
	void ledgerThatANewerVersionHasMigratedServes(@TempDir Path newer) throws IOException {
		Application.of(this.database, POLICY).start().close();
		Files.writeString(newer.resolve("V999__more.sql"), """
				ALTER TABLE deletion_chunk ADD COLUMN lane int NOT NULL DEFAULT 0;
				CREATE TABLE deletion_more (id int)""");
		Flyway.configure()
			.dataSource(this.database.dataSource())
			.locations("classpath:" + LedgerScripts.LOCATION, "filesystem:" + newer)
			.table("deletion_policy_schema_history")
			.load()
			.migrate();
		assertThatDeletesWork(POLICY);
		List<String> versions = new ArrayList<>(LedgerScripts.versions());
		versions.add(0, "0");
		versions.add("999");
		assertThat(this.database.jdbc()
			.sql("SELECT version FROM deletion_policy_schema_history WHERE success ORDER BY installed_rank")
			.query(String.class)
			.list()).isEqualTo(versions);
	}

	/**
	 * What an older node knows of the ledger still serves it, and its resume releases the
	 * clock-jump breaker of a newer one.
	 */
	@Test
	void ledgerOfTheVersionBeforeIsBroughtUpToDateAndItsNodesGoOn() {
		Flyway.configure()
			.dataSource(this.database.dataSource())
			.locations("classpath:" + LedgerScripts.LOCATION)
			.table("deletion_policy_schema_history")
			.baselineOnMigrate(true)
			.baselineVersion("0")
			.target("2")
			.load()
			.migrate();
		assertThat(tables()).doesNotContain("deletion_last_run");
		this.database.execute(
				"INSERT INTO deletion_table (schema_name, table_name, time_column) VALUES ('public', 'users', 'deletion_time')");
		this.database.execute("UPDATE users SET deletion_time = now() - interval '1 day' WHERE id = 2");
		this.database.execute("""
				WITH o AS (
					INSERT INTO deletion_operation (id, token, purge_at, table_id, format, mode, source)
					SELECT gen_random_uuid(), u.deletion_time, u.deletion_time, l.id, 1, 'SCHEDULED', 'CALL'
					FROM deletion_table l, users u WHERE u.id = 2 RETURNING id, token, table_id)
				INSERT INTO deletion_chunk (operation_id, next_attempt, table_id, key_count, keys_bigint)
				SELECT id, token, table_id, 1, ARRAY[2] FROM o""");
		try (Application application = Application.of(this.database, POLICY).start()) {
			assertThat(application.bean(Purger.class).purge().total()).isOne();
			this.database.execute("UPDATE deletion_last_run SET ended_at = ended_at - interval '8 days'");
			application.deletes().from("users").byId(1).scheduled().execute();
			assertThat(application.bean(Purger.class).purge().total()).isZero();
			this.database.execute("UPDATE deletion_purge_state SET paused_at = NULL");
			assertThat(application.bean(Purger.class).purge().total()).isOne();
		}
	}

	private void assertThatDeletesWork(String... properties) {
		try (Application application = Application.of(this.database, properties).start()) {
			assertThat(application.deletes().from("users").byId(1).scheduled().execute().rows()).isOne();
			assertThat(application.purges().runDue().total()).isOne();
			assertThat(application.ids("users")).containsExactly(2L);
		}
	}

	private InvalidDeletionPolicyException refusal(String... properties) {
		Throwable failure = catchThrowable(() -> Application.of(this.database, properties).start().close());
		assertThat(NestedExceptionUtils.getMostSpecificCause(failure))
			.isInstanceOf(InvalidDeletionPolicyException.class);
		return (InvalidDeletionPolicyException) NestedExceptionUtils.getMostSpecificCause(failure);
	}

	private List<String> tables() {
		return this.database.jdbc()
			.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
			.query(String.class)
			.list();
	}

}
