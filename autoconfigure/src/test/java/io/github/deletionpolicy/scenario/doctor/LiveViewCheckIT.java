package io.github.deletionpolicy.scenario.doctor;

import java.util.List;
import java.util.stream.Stream;

import io.github.deletionpolicy.DeclaredDeletionPolicies;
import io.github.deletionpolicy.InvalidDeletionPolicyException;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.catalog.LiveViews;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.doctor.Finding;
import io.github.deletionpolicy.doctor.Finding.Severity;
import io.github.deletionpolicy.doctor.FindingCode;
import io.github.deletionpolicy.doctor.LiveViewCheck;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.support.TestDatabase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What is wrong with a live view shows at start, and what is printed fixes it.
 */
@ExtendWith(OutputCaptureExtension.class)
class LiveViewCheckIT {

	private static final String USERS = """
			CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant int, "User" text,
				deletion_time timestamptz);
			CREATE TABLE people (id bigint PRIMARY KEY, deletion_time timestamptz);
			CREATE SCHEMA "Other"
			""";

	private static JdbcTemplate template;

	@BeforeAll
	static void connect() {
		TestDatabase database = TestDatabase.create();
		template = new JdbcTemplate(database.dataSource());
		run("CREATE SCHEMA \"Other\"");
	}

	static Stream<Mistake> mistakes() {
		return Stream.of(mistake("SELECT 1", "live_users", Severity.ERROR,
				"Live view public.live_users of table public.users does not exist, so a class that is mapped to it can neither be read nor saved.",
				"CREATE VIEW public.live_users AS SELECT * FROM public.users WHERE deletion_time IS NULL;"),
				mistake("SELECT 1", "\"Other\".\"Live\"", Severity.ERROR,
						"Live view \"Other\".\"Live\" of table public.users does not exist, so a class that is mapped to it can neither be read nor saved.",
						"CREATE VIEW \"Other\".\"Live\" AS SELECT * FROM public.users WHERE deletion_time IS NULL;"),
				mistake("CREATE TABLE live_users (id bigint)", "live_users", Severity.ERROR,
						"Live view public.live_users of table public.users is not a view, so what is saved there is not a row of that table, and a delete from it does not follow the policy.",
						"ALTER TABLE public.live_users RENAME TO live_users_old; CREATE VIEW public.live_users AS SELECT * FROM public.users WHERE deletion_time IS NULL;"),
				mistake("CREATE MATERIALIZED VIEW live_users AS SELECT * FROM users WHERE deletion_time IS NULL",
						"live_users", Severity.ERROR,
						"Live view public.live_users of table public.users is a materialized view, so it still shows rows that were deleted since it was refreshed, and nothing can be saved through it.",
						"DROP MATERIALIZED VIEW public.live_users; CREATE VIEW public.live_users AS SELECT * FROM public.users WHERE deletion_time IS NULL;"),
				mistake("CREATE VIEW live_users AS SELECT * FROM people WHERE deletion_time IS NULL", "live_users",
						Severity.ERROR,
						"Live view public.live_users of table public.users does not select from that table but from people, so a class that is mapped to it reads and saves rows of another table, and a delete through it cannot apply to public.users.",
						"DROP VIEW public.live_users; CREATE VIEW public.live_users AS SELECT * FROM public.users WHERE deletion_time IS NULL;"),
				mistake("CREATE VIEW live_users AS SELECT * FROM people WHERE id IN (SELECT id FROM users)",
						"live_users", Severity.ERROR, "from that table but from people,",
						"DROP VIEW public.live_users; CREATE VIEW public.live_users AS SELECT * FROM public.users WHERE deletion_time IS NULL;"),
				mistake("CREATE VIEW live_users AS SELECT DISTINCT * FROM users WHERE deletion_time IS NULL",
						"live_users", Severity.ERROR,
						"Live view public.live_users of table public.users takes no INSERT and no UPDATE and no DELETE, so a class that is mapped to it cannot be saved. PostgreSQL passes those through only where a view is a plain SELECT from one table.",
						"DROP VIEW public.live_users; CREATE VIEW public.live_users AS SELECT * FROM public.users WHERE deletion_time IS NULL;"),
				mistake("CREATE VIEW live_users AS SELECT u.* FROM users u JOIN people p ON p.id = u.id", "live_users",
						Severity.ERROR, "takes no INSERT and no UPDATE and no DELETE",
						"DROP VIEW public.live_users; CREATE VIEW public.live_users AS SELECT * FROM public.users WHERE deletion_time IS NULL;"),
				mistake("CREATE VIEW live_users AS SELECT * FROM users", "live_users", Severity.ERROR,
						"Live view public.live_users of table public.users shows deleted rows too, so every finder of a class that is mapped to it finds them: deletion_time IS NULL is not a condition of the view.",
						"CREATE OR REPLACE VIEW public.live_users AS SELECT * FROM public.users WHERE deletion_time IS NULL;"),
				mistake("CREATE VIEW live_users AS SELECT * FROM users u WHERE u.deletion_time IS NULL OR u.tenant = 1",
						"live_users", Severity.ERROR,
						"is not a condition of the view, whose WHERE is ((deletion_time IS NULL) OR (tenant = 1)).",
						"CREATE OR REPLACE VIEW public.live_users AS SELECT * FROM public.users u WHERE deletion_time IS NULL AND ((deletion_time IS NULL) OR (tenant = 1));"),
				mistake("CREATE VIEW live_users AS SELECT tenant, \"User\" FROM users WHERE deletion_time IS NULL",
						"live_users", Severity.ERROR,
						"Live view public.live_users of table public.users does not pass on column id of the primary key, so its rows cannot be identified, found by id or saved.",
						"CREATE OR REPLACE VIEW public.live_users AS SELECT tenant, \"User\", id, deletion_time FROM public.users WHERE deletion_time IS NULL;"),
				mistake("CREATE VIEW live_users AS SELECT id + 0 AS id, tenant FROM users WHERE deletion_time IS NULL",
						"live_users", Severity.ERROR, "does not pass on column id of the primary key",
						"DROP VIEW public.live_users; CREATE VIEW public.live_users AS SELECT * FROM public.users WHERE deletion_time IS NULL;"),
				mistake("CREATE VIEW live_users WITH (security_barrier = true) AS SELECT tenant, id FROM users WHERE tenant = 1 AND deletion_time IS NULL WITH LOCAL CHECK OPTION",
						"live_users", Severity.WARNING,
						"Live view public.live_users of table public.users does not pass on column \"User\", so a class that is mapped to it cannot have a property for that. A view keeps the columns that its table had when it was created.",
						"CREATE OR REPLACE VIEW public.live_users WITH (security_barrier=true, check_option=local) AS SELECT tenant, id, \"User\", deletion_time FROM public.users WHERE (tenant = 1) AND (deletion_time IS NULL);"));
	}

	@ParameterizedTest
	@MethodSource("mistakes")
	void whatIsWrongIsSaidAndThePrintedStatementsMendIt(Mistake mistake) {
		inAFreshSchema(mistake.ddl());
		Finding finding = findings(mistake.view()).get(0);
		assertThat(findings(mistake.view())).hasSize(1);
		assertThat(finding.severity()).isEqualTo(mistake.severity());
		assertThat(finding.text()).contains(mistake.text());
		assertThat(finding.ddl()).isEqualTo(mistake.mended());
		run(finding.ddl());
		assertThat(findings(mistake.view())).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "SELECT * FROM users WHERE deletion_time IS NULL",
			"SELECT * FROM users u WHERE u.tenant = 1 AND (u.deletion_time IS NULL)",
			"SELECT * FROM users WHERE deletion_time IS NULL AND tenant IN (SELECT id FROM people) ORDER BY id",
			"SELECT tenant, \"User\", id FROM ONLY users WHERE (tenant = 1 OR tenant = 2) AND deletion_time IS NULL" })
	void aViewThatShowsLiveRowsOnlyIsRight(String select) {
		inAFreshSchema("CREATE VIEW live_users AS " + select);
		assertThat(findings("live_users")).isEmpty();
	}

	@Test
	void aViewWithoutASchemaIsBesideItsTableOrOnTheSearchPathIfItIsOverThatTable() {
		inAFreshSchema("CREATE TABLE \"Other\".users (id bigint PRIMARY KEY, deletion_time timestamptz)");
		run("CREATE VIEW live_users AS SELECT * FROM users WHERE deletion_time IS NULL");
		assertThat(findings("\"Other\".users", "live_users")).singleElement()
			.satisfies((finding) -> assertThat(finding.ddl()).isEqualTo(
					"CREATE VIEW \"Other\".live_users AS SELECT * FROM \"Other\".users WHERE deletion_time IS NULL;"));
		run("DROP VIEW live_users; CREATE VIEW live_users AS SELECT * FROM \"Other\".users WHERE deletion_time IS NULL");
		assertThat(findings("\"Other\".users", "live_users")).isEmpty();
		run("CREATE VIEW \"Other\".live_users AS SELECT * FROM \"Other\".users");
		assertThat(findings("\"Other\".users", "live_users")).singleElement()
			.satisfies((finding) -> assertThat(finding.text()).contains("shows deleted rows too"));
	}

	@Test
	void aPartitionedTableMayHaveALiveView() {
		inAFreshSchema("CREATE TABLE parts (id bigint PRIMARY KEY, deletion_time timestamptz) PARTITION BY HASH (id)");
		run("CREATE VIEW live_parts AS SELECT * FROM parts WHERE deletion_time IS NULL");
		assertThat(findings("parts", "live_parts")).isEmpty();
	}

	@Test
	void aColumnThatNeedsQuotesIsQuoted() {
		inAFreshSchema("CREATE TABLE odd (id bigint PRIMARY KEY, \"deletedAt\" timestamptz)");
		run("CREATE VIEW live_odd AS SELECT * FROM odd");
		Table table = table("odd");
		Finding finding = new LiveViewCheck(template)
			.check(TableName.parse("live_odd"), table, table.column("\"deletedAt\""))
			.get(0);
		assertThat(finding.ddl()).isEqualTo(
				"CREATE OR REPLACE VIEW public.live_odd AS SELECT * FROM public.odd WHERE \"deletedAt\" IS NULL;");
		run(finding.ddl());
		assertThat(new LiveViewCheck(template).check(TableName.parse("live_odd"), table, table.column("\"deletedAt\"")))
			.isEmpty();
	}

	@Test
	void aColumnThatIsAddedLaterIsMissedUntilTheViewIsMadeAnew() {
		inAFreshSchema("CREATE VIEW live_users AS SELECT * FROM users WHERE deletion_time IS NULL");
		assertThat(findings("live_users")).isEmpty();
		run("ALTER TABLE users ADD COLUMN email text");
		Finding finding = findings("live_users").get(0);
		assertThat(finding.severity()).isEqualTo(Severity.WARNING);
		assertThat(finding).hasToString(
				"Live view public.live_users of table public.users does not pass on column email, so a class that is mapped to it cannot have a property for that. A view keeps the columns that its table had when it was created. "
						+ "Fix it: CREATE OR REPLACE VIEW public.live_users AS SELECT * FROM public.users WHERE deletion_time IS NULL;");
		run(finding.ddl());
		assertThat(findings("live_users")).isEmpty();
	}

	@Test
	void twoMistakesAreMendedAtOnce() {
		inAFreshSchema("CREATE VIEW live_users AS SELECT tenant FROM users");
		List<Finding> findings = findings("live_users");
		assertThat(findings).hasSize(2).extracting(Finding::ddl).containsOnly(findings.get(0).ddl());
		run(findings.get(0).ddl());
		assertThat(findings("live_users")).isEmpty();
	}

	@Test
	void theStartObeysValidation(CapturedOutput output) {
		TestDatabase database = TestDatabase.create();
		database.execute(USERS);
		String[] policy = { "deletion-policy.tables.users.mode=soft",
				"deletion-policy.tables.users.live-view=live_users",
				"logging.level.io.github.deletionpolicy.autoconfigure=info" };
		String complaint = "live-view-missing (public.users): "
				+ "Live view public.live_users of table public.users does not exist, so a class that is mapped to it can neither be read nor saved. "
				+ "[command-line option --deletion-policy.tables.users.mode]\n      CREATE VIEW public.live_users AS SELECT * FROM public.users WHERE deletion_time IS NULL;";
		assertThatExceptionOfType(InvalidDeletionPolicyException.class)
			.isThrownBy(() -> Application.of(database, policy).start().close())
			.withMessageContaining(complaint);
		start(database, policy, "deletion-policy.validation=warn");
		assertThat(output).contains("WARN").contains(complaint).contains("NOT READY");
		int length = output.getAll().length();
		start(database, policy, "deletion-policy.validation=none");
		assertThat(output.getAll().substring(length)).doesNotContain("Live view");
		database.jdbc().sql("CREATE VIEW live_users AS SELECT id FROM users WHERE deletion_time IS NULL").update();
		length = output.getAll().length();
		start(database, policy);
		assertThat(output.getAll().substring(length))
			.contains("public.users: soft, live view live_users (command-line option")
			.contains("Live view public.live_users of table public.users does not pass on columns tenant, \"User\"")
			.doesNotContain("NOT READY");
		length = output.getAll().length();
		start(database, policy, "deletion-policy.validation=none");
		assertThat(output.getAll().substring(length)).doesNotContain("Live view");
	}

	@Test
	void declaredMistakesStopTheStartWhateverTheValidation() {
		TestDatabase database = TestDatabase.create();
		database.execute(USERS);
		assertThatException()
			.isThrownBy(() -> Application
				.of(database, "deletion-policy.validation=none", "deletion-policy.tables.users.mode=soft",
						"deletion-policy.tables.users.live-view=live", "deletion-policy.tables.people.mode=soft",
						"deletion-policy.tables.people.live-view=live")
				.start()
				.close())
			.havingRootCause()
			.isInstanceOf(InvalidDeletionPolicyException.class)
			.withMessageContaining("'live' is named as the live view of two tables: 'users' (")
			.withMessageContaining("'people' (");
	}

	private static void start(TestDatabase database, String[] policy, String... more) {
		Application.of(database, Stream.of(policy, more).flatMap(Stream::of).toArray(String[]::new)).start().close();
	}

	private static void inAFreshSchema(String ddl) {
		run("DROP SCHEMA public CASCADE; CREATE SCHEMA public; DROP SCHEMA \"Other\" CASCADE; " + USERS);
		run(ddl);
	}

	private static List<Finding> findings(String view) {
		return findings("users", view);
	}

	private static List<Finding> findings(String name, String view) {
		Table table = table(name);
		return new LiveViewCheck(template).check(TableName.parse(view), table, table.column("deletion_time"))
			.stream()
			.filter((finding) -> finding.code() != FindingCode.LIVE_VIEW_FURTHER_CONDITIONS)
			.toList();
	}

	private static Table table(String name) {
		return new Catalog(template, new LiveViews(new DeclaredDeletionPolicies()), List::of)
			.table(TableName.parse(name));
	}

	private static void run(String statements) {
		template.execute(statements);
	}

	private static Mistake mistake(String ddl, String view, Severity severity, String text, String mended) {
		return new Mistake(ddl, view, severity, text, mended);
	}

	private record Mistake(String ddl, String view, Severity severity, String text, String mended) {

		@Override
		public String toString() {
			return this.ddl + " for " + this.view;
		}

	}

}
