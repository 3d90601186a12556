package io.github.deletionpolicy.scenario;

import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import io.github.deletionpolicy.DeleteTemplate;
import io.github.deletionpolicy.support.TestDatabase;
import io.github.deletionpolicy.support.TestResource;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.client.RestClient;

/**
 * An application with the endpoint on its own port. Nothing purges by itself.
 */
public final class WebApplication extends TestResource {

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

	private final Supplier<TestDatabase> databases;

	private final String[] properties;

	private Class<?>[] beans = {};

	private @Nullable TestDatabase database;

	private @Nullable ConfigurableApplicationContext context;

	private WebApplication(Supplier<TestDatabase> databases, String... properties) {
		this.databases = databases;
		this.properties = properties;
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

	/**
	 * Add configuration classes of the application.
	 */
	public WebApplication with(Class<?>... beans) {
		this.beans = beans;
		return this;
	}

	public WebApplication start() {
		open();
		return this;
	}

	@Override
	protected void open() {
		this.database = this.databases.get();
		Map<String, String> arguments = new LinkedHashMap<>();
		List<String> all = new ArrayList<>(List.of("server.port=0", "spring.main.banner-mode=off",
				"spring.main.log-startup-info=false", "spring.flyway.enabled=false",
				"deletion-policy.purge.enabled=false", "management.endpoints.web.exposure.include=pendingpurges",
				"spring.autoconfigure.exclude=" + Application.WITHOUT_JPA));
		all.addAll(List.of(this.database.properties()));
		all.addAll(List.of(this.properties));
		all.forEach((property) -> arguments.put(property.split("=", 2)[0], "--" + property));
		this.context = new SpringApplicationBuilder(Application.Configuration.class).sources(this.beans)
			.web(WebApplicationType.SERVLET)
			.run(arguments.values().toArray(String[]::new));
	}

	public TestDatabase database() {
		return this.database;
	}

	public <T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	public DeleteTemplate deletes() {
		return bean(DeleteTemplate.class);
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
			.uri(URI.create("http://localhost:" + this.context.getEnvironment().getProperty("local.server.port")
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

	@Override
	public void close() {
		if (this.context != null) {
			this.context.close();
		}
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
