package io.github.deletionpolicy.sample.browser;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

import io.github.deletionpolicy.DeleteTemplate;
import io.github.deletionpolicy.PendingPurges.TableSummary;
import io.github.deletionpolicy.PendingPurges;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.data.relational.core.query.Criteria;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Takes the pictures of the documentation. What they show has happened: rows are deleted
 * and purged for them.
 */
@EnabledIfSystemProperty(named = "screenshots", matches = "true", disabledReason = "pictures are taken on request")
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT, properties = "logging.level.org.openqa.selenium=error")
class ScreenshotsIT {

	private static final Path IMAGES = Path.of("..", "docs", "images");

	private static final long LARGEST = 150_000;

	/** Rows that are purged in each interval of the chart. */
	private static final List<Integer> PURGES = List.of(12, 30, 18, 0, 44, 61, 25, 8, 37, 52, 20, 33, 70, 15, 28, 40);

	@Autowired
	private JdbcClient jdbc;

	@Autowired
	private DeleteTemplate deletes;

	@Autowired
	private PendingPurges purges;

	@Test
	void picturesAreTaken(@LocalServerPort int port) throws Exception {
		Files.createDirectories(IMAGES);
		try (Browser browser = Browser.open(port)) {
			browser.width(1000);
			purgeForTheChart();
			chooseActor(browser);
			browser.go("/");
			picture(browser, "projects");
			browser.click("Delete Workshop extension");
			browser.go("/trash");
			browser.click("Hold Workshop extension");
			browser.go("/projects/3");
			browser.click("Delete Calibrate the probes");
			browser.go("/projects/6");
			browser.click("Delete tasting-notes.txt");
			browser.go("/");
			browser.click("Delete Harbour photo book");
			browser.go("/trash");
			Browser.await()
				.untilAsserted(() -> assertThat(browser.text("#projects-1 [data-countdown]")).matches("in 3\\d s"));
			picture(browser, "trash");
			browser.go("/operator");
			picture(browser, "operator");
			browser.dark(true);
			browser.width(360);
			browser.go("/trash");
			picture(browser, "trash-phone-dark");
			browser.dark(false);
			browser.width(1000);
			browser.go("/operator/bulk");
			browser.click("Write 200,000 rows");
			browser.click("Delete them all");
			Browser.await()
				.untilAsserted(() -> assertThat((Number) browser.evaluate("document.getElementById('bulk-bar').value"))
					.matches((percent) -> percent.doubleValue() >= 30));
			picture(browser, "many-rows");
		}
	}

	private void chooseActor(Browser browser) {
		browser.go("/");
		browser.choose("actor", "Ines Carvalho");
		browser.click("Switch");
		Browser.await().untilAsserted(() -> assertThat(browser.chosen("actor")).isEqualTo("Ines Carvalho"));
	}

	private void purgeForTheChart() {
		long project = new Workspace(this.jdbc).project("Chart");
		IntStream.range(0, PURGES.size()).forEach((interval) -> {
			String title = "interval " + interval;
			this.jdbc.sql("INSERT INTO tasks (project_id, title) SELECT ?, ? FROM generate_series(1, ?)")
				.params(project, title, PURGES.get(interval))
				.update();
			this.deletes.from("tasks")
				.where(Criteria.where("title").is(title))
				.scheduled(Duration.ofSeconds(5L * interval + 1))
				.execute();
		});
		Awaitility.await()
			.atMost(Duration.ofMinutes(2))
			.pollInterval(Duration.ofSeconds(1))
			.until(() -> this.purges.summary().stream().mapToLong(TableSummary::pending).sum() == 0);
		this.deletes.from("projects").byId(project).hard().execute();
	}

	private static void picture(Browser browser, String name) throws Exception {
		Path file = IMAGES.resolve(name + ".png");
		browser.picture(file);
		assertThat(file).satisfies((it) -> assertThat(Files.size(it)).isBetween(5_000L, LARGEST));
	}

}
