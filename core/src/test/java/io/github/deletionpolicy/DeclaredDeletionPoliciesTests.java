package io.github.deletionpolicy;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.dao.InvalidDataAccessApiUsageException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class DeclaredDeletionPoliciesTests {

	private static final DeletionPolicy USERS = DeletionPolicy.scheduled("users", Duration.ofDays(30));

	private static final DeletionPolicy SHOP_USERS = DeletionPolicy.soft("shop.users");

	private static final DeletionPolicy CRM_USERS = DeletionPolicy.hard("crm.users");

	@Test
	void tableWithoutAPolicyIsHard() {
		DeclaredDeletionPolicies policies = declare(USERS);
		assertThat(policies.policyFor("invoices")).isEqualTo(DeletionPolicy.hard("invoices"));
		assertThat(policies.originOf("invoices")).isEqualTo("no policy");
		assertThat(new DeclaredDeletionPolicies().policyFor("users").mode()).isEqualTo(DeletionMode.HARD);
	}

	@ParameterizedTest
	@ValueSource(strings = { "users", "Users", "USERS", "\"users\"", " users\n", "public.users", "PUBLIC.Users",
			"\"public\".\"users\"", "\"Public\".users", "tenant_7.users" })
	void unqualifiedPolicyHoldsForEverySpellingInEverySchema(String table) {
		DeclaredDeletionPolicies policies = declare(USERS);
		assertThat(policies.policyFor(table)).isSameAs(USERS);
		assertThat(policies.originOf(table)).isEqualTo("said for users");
	}

	@ParameterizedTest
	@ValueSource(strings = { "Users", "USERS", "\"users\"", " users " })
	void spellingOfTheDeclarationDoesNotMatterEither(String table) {
		DeletionPolicy policy = DeletionPolicy.soft(table);
		assertThat(declare(policy).policyFor("users")).isSameAs(policy);
		assertThat(declare(policy).policyFor("public.users")).isSameAs(policy);
	}

	@Test
	void quotedNameOfOtherCaseIsAnotherTable() {
		assertThat(declare(USERS).policyFor("\"Users\"").mode()).isEqualTo(DeletionMode.HARD);
		assertThat(declare(DeletionPolicy.soft("\"Users\"")).policyFor("users").mode()).isEqualTo(DeletionMode.HARD);
	}

	@ParameterizedTest
	@ValueSource(strings = { "shop.users", "SHOP.Users", "\"shop\".\"users\"" })
	void qualifiedPolicyGoesBeforeTheUnqualifiedOne(String table) {
		for (DeclaredDeletionPolicies policies : List.of(declare(USERS, SHOP_USERS), declare(SHOP_USERS, USERS))) {
			assertThat(policies.policyFor(table)).isSameAs(SHOP_USERS);
			assertThat(policies.originOf(table)).isEqualTo("said for shop.users");
			assertThat(policies.policyFor("public.users")).isSameAs(USERS);
			assertThat(policies.policyFor("users")).isSameAs(USERS);
		}
	}

	@Test
	void qualifiedPolicyDoesNotHoldInAnotherSchema() {
		DeclaredDeletionPolicies policies = declare(SHOP_USERS);
		assertThat(policies.policyFor("public.users").mode()).isEqualTo(DeletionMode.HARD);
		assertThat(policies.originOf("public.users")).isEqualTo("no policy");
	}

	@Test
	void unqualifiedNameFindsTheOnlyQualifiedPolicy() {
		assertThat(declare(SHOP_USERS).policyFor("Users")).isSameAs(SHOP_USERS);
	}

	@Test
	void unqualifiedNameThatFitsPoliciesOfSeveralSchemasIsRefused() {
		DeclaredDeletionPolicies policies = declare(SHOP_USERS, CRM_USERS);
		assertThatExceptionOfType(InvalidDataAccessApiUsageException.class)
			.isThrownBy(() -> policies.policyFor("Users"))
			.withMessageContaining("'users'")
			.withMessageContaining("shop.users, crm.users")
			.withMessageContaining("Write schema.table");
		assertThatExceptionOfType(InvalidDataAccessApiUsageException.class)
			.isThrownBy(() -> policies.originOf("users"));
		assertThat(policies.policyFor("crm.users")).isSameAs(CRM_USERS);
	}

	@Test
	void malformedNameIsRefusedAndNeverHard() {
		DeclaredDeletionPolicies policies = declare(USERS);
		for (String table : new String[] { "", "users.", "\"users", "a.b.users", "users u" }) {
			assertThatExceptionOfType(UnknownTableException.class).isThrownBy(() -> policies.policyFor(table));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "users", "USERS", "\"users\"" })
	void secondPolicyOfOneKindForOneTableIsRefusedWithBothOrigins(String spelling) {
		List<DeclaredDeletionPolicies.Declaration> twice = List.of(
				new DeclaredDeletionPolicies.Declaration(USERS, "application.yml, line 4"),
				new DeclaredDeletionPolicies.Declaration(DeletionPolicy.soft(spelling), "application.yml, line 9"));
		assertThatExceptionOfType(InvalidDeletionPolicyException.class)
			.isThrownBy(() -> new DeclaredDeletionPolicies(twice))
			.satisfies((ex) -> {
				assertThat(ex.getDescription())
					.isEqualTo("Table 'users' has two policies: application.yml, line 4 and application.yml, line 9.");
				assertThat(ex.getAction()).isEqualTo("Keep one of them.");
			});
	}

	@Test
	void evenTheSamePolicySaidTwiceIsRefused() {
		assertThatExceptionOfType(InvalidDeletionPolicyException.class).isThrownBy(() -> declare(USERS, USERS));
	}

	@Test
	void earlierSourceGoesBeforeALaterOne() {
		DeletionPolicy fromBean = DeletionPolicy.hard("Users");
		DeletionPolicy invoices = DeletionPolicy.soft("invoices");
		DeclaredDeletionPolicies policies = new DeclaredDeletionPolicies(
				List.of(new DeclaredDeletionPolicies.Declaration(USERS, "application.yml")),
				List.of(new DeclaredDeletionPolicies.Declaration(fromBean, "bean 'users'"),
						new DeclaredDeletionPolicies.Declaration(invoices, "bean 'invoices'")));
		assertThat(policies.policyFor("users")).isSameAs(USERS);
		assertThat(policies.originOf("users")).isEqualTo("application.yml");
		assertThat(policies.policyFor("invoices")).isSameAs(invoices);
		assertThat(policies.policies()).containsExactly(USERS, invoices);
	}

	@Test
	void moreSpecificPolicyOfALaterSourceHoldsInItsSchemaOnly() {
		DeclaredDeletionPolicies policies = new DeclaredDeletionPolicies(saidBy("application.yml", USERS),
				saidBy("class User", SHOP_USERS));
		assertThat(policies.policyFor("shop.users")).isSameAs(SHOP_USERS);
		assertThat(policies.policyFor("public.users")).isSameAs(USERS);
	}

	@Test
	void lessSpecificPolicyOfALaterSourceHoldsInAllOtherSchemas() {
		DeclaredDeletionPolicies policies = new DeclaredDeletionPolicies(saidBy("application.yml", CRM_USERS),
				saidBy("class User", USERS));
		assertThat(policies.policyFor("crm.users")).isSameAs(CRM_USERS);
		assertThat(policies.policyFor("public.users")).isSameAs(USERS);
	}

	@Test
	void laterSourceCannotTurnATableHardThatAnEarlierOneKeeps() {
		assertThatExceptionOfType(InvalidDeletionPolicyException.class).isThrownBy(
				() -> new DeclaredDeletionPolicies(saidBy("application.yml", USERS), saidBy("bean 'crm'", CRM_USERS)))
			.satisfies((ex) -> {
				assertThat(ex.getDescription()).isEqualTo(
						"Table 'users' is scheduled in every schema (application.yml), and 'crm.users' is hard (bean 'crm').");
				assertThat(ex.getAction()).isEqualTo(
						"Say what holds for 'crm.users' where 'users' was declared (application.yml), or remove the hard policy.");
			});
	}

	@Test
	void earlierSourceMaySayItselfThatATableIsHardInOneSchema() {
		DeclaredDeletionPolicies policies = new DeclaredDeletionPolicies(saidBy("application.yml", USERS, CRM_USERS),
				saidBy("bean 'crm'", DeletionPolicy.hard("crm.users")));
		assertThat(policies.originOf("crm.users")).isEqualTo("application.yml");
		assertThat(policies.policyFor("crm.users").mode()).isEqualTo(DeletionMode.HARD);
	}

	@Test
	void policiesAreListedAsDeclaredAndCannotBeChanged() {
		DeclaredDeletionPolicies policies = declare(SHOP_USERS, USERS, CRM_USERS);
		assertThat(policies.policies()).containsExactly(SHOP_USERS, USERS, CRM_USERS);
		assertThatExceptionOfType(UnsupportedOperationException.class)
			.isThrownBy(() -> policies.policies().remove(USERS));
	}

	@Test
	void sourceWithoutDeclarationsIsNoPolicy() {
		assertThat(new DeclaredDeletionPolicies(Collections.emptyList()).policies()).isEmpty();
	}

	private static List<DeclaredDeletionPolicies.Declaration> saidBy(String origin, DeletionPolicy... policies) {
		return Stream.of(policies).map((policy) -> new DeclaredDeletionPolicies.Declaration(policy, origin)).toList();
	}

	private static DeclaredDeletionPolicies declare(DeletionPolicy... policies) {
		return new DeclaredDeletionPolicies(Stream.of(policies)
			.map((policy) -> new DeclaredDeletionPolicies.Declaration(policy, "said for " + policy.table()))
			.toList());
	}

}
