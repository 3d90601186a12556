package io.github.deletionpolicy.scenario.operations;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

import io.github.deletionpolicy.AsyncDeletion;
import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.scenario.WebApplication;
import io.github.deletionpolicy.scenario.WebApplication.Answer;
import io.github.deletionpolicy.support.TestDatabase;
import io.github.deletionpolicy.test.PurgeRunner;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.relational.core.query.Criteria;
import org.springframework.http.HttpMethod;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the endpoint answers over HTTP.
 */
class PendingPurgesEndpointIT {

	private static final String MASKED = "******";

	private static final TestDatabase database = TestDatabase
		.create("""
				CREATE TABLE users (id bigint PRIMARY KEY, deletion_time timestamptz);
				CREATE TABLE notes (id bigint PRIMARY KEY, user_id bigint REFERENCES users ON DELETE CASCADE, deletion_time timestamptz);
				CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint CONSTRAINT orders_user REFERENCES users);
				CREATE TABLE "Größe ü" (tenant text, no integer, deletion_time timestamptz, PRIMARY KEY (tenant, no));
				CREATE TABLE "6d0a3b7e-0f51-4f0e-9b55-6f2a8f1f7a01" (id text PRIMARY KEY, deletion_time timestamptz)""");

	@RegisterExtension
	private static final WebApplication application = application("deletion-policy.tables.users.mode=scheduled",
			"deletion-policy.tables.users.delay=1d", "management.endpoint.pendingpurges.access=unrestricted");

	private DeletionResult first;

	private DeletionResult second;

	private static WebApplication application(String... properties) {
		String[] all = Stream.concat(Stream.of(WebApplication.WITHOUT_SECURITY), Stream.of(properties))
			.toArray(String[]::new);
		return WebApplication.of(database, all).with(Beans.class);
	}

	@BeforeEach
	void deleteThree() {
		execute("UPDATE deletion_table SET paused_at = NULL");
		execute("UPDATE deletion_purge_state SET paused_at = NULL");
		execute("TRUNCATE users, notes, orders, deletion_chunk, deletion_operation, deletion_async, \"Größe ü\", \"6d0a3b7e-0f51-4f0e-9b55-6f2a8f1f7a01\"");
		execute("INSERT INTO users SELECT generate_series(1, 10)");
		execute("INSERT INTO notes (id, user_id) VALUES (10, 1), (20, 2)");
		this.first = application.deletes().from("users").byIds(List.of(1, 2)).reason("Jane asked").execute();
		this.second = application.deletes().from("users").byId(3).execute();
	}

	@Test
	void theSummaryCountsRowsPerTable() {
		assertThat(application.get("").body()).extractingByKey("tables", InstanceOfAssertFactories.LIST)
			.contains(Map.ofEntries(Map.entry("table", "public.users"), Map.entry("pending", 3),
					Map.entry("atLeast", false), Map.entry("due", 0), Map.entry("held", 0), Map.entry("blocked", 0),
					Map.entry("failed", 0), Map.entry("paused", false)));
		assertThat(application.get("").body()).doesNotContainKey("findings");
	}

	@Test
	void aQuestionThatALockKeepsFromAnAnswerSaysSo() throws SQLException {
		try (Connection other = database.dataSource().getConnection(); Statement statement = other.createStatement()) {
			other.setAutoCommit(false);
			statement.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE");
			assertThat(application.get("/users?id=1").status()).isEqualTo(503);
			assertThat(application.get("/users?id=1").error()).contains("Ask again");
			other.rollback();
		}
		assertThat(application.get("/users?id=1").status()).isEqualTo(200);
	}

	@Test
	void findingsAreToldWhenAskedFor() {
		assertThat(application.get("?findings=true").body()).extractingByKey("findings", InstanceOfAssertFactories.LIST)
			.anySatisfy((finding) -> assertThat(finding).asInstanceOf(InstanceOfAssertFactories.MAP)
				.containsEntry("table", "public.notes")
				.containsEntry("code", "foreign-key-without-index")
				.containsEntry("severity", "WARNING")
				.containsKeys("text", "ddl"));
		assertThat(application.get("?findings=maybe").status()).isEqualTo(400);
		assertThat(application.get("?findings=maybe").error()).contains("'maybe'", "true or false");
	}

	@Test
	void aTableIsListedPageByPage() {
		Answer page = application.get("/users?limit=1");
		assertThat(page.body()).containsEntry("table", "users");
		assertThat(page.entry("purges")).isEqualTo(Map.ofEntries(
				Map.entry("operationId", this.first.operationId().toString()), Map.entry("table", "public.users"),
				Map.entry("mode", "SCHEDULED"), Map.entry("deletionTime", this.first.deletionTime().toString()),
				Map.entry("purgeAt", this.first.purgeAt().toString()), Map.entry("rows", 2),
				Map.entry("state", "PENDING"), Map.entry("attempts", 0)));
		Answer next = application.get("/public.users?limit=1&after=" + page.body().get("next"));
		assertThat(next.entry("purges")).containsEntry("operationId", this.second.operationId().toString());
		assertThat(next.body()).doesNotContainKey("next");
	}

	@Test
	void anOperationIsShownWithItsChunksPageByPage() {
		Answer operation = application.get("/" + this.first.operationId() + "?limit=1");
		assertThat(operation.body()).containsEntry("table", "public.users")
			.containsEntry("mode", "SCHEDULED")
			.containsEntry("source", "TABLE")
			.containsEntry("delay", "PT24H")
			.containsEntry("reason", MASKED)
			.containsEntry("rows", 2)
			.containsEntry("cascaded", Map.of("public.notes", 2))
			.containsEntry("state", "PENDING")
			.containsEntry("deletionTime", this.first.deletionTime().toString())
			.containsEntry("purgeAt", this.first.purgeAt().toString());
		assertThat(operation.entry("chunks")).containsEntry("root", true)
			.containsEntry("rows", 2)
			.containsEntry("keys", List.of(Map.of("id", MASKED), Map.of("id", MASKED)));
		Answer next = application.get("/" + this.first.operationId() + "?after=" + operation.body().get("next"));
		assertThat(next.entry("chunks")).containsEntry("root", false).containsEntry("table", "public.notes");
		assertThat(next.body()).doesNotContainKey("next");
	}

	@Test
	void aRowIsAskedForByItsKey() {
		assertThat(application.get("/users?id=1").body()).containsEntry("reason", "PENDING")
			.containsEntry("operationId", this.first.operationId().toString());
		assertThat(application.get("/users?id=9").body()).containsEntry("reason", "LIVE");
		assertThat(application.get("/users?id=999").body()).containsEntry("reason", "UNKNOWN");
		Answer note = application.get("/notes?id=10");
		assertThat(note.body()).containsEntry("reason", "WITH_ROOT");
		assertThat(note.body().get("root")).asInstanceOf(InstanceOfAssertFactories.MAP)
			.containsEntry("key", Map.of("id", MASKED));
	}

	@Test
	void keysMayHaveSeveralColumnsAndAnyCharacters() {
		execute("INSERT INTO \"Größe ü\" VALUES ('a/b,c&d=ü \"x\"', 7)");
		application.deletes()
			.from("\"Größe ü\"")
			.byId(Map.of("tenant", "a/b,c&d=ü \"x\"", "no", 7))
			.scheduled(Duration.ofDays(1))
			.execute();
		Answer row = application.get("/%22Gr%C3%B6%C3%9Fe%20%C3%BC%22?id=a%2Fb%2Cc%26d%3D%C3%BC%20%22x%22&id=7");
		assertThat(row.body()).containsEntry("reason", "PENDING").containsEntry("table", "public.\"Größe ü\"");
	}

	@Test
	void aTableThatIsNamedLikeAnOperationIsMeantInQuotes() {
		String name = "6d0a3b7e-0f51-4f0e-9b55-6f2a8f1f7a01";
		assertThat(application.get("/%22" + name + "%22?id=x").body()).containsEntry("reason", "UNKNOWN");
		assertThat(application.get("/" + name).status()).isEqualTo(404);
	}

	@Test
	void whatIsNotThereIsNotFound() {
		assertThat(application.get("/nobody").status()).isEqualTo(404);
		assertThat(application.get("/nobody").error()).contains("nobody");
		assertThat(application.get("/users%20where").status()).isEqualTo(404);
		UUID unknown = UUID.randomUUID();
		assertThat(application.get("/" + unknown).status()).isEqualTo(404);
		assertThat(application.get("/" + unknown).error()).contains(unknown.toString());
		assertThat(application.post("/" + unknown, "retry").status()).isEqualTo(404);
		assertThat(application.post("/" + unknown, "restore").status()).isEqualTo(404);
		assertThat(application.post("/nobody", "pause").status()).isEqualTo(404);
		assertThat(application.post("/nobody", "pause").error()).contains("nobody");
	}

	@Test
	void badParametersAreBadRequestsThatSayWhatIsWrong() {
		String operation = "/" + this.first.operationId();
		assertThat(List.of("/users?limit=0", "/users?limit=1001", "/users?limit=ten", "/users?after=nonsense",
				"/users?id=one", "/users?id=1&id=2", "/users?id=%00", operation + "?limit=101", operation + "?after=x",
				operation + "?id=1"))
			.allSatisfy((path) -> {
				Answer answer = application.get(path);
				assertThat(answer.status()).isEqualTo(400);
				assertThat(answer.error()).isNotBlank();
			});
		assertThat(application.get("/users?limit=ten").error()).contains("'ten'", "limit");
		assertThat(application.get("/users?id=1&id=2").error()).contains("public.users", "(id)");
		for (String path : List.of("", "/users", operation)) {
			assertThat(application.post(path, "explode").status()).isEqualTo(400);
			assertThat(application.post(path, "explode").error()).contains("'explode'");
			Answer nothing = application.exchange(HttpMethod.POST, path, Map.of(), null);
			assertThat(nothing.status()).isEqualTo(400);
			assertThat(nothing.error()).contains("no 'action'");
		}
	}

	@Test
	void nothingIsDeletedByDelete() {
		for (String path : List.of("", "/users", "/" + this.first.operationId())) {
			assertThat(application.exchange(HttpMethod.DELETE, path, null, null).status()).isEqualTo(405);
		}
	}

	@Test
	void tablesArePausedAndResumed() {
		for (int i = 0; i < 2; i++) {
			assertThat(application.post("/users", "pause").status()).isEqualTo(204);
			assertThat(summary().paused()).isTrue();
		}
		for (int i = 0; i < 2; i++) {
			assertThat(application.post("/users", "resume").status()).isEqualTo(204);
			assertThat(summary().paused()).isFalse();
		}
		assertThat(application.post("", "pause").status()).isEqualTo(204);
		assertThat(summary().paused()).isTrue();
		assertThat(application.post("", "resume").status()).isEqualTo(204);
		assertThat(summary().paused()).isFalse();
	}

	@Test
	void anOperationIsPurgedNowAndThatCanBeSaidTwice() {
		String operation = "/" + this.first.operationId();
		assertThat(application.post(operation, "purge-now").status()).isEqualTo(204);
		assertThat(application.post(operation, "purge-now").status()).isEqualTo(204);
		assertThat(application.get("/users?id=1").body()).containsEntry("reason", "DUE");
		application.bean(PurgeRunner.class).runDue();
		assertThat(application.get(operation).body()).containsEntry("state", "PURGED").containsEntry("rows", 0);
		assertThat(application.post(operation, "purge-now").status()).isEqualTo(204);
		assertThat(application.post(operation, "retry").status()).isEqualTo(204);
		Answer restore = application.post(operation, "restore");
		assertThat(restore.status()).isEqualTo(409);
		assertThat(restore.error()).contains("have been purged");
		assertThat(application.post(operation, "cancel").status()).isEqualTo(409);
	}

	@Test
	void anOperationIsCancelledAndThatCanBeSaidTwice() {
		String operation = "/" + this.first.operationId();
		assertThat(application.post(operation, "cancel").status()).isEqualTo(204);
		assertThat(application.post(operation, "cancel").status()).isEqualTo(204);
		assertThat(application.get(operation).body()).containsEntry("state", "CANCELLED");
		Answer purgeNow = application.post(operation, "purge-now");
		assertThat(purgeNow.status()).isEqualTo(409);
		assertThat(purgeNow.error()).contains("CANCELLED");
	}

	@Test
	void anOperationIsRestoredAndThatCanBeSaidTwice() {
		String operation = "/" + this.first.operationId();
		Answer restore = application.post(operation, "restore");
		assertThat(restore.status()).isEqualTo(200);
		assertThat(restore.body()).isEqualTo(Map.of("rows", 2, "cascaded", Map.of("public.notes", 2)));
		assertThat(application.get(operation).body()).containsEntry("state", "RESTORED");
		assertThat(application.post(operation, "restore").body()).containsEntry("rows", 0);
	}

	@Test
	void anErrorIsShownWithoutTheKeyThatItQuotes() {
		String operation = blockTheFirst();
		Answer page = application.get("/users");
		assertThat(page.entry("purges")).containsEntry("state", "BLOCKED");
		String shown = String.valueOf(page.entry("purges").get("lastError"));
		assertThat(shown).contains("orders_user").doesNotContain("(1)").doesNotContain("Detail");
		assertThat(application.get(operation).body().get("chunks")).asInstanceOf(InstanceOfAssertFactories.LIST)
			.anySatisfy((chunk) -> assertThat(((Map<?, ?>) chunk).get("lastError")).isEqualTo(shown));
		assertThat(application.post(operation, "retry").status()).isEqualTo(204);
	}

	@Test
	void valuesAreShownWhereThatIsAllowed() {
		String operation = blockTheFirst();
		try (WebApplication open = application("deletion-policy.endpoint.show-values=always").start()) {
			assertThat(open.get("/users").entry("purges").get("lastError")).asString().contains("(id)=(1)");
			assertThat(open.get(operation).body()).containsEntry("reason", "Jane asked");
			assertThat(open.get(operation).body().get("chunks")).asInstanceOf(InstanceOfAssertFactories.LIST)
				.anySatisfy((chunk) -> assertThat((Map<?, ?>) chunk).extracting("root", "keys")
					.containsExactly(true, List.of(Map.of("id", "1"))));
			assertThat(open.get("/notes?id=10").body().get("root")).asInstanceOf(InstanceOfAssertFactories.MAP)
				.containsEntry("key", Map.of("id", "1"));
		}
	}

	@Test
	void sanitizingFunctionsAreAskedForWhatIsShown() {
		execute("INSERT INTO \"Größe ü\" VALUES ('acme', 7)");
		DeletionResult result = application.deletes().from("\"Größe ü\"").all().scheduled(Duration.ofDays(1)).execute();
		try (WebApplication open = application("deletion-policy.endpoint.show-values=always").start()) {
			assertThat(open.get("/" + result.operationId()).entry("chunks").get("keys"))
				.isEqualTo(List.of(Map.of("tenant", MASKED, "no", "7")));
		}
	}

	@Test
	void aHardAsynchronousDeleteIsListedAndShown() {
		AsyncDeletion deletion = accept().hard().executeAsync();
		Map<String, Object> listed = application.get("").entry("asyncDeletions");
		assertThat(listed).containsEntry("operationId", deletion.operationId().toString())
			.containsEntry("table", "public.orders")
			.containsEntry("mode", "HARD")
			.containsEntry("reason", MASKED)
			.containsEntry("state", "ACCEPTED")
			.containsEntry("done", 0)
			.containsEntry("failed", 0)
			.containsEntry("retrying", 0)
			.containsEntry("fraction", 0.0)
			.containsKey("acceptedAt")
			.doesNotContainKeys("endedAt", "lastError");
		assertThat(application.get("/" + deletion.operationId()).body())
			.isEqualTo(Map.of("operationId", deletion.operationId().toString(), "table", "public.orders", "mode",
					"HARD", "reason", MASKED, "async", listed));
		application.bean(PurgeRunner.class).runDue();
		assertThat(application.get("").entry("asyncDeletions")).containsEntry("state", "DONE")
			.containsEntry("done", 2)
			.containsEntry("fraction", 1.0)
			.containsKey("endedAt");
	}

	@Test
	void aSoftAsynchronousDeleteIsShownWithItsOperation() {
		AsyncDeletion deletion = application.deletes()
			.from("users")
			.byIds(List.of(4, 5))
			.soft()
			.reason("Jane asked")
			.executeAsync();
		String operation = "/" + deletion.operationId();
		assertThat(application.get(operation).body()).containsEntry("mode", "SOFT")
			.containsEntry("state", "SOFT")
			.containsEntry("rows", 0)
			.extractingByKey("async", InstanceOfAssertFactories.MAP)
			.containsEntry("state", "ACCEPTED");
		application.bean(PurgeRunner.class).runDue();
		assertThat(application.get(operation).body()).containsEntry("state", "SOFT")
			.containsEntry("rows", 2)
			.containsEntry("reason", MASKED)
			.extractingByKey("async", InstanceOfAssertFactories.MAP)
			.containsEntry("state", "DONE")
			.containsEntry("done", 2);
		assertThat(application.get("/" + this.first.operationId()).body()).doesNotContainKey("async");
		assertThat(application.post(operation, "purge-now").status()).isEqualTo(409);
		assertThat(application.post(operation, "restore").body()).containsEntry("rows", 2);
	}

	@Test
	void anAsynchronousDeleteIsCancelledAndThatCanBeSaidTwice() {
		String operation = "/" + accept().hard().executeAsync().operationId();
		assertThat(application.post(operation, "cancel").status()).isEqualTo(204);
		assertThat(application.post(operation, "cancel").status()).isEqualTo(204);
		assertThat(stateOf(operation)).isEqualTo("CANCELLED");
		application.bean(PurgeRunner.class).runDue();
		assertThat(count("SELECT count(*) FROM orders")).isEqualTo(2);
		Answer retry = application.post(operation, "retry");
		assertThat(retry.status()).isEqualTo(409);
		assertThat(retry.error()).contains(operation.substring(1), "CANCELLED", "with a new call");
	}

	@Test
	void anAsynchronousDeleteThatFailedIsRetriedOrGivenUp() {
		execute("ALTER TABLE orders ADD COLUMN size integer DEFAULT 1");
		execute("INSERT INTO orders VALUES (1, 8), (2, 8)");
		UUID retried = application.deletes()
			.from("orders")
			.where(Criteria.where("size").is(1))
			.hard()
			.executeAsync()
			.operationId();
		UUID cancelled = application.deletes()
			.from("orders")
			.where(Criteria.where("size").is(1))
			.hard()
			.executeAsync()
			.operationId();
		execute("ALTER TABLE orders RENAME COLUMN size TO weight");
		application.bean(PurgeRunner.class).runDue();
		assertThat(stateOf("/" + retried)).isEqualTo("FAILED");
		assertThat(application.get("/" + retried).body()).extractingByKey("async", InstanceOfAssertFactories.MAP)
			.extractingByKey("lastError", InstanceOfAssertFactories.STRING)
			.contains("size");
		assertThat(application.post("/" + cancelled, "cancel").status()).isEqualTo(204);
		assertThat(application.post("/" + cancelled, "cancel").status()).isEqualTo(204);
		assertThat(stateOf("/" + cancelled)).isEqualTo("CANCELLED");
		execute("ALTER TABLE orders RENAME COLUMN weight TO size");
		assertThat(application.post("/" + retried, "retry").status()).isEqualTo(204);
		assertThat(application.post("/" + retried, "retry").status()).isEqualTo(204);
		application.bean(PurgeRunner.class).runDue();
		assertThat(stateOf("/" + retried)).isEqualTo("DONE");
		assertThat(application.post("/" + retried, "retry").status()).isEqualTo(204);
		Answer cancel = application.post("/" + retried, "cancel");
		assertThat(cancel.status()).isEqualTo(409);
		assertThat(cancel.error()).contains("DONE", "2 row(s) done");
		assertThat(count("SELECT count(*) FROM orders")).isZero();
		execute("ALTER TABLE orders DROP COLUMN size");
	}

	@Test
	void aHardAsynchronousDeleteCanNeitherBePurgedNorRestored() {
		String operation = "/" + accept().hard().executeAsync().operationId();
		for (int i = 0; i < 2; i++) {
			Answer purgeNow = application.post(operation, "purge-now");
			assertThat(purgeNow.status()).isEqualTo(409);
			assertThat(purgeNow.error()).contains(operation.substring(1), "has no pending purge");
			Answer restore = application.post(operation, "restore");
			assertThat(restore.status()).isEqualTo(409);
			assertThat(restore.error()).contains(operation.substring(1), "cannot be restored");
			application.bean(PurgeRunner.class).runDue();
		}
		assertThat(stateOf(operation)).isEqualTo("DONE");
		assertThat(count("SELECT count(*) FROM orders")).isZero();
	}

	@Test
	void messagesOfAnAsynchronousDeleteAreShownWithoutTheKeysThatTheyQuote() {
		execute("INSERT INTO orders VALUES (3, 9)");
		AsyncDeletion deletion = application.deletes()
			.from("users")
			.byIds(List.of(9))
			.hard()
			.reason("Jane asked")
			.executeAsync();
		application.bean(PurgeRunner.class).runDue();
		Map<String, Object> masked = application.get("").entry("asyncDeletions");
		assertThat(masked).containsEntry("reason", MASKED).containsEntry("retrying", 1);
		assertThat(String.valueOf(masked.get("lastError"))).contains("orders_user").doesNotContain("(9)");
		execute("UPDATE deletion_async SET last_error = 'A purge listener failed: jane@example.org'");
		assertThat(application.get("").entry("asyncDeletions")).containsEntry("lastError", MASKED);
		try (WebApplication open = application("deletion-policy.endpoint.show-values=always").start()) {
			for (Map<?, ?> shown : List.of(open.get("").entry("asyncDeletions"),
					(Map<?, ?>) open.get("/" + deletion.operationId()).body().get("async"))) {
				assertThat(shown).extracting("reason", "lastError")
					.containsExactly("Jane asked", "A purge listener failed: jane@example.org");
			}
		}
	}

	/**
	 * Two orders are to go.
	 */
	private static DeleteOperations.Mode accept() {
		execute("INSERT INTO orders VALUES (1, 8), (2, 8)");
		return application.deletes().from("orders").all().reason("Jane asked");
	}

	private static Object stateOf(String operation) {
		return ((Map<?, ?>) application.get(operation).body().get("async")).get("state");
	}

	private static long count(String query) {
		return database.jdbc().sql(query).query(Long.class).single();
	}

	/**
	 * User 1 cannot go; user 2 goes.
	 */
	private String blockTheFirst() {
		execute("INSERT INTO orders VALUES (1, 1)");
		application.bean(PendingPurges.class).purgeNow(this.first.operationId());
		application.bean(PurgeRunner.class).runDue();
		return "/" + this.first.operationId();
	}

	private static PendingPurges.TableSummary summary() {
		return application.bean(PendingPurges.class)
			.summary()
			.stream()
			.filter((summary) -> summary.table().equals("public.users"))
			.findFirst()
			.orElseThrow();
	}

	private static void execute(String sql) {
		database.jdbc().sql(sql).update();
	}

	@Configuration(proxyBeanMethods = false)
	static class Beans {

		@Bean
		SanitizingFunction tenants() {
			return SanitizingFunction.sanitizeValue().ifKeyEndsWith(".tenant");
		}

	}

}
