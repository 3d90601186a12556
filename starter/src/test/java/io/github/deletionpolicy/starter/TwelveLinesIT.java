package io.github.deletionpolicy.starter;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import javax.sql.DataSource;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The promise of the quick start: a dependency, a migration and twelve lines.
 */
class TwelveLinesIT {

	private static final Path SOURCES = Path.of("src", "it", "twelve-lines");

	private static final Path YAML = Path.of("src", "main", "resources", "application.yml");

	private static final Path JAVA = Path.of("src", "main", "java", "example", "App.java");

	private static final String MIGRATION = "ALTER TABLE users ADD COLUMN deletion_time timestamptz;";

	/**
	 * What is not counted: blank lines, the package, imports, and lines that only close
	 * what others opened.
	 */
	private static final Pattern NOT_COUNTED = Pattern.compile("\\s*|package .*|import .*|\\s*[})\\];]+\\s*");

	/**
	 * All that is on the class path of an application with this one dependency, in
	 * compile and runtime scope. The last one is of Spring Boot's packaging.
	 */
	private static final String[] LIBRARIES = { "HikariCP", "checker-qual", "commons-logging", "deletion-policy-core",
			"deletion-policy-spring-boot-autoconfigure", "deletion-policy-spring-boot-starter", "flyway-core",
			"flyway-database-postgresql", "jackson-annotations", "jackson-core", "jackson-databind",
			"jakarta.activation-api", "jakarta.annotation-api", "jakarta.xml.bind-api", "jspecify", "jul-to-slf4j",
			"log4j-api", "log4j-to-slf4j", "logback-classic", "logback-core", "micrometer-commons",
			"micrometer-observation", "postgresql", "quartz", "slf4j-api", "snakeyaml", "spring-aop", "spring-beans",
			"spring-boot", "spring-boot-autoconfigure", "spring-boot-data-commons", "spring-boot-data-jdbc",
			"spring-boot-jdbc", "spring-boot-persistence", "spring-boot-quartz", "spring-boot-sql",
			"spring-boot-transaction", "spring-context", "spring-context-support", "spring-core", "spring-data-commons",
			"spring-data-jdbc", "spring-data-relational", "spring-expression", "spring-jdbc", "spring-tx",
			"spring-boot-jarmode-tools" };

	private static OutsideApplication application;

	@BeforeAll
	static void build() throws IOException, InterruptedException {
		application = OutsideApplication.build(SOURCES);
	}

	@Test
	void applicationHasTwelveLinesAtMost() throws IOException {
		List<String> counted = Stream
			.concat(Files.readAllLines(SOURCES.resolve(YAML)).stream(),
					Files.readAllLines(SOURCES.resolve(JAVA)).stream())
			.filter((line) -> !NOT_COUNTED.matcher(line).matches())
			.toList();
		assertThat(counted)
			.as("lines of YAML and Java, but for blank lines, package, imports and lines that only close brackets:%n%s",
					String.join("\n", counted))
			.hasSizeBetween(1, 12);
		try (Stream<Path> files = Files.walk(SOURCES)) {
			assertThat(files.filter(Files::isRegularFile)).as("what else there is would have to be counted")
				.containsExactlyInAnyOrder(SOURCES.resolve("pom.xml"), SOURCES.resolve(YAML), SOURCES.resolve(JAVA));
		}
	}

	@Test
	void readmeShowsThisApplication() throws IOException {
		String readme = Files.readString(Path.of("..", "README.md"));
		String java = Files.readString(SOURCES.resolve(JAVA));
		assertThat(readme).contains("```yaml\n" + Files.readString(SOURCES.resolve(YAML)) + "```")
			.contains("```java\n" + java.substring(java.indexOf("@SpringBootApplication")) + "```")
			.contains("```sql\n" + MIGRATION + "\n```");
	}

	@Test
	void theStarterBringsTheseLibrariesAndNoOther() throws IOException {
		assertThat(namesOf(application.libraries())).containsExactlyInAnyOrder(LIBRARIES);
	}

	@Test
	void deletedRowIsMarkedAndGoneWhenItsDelayIsOver() throws IOException, InterruptedException {
		assertThatTheRowIsMarkedAndGone(application);
	}

	@Test
	void applicationOnTheOldestSpringBootRunsTheSameArtifacts() throws IOException, InterruptedException {
		String oldest = System.getProperty("twelve-lines.oldest-spring-boot");
		OutsideApplication older = OutsideApplication.build(SOURCES, oldest);
		assertThat(older.libraries()).contains("spring-boot-%s.jar".formatted(oldest));
		assertThat(namesOf(older.libraries())).containsExactlyInAnyOrder(LIBRARIES);
		assertThatTheRowIsMarkedAndGone(older);
	}

	private static List<String> namesOf(List<String> libraries) {
		return libraries.stream().map((library) -> library.replaceFirst("-\\d.*", "")).toList();
	}

	private static void assertThatTheRowIsMarkedAndGone(OutsideApplication application)
			throws IOException, InterruptedException {
		try (EmbeddedPostgres postgres = EmbeddedPostgres.start()) {
			DataSource dataSource = postgres.getPostgresDatabase();
			JdbcClient jdbc = JdbcClient.create(dataSource);
			jdbc.sql("CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL)").update();
			jdbc.sql("INSERT INTO users VALUES (1, 'goes'), (2, 'stays')").update();
			jdbc.sql(MIGRATION).update();
			try (OutsideApplication.Run run = application.run(postgres.getJdbcUrl("postgres", "postgres"))) {
				Instant deletionTime = run.await("the row to be marked",
						() -> jdbc.sql("SELECT deletion_time FROM users WHERE id = 1 AND deletion_time IS NOT NULL")
							.query((rs, row) -> rs.getTimestamp(1).toInstant())
							.optional());
				Instant goneAt = run.await("the row to be purged",
						() -> jdbc.sql("SELECT clock_timestamp() WHERE NOT EXISTS (SELECT FROM users WHERE id = 1)")
							.query((rs, row) -> rs.getTimestamp(1).toInstant())
							.optional());
				assertThat(Duration.between(deletionTime, goneAt)).isGreaterThanOrEqualTo(Duration.ofSeconds(5));
				assertThat(jdbc.sql("SELECT id FROM users WHERE deletion_time IS NULL").query(Long.class).list())
					.containsExactly(2L);
			}
		}
	}

}
