package io.github.deletionpolicy.scenario.operations;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.github.deletionpolicy.AsyncOptions;
import io.github.deletionpolicy.AsyncProgress.State;
import io.github.deletionpolicy.DeleteTemplate;
import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.purge.Purger;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.support.TestDatabase;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What {@code /actuator/health} says when the purge does not do its work. Time goes by in
 * the ledger: what a test cannot wait for is written there as if it had been earlier. A
 * node shares a reading for some seconds, so each question goes to a node that has not
 * read yet; the meters, which read at the start, are left out.
 */
@ExtendWith(OutputCaptureExtension.class)
class PurgeHealthIT {

	private static final ParameterizedTypeReference<Map<String, Object>> JSON = new ParameterizedTypeReference<>() {
	};

	private final TestDatabase database = TestDatabase.create();

	private final List<ConfigurableApplicationContext> nodes = new ArrayList<>();

	@BeforeEach
	void users() {
		execute("CREATE TABLE users (id bigint PRIMARY KEY, deletion_time timestamptz)");
		execute("INSERT INTO users SELECT generate_series(1, 10)");
	}

	@AfterEach
	void stop() {
		this.nodes.forEach(ConfigurableApplicationContext::close);
	}

	@Test
	void aPurgeThatDoesItsWorkIsUp() {
		Node node = start();
		node.deleteUser(1);
		node.purge();
		Answer answer = node.health();
		assertThat(answer.component()).containsEntry("status", "UP");
		assertThat(answer.details()).doesNotContainKey("problems");
		assertThat(answer.details().get("lastRun")).asInstanceOf(InstanceOfAssertFactories.MAP)
			.containsEntry("rows", 1)
			.containsKeys("began", "ended", "node");
	}

	@Test
	void aWorkerThatNeverRanIsNamed() {
		Node node = start();
		assertThat(node.health().component()).containsEntry("status", "UP");
		node.deleteUser(1);
		assertProblem(start(), "No run of the purge is recorded, and 1 row of public.users has been due since ");
	}

	@Test
	void aWorkerThatStoppedIsNamedAndOneThatStartsAgainIsUp() {
		Node node = start();
		node.purge();
		node.deleteUser(1);
		execute("UPDATE deletion_last_run SET ended_at = ended_at - interval '11 minutes'");
		assertProblem(node, "The last run of the purge ended at ",
				", 11 minutes ago, and 1 row of public.users has been due since ");
		node.purge();
		assertThat(start().health().component()).containsEntry("status", "UP");
	}

	@Test
	void aWorkerThatDoesNotKeepUpIsNamed() {
		Node node = start();
		node.deleteUser(1);
		node.purgeNothing();
		execute("UPDATE deletion_chunk SET next_attempt = next_attempt - interval '3 hours'");
		assertProblem(node, "1 row of public.users has been due since ", "(3 hours), longer than 10 minutes");
	}

	@Test
	void aWorkerWhoseRowsAreAllBlockedIsNamed() {
		execute("CREATE TABLE orders (user_id bigint REFERENCES users)");
		execute("INSERT INTO orders VALUES (1), (2)");
		Node node = start("deletion-policy.validation=warn");
		execute("DELETE FROM orders");
		node.deleteUser(1);
		node.deleteUser(2);
		execute("INSERT INTO orders VALUES (1), (2)");
		node.purge();
		assertThat(start().health().component()).containsEntry("status", "UP");
		execute("UPDATE deletion_last_purge SET vain_since = vain_since - interval '1 hour'");
		assertProblem(start(),
				"runs have found due rows of public.users and removed none: 2 rows blocked, 0 rows failed, 0 rows due");
		execute("DELETE FROM orders");
		execute("UPDATE deletion_chunk SET next_attempt = clock_timestamp()");
		node.purge();
		assertThat(start().health().component()).containsEntry("status", "UP");
	}

	@Test
	void aWorkerWhoseRowsATriggerKeepsIsNamedAndSoAreTheFailedRows() {
		execute("CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'");
		execute("CREATE TRIGGER keep BEFORE DELETE ON users FOR EACH ROW EXECUTE FUNCTION keep()");
		Node node = start();
		node.deleteUser(1);
		node.purge();
		assertProblem(node, "1 row of public.users could not be removed at the last attempt");
		execute("UPDATE deletion_last_purge SET vain_since = vain_since - interval '1 hour'");
		assertProblem(start(), "and removed none: 0 rows blocked, 1 row failed");
	}

	@Test
	void rowsThatAreHeldAreNoProblem() {
		execute("ALTER TABLE users ADD legal_hold boolean DEFAULT true");
		Node node = start("deletion-policy.tables.users.hold-condition=legal_hold");
		node.deleteUser(1);
		node.purge();
		execute("UPDATE deletion_last_purge SET vain_since = vain_since - interval '1 hour'");
		assertThat(this.database.jdbc()
			.sql("SELECT count(*) FROM deletion_chunk WHERE state = 'HELD'")
			.query(Long.class)
			.single()).isOne();
		assertThat(node.health().component()).containsEntry("status", "UP");
	}

	@Test
	void aPauseThatIsTooLongIsNamed() {
		Node node = start();
		node.deleteUser(1);
		node.bean(PendingPurges.class).pause("users");
		node.purge();
		assertThat(node.health().component()).containsEntry("status", "UP");
		execute("UPDATE deletion_table SET paused_at = paused_at - interval '49 hours'");
		assertProblem(start(), "The purge of public.users has been paused since ",
				"(2 days), longer than 24 hours, and 1 row are due");
	}

	@Test
	void aClockThatWasSetForwardStopsThePurgeUntilSomebodyResumesIt(CapturedOutput output) {
		assertThatTheBrakeHolds("- interval '8 days'", output);
	}

	@Test
	void aClockThatWasSetBackStopsThePurgeUntilSomebodyResumesIt(CapturedOutput output) {
		assertThatTheBrakeHolds("+ interval '2 hours'", output);
	}

	@Test
	void theBrakeHoldsWhereConnectionsDoNotCommitByThemselves(CapturedOutput output) {
		assertThatTheBrakeHolds("- interval '8 days'", output, "spring.datasource.hikari.auto-commit=false");
	}

	private void assertThatTheBrakeHolds(String shift, CapturedOutput output, String... properties) {
		Node node = start(properties);
		Node other = start(properties);
		node.purge();
		node.deleteUser(1);
		execute("UPDATE deletion_last_run SET ended_at = ended_at " + shift);
		node.purge();
		other.purge();
		assertThat(node.users()).isEqualTo(10);
		assertThat(output.getOut().split("the purge of all tables is paused", -1)).as("warnings").hasSize(2);
		assertProblem(other, "The purge of all tables paused itself at ");
		other.bean(PendingPurges.class).resume(null);
		node.purge();
		assertThat(node.users()).isEqualTo(9);
		assertThat(start().health().component()).containsEntry("status", "UP");
	}

	@Test
	void aPauseAfterTheBrakeWasReleasedIsNotTakenForTheBrake() {
		Node node = start();
		node.purge();
		execute("UPDATE deletion_last_run SET ended_at = ended_at - interval '8 days'");
		node.purge();
		node.bean(PendingPurges.class).resume(null);
		node.bean(PendingPurges.class).pause(null);
		node.purge();
		assertThat(start().health().component()).containsEntry("status", "UP");
	}

	@Test
	void theBrakeAlsoHoldsWhatAnOperatorHadPaused() {
		Node node = start();
		node.purge();
		node.bean(PendingPurges.class).pause(null);
		execute("UPDATE deletion_last_run SET ended_at = ended_at - interval '8 days'");
		node.purge();
		assertProblem(node, "The purge of all tables paused itself at ");
	}

	@Test
	void aRunInATestTripsNoBrakeAndIsNoRunOfAWorker() {
		Application application = Application
			.of(this.database, "deletion-policy.tables.users.mode=scheduled", "deletion-policy.tables.users.delay=30d")
			.start();
		try (application) {
			application.bean(Purger.class).purge();
			execute("UPDATE deletion_last_run SET ended_at = ended_at - interval '8 days'");
			String before = lastRun();
			application.deletes().from("users").byId(1).execute();
			assertThat(application.purges().runDueAsOf(application.now().plusSeconds(60L * 86400)).total()).isOne();
			assertThat(lastRun()).isEqualTo(before);
		}
	}

	@Test
	void theRootIsDownWith503WhereTheApplicationSaysSo() {
		Node node = start("deletion-policy.health.problem-status=down");
		assertThat(node.health().status()).isEqualTo(200);
		node.deleteUser(1);
		Answer answer = start("deletion-policy.health.problem-status=down").health();
		assertThat(answer.status()).isEqualTo(503);
		assertThat(answer.body()).containsEntry("status", "DOWN");
		assertThat(answer.component()).containsEntry("status", "DOWN");
	}

	@Test
	void theHealthCanBeSwitchedOff() {
		Node node = start("management.health.deletionpolicy.enabled=false");
		assertThat(node.health().body().get("components")).asInstanceOf(InstanceOfAssertFactories.MAP)
			.containsKey("db")
			.doesNotContainKey("deletionPolicy");
	}

	@Test
	void anAsynchronousDeleteThatFailedIsNamedUntilSomebodyActs() {
		execute("CREATE TABLE doomed (id bigint PRIMARY KEY, email text)");
		execute("INSERT INTO doomed VALUES (1, 'jane@example.org')");
		Node node = start();
		UUID retried = node.deleteAsync("doomed", Duration.ZERO);
		UUID cancelled = node.deleteAsync("doomed", Duration.ZERO);
		assertThat(start().health().component()).containsEntry("status", "UP");
		execute("ALTER TABLE doomed RENAME TO gone");
		node.purge();
		Node other = start();
		for (UUID operation : List.of(retried, cancelled)) {
			assertProblem(other, "The asynchronous delete " + operation + " from public.doomed failed at ",
					"PendingPurges.retry", "PendingPurges.cancel");
		}
		execute("ALTER TABLE gone RENAME TO doomed");
		node.bean(PendingPurges.class).cancel(cancelled);
		node.bean(PendingPurges.class).retry(retried);
		node.purge();
		assertThat(node.bean(PendingPurges.class).asyncDeletion(retried).progress().state()).isEqualTo(State.DONE);
		assertThat(start().health().component()).containsEntry("status", "UP");
	}

	@Test
	void ofManyAsynchronousDeletesThatFailedTheLatestAreNamedAndTheOthersCounted() {
		Node node = start();
		for (int i = 0; i < 7; i++) {
			node.deleteAsync("users", Duration.ZERO);
		}
		execute("UPDATE deletion_async SET state = 'FAILED', ended_at = clock_timestamp(), last_error = 'jane@example.org'");
		List<String> problems = start().health().problems();
		assertThat(problems).hasSize(6).last().asString().isEqualTo("Also, 2 asynchronous deletes failed earlier.");
		assertThat(problems).noneMatch((problem) -> problem.contains("jane"));
	}

	@Test
	void anAsynchronousDeleteThatNobodyBeginsIsNamed() {
		Node node = start();
		UUID operation = node.deleteAsync("users", Duration.ZERO);
		assertThat(start().health().component()).containsEntry("status", "UP");
		execute("UPDATE deletion_async SET accepted_at = accepted_at - interval '11 minutes', next_attempt = next_attempt - interval '11 minutes'");
		assertProblem(start(), "No run of the purge is recorded, and the asynchronous delete " + operation
				+ " from public.users waits. Does any node purge");
		node.purgeNothing();
		assertProblem(start(),
				"The next batch of the asynchronous delete " + operation + " from public.users has been due since ",
				"(11 minutes), longer than 10 minutes", "PendingPurges.cancel");
		node.bean(PendingPurges.class).pause("users");
		assertThat(start().health().component()).containsEntry("status", "UP");
		node.bean(PendingPurges.class).resume("users");
		node.bean(PendingPurges.class).pause(null);
		assertThat(start().health().component()).containsEntry("status", "UP");
		node.bean(PendingPurges.class).resume(null);
		node.purge();
		assertThat(start().health().component()).containsEntry("status", "UP");
	}

	@Test
	void anAsynchronousDeleteThatRestsBetweenBatchesIsNamedOnceItsRestIsLongOver() {
		Node node = start();
		UUID operation = node.deleteAsync("users", Duration.ofHours(1));
		node.purge();
		assertThat(node.users()).isEqualTo(9);
		assertThat(start().health().component()).containsEntry("status", "UP");
		execute("UPDATE deletion_async SET moved_at = moved_at - interval '71 minutes', next_attempt = next_attempt - interval '71 minutes'");
		assertProblem(start(), "The next batch of the asynchronous delete " + operation, "has been due since ");
	}

	@Test
	void anAsynchronousDeleteIsAProblemWhenItDoesNotMoveAndNotWhenItIsAtWorkForLong() {
		Node node = start();
		UUID operation = node.deleteAsync("users", Duration.ofHours(1));
		node.purge();
		execute("UPDATE deletion_async SET pause_micros = 0, next_attempt = next_attempt - interval '5 hours'");
		assertThat(start().health().component()).containsEntry("status", "UP");
		execute("UPDATE deletion_async SET moved_at = moved_at - interval '11 minutes'");
		assertProblem(start(), "The next batch of the asynchronous delete " + operation, "has been due since ");
		execute("UPDATE deletion_last_run SET ended_at = ended_at - interval '11 minutes'");
		assertProblem(start(), "The last run of the purge ended at ",
				"the asynchronous delete " + operation + " from public.users waits");
	}

	/**
	 * Quartz's clock does what the other tests do by hand.
	 */
	@Test
	void aWorkerThatRunsByTheClockIsUpAndLeavesItsNote() {
		Node node = start("deletion-policy.purge.enabled=true", "deletion-policy.purge.interval=100ms");
		node.deleteUser(1);
		Awaitility.await().until(() -> node.users() == 9);
		Awaitility.await()
			.untilAsserted(() -> assertThat(this.database.jdbc()
				.sql("SELECT removed_at IS NOT NULL AND vain_since IS NULL FROM deletion_last_purge")
				.query(Boolean.class)
				.list()).containsExactly(true));
		assertThat(start().health().component()).containsEntry("status", "UP");
	}

	@Test
	void runsThatFindNothingSeldomWrite() {
		Node node = start();
		node.purge();
		String first = lastRun();
		node.purge();
		assertThat(lastRun()).isEqualTo(first);
		execute("UPDATE deletion_last_run SET ended_at = ended_at - interval '201 seconds'");
		String older = lastRun();
		node.purge();
		assertThat(lastRun()).isNotEqualTo(older);
	}

	private String lastRun() {
		return this.database.jdbc().sql("SELECT CAST(r AS text) FROM deletion_last_run r").query(String.class).single();
	}

	private static void assertProblem(Node node, String... parts) {
		Answer answer = node.health();
		assertThat(answer.status()).isEqualTo(200);
		assertThat(answer.body()).containsEntry("status", "UP");
		assertThat(answer.component()).containsEntry("status", "DEGRADED");
		assertThat(answer.problems()).anySatisfy((problem) -> assertThat(problem).contains(parts));
	}

	private void execute(String sql) {
		this.database.jdbc().sql(sql).update();
	}

	private Node start(String... properties) {
		List<String> arguments = new ArrayList<>(List.of("--server.port=0", "--spring.flyway.enabled=false",
				"--spring.datasource.url=" + this.database.url(), "--spring.datasource.hikari.maximum-pool-size=4",
				"--spring.autoconfigure.exclude=" + Application.WITHOUT_JPA
						+ ",io.github.deletionpolicy.autoconfigure.DeletionPolicyMetricsAutoConfiguration",
				"--deletion-policy.tables.users.mode=scheduled", "--deletion-policy.tables.users.delay=0s",
				"--management.endpoint.health.show-details=always", "--spring.main.banner-mode=off"));
		if (!List.of(properties).contains("deletion-policy.purge.enabled=true")) {
			arguments.add("--deletion-policy.purge.enabled=false");
		}
		List.of(properties).forEach((property) -> arguments.add("--" + property));
		ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.Configuration.class)
			.web(WebApplicationType.SERVLET)
			.run(arguments.toArray(String[]::new));
		this.nodes.add(context);
		return new Node(context);
	}

	/**
	 * A node of the application.
	 *
	 * @param context its context
	 */
	private record Node(ConfigurableApplicationContext context) {

		<T> T bean(Class<T> type) {
			return this.context.getBean(type);
		}

		void deleteUser(long id) {
			bean(DeleteTemplate.class).from("users").byId(id).execute();
		}

		/**
		 * Accept a hard delete of all rows, one by one.
		 */
		UUID deleteAsync(String table, Duration pause) {
			return bean(DeleteTemplate.class).from(table)
				.all()
				.hard()
				.executeAsync(new AsyncOptions(1, pause))
				.operationId();
		}

		void purge() {
			bean(Purger.class).purge();
		}

		/**
		 * Run while everything is paused, so that the run is recorded and rows stay due.
		 */
		void purgeNothing() {
			bean(PendingPurges.class).pause(null);
			purge();
			bean(PendingPurges.class).resume(null);
		}

		long users() {
			return bean(JdbcClient.class).sql("SELECT count(*) FROM users").query(Long.class).single();
		}

		Answer health() {
			ResponseEntity<Map<String, Object>> answer = RestClient.builder()
				.baseUrl("http://localhost:" + this.context.getEnvironment().getProperty("local.server.port"))
				.defaultStatusHandler(HttpStatusCode::isError, (request, response) -> {
				})
				.build()
				.get()
				.uri("/actuator/health")
				.retrieve()
				.toEntity(JSON);
			return new Answer(answer.getStatusCode().value(), answer.getBody());
		}

	}

	/**
	 * What the endpoint answered.
	 *
	 * @param status the HTTP status
	 * @param body the JSON
	 */
	private record Answer(int status, Map<String, Object> body) {

		@SuppressWarnings("unchecked")
		Map<String, Object> component() {
			return (Map<String, Object>) ((Map<String, Object>) this.body.get("components")).get("deletionPolicy");
		}

		@SuppressWarnings("unchecked")
		Map<String, Object> details() {
			return (Map<String, Object>) component().get("details");
		}

		@SuppressWarnings("unchecked")
		List<String> problems() {
			return (List<String>) details().getOrDefault("problems", List.of());
		}

	}

}
