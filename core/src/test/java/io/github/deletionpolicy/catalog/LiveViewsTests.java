package io.github.deletionpolicy.catalog;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;

import io.github.deletionpolicy.DeclaredDeletionPolicies;
import io.github.deletionpolicy.DeclaredDeletionPolicies.Declaration;
import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.InvalidDeletionPolicyException;
import io.github.deletionpolicy.TableName;
import org.junit.jupiter.api.Test;

import org.springframework.dao.InvalidDataAccessApiUsageException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class LiveViewsTests {

	@Test
	void viewHasThePolicyOfItsTable() {
		DeletionPolicy users = DeletionPolicy.scheduled("users", Duration.ofDays(1)).liveView("live_users");
		LiveViews views = views(users, DeletionPolicy.soft("documents"));
		assertThat(views.policyFor(TableName.parse("Live_Users"))).isEqualTo(users);
		assertThat(views.policyFor(TableName.parse("anywhere.live_users"))).isEqualTo(users);
		assertThat(views.policyFor(TableName.parse("users"))).isEqualTo(users);
		assertThat(views.policyFor(TableName.parse("documents"))).isEqualTo(DeletionPolicy.soft("documents"));
		assertThat(views.policyFor(TableName.parse("\"Live_Users\"")).mode())
			.isEqualTo(DeletionPolicy.hard("x").mode());
	}

	@Test
	void tenantsMayHaveViewsOfOneName() {
		DeletionPolicy all = DeletionPolicy.soft("users").liveView("live_users");
		DeletionPolicy ofA = DeletionPolicy.soft("a.users").deletionTimeColumn("gone").liveView("live_users");
		LiveViews views = views(ofA, all);
		assertThat(views.policyFor(TableName.parse("live_users"))).isEqualTo(all);
		assertThat(views.policyFor(TableName.parse("a.live_users"))).isEqualTo(ofA);
		assertThat(views.policyFor(TableName.parse("b.live_users"))).isEqualTo(all);
	}

	@Test
	void nameThatFitsSeveralSchemasIsRefused() {
		LiveViews views = views(DeletionPolicy.soft("a.users").liveView("live_users"),
				DeletionPolicy.soft("b.users").liveView("live_users"));
		assertThatExceptionOfType(InvalidDataAccessApiUsageException.class)
			.isThrownBy(() -> views.policyFor(TableName.parse("live_users")))
			.withMessage("View 'live_users' is the live view of tables in several schemas. Write schema.view.");
	}

	@Test
	void viewOfTwoTablesIsRefused() {
		assertRefused("'live' is named as the live view of two tables: 'users' (line 0) and 'people' (line 1).",
				DeletionPolicy.soft("users").liveView("live"), DeletionPolicy.soft("people").liveView("Live"));
		assertRefused("'x.live' is named as the live view of two tables: 'a.users' (line 0) and 'b.users' (line 1).",
				DeletionPolicy.soft("a.users").liveView("x.live"), DeletionPolicy.soft("b.users").liveView("x.live"));
		assertRefused("'a.live' is named as the live view of two tables: 'a.users' (line 0) and 'people' (line 1).",
				DeletionPolicy.soft("a.users").liveView("live"), DeletionPolicy.soft("people").liveView("a.live"));
	}

	@Test
	void viewsInDifferentSchemasAreTwoViews() {
		views(DeletionPolicy.soft("a.users").liveView("live"), DeletionPolicy.soft("b.people").liveView("live"));
	}

	@Test
	void viewWithAPolicyOfItsOwnIsRefused() {
		assertRefused(
				"'live_users' is named as the live view of table 'users' (line 0), and has a policy of its own as 'live_users' (line 1).",
				DeletionPolicy.soft("users").liveView("live_users"), DeletionPolicy.hard("live_users"));
		assertRefused(
				"'users' is named as the live view of table 'users' (line 0), and has a policy of its own as 'users' (line 0).",
				DeletionPolicy.soft("users").liveView("users"));
		assertRefused(
				"'api.users' is named as the live view of table 'users' (line 0), and has a policy of its own as 'users' (line 0).",
				DeletionPolicy.soft("users").liveView("api.users"));
	}

	@Test
	void viewOfAnotherSchemaMayHaveTheNameOfItsTable() {
		views(DeletionPolicy.soft("data.users").liveView("api.users"));
	}

	@Test
	void nameThatIsNoneIsRefused() {
		assertRefused(
				"The policy for table 'users' (line 0) has a live view whose name is no such name: it has too many parts.",
				DeletionPolicy.soft("users").liveView("a.b.c"));
		assertRefused(
				"The policy for table 'users' (line 0) has a live view whose name is no such name: a quote is not closed.",
				DeletionPolicy.soft("users").liveView("\"live"));
	}

	private static void assertRefused(String description, DeletionPolicy... policies) {
		assertThatExceptionOfType(InvalidDeletionPolicyException.class).isThrownBy(() -> views(policies))
			.satisfies((ex) -> assertThat(ex.getDescription()).isEqualTo(description))
			.satisfies((ex) -> assertThat(ex.getAction()).isNotBlank());
	}

	private static LiveViews views(DeletionPolicy... policies) {
		List<DeletionPolicy> list = Arrays.asList(policies);
		return new LiveViews(new DeclaredDeletionPolicies(
				list.stream().map((policy) -> new Declaration(policy, "line " + list.indexOf(policy))).toList()));
	}

}
