package io.github.deletionpolicy.autoconfigure.policy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.InvalidDeletionPolicyException;
import io.github.deletionpolicy.autoconfigure.PolicyContexts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.context.ConfigDataApplicationContextInitializer;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class PropertyDeclarationsTests {

	private static final String USERS = """
			deletion-policy:
			  tables:
			    users_archive:
			      mode: scheduled
			      delay: 30d
			""";

	private static final DeletionPolicy USERS_FOR_90_DAYS = DeletionPolicy.scheduled("users_archive",
			Duration.ofDays(90));

	@Test
	void eachModeIsDeclaredWithAllItsAttributes() {
		with(yaml(
				"""
						deletion-policy:
						  tables:
						    users: { mode: scheduled, delay: 30d, hold-condition: legal_hold }
						    invoices: { table: billing.invoices, mode: soft, deletion-time-column: deleted_at, live-view: live_invoices }
						    sessions: { mode: hard }
						"""))
			.run((context) -> assertThat(policies(context)).containsExactlyInAnyOrder(
					DeletionPolicy.scheduled("users", Duration.ofDays(30)).holdCondition("legal_hold"),
					DeletionPolicy.soft("billing.invoices").deletionTimeColumn("deleted_at").liveView("live_invoices"),
					DeletionPolicy.hard("sessions")));
	}

	@Test
	void originIsTheFileAndTheLineOfTheMode() {
		with(yaml(USERS)).run((context) -> assertThat(origin(context)).isEqualTo("application.yml, line 4"));
	}

	@Test
	void originIsFoundInAFileOnTheClassPath() {
		PolicyContexts.runner()
			.withPropertyValues("spring.config.location=classpath:config/policies.yml")
			.withInitializer(new ConfigDataApplicationContextInitializer())
			.run((context) -> assertThat(origin(context)).isEqualTo("config/policies.yml, line 6"));
	}

	@Test
	void originIsFoundInAFileOnDisk(@TempDir Path directory) throws Exception {
		Path file = Files.writeString(directory.resolve("application.properties"), """
				spring.application.name=shop
				deletion-policy.tables.users_archive.mode=soft
				""");
		PolicyContexts.runner()
			.withPropertyValues("spring.config.location=file:" + file)
			.withInitializer(new ConfigDataApplicationContextInitializer())
			.run((context) -> assertThat(origin(context)).isEqualTo(file + ", line 2"));
	}

	@Test
	void originIsTheVariableThatSaysTheMode() {
		with(variables("DELETIONPOLICY_TABLES_USERSARCHIVE_MODE", "soft", "DELETIONPOLICY_TABLES_USERSARCHIVE_TABLE",
				"users_archive"))
			.run((context) -> assertThat(origin(context))
				.isEqualTo("environment variable DELETIONPOLICY_TABLES_USERSARCHIVE_MODE"));
	}

	@Test
	void originIsTheSystemPropertyThatSaysTheMode() {
		PolicyContexts.runner()
			.withSystemProperties("deletion-policy.tables.users_archive.mode=soft")
			.run((context) -> assertThat(origin(context))
				.isEqualTo("system property deletion-policy.tables.users_archive.mode"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "DELETIONPOLICY_TABLES_USERSARCHIVE_DELAY", "deletionpolicy_tables_usersarchive_delay",
			"DELETION_POLICY_TABLES_USERS_ARCHIVE_DELAY" })
	void variableOverridesWhatAFileSays(String variable) {
		with(yaml(USERS), variables(variable, "90d"))
			.run((context) -> assertThat(policies(context)).containsExactly(USERS_FOR_90_DAYS));
	}

	@Test
	void bothFormsOfVariablesOverrideTogether() {
		with(yaml(USERS),
				variables("DELETIONPOLICY_TABLES_USERSARCHIVE_HOLDCONDITION", "legal_hold",
						"DELETION_POLICY_TABLES_USERS_ARCHIVE_DELAY", "90d"))
			.run((context) -> assertThat(policies(context)).containsExactly(
					DeletionPolicy.scheduled("users_archive", Duration.ofDays(90)).holdCondition("legal_hold")));
	}

	@ParameterizedTest
	@ValueSource(strings = { "users_archive", "users-archive", "usersArchive", "USERS_ARCHIVE" })
	void fileMayOverrideAnotherUnderAnySpelling(String label) {
		with(PolicyContexts.yaml("application-prod.yml", "deletion-policy.tables.%s.delay: 90d".formatted(label)),
				yaml(USERS))
			.run((context) -> assertThat(policies(context)).containsExactly(USERS_FOR_90_DAYS));
	}

	@Test
	void laterDocumentOfAFileOverridesUnderAnySpelling() {
		with(yaml(USERS + """
				---
				deletion-policy.tables.usersArchive.delay: 90d
				""")).run((context) -> assertThat(policies(context)).containsExactly(USERS_FOR_90_DAYS));
	}

	@Test
	void labelInBracketsMayHaveADot() {
		with(yaml("""
				deletion-policy:
				  tables:
				    "[billing.invoices]": { mode: soft }
				"""))
			.run((context) -> assertThat(policies(context)).containsExactly(DeletionPolicy.soft("billing.invoices")));
	}

	@Test
	void qualifiedAndUnqualifiedPoliciesAreTwo() {
		with(yaml("""
				deletion-policy:
				  tables:
				    invoices: { mode: soft }
				    billing: { table: billing.invoices, mode: hard }
				""")).run((context) -> {
			DeletionPolicyRegistry registry = context.getBean(DeletionPolicyRegistry.class);
			assertThat(registry.policyFor("billing.invoices")).isEqualTo(DeletionPolicy.hard("billing.invoices"));
			assertThat(registry.policyFor("shop.invoices")).isEqualTo(DeletionPolicy.soft("invoices"));
		});
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource
	void whatCannotBeMeantStopsTheStart(String tables, String message) {
		with(yaml("deletion-policy:\n  tables:\n" + tables.indent(4)))
			.run((context) -> assertRefused(context, message));
	}

	static Stream<Arguments> whatCannotBeMeantStopsTheStart() {
		return Stream.of(
				arguments("users: { delay: 30d }",
						"The policy 'users' for table 'users' has no mode (application.yml, line 3). "
								+ "Write deletion-policy.tables.users.mode: hard, soft or scheduled."),
				arguments("users: { mode: scheduled }",
						"The policy 'users' for table 'users' is scheduled and has no delay (application.yml, line 3). "
								+ "Write deletion-policy.tables.users.delay: 30d, or 0 to purge at the next run."),
				arguments("users:\n  mode: soft\n  delay: 0",
						"The policy 'users' for table 'users' is soft and has a delay (application.yml, line 5). "
								+ "Remove deletion-policy.tables.users.delay, or write mode: scheduled."),
				arguments("people: { table: crm.users, mode: hard, delay: 0 }",
						"The policy 'people' for table 'crm.users' is hard and has a delay (application.yml, line 3). "
								+ "Remove deletion-policy.tables.people.delay, or write mode: scheduled."),
				arguments("users:\n  mode: soft\n  hold-condition: legal_hold",
						"The policy 'users' for table 'users' is soft and has a hold-condition (application.yml, line 5). "
								+ "Remove deletion-policy.tables.users.hold-condition, or write mode: scheduled."),
				arguments("users: { mode: hard, hold-condition: legal_hold }",
						"The policy 'users' for table 'users' is hard and has a hold-condition (application.yml, line 3). "
								+ "Remove deletion-policy.tables.users.hold-condition, or write mode: scheduled."),
				arguments("users: { mode: hard, deletion-time-column: deleted_at }",
						"The policy 'users' for table 'users' is hard and has a deletion-time-column (application.yml, line 3). "
								+ "Remove deletion-policy.tables.users.deletion-time-column, or write mode: soft or scheduled."),
				arguments("users: { mode: hard, live-view: live_users }",
						"The policy 'users' for table 'users' is hard and has a live-view (application.yml, line 3). "
								+ "Remove deletion-policy.tables.users.live-view, or write mode: soft or scheduled."),
				arguments("users:\n  mode: scheduled\n  delay: -1d",
						"The delay of the policy for table 'users' is negative (PT-24H). "
								+ "It is declared as 'users' (application.yml, line 5). "
								+ "Write a delay of zero or more and up to 365000 days, such as Duration.ofDays(30) in code or 30d in properties."),
				arguments("people:\n  table: users\n  mode: scheduled\n  delay: 365001",
						"The delay of the policy for table 'users' is longer than 365000 days (PT8760024H). "
								+ "It is declared as 'people' (application.yml, line 6). "
								+ "Write a delay of zero or more and up to 365000 days, such as Duration.ofDays(30) in code or 30d in properties."),
				arguments("users: { mode: scheduled, delay: 1d, hold-condition: ' ' }",
						"The policy 'users' for table 'users' has a blank hold-condition (application.yml, line 3). "
								+ "Write a condition, or remove deletion-policy.tables.users.hold-condition."),
				arguments("users: { mode: soft, deletion-time-column: users.deleted_at }",
						"The policy 'users' for table 'users' has the deletion-time-column 'users.deleted_at', "
								+ "which is no such name: it has too many parts (application.yml, line 3). "
								+ "Correct deletion-policy.tables.users.deletion-time-column: write the name as in SQL."),
				arguments("users: { mode: soft, live-view: live users }",
						"The policy 'users' for table 'users' has the live-view 'live users', "
								+ "which is no such name: unexpected ' users' (application.yml, line 3). "
								+ "Correct deletion-policy.tables.users.live-view: write the name as in SQL."),
				arguments("users-archive: { mode: soft }",
						"The policy 'users-archive' (application.yml, line 3) has no table: "
								+ "'users-archive' is not a valid table name: unexpected '-archive'. Write table or schema.table, as in SQL. "
								+ "Name the table with deletion-policy.tables.users-archive.table."),
				arguments("users:\n  mode: soft\n  table: shop.crm.users",
						"The policy 'users' (application.yml, line 5) has no table: "
								+ "'shop.crm.users' has 3 parts. Write table or schema.table, as in SQL. "
								+ "Correct deletion-policy.tables.users.table."),
				arguments("größen: { mode: soft }",
						"The policy 'gren' for table 'gren' has a label of which only letters from a to z, digits, '-' and '_' can be read (application.yml, line 3). "
								+ "Name the table with deletion-policy.tables.gren.table."),
				arguments("users: { mode: soft }\npeople: { table: Users, mode: hard }",
						"Table 'users' has two policies: 'users' (application.yml, line 3) and 'people' (application.yml, line 4). Keep one of them."),
				arguments("users_archive: { mode: soft }\nusers-archive: { mode: hard }",
						"The labels 'users_archive' (application.yml, line 3) and 'users-archive' (application.yml, line 4) under 'deletion-policy.tables' "
								+ "differ only in case, '-', '_' or brackets. They mean the same entry, and it is not defined which one overrides the other. "
								+ "Spell the label one way. Name the table with 'table' if it differs."),
				arguments("users: { mode: soft }\n\"[users]\": { mode: hard }",
						"The labels 'users' (application.yml, line 3) and '[users]' (application.yml, line 4) under 'deletion-policy.tables' "
								+ "differ only in case, '-', '_' or brackets. They mean the same entry, and it is not defined which one overrides the other. "
								+ "Spell the label one way. Name the table with 'table' if it differs."));
	}

	/**
	 * Spring Boot 4.0 cannot bind an empty entry and names it; 4.1 binds it to one
	 * without a mode.
	 */
	@Test
	void emptyEntryStopsTheStart() {
		with(yaml("""
				deletion-policy:
				  tables:
				    users:
				"""))
			.run((context) -> assertThat(context).getFailure().hasStackTraceContaining("deletion-policy.tables.users"));
	}

	@Test
	void variableCannotOverrideALabelInBrackets() {
		with(yaml("""
				deletion-policy:
				  tables:
				    "[users_archive]": { mode: scheduled, delay: 30d }
				"""), variables("DELETIONPOLICY_TABLES_USERSARCHIVE_DELAY", "90d")).run((context) -> assertRefused(
				context,
				"The labels 'usersarchive' (environment variable DELETIONPOLICY_TABLES_USERSARCHIVE_DELAY) and '[users_archive]' (application.yml, line 3) under 'deletion-policy.tables' "
						+ "differ only in case, '-', '_' or brackets. They mean the same entry, and it is not defined which one overrides the other. "
						+ "Spell the label one way. Name the table with 'table' if it differs."));
	}

	@ParameterizedTest
	@ValueSource(strings = { "DELETIONPOLICY_TABLES_USERS_ARCHIVE_DELAY", "DELETIONPOLICY_TABLES_USERSARCHIVE_DELY",
			"DELETION_POLICY_TABLES_USERSARCHIVE_DELAY", "DELETION_POLICY_TABLES_CUSTOMERS_MODE",
			"deletionpolicy_purge_enabld" })
	void variableThatNothingReadsStopsTheStart(String variable) {
		with(yaml(USERS), variables(variable, "90d")).run((context) -> assertRefused(context,
				"Environment variable %s is not used. Correct the name, or remove it. ".formatted(variable)
						+ "In an environment variable, labels and properties have neither '-' nor '_', as in "
						+ "DELETIONPOLICY_TABLES_USERSARCHIVE_HOLDCONDITION for deletion-policy.tables.users_archive.hold-condition."));
	}

	@Test
	void systemPropertyThatNothingReadsStopsTheStart() {
		with(yaml(USERS)).withSystemProperties("deletion-policy.tables.users_archive.dely=90d")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidDeletionPolicyException.class)
				.hasMessageStartingWith(
						"System property deletion-policy.tables.users_archive.dely is not used. Correct the name"));
	}

	@Test
	void variableOfAnotherProgramIsNoneOfOurBusiness() {
		with(yaml(USERS), variables("DELETION_POLICY_SERVICE_HOST", "10.0.0.1", "DELETIONPOLICY_PORT", "8080"))
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@SafeVarargs
	private static ApplicationContextRunner with(
			ApplicationContextInitializer<ConfigurableApplicationContext>... initializers) {
		ApplicationContextRunner runner = PolicyContexts.runner();
		for (ApplicationContextInitializer<ConfigurableApplicationContext> initializer : initializers) {
			runner = runner.withInitializer(initializer);
		}
		return runner;
	}

	private static ApplicationContextInitializer<ConfigurableApplicationContext> yaml(String text) {
		return PolicyContexts.yaml("application.yml", text);
	}

	private static ApplicationContextInitializer<ConfigurableApplicationContext> variables(String... namesAndValues) {
		Map<String, Object> variables = new HashMap<>();
		for (int i = 0; i < namesAndValues.length; i += 2) {
			variables.put(namesAndValues[i], namesAndValues[i + 1]);
		}
		return PolicyContexts.variables(variables);
	}

	private static Collection<DeletionPolicy> policies(AssertableApplicationContext context) {
		return context.getBean(DeletionPolicyRegistry.class).policies();
	}

	private static String origin(AssertableApplicationContext context) {
		return context.getBean(DeletionPolicyRegistry.class).originOf("users_archive");
	}

	private static void assertRefused(AssertableApplicationContext context, String message) {
		assertThat(context).hasFailed();
		Throwable failure = context.getStartupFailure();
		while (failure != null && !(failure instanceof InvalidDeletionPolicyException)) {
			failure = failure.getCause();
		}
		assertThat(failure).isNotNull().hasMessage(message);
	}

}
