package io.github.deletionpolicy.scenario.doctor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

import io.github.deletionpolicy.InvalidDeletionPolicyException;
import io.github.deletionpolicy.autoconfigure.DeletionEngineAutoConfiguration;
import io.github.deletionpolicy.autoconfigure.DeletionPolicyAutoConfiguration;
import io.github.deletionpolicy.autoconfigure.DeletionPolicySchemaAutoConfiguration;
import io.github.deletionpolicy.doctor.Doctor;
import io.github.deletionpolicy.doctor.FindingCode;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.support.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.jdbc.core.JdbcTemplate;

import static io.github.deletionpolicy.test.DeletionPolicyAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * What the doctor does to a start, and to the build of an application.
 */
@ExtendWith(OutputCaptureExtension.class)
class DoctorAtStartIT {

	private static final String[] POLICIES = { "deletion-policy.tables.users.mode=scheduled",
			"deletion-policy.tables.users.delay=30d", "deletion-policy.tables.users.hold-condition=legal_hold",
			"deletion-policy.tables.bills.mode=soft", "deletion-policy.tables.drafts.mode=hard",
			"logging.level.io.github.deletionpolicy.autoconfigure=info" };

	private TestDatabase database;

	@BeforeEach
	void create() {
		this.database = TestDatabase.create();
		run("""
				CREATE TABLE users (id int PRIMARY KEY, email text, legal_hold boolean NOT NULL DEFAULT false,
					deletion_time timestamptz);
				CREATE TABLE notes (id int PRIMARY KEY, author int REFERENCES users ON DELETE CASCADE,
					deletion_time timestamptz);
				CREATE INDEX ON notes (author);
				CREATE TABLE bills (id int PRIMARY KEY, payer int REFERENCES users, deletion_time timestamptz);
				CREATE INDEX ON bills (payer)""");
	}

	@Test
	void theLogSaysWhatThePoliciesMean(CapturedOutput output) {
		start().close();
		assertThat(output.getAll()).contains("Deletion policies:\n  ")
			.contains(String.join("\n",
					"  public.users: scheduled, purged after 30d, held while legal_hold (command-line option --deletion-policy.tables.users.mode)",
					"      cascades to public.notes",
					"      refused while rows refer to it: public.bills (bills_payer_fkey)"))
			.contains("\n  public.bills: soft (command-line option --deletion-policy.tables.bills.mode)\n")
			.contains("\n  drafts: hard (command-line option --deletion-policy.tables.drafts.mode)\n")
			.doesNotContain("NOT READY", "WARN");
	}

	@Test
	void oneFailureNamesAllErrorsWithWhatMendsThem() {
		run("ALTER TABLE users DROP COLUMN legal_hold; ALTER TABLE bills DROP COLUMN deletion_time");
		assertThatExceptionOfType(InvalidDeletionPolicyException.class).isThrownBy(() -> start().close())
			.satisfies((failure) -> assertThat(failure.getDescription()).startsWith(
					"2 things in the database do not fit the deletion policies:\n  - no-deletion-time (public.bills): ")
				.contains(
						"\n      ALTER TABLE public.bills ADD COLUMN deletion_time timestamptz;\n  - hold-condition (public.users): ")
				.endsWith("\n      ALTER TABLE public.users ADD COLUMN legal_hold boolean NOT NULL DEFAULT false;"));
	}

	@Test
	void errorsOnlyWarnOrAreLeftToThePurgeWhereThatIsAskedFor(CapturedOutput output) {
		run("ALTER TABLE users DROP COLUMN legal_hold");
		start("deletion-policy.validation=warn").close();
		assertThat(output.getAll()).containsOnlyOnce("One thing in the database does not fit the deletion policies")
			.contains("WARN")
			.contains("(command-line option --deletion-policy.tables.users.mode), NOT READY");
		int length = output.getAll().length();
		start("deletion-policy.validation=none").close();
		assertThat(output.getAll().substring(length)).doesNotContain("WARN").doesNotContain("hold-condition (");
	}

	@Test
	void warningsNeverStopTheStartAndAreSaidOnce(CapturedOutput output) {
		run("CREATE UNIQUE INDEX by_mail ON users (email)");
		start().close();
		assertThat(output.getAll()).containsOnlyOnce("One warning for the deletion policies:")
			.contains(
					"  - unique-index-holds-deleted (public.users): Unique index by_mail (email) of table public.users")
			.contains(
					"\n      CREATE UNIQUE INDEX by_mail_live ON public.users USING btree (email) WHERE deletion_time IS NULL; DROP INDEX public.by_mail;")
			.doesNotContain("NOT READY");
	}

	@Test
	void inTheTestOfASliceErrorsOnlyWarn(CapturedOutput output) {
		run("ALTER TABLE users DROP COLUMN legal_hold");
		List<String> arguments = new ArrayList<>(
				List.of("spring.main.banner-mode=off", EnableAutoConfiguration.ENABLED_OVERRIDE_PROPERTY + "=false"));
		Collections.addAll(arguments, this.database.properties());
		Collections.addAll(arguments, POLICIES);
		new SpringApplicationBuilder(Slice.class).web(WebApplicationType.NONE)
			.run(arguments.stream().map((argument) -> "--" + argument).toArray(String[]::new))
			.close();
		assertThat(output.getAll()).containsOnlyOnce("One thing in the database does not fit the deletion policies")
			.contains("WARN");
	}

	@Test
	void nothingIsAskedOfADatabaseAheadOfTime() {
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		Map<String, Object> properties = Map.of("spring.datasource.url", "jdbc:postgresql://localhost:1/nowhere",
				"deletion-policy.tables.users.mode", "soft", "spring.autoconfigure.exclude", Application.WITHOUT_JPA);
		context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("test", properties));
		context.register(Application.Configuration.class);
		assertThatNoException().isThrownBy(() -> context.refreshForAotProcessing(new RuntimeHints()));
		context.close();
	}

	@Test
	void theBuildOfAnApplicationCanAskForNoFindings() {
		run("CREATE UNIQUE INDEX by_mail ON users (email)");
		try (Application application = start()) {
			Doctor doctor = application.bean(Doctor.class);
			assertThat(doctor).hasNoErrors().ignoring(FindingCode.UNIQUE_INDEX_HOLDS_DELETED, "users").hasNoFindings();
			assertThat(doctor).ignoring(FindingCode.UNIQUE_INDEX_HOLDS_DELETED).hasNoFindings();
			assertThatExceptionOfType(AssertionError.class).isThrownBy(
					() -> assertThat(doctor).ignoring(FindingCode.UNIQUE_INDEX_HOLDS_DELETED, "bills").hasNoFindings())
				.withMessageStartingWith(
						"Expected that the deletion policies fit the database without findings, but there are 1:\n  - warning unique-index-holds-deleted (public.users): ")
				.withMessageEndingWith("; DROP INDEX public.by_mail;");
			run("ALTER TABLE bills DROP COLUMN deletion_time");
			assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> assertThat(doctor).hasNoErrors())
				.withMessageContaining("error no-deletion-time (public.bills)")
				.withMessageNotContaining("warning");
		}
	}

	private Application start(String... properties) {
		List<String> all = new ArrayList<>(List.of(POLICIES));
		Collections.addAll(all, properties);
		return Application.of(this.database, all.toArray(String[]::new)).start();
	}

	private void run(String statements) {
		new JdbcTemplate(this.database.dataSource()).execute(statements);
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DataSourceAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class,
			DeletionPolicyAutoConfiguration.class, DeletionPolicySchemaAutoConfiguration.class,
			DeletionEngineAutoConfiguration.class })
	static class Slice {

	}

}
