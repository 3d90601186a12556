package io.github.deletionpolicy.scenario.environment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.deletionpolicy.AsyncDeletion;
import io.github.deletionpolicy.AsyncOptions;
import io.github.deletionpolicy.AsyncProgress.State;
import io.github.deletionpolicy.DeleteTemplate;
import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.doctor.Doctor;
import io.github.deletionpolicy.doctor.Finding;
import io.github.deletionpolicy.doctor.FindingCode;
import io.github.deletionpolicy.scenario.WebApplication;
import io.github.deletionpolicy.support.TestDatabase;
import io.github.deletionpolicy.test.PurgeRunner;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

import org.springframework.data.relational.core.query.Criteria;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * A role with the rights in {@code docs/security.md} and no more can do everything, and
 * each of them is needed.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RightsIT {

	private static final Path DOCUMENT = Path.of("..", "docs", "security.md");

	private static final Pattern GRANT = Pattern.compile("GRANT (.+) ON (?!SCHEMA)(.+) TO shop");

	private static final Duration UNTIL_NEXT_RUN = Duration.ofHours(1);

	private static final TestDatabase database = TestDatabase.create();

	private static final List<String> grants = new ArrayList<>();

	private static WebApplication application;

	@BeforeAll
	static void start() throws IOException {
		List<List<String>> blocks = blocks();
		for (String statement : """
				CREATE TABLE users (id bigint PRIMARY KEY, legal_hold boolean NOT NULL DEFAULT false, deletion_time timestamptz);
				CREATE TABLE notes (id bigint PRIMARY KEY, owner bigint REFERENCES users ON DELETE CASCADE, deletion_time timestamptz);
				CREATE INDEX ON notes (owner);
				CREATE TABLE lines (id bigint PRIMARY KEY, owner bigint REFERENCES notes ON DELETE CASCADE);
				CREATE INDEX ON lines (owner);
				CREATE TABLE marks (id bigint PRIMARY KEY, owner bigint REFERENCES lines ON DELETE CASCADE, deletion_time timestamptz);
				CREATE INDEX ON marks (owner);
				CREATE TABLE bills (id bigint PRIMARY KEY, payer bigint REFERENCES users ON DELETE RESTRICT, deletion_time timestamptz);
				CREATE INDEX ON bills (payer);
				CREATE TABLE events (id bigint PRIMARY KEY, kind text)"""
			.split(";")) {
			run(statement);
		}
		blocks.get(0).forEach(RightsIT::run);
		try (WebApplication owner = WebApplication
			.of(database, WebApplication.WITHOUT_SECURITY, as("record_owner"), "deletion-policy.schema.name=deletions")
			.start()) {
			assertThat(owner.get("").status()).isEqualTo(200);
		}
		grants.addAll(blocks.get(1));
		grants.addAll(blocks.get(2));
		grants.forEach(RightsIT::run);
		application = shop("deletion-policy.tables.users.mode=scheduled", "deletion-policy.tables.users.delay=1d",
				"deletion-policy.tables.users.hold-condition=legal_hold", "deletion-policy.tables.bills.mode=soft",
				"deletion-policy.purge.batch-size=10", "deletion-policy.retention=0s",
				"management.endpoint.pendingpurges.access=unrestricted");
	}

	private static WebApplication shop(String... properties) {
		List<String> all = new ArrayList<>(
				List.of(WebApplication.WITHOUT_SECURITY, as("shop"), "deletion-policy.schema.name=deletions"));
		all.addAll(List.of(properties));
		return WebApplication.of(database, all.toArray(String[]::new)).start();
	}

	@AfterAll
	static void stop() {
		application.close();
		run("DROP OWNED BY shop, record_owner CASCADE");
		run("DROP ROLE shop, record_owner");
	}

	@BeforeEach
	void trees() {
		run("TRUNCATE users, notes, lines, marks, bills, events");
		run("TRUNCATE deletions.deletion_operation, deletions.deletion_chunk, deletions.deletion_async CASCADE");
		run("INSERT INTO users SELECT generate_series(1, 100)");
		run("INSERT INTO notes SELECT g, g FROM generate_series(1, 100) g");
		run("INSERT INTO lines SELECT g, g FROM generate_series(1, 100) g");
		run("INSERT INTO marks SELECT g, g FROM generate_series(1, 100) g");
		run("INSERT INTO bills (id) SELECT generate_series(1, 100)");
		run("INSERT INTO events SELECT g, 'a' FROM generate_series(1, 100) g");
	}

	@Test
	@Order(1)
	void theRoleMayCreateNothingAndTheDoctorIsContent() {
		assertThat(database.jdbc()
			.sql("SELECT has_schema_privilege('shop', 'deletions', 'CREATE') OR has_schema_privilege('shop', 'public', 'CREATE')")
			.query(Boolean.class)
			.single()).isFalse();
		assertThat(doctor()).isEmpty();
	}

	@Test
	@Order(2)
	void deletesInAllModesAndRestores() {
		DeleteTemplate deletes = application.deletes();
		assertThat(deletes.from("users").byId(1).preview().rows()).isOne();
		DeletionResult scheduled = deletes.from("users").byIds(List.of(1, 2)).reason("asked").execute();
		assertThat(scheduled.cascaded()).isEqualTo(Map.of("public.notes", 2L, "public.marks", 2L));
		assertThat(deletes.from("users").byId(1).includingDeleted().execute().rows()).isOne();
		assertThat(deletes.restore(scheduled.operationId()).rows()).isOne();
		assertThat(deletes.restoreFrom("users").byId(1).execute().rows()).isOne();
		assertThat(deletes.from("bills").byId(1).execute().rows()).isOne();
		assertThat(deletes.from("bills").byId(2).returning(Map.class).execute().rows()).hasSize(1);
		assertThat(deletes.from("users").byId(3).soft().execute().rows()).isOne();
		assertThat(deletes.from("users").byId(4).hard().execute().rows()).isOne();
		assertThat(deletes.from("events").where(Criteria.where("id").lessThan(10)).execute().rows()).isEqualTo(9);
	}

	@Test
	@Order(3)
	void purgesTreesSmallAndLargeAndTidiesUp() {
		run("INSERT INTO notes SELECT g, 1 FROM generate_series(101, 160) g");
		run("INSERT INTO lines SELECT g, g FROM generate_series(101, 160) g");
		run("INSERT INTO marks SELECT g, g FROM generate_series(101, 160) g");
		run("UPDATE users SET legal_hold = true WHERE id = 50");
		run("INSERT INTO bills VALUES (200, 60)");
		application.deletes().from("users").where(Criteria.where("id").not(60)).scheduled(Duration.ZERO).execute();
		assertThat(purge()).isGreaterThanOrEqualTo(98 + 98 + 98 + 60 + 60);
		assertThat(ids("users")).containsExactly(50L, 60L);
		assertThat(ids("marks")).containsExactly(50L, 60L);
		run("UPDATE users SET legal_hold = false");
		UUID held = application.bean(PendingPurges.class).page("users", null, 1).purges().get(0).operationId();
		application.bean(PendingPurges.class).retry(held);
		purge();
		purge();
		assertThat(ids("users")).containsExactly(60L);
		assertThat(number("SELECT count(*) FROM deletions.deletion_chunk")).isZero();
	}

	@Test
	@Order(4)
	void deletesInTheBackground() {
		AsyncDeletion hard = application.deletes()
			.from("events")
			.where(Criteria.where("kind").is("a"))
			.executeAsync(new AsyncOptions(10, Duration.ZERO));
		AsyncDeletion soft = application.deletes()
			.from("users")
			.all()
			.soft()
			.executeAsync(new AsyncOptions(10, UNTIL_NEXT_RUN));
		purge();
		application.deletes().restoreFrom("users").byId(1).execute();
		assertThat(number("SELECT count(*) FROM deletions.deletion_async_spared")).isPositive();
		application.bean(PurgeRunner.class).runDueAsOf(Instant.now().plus(Duration.ofDays(1)));
		for (int i = 1; i < 20; i++) {
			application.bean(PurgeRunner.class).runDueAsOf(Instant.now().plus(Duration.ofHours(2 * i)));
		}
		assertThat(hard.lastError()).isEmpty();
		assertThat(ids("events")).isEmpty();
		assertThat(number("SELECT count(*) FROM users WHERE deletion_time IS NULL")).isOne();
		assertThat(soft.progress().state()).isEqualTo(State.DONE);
		application.deletes().from("events").all().executeAsync().cancel();
	}

	@Test
	@Order(5)
	void operatesByTheEndpoint() {
		UUID operation = application.deletes().from("users").byId(1).execute().operationId();
		for (String path : List.of("", "?findings=true", "/users", "/users?id=1", "/" + operation)) {
			assertThat(application.get(path).status()).as(path).isEqualTo(200);
		}
		for (String action : List.of("pause", "resume")) {
			assertThat(application.post("", action).status()).isEqualTo(204);
			assertThat(application.post("/users", action).status()).isEqualTo(204);
		}
		for (String action : List.of("retry", "purge-now", "cancel")) {
			assertThat(application.post("/" + operation, action).status()).as(action).isEqualTo(204);
		}
		assertThat(application.post("/" + operation, "restore").status()).isEqualTo(200);
		run("UPDATE users SET deletion_time = '2020-01-01T00:00:00Z' WHERE id = 9");
		assertThat(application.bean(PendingPurges.class).adopt("users", Instant.EPOCH)).isOne();
	}

	@Test
	@Order(6)
	void theDoctorNamesEachRightThatIsMissing() {
		int tried = 0;
		for (String grant : grants) {
			Matcher matcher = GRANT.matcher(grant);
			if (!matcher.matches() || grant.contains("schema_history") || grant.contains("events")) {
				continue;
			}
			for (String table : matcher.group(2).split(", ")) {
				for (String right : matcher.group(1).split(", ")) {
					run("REVOKE %s ON %s FROM shop".formatted(right, table));
					String plain = right.replaceAll(" \\(.*", "");
					String name = table.contains(".") ? table : "public." + table;
					assertThat(doctor()).as("without %s on %s", right, table).anySatisfy((finding) -> {
						assertThat(finding.code()).isEqualTo(FindingCode.MISSING_PRIVILEGE);
						assertThat(finding.table().toString()).isEqualTo(name);
						assertThat(finding.text()).contains("shop", plain, name);
						assertThat(finding.ddl()).isEqualTo("GRANT %s ON %s TO shop;".formatted(plain, name));
					});
					run("GRANT %s ON %s TO shop".formatted(right, table));
					tried++;
				}
			}
		}
		assertThat(tried).isGreaterThan(35);
		assertThat(doctor()).isEmpty();
	}

	@Test
	@Order(7)
	void aHardDeleteInTheBackgroundThatMayNotDeleteFailsAndGoesOnWhenItMay() {
		run("REVOKE DELETE ON events FROM shop");
		AsyncDeletion deletion = application.deletes().from("events").all().executeAsync();
		purge();
		assertThat(deletion.progress().state()).isEqualTo(State.FAILED);
		assertThat(deletion.lastError().orElseThrow()).contains("permission denied for table events");
		assertThat(ids("events")).hasSize(100);
		run("GRANT DELETE ON events TO shop");
		application.bean(PendingPurges.class).retry(deletion.operationId());
		purge();
		assertThat(ids("events")).isEmpty();
	}

	/**
	 * Without the right to lock rows a worker cannot step over those of others. To give
	 * up rows for that would leave behind what could go.
	 */
	@Test
	@Order(8)
	void aHardDeleteInTheBackgroundThatMeetsALockedRowAndMayNotLockFailsAndGoesOnWhenItMay() throws SQLException {
		run("REVOKE UPDATE (id) ON events FROM shop");
		AsyncDeletion deletion = application.deletes()
			.from("events")
			.all()
			.executeAsync(new AsyncOptions(10, Duration.ZERO));
		try (Connection user = database.dataSource().getConnection(); Statement statement = user.createStatement()) {
			user.setAutoCommit(false);
			statement.execute("SELECT id FROM events WHERE id = 55 FOR UPDATE");
			purge();
			user.rollback();
		}
		assertThat(deletion.progress().state()).isEqualTo(State.FAILED);
		assertThat(deletion.lastError().orElseThrow()).contains("permission denied for table events");
		assertThat(ids("events")).hasSize(50);
		run("GRANT UPDATE (id) ON events TO shop");
		application.bean(PendingPurges.class).retry(deletion.operationId());
		purge();
		assertThat(ids("events")).isEmpty();
	}

	@Test
	@Order(9)
	void aStartThatMayNotReadTheHistorySaysSo() {
		run("REVOKE SELECT ON deletions.deletion_policy_schema_history FROM shop");
		Throwable failure = catchThrowable(() -> shop().close());
		run("GRANT SELECT ON deletions.deletion_policy_schema_history TO shop");
		assertThat(failure).isNotNull();
		while (failure.getCause() != null
				&& !failure.getClass().getSimpleName().equals("DeletionPolicySchemaException")) {
			failure = failure.getCause();
		}
		assertThat(failure.getClass().getSimpleName()).isEqualTo("DeletionPolicySchemaException");
		assertThat(failure).hasMessageContaining("permission denied for table deletion_policy_schema_history");
	}

	private static List<Finding> doctor() {
		return application.bean(Doctor.class).examine();
	}

	private static long purge() {
		return application.bean(PurgeRunner.class).runDue().total();
	}

	private static List<Long> ids(String table) {
		return database.jdbc().sql("SELECT id FROM " + table + " ORDER BY id").query(Long.class).list();
	}

	private static long number(String query) {
		return database.jdbc().sql(query).query(Long.class).single();
	}

	private static String as(String role) {
		return "spring.datasource.url=" + database.url().replace("user=postgres", "user=" + role);
	}

	private static List<List<String>> blocks() throws IOException {
		List<List<String>> blocks = new ArrayList<>();
		Matcher matcher = Pattern.compile("(?s)```sql\n(.*?)```").matcher(Files.readString(DOCUMENT));
		while (matcher.find()) {
			blocks.add(List.of(matcher.group(1).strip().split(";\\s*")));
		}
		assertThat(blocks).hasSize(3);
		return blocks;
	}

	private static void run(String statement) {
		database.jdbc().sql(statement).update();
	}

}
