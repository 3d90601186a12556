package io.github.deletionpolicy.documentation;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import io.github.deletionpolicy.support.TestDatabase;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.io.DefaultResourceLoader;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Who follows {@code docs/getting-started.md} sees a row pending, restored and purged.
 */
@ExtendWith(OutputCaptureExtension.class)
class GettingStartedIT {

	private static final Page PAGE = Page.read(Path.of("..", "docs", "getting-started.md"));

	private static final String WITHOUT_JPA = "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration,"
			+ "org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration";

	private final TestDatabase database = TestDatabase.create();

	@TempDir
	private Path first;

	@TempDir
	private Path second;

	@Test
	void rowIsSeenPendingRestoredAndPurged(CapturedOutput output) throws Exception {
		List<Page.Block> sql = PAGE.blocks("sql");
		for (String statement : sql.get(0).text().split(";\n")) {
			this.database.jdbc().sql(statement).update();
		}
		String application = PAGE.blocks("java").get(0).text();
		String restoring = PAGE.blocks("java").get(1).text();
		try (ConfigurableApplicationContext context = start(this.first, application)) {
			assertThat(context.isRunning()).isTrue();
			assertThat(this.database.jdbc().sql(sql.get(1).text()).query().listOfRows()).hasSize(2);
			await().untilAsserted(() -> assertThat(ids()).containsExactly(2L));
		}
		int bean = application.indexOf("\t@Bean");
		String changed = "import io.github.deletionpolicy.*;\n" + application.substring(0, bean) + restoring + "}\n";
		try (ConfigurableApplicationContext context = start(this.second, changed)) {
			assertThat(context.isRunning()).isTrue();
			assertThat(output.toString()).containsSubsequence("pending: true, due at 2", "pending: false");
			await().untilAsserted(() -> assertThat(ids()).isEmpty());
		}
	}

	private ConfigurableApplicationContext start(Path classes, String source) throws Exception {
		Path yaml = Files.writeString(classes.resolve("application.yml"), PAGE.blocks("yaml").get(0).text());
		assertThat(JavaBlocks.compile(classes, "example.App", "package example;\n" + source)).isEmpty();
		Class<?> type = Class.forName("example.App", true,
				new URLClassLoader(new URL[] { classes.toUri().toURL() }, getClass().getClassLoader()));
		return new SpringApplicationBuilder(type).resourceLoader(new DefaultResourceLoader(type.getClassLoader()))
			.web(WebApplicationType.NONE)
			.run(Stream
				.of(Stream.of(this.database.properties()),
						Stream.of("spring.config.location=file:" + yaml, "spring.flyway.enabled=false",
								"spring.liquibase.enabled=false", "spring.autoconfigure.exclude=" + WITHOUT_JPA,
								"spring.datasource.username=postgres", "spring.datasource.password=postgres"))
				.flatMap((properties) -> properties)
				.map("--"::concat)
				.toArray(String[]::new));
	}

	/**
	 * The delay and an interval may be ten seconds already.
	 */
	private static ConditionFactory await() {
		return Awaitility.await().atMost(Duration.ofMinutes(5));
	}

	private List<Long> ids() {
		return this.database.jdbc().sql("SELECT id FROM users").query(Long.class).list();
	}

}
