package io.github.deletionpolicy.sample;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import io.github.deletionpolicy.DeleteTemplate;
import io.github.deletionpolicy.DeletionResult;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.client.RestTestClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the sample's scrape shows is what the documentation, the dashboard and the alert
 * rules name.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "deletion-policy.purge.interval=200ms", "deletion-policy.tables.documents.delay=0s" })
class SampleMetricsIT {

	private static final Path DOCS = Path.of("..", "docs");

	private static final Pattern DOCUMENTED = Pattern
		.compile("\\| `(deletion\\.policy\\.[a-z.]+)` \\| `(deletion_policy_[a-z_]+)` \\| (counter|gauge|timer) \\|");

	private static final Pattern NAME = Pattern.compile("deletion_policy_[a-z_]+");

	private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (deletion_policy_[a-z_]+) ([a-z]+)$");

	@Autowired
	private DeleteTemplate deletes;

	@Autowired
	private JdbcClient jdbc;

	private RestTestClient client;

	@BeforeEach
	void connect(@LocalServerPort int port) {
		this.client = RestTestClient.bindToServer().baseUrl("http://localhost:" + port).build();
	}

	@Test
	void scrapeDocumentationDashboardAndAlertsNameTheSameMetrics() throws IOException {
		doWhatIsCounted();
		Map<String, String> documented = documented();
		assertThat(documented).hasSizeGreaterThan(15);
		Awaitility.await().untilAsserted(() -> assertThat(shown(scrape())).containsAllEntriesOf(documented));
		String scrape = scrape();
		assertThat(shown(scrape)).containsExactlyInAnyOrderEntriesOf(documented);
		assertThat(scrape).contains("deletion_policy_rows_kept_total{state=\"failed\",table=\"public.documents\"}")
			.contains("deletion_policy_rows_deleted_total{mode=\"hard\",table=\"public.documents\"}");

		Set<String> series = namesIn(scrape);
		Set<String> dashboard = namesIn(Files.readString(DOCS.resolve("grafana/deletion-policy.json")));
		Set<String> alerts = namesIn(Files.readString(DOCS.resolve("prometheus/alerts.yml")));
		assertThat(dashboard).hasSizeGreaterThan(10).isSubsetOf(series);
		assertThat(alerts).hasSizeGreaterThan(4).isSubsetOf(series);
	}

	@Test
	void healthOfThePurgeIsShown() {
		this.client.get()
			.uri("/actuator/health")
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.components.deletionPolicy.status")
			.exists();
	}

	private void doWhatIsCounted() {
		long user = this.jdbc.sql("INSERT INTO users (name, email) VALUES ('Somebody', ?) RETURNING id")
			.param(UUID.randomUUID() + "@example.com")
			.query(Long.class)
			.single();
		UUID kept = document(user, "kept");
		UUID purged = document(user, "purged");
		UUID removed = document(user, "removed");
		this.jdbc.sql("""
				CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS
				'BEGIN IF OLD.title = ''kept'' THEN RETURN NULL; END IF; RETURN OLD; END'""").update();
		this.jdbc.sql("CREATE TRIGGER keep BEFORE DELETE ON documents FOR EACH ROW EXECUTE FUNCTION keep()").update();
		this.deletes.from("documents").byId(removed).hard().execute();
		this.deletes.from("documents").byId(kept).execute();
		this.deletes.from("documents").byId(purged).execute();
		DeletionResult deleted = this.deletes.from("users").byId(user).execute();
		this.deletes.restore(deleted.operationId());
	}

	private UUID document(long user, String title) {
		return this.jdbc.sql("INSERT INTO documents (user_id, title) VALUES (?, ?) RETURNING id")
			.params(user, title)
			.query(UUID.class)
			.single();
	}

	private String scrape() {
		return this.client.get()
			.uri("/actuator/prometheus")
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody(String.class)
			.returnResult()
			.getResponseBody();
	}

	/**
	 * Return names and types in the documentation, as Prometheus says them.
	 */
	private static Map<String, String> documented() throws IOException {
		Map<String, String> documented = new TreeMap<>();
		DOCUMENTED.matcher(Files.readString(DOCS.resolve("operations.md"))).results().forEach((match) -> {
			assertThat(match.group(2)).startsWith(match.group(1).replace('.', '_'));
			documented.put(match.group(2), match.group(3));
		});
		return documented;
	}

	/**
	 * Return names and types in a scrape. A timer comes with its maximum and a timer of
	 * what goes on.
	 */
	private static Map<String, String> shown(String scrape) {
		Map<String, String> shown = new TreeMap<>();
		TYPE.matcher(scrape)
			.results()
			.filter((match) -> !match.group(1).matches(".*_active_seconds(_max)?|.*_seconds_max"))
			.forEach((match) -> shown.put(match.group(1), match.group(2).equals("summary") ? "timer" : match.group(2)));
		return shown;
	}

	private static Set<String> namesIn(String text) {
		return NAME.matcher(text).results().map(MatchResult::group).collect(Collectors.toCollection(TreeSet::new));
	}

}
