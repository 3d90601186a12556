package io.github.deletionpolicy.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Runs every scenario in turn with raw SQL and with this product, prints a table and
 * writes it to {@code target/benchmarks.md}.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class Benchmarks {

	private static final int REPETITIONS = 3;

	/**
	 * Run the benchmarks.
	 * @param arguments the number of rows; 100,000 if left out
	 * @throws IOException if the result cannot be written
	 */
	public static void main(String[] arguments) throws IOException {
		int rows = (arguments.length > 0) ? Integer.parseInt(arguments[0]) : 100_000;
		try (EmbeddedPostgres server = EmbeddedPostgres.builder()
			.setServerConfig("fsync", "on")
			.setServerConfig("synchronous_commit", "on")
			.setServerConfig("full_page_writes", "on")
			.setServerConfig("shared_buffers", "1GB")
			.setServerConfig("max_wal_size", "4GB")
			.setServerConfig("autovacuum", "off")
			.start(); ConfigurableApplicationContext context = start(server.getJdbcUrl("postgres", "postgres"))) {
			Scenarios scenarios = new Scenarios(context, rows);
			List<Measurement> measurements = scenarios.run(REPETITIONS);
			String report = Report.of(measurements, rows, scenarios.settings());
			System.out.println(report);
			Path result = Files.createDirectories(Path.of("target")).resolve("benchmarks.md");
			Files.writeString(result, report);
		}
	}

	private static ConfigurableApplicationContext start(String url) {
		return new SpringApplicationBuilder(Benchmarks.class).web(WebApplicationType.NONE)
			.run("--spring.main.banner-mode=off", "--logging.level.root=warn", "--spring.datasource.url=" + url,
					"--spring.datasource.hikari.maximum-pool-size=10", "--deletion-policy.validation=none",
					"--deletion-policy.tables.users.mode=scheduled",
					"--deletion-policy.tables.users.delay=" + Duration.ofDays(30).toDays(),
					"--deletion-policy.purge.enabled=false");
	}

}
