package io.github.deletionpolicy.starter;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application with Spring Data JDBC repositories whose own tests, a slice among them,
 * say that they obey the policies: as it is, and processed ahead of time.
 */
class OutsideRepositoriesIT {

	private static final Path SOURCES = Path.of("src", "it", "repositories");

	private static final List<String> TESTS = List.of("example.RepositoriesTests", "example.SliceTests");

	private static EmbeddedPostgres postgres;

	@BeforeAll
	static void start() throws IOException {
		postgres = EmbeddedPostgres.start();
	}

	@AfterAll
	static void stop() throws IOException {
		postgres.close();
	}

	@Test
	void itsTestsPassAsItIs() throws IOException, InterruptedException {
		assertThat(testsOf(build("repositories"))).containsExactlyInAnyOrderElementsOf(TESTS);
	}

	@Test
	void itsTestsPassProcessedAheadOfTimeAndSoItRuns() throws IOException, InterruptedException {
		OutsideApplication application = build("repositories-ahead-of-time", "-Paot");
		assertThat(testsOf(application)).containsExactlyInAnyOrderElementsOf(TESTS);
		assertThat(application.output("classes/example/CustomersImpl__AotRepository.class")).exists();
		JdbcClient jdbc = JdbcClient.create(postgres.getPostgresDatabase());
		jdbc.sql("TRUNCATE phones, customers RESTART IDENTITY").update();
		jdbc.sql("INSERT INTO customers (name, version) VALUES ('Ann', 1), ('Bob', 1)").update();
		try (OutsideApplication.Run run = application.run(url(),
				List.of("-Dspring.aot.enabled=true", "-Dspring.sql.init.mode=never"), List.of("Ann"))) {
			assertThat(run.await("a row to be marked",
					() -> jdbc.sql("SELECT name FROM customers WHERE deletion_time IS NOT NULL")
						.query(String.class)
						.optional()))
				.isEqualTo("Ann");
		}
		assertThat(jdbc.sql("SELECT count(*) FROM customers").query(Long.class).single()).isEqualTo(2);
	}

	private static OutsideApplication build(String name, String... arguments) throws IOException, InterruptedException {
		return OutsideApplication.build(SOURCES, OutsideApplication.setting("spring-boot"), name,
				Map.of("SPRING_DATASOURCE_URL", url()), arguments);
	}

	private static String url() {
		return postgres.getJdbcUrl("postgres", "postgres");
	}

	/**
	 * Return the names of the test classes that the build has run. A failure would have
	 * failed the build.
	 */
	private static List<String> testsOf(OutsideApplication application) throws IOException {
		try (Stream<Path> reports = Files.list(application.output("surefire-reports"))) {
			return reports.map((report) -> report.getFileName().toString())
				.filter((name) -> name.endsWith(".txt"))
				.map((name) -> name.substring(0, name.length() - ".txt".length()))
				.toList();
		}
	}

}
