package io.github.deletionpolicy.autoconfigure;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.support.SystemEnvironmentPropertySourceEnvironmentPostProcessor;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.util.Assert;
import org.springframework.util.ClassUtils;

/**
 * Contexts with policies and without a database.
 */
public final class PolicyContexts {

	private PolicyContexts() {
	}

	public static ApplicationContextRunner runner() {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(DeletionPolicyAutoConfiguration.class));
	}

	/**
	 * All auto-configurations of ours, those for tests too.
	 */
	public static AutoConfigurations allAutoConfigurations() {
		Class<?>[] ours = ImportCandidates.load(AutoConfiguration.class, null)
			.getCandidates()
			.stream()
			.filter((name) -> name.startsWith("io.github.deletionpolicy."))
			.map((name) -> ClassUtils.resolveClassName(name, null))
			.toArray(Class<?>[]::new);
		Assert.notEmpty(ours, "None is registered");
		return AutoConfigurations.of(ours);
	}

	/**
	 * Add a file that yields to all property sources so far.
	 */
	public static ApplicationContextInitializer<ConfigurableApplicationContext> yaml(String path, String text) {
		return (context) -> {
			try {
				List<PropertySource<?>> documents = new ArrayList<>(
						new YamlPropertySourceLoader().load(path, new TextResource(path, text)));
				Collections.reverse(documents);
				documents.forEach(context.getEnvironment().getPropertySources()::addLast);
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		};
	}

	/**
	 * Set environment variables, as an application would see them.
	 */
	public static ApplicationContextInitializer<ConfigurableApplicationContext> variables(
			Map<String, Object> variables) {
		return (context) -> {
			ConfigurableEnvironment environment = context.getEnvironment();
			String name = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;
			environment.getPropertySources().replace(name, new SystemEnvironmentPropertySource(name, variables));
			new SystemEnvironmentPropertySourceEnvironmentPostProcessor().postProcessEnvironment(environment,
					new SpringApplication());
		};
	}

	private static final class TextResource extends ClassPathResource {

		private final String text;

		TextResource(String path, String text) {
			super(path);
			this.text = text;
		}

		@Override
		public InputStream getInputStream() {
			return new ByteArrayInputStream(this.text.getBytes(StandardCharsets.UTF_8));
		}

	}

}
