package io.github.deletionpolicy.scenario;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.github.deletionpolicy.support.TestDatabase;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.WebApplicationType;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.client.RestClient;

/**
 * An application with the endpoint on its own port. Nothing purges by itself.
 */
public final class WebApplication extends TestApplication<WebApplication> {

	/**
	 * For tests of what the endpoint answers, not of who may ask.
	 */
	public static final String WITHOUT_SECURITY = "spring.autoconfigure.exclude=" + Application.WITHOUT_JPA
			+ ",org.springframework.boot.security.autoconfigure.actuate.web.servlet.ManagementWebSecurityAutoConfiguration"
			+ ",org.springframework.boot.security.autoconfigure.web.servlet.SecurityFilterAutoConfiguration"
			+ ",org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration";

	private static final ParameterizedTypeReference<Map<String, Object>> JSON = new ParameterizedTypeReference<>() {
	};

	private final RestClient client = RestClient.builder()
		.defaultStatusHandler(HttpStatusCode::isError, (request, response) -> {
		})
		.build();

	private WebApplication(Supplier<TestDatabase> databases, String... properties) {
		super(WebApplicationType.SERVLET, databases, properties);
	}

	/**
	 * An application on a new database.
	 * @param schema the statements that create its tables
	 */
	public static WebApplication of(String schema, String... properties) {
		return new WebApplication(() -> TestDatabase.create(schema), properties);
	}

	/**
	 * An application on a database that is there.
	 */
	public static WebApplication of(TestDatabase database, String... properties) {
		return new WebApplication(() -> database, properties);
	}

	@Override
	Stream<String> defaults() {
		return Stream.of("server.port=0", "management.endpoints.web.exposure.include=pendingpurges");
	}

	public Answer get(String path) {
		return exchange(HttpMethod.GET, path, null, null);
	}

	public Answer post(String path, String action) {
		return exchange(HttpMethod.POST, path, Map.of("action", action), null);
	}

	/**
	 * Ask the endpoint.
	 * @param path what follows its own path, encoded
	 * @param user name and password of the caller in one; {@code null} for nobody
	 */
	public Answer exchange(HttpMethod method, String path, @Nullable Map<String, String> body, @Nullable String user) {
		RestClient.RequestBodySpec request = this.client.method(method)
			.uri(URI.create("http://localhost:" + context().getEnvironment().getProperty("local.server.port")
					+ "/actuator/pendingpurges" + path));
		if (body != null) {
			request.contentType(MediaType.APPLICATION_JSON).body(body);
		}
		if (user != null) {
			request.headers((headers) -> headers.setBasicAuth(user, user));
		}
		ResponseEntity<Map<String, Object>> response = request.retrieve().toEntity(JSON);
		return new Answer(response.getStatusCode().value(), response.getBody());
	}

	/**
	 * What the endpoint answers.
	 */
	public record Answer(int status, @Nullable Map<String, Object> body) {

		@SuppressWarnings("unchecked")
		public Map<String, Object> entry(String list) {
			return ((List<Map<String, Object>>) this.body.get(list)).get(0);
		}

		public String error() {
			return String.valueOf(this.body.get("error"));
		}

	}

}
