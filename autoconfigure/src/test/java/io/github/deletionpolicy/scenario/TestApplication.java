package io.github.deletionpolicy.scenario;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.github.deletionpolicy.DeleteTemplate;
import io.github.deletionpolicy.support.TestDatabase;
import io.github.deletionpolicy.support.TestResource;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * An application that uses the starter. Nothing purges by itself unless a test asks for
 * it. Tests declare it as an extension, which starts and stops it; a test that starts it
 * itself closes it.
 *
 * @param <A> the type itself
 */
abstract class TestApplication<A extends TestApplication<A>> extends TestResource {

	private final WebApplicationType type;

	private final Supplier<TestDatabase> databases;

	private final String[] properties;

	private Class<?>[] beans = {};

	private @Nullable TestDatabase database;

	private @Nullable ConfigurableApplicationContext context;

	TestApplication(WebApplicationType type, Supplier<TestDatabase> databases, String... properties) {
		this.type = type;
		this.databases = databases;
		this.properties = properties;
	}

	/**
	 * Return the properties that tests may override.
	 */
	abstract Stream<String> defaults();

	/**
	 * Add configuration classes of the application.
	 */
	public A with(Class<?>... beans) {
		this.beans = beans;
		return self();
	}

	public A start() {
		open();
		return self();
	}

	@SuppressWarnings("unchecked")
	private A self() {
		return (A) this;
	}

	@Override
	protected void open() {
		this.database = this.databases.get();
		Map<String, String> arguments = new LinkedHashMap<>();
		Stream
			.of(Stream.of("spring.main.banner-mode=off", "spring.main.log-startup-info=false",
					"spring.flyway.enabled=false", "deletion-policy.purge.enabled=false",
					"spring.autoconfigure.exclude=" + Application.WITHOUT_JPA), defaults(),
					Stream.of(this.database.properties()), Stream.of(this.properties))
			.flatMap((some) -> some)
			.forEach((property) -> arguments.put(property.split("=", 2)[0], "--" + property));
		this.context = new SpringApplicationBuilder(Application.Configuration.class).sources(this.beans)
			.web(this.type)
			.run(arguments.values().toArray(String[]::new));
	}

	public TestDatabase database() {
		return this.database;
	}

	ConfigurableApplicationContext context() {
		return this.context;
	}

	public <T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	public DeleteTemplate deletes() {
		return bean(DeleteTemplate.class);
	}

	/**
	 * Run statements in their own session, and in one transaction.
	 */
	public void sql(String script) {
		this.database.execute(script);
	}

	@Override
	public void close() {
		if (this.context != null) {
			this.context.close();
		}
	}

}
