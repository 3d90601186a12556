package io.github.deletionpolicy.sample;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.client.RestTestClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The profile {@code server}: two instances on one PostgreSQL that share Quartz's jobs.
 * Only the address of the database differs from what ships.
 */
class ServerProfileIT {

	private final List<ConfigurableApplicationContext> instances = new ArrayList<>();

	private EmbeddedPostgres postgres;

	private JdbcClient jdbc;

	@BeforeEach
	void startServer() throws IOException {
		this.postgres = EmbeddedPostgres.start();
		this.jdbc = JdbcClient.create(this.postgres.getPostgresDatabase());
	}

	@AfterEach
	void stop() throws IOException {
		this.instances.forEach(ConfigurableApplicationContext::close);
		this.postgres.close();
	}

	@Test
	void whatOneInstanceDeletesIsInTheTrashOfTheOtherAndGoesAfterTheFirstHasStopped() {
		RestTestClient one = start();
		RestTestClient other = start();
		Awaitility.await()
			.atMost(Duration.ofSeconds(60))
			.untilAsserted(() -> assertThat(count("qrtz_scheduler_state")).isEqualTo(2));
		assertThat(count("qrtz_triggers")).isEqualTo(1);

		one.post().uri("/projects/{id}/delete", 1).exchange().expectStatus().isOk();
		other.get()
			.uri("/trash")
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody(String.class)
			.value((page) -> assertThat(page).contains("Harbour photo book"));

		this.instances.remove(0).close();
		Awaitility.await()
			.atMost(Duration.ofSeconds(60))
			.untilAsserted(() -> assertThat(
					this.jdbc.sql("SELECT count(*) FROM projects WHERE id = 1").query(Long.class).single())
				.isZero());
		assertThat(this.jdbc.sql("SELECT sum(purged_rows) FROM purge_log").query(Long.class).single()).isEqualTo(7);
	}

	private RestTestClient start() {
		ConfigurableApplicationContext instance = new SpringApplicationBuilder(SampleApplication.class)
			.profiles("server")
			.run("--server.port=0", "--spring.datasource.url=" + this.postgres.getJdbcUrl("postgres", "postgres"),
					"--spring.datasource.username=postgres", "--spring.datasource.password=",
					"--deletion-policy.tables.projects.delay=3s");
		this.instances.add(instance);
		WebServerApplicationContext web = (WebServerApplicationContext) instance;
		return RestTestClient.bindToServer().baseUrl("http://localhost:" + web.getWebServer().getPort()).build();
	}

	private long count(String table) {
		return this.jdbc.sql("SELECT count(*) FROM " + table).query(Long.class).single();
	}

}
