package io.github.deletionpolicy.scenario.operations;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.github.deletionpolicy.AsyncDeletion;
import io.github.deletionpolicy.AsyncProgress.State;
import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.scenario.WebApplication;
import io.github.deletionpolicy.scenario.WebApplication.Answer;
import io.github.deletionpolicy.support.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Who may ask the endpoint, and who may change something, through the filter chain of
 * Spring Security.
 */
class EndpointAccessIT {

	private static final String ANYBODY = "nobody";

	private final TestDatabase database = TestDatabase.create();

	EndpointAccessIT() {
		this.database.jdbc().sql("CREATE TABLE users (id text PRIMARY KEY, deletion_time timestamptz)").update();
		this.database.jdbc().sql("INSERT INTO users VALUES ('jane@example.org'), ('x')").update();
	}

	/**
	 * Without a rule about forgery, as an application with a token for each request has
	 * it: the access decides over writes.
	 */
	@ParameterizedTest
	@CsvSource(textBlock = """
			none,         nobody, 401, 401, 401
			none,         user,   404, 404, 404
			read-only,    nobody, 401, 401, 401
			read-only,    user,   200, 405, 405
			unrestricted, nobody, 401, 401, 401
			unrestricted, user,   200, 204, 405
			default,      nobody, 401, 401, 401
			default,      user,   200, 405, 405""")
	void accessDecidesWhoReadsAndWhoWrites(String access, String caller, int read, int write, int delete) {
		List<String> properties = new ArrayList<>(
				List.of("deletion-policy.tables.users.mode=scheduled", "deletion-policy.tables.users.delay=1d"));
		if (!access.equals("default")) {
			properties.add("management.endpoint.pendingpurges.access=" + access);
		}
		try (WebApplication application = WebApplication.of(this.database, properties.toArray(String[]::new))
			.with(Users.class, BasicAuthentication.class)
			.start()) {
			String operation = "/"
					+ application.deletes().from("users").byId("jane@example.org").execute().operationId();
			@Nullable String user = caller.equals(ANYBODY) ? null : caller;
			for (String path : List.of("", "/users", "/users?id=x", operation)) {
				Answer answer = application.exchange(HttpMethod.GET, path, null, user);
				assertThat(answer.status()).as(path).isEqualTo(read);
				if (read == 401) {
					assertThat(answer.body()).as(path).isNull();
				}
			}
			for (String path : List.of("", "/users")) {
				assertThat(application.exchange(HttpMethod.POST, path, Map.of("action", "pause"), user).status())
					.isEqualTo(write);
				assertThat(application.exchange(HttpMethod.DELETE, path, null, user).status()).isEqualTo(delete);
			}
			assertThat(application.exchange(HttpMethod.POST, operation, Map.of("action", "cancel"), user).status())
				.isEqualTo(write);
			assertThat(application.bean(PendingPurges.class).summary()).singleElement()
				.satisfies((summary) -> assertThat(summary.paused()).isEqualTo(write == 204));
			assertThat(application.bean(PendingPurges.class).forRow("users", "jane@example.org").isEmpty())
				.isEqualTo(write == 204);
		}
	}

	@ParameterizedTest
	@CsvSource(textBlock = """
			read-only,    nobody, 401, 401, ACCEPTED
			read-only,    user,   200, 405, ACCEPTED
			unrestricted, nobody, 401, 401, ACCEPTED
			unrestricted, user,   200, 204, CANCELLED""")
	void accessDecidesOverAsynchronousDeletesToo(String access, String caller, int read, int write, State state) {
		try (WebApplication application = WebApplication
			.of(this.database, "management.endpoint.pendingpurges.access=" + access)
			.with(Users.class, BasicAuthentication.class)
			.start()) {
			AsyncDeletion deletion = application.deletes().from("users").all().hard().executeAsync();
			@Nullable String user = caller.equals(ANYBODY) ? null : caller;
			String operation = "/" + deletion.operationId();
			assertThat(application.exchange(HttpMethod.GET, operation, null, user).status()).isEqualTo(read);
			assertThat(application.exchange(HttpMethod.POST, operation, Map.of("action", "cancel"), user).status())
				.isEqualTo(write);
			assertThat(deletion.progress().state()).isEqualTo(state);
		}
	}

	/**
	 * With nothing but Spring Boot's own rules.
	 */
	@Test
	void byDefaultAnAnonymousCallerSeesNothing() {
		try (WebApplication application = WebApplication
			.of(this.database, "management.endpoint.pendingpurges.access=unrestricted")
			.with(Users.class)
			.start()) {
			for (String path : List.of("", "/users", "/users?id=x")) {
				Answer answer = application.get(path);
				assertThat(answer.status()).isEqualTo(401);
				assertThat(answer.body()).isNull();
				assertThat(application.exchange(HttpMethod.GET, path, null, "user").status()).isEqualTo(200);
			}
			assertThat(application.post("", "pause").status()).isIn(401, 403);
		}
	}

	@ParameterizedTest
	@CsvSource(textBlock = """
			never,           '',    admin, false
			when-authorized, ADMIN, admin, true
			when-authorized, ADMIN, user,  false
			when-authorized, '',    user,  true
			always,          ADMIN, user,  true""")
	void rolesDecideWhoSeesKeys(String show, String roles, String user, boolean shown) {
		List<String> properties = new ArrayList<>(List.of("deletion-policy.endpoint.show-values=" + show));
		if (!roles.isEmpty()) {
			properties.add("deletion-policy.endpoint.roles=" + roles);
		}
		try (WebApplication application = WebApplication.of(this.database, properties.toArray(String[]::new))
			.with(Users.class)
			.start()) {
			String operation = "/"
					+ application.deletes().from("users").byId("jane@example.org").soft().execute().operationId();
			assertThat(application.exchange(HttpMethod.GET, operation, null, user).entry("chunks"))
				.containsEntry("keys", List.of(Map.of("id", shown ? "jane@example.org" : "******")));
			application.deletes().from("users").byId("x").hard().reason("Jane asked").executeAsync();
			assertThat(application.exchange(HttpMethod.GET, "", null, user).entry("asyncDeletions"))
				.containsEntry("reason", shown ? "Jane asked" : "******");
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Users {

		@Bean
		UserDetailsService users() {
			return new InMemoryUserDetailsManager(
					User.withUsername("user").password("{noop}user").roles("USER").build(),
					User.withUsername("admin").password("{noop}admin").roles("ADMIN").build());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BasicAuthentication {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) throws Exception {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
				.httpBasic(Customizer.withDefaults())
				.csrf(AbstractHttpConfigurer::disable)
				.build();
		}

	}

}
