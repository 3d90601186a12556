package io.github.deletionpolicy.scenario;

import java.util.List;
import java.util.Map;

import io.github.deletionpolicy.DeleteTemplate;
import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.support.TestDatabase;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ResponseEntity;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the endpoint answers over HTTP.
 */
class PendingPurgesEndpointIT {

	private static final ParameterizedTypeReference<Map<String, Object>> JSON = new ParameterizedTypeReference<>() {
	};

	private static ConfigurableApplicationContext context;

	private static DeletionResult first;

	private static DeletionResult second;

	private static RestClient client;

	@BeforeAll
	static void start() {
		TestDatabase database = TestDatabase.create();
		database.jdbc().sql("CREATE TABLE users (id bigint PRIMARY KEY, deletion_time timestamptz)").update();
		database.jdbc().sql("INSERT INTO users SELECT generate_series(1, 10)").update();
		context = new SpringApplicationBuilder(Application.Configuration.class).web(WebApplicationType.SERVLET)
			.run("--server.port=0", "--spring.flyway.enabled=false", "--spring.datasource.url=" + database.url(),
					"--deletion-policy.tables.users.mode=scheduled", "--deletion-policy.tables.users.delay=1d",
					"--deletion-policy.purge.enabled=false",
					"--management.endpoints.web.exposure.include=pendingpurges",
					"--management.endpoints.access.default=unrestricted");
		DeleteTemplate deletes = context.getBean(DeleteTemplate.class);
		first = deletes.from("users").byIds(List.of(1, 2)).execute();
		second = deletes.from("users").byId(3).execute();
		client = RestClient.builder()
			.baseUrl("http://localhost:" + context.getEnvironment().getProperty("local.server.port")
					+ "/actuator/pendingpurges")
			.defaultStatusHandler(HttpStatusCode::isError, (request, response) -> {
			})
			.build();
	}

	@AfterAll
	static void stop() {
		context.close();
	}

	@Test
	void theSummaryCountsRowsPerTable() {
		assertThat(get("").getBody()).isEqualTo(Map.of("tables",
				List.of(Map.ofEntries(Map.entry("table", "public.users"), Map.entry("pending", 3),
						Map.entry("atLeast", false), Map.entry("due", 0), Map.entry("held", 0), Map.entry("blocked", 0),
						Map.entry("failed", 0), Map.entry("paused", false)))));
	}

	@Test
	void aTableIsListedPageByPage() {
		Map<String, Object> page = get("/users?limit=1").getBody();
		assertThat(page).containsEntry("table", "users");
		assertThat((List<?>) page.get("purges")).singleElement()
			.isEqualTo(Map.ofEntries(Map.entry("operationId", first.operationId().toString()),
					Map.entry("table", "public.users"), Map.entry("mode", "SCHEDULED"),
					Map.entry("deletionTime", first.deletionTime().toString()),
					Map.entry("purgeAt", first.purgeAt().toString()), Map.entry("rows", 2),
					Map.entry("state", "PENDING"), Map.entry("attempts", 0)));
		Map<String, Object> next = get("/public.users?limit=1&after=" + page.get("next")).getBody();
		assertThat((List<?>) next.get("purges")).singleElement()
			.asInstanceOf(InstanceOfAssertFactories.MAP)
			.containsEntry("operationId", second.operationId().toString());
		assertThat(next).doesNotContainKey("next");
	}

	@Test
	void anUnknownTableIsNotFound() {
		assertThat(get("/nobody").getStatusCode().value()).isEqualTo(404);
		assertThat(get("/users%20where").getStatusCode().value()).isEqualTo(404);
	}

	@Test
	void badParametersAreBadRequests() {
		assertThat(get("/users?limit=0").getStatusCode().value()).isEqualTo(400);
		assertThat(get("/users?limit=1001").getStatusCode().value()).isEqualTo(400);
		assertThat(get("/users?limit=ten").getStatusCode().value()).isEqualTo(400);
		assertThat(get("/users?after=nonsense").getStatusCode().value()).isEqualTo(400);
	}

	@Test
	void nothingCanBeWritten() {
		assertThat(client.post().uri("/users").retrieve().toBodilessEntity().getStatusCode().value()).isEqualTo(405);
		assertThat(client.delete().uri("/users").retrieve().toBodilessEntity().getStatusCode().value()).isEqualTo(405);
	}

	private static ResponseEntity<Map<String, Object>> get(String uri) {
		return client.get().uri(uri).retrieve().toEntity(JSON);
	}

}
