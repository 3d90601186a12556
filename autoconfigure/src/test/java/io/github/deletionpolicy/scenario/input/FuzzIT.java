package io.github.deletionpolicy.scenario.input;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

import io.github.deletionpolicy.DeleteTemplate;
import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.SqlIdentifiers;
import io.github.deletionpolicy.scenario.WebApplication;
import io.github.deletionpolicy.support.LogLevels;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.core.env.Environment;
import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.data.relational.core.query.Criteria;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Random names, values and requests, from a seed that a failure prints. Another one is
 * tried with {@code -Dfuzz.seed=…}.
 */
class FuzzIT {

	private static final long SECONDS = 8;

	private static final List<String> PIECES = List.of("people", "users", "public", ".", "\"", "\"\"", "'", "''", ";",
			"--", "/*", "*/", "\\", "%", "_", "?", "??", "$1", "$$", ":name", "{", "}", "[", "]", "(", ")", " ", "\t",
			"\n", "\0", "\u0001", "\u00e4", "\u0130", "\u202e", "\ufeff", "\ud83d\ude00", "\ud800", "\udc00", "\uffff",
			"1", "0", "-1", "1e9", "NaN", "null", "true", " OR ", "1=1", "DROP TABLE people", "SELECT", "UNION",
			"deletion_time", "id", "name", "ctid", "pg_catalog", "pg_class", "information_schema",
			"99999999999999999999", "2020-01-01", "x".repeat(70), "y".repeat(3000));

	private static final HttpClient CLIENT = HttpClient.newHttpClient();

	@RegisterExtension
	private static final WebApplication application = WebApplication.of(
			"""
					CREATE DOMAIN small AS int CHECK (value < 100);
					CREATE TABLE people (id bigint PRIMARY KEY, name text, kind varchar(5), score numeric, born date, deletion_time timestamptz);
					CREATE TABLE parts (a small, b uuid, c timestamptz, deletion_time timestamptz, PRIMARY KEY (a, b, c));
					CREATE TABLE names (id text PRIMARY KEY, deletion_time timestamptz);
					CREATE TABLE "?" (id text PRIMARY KEY, deletion_time timestamptz);
					INSERT INTO people SELECT g, 'canary', 'a', g, '2020-01-01' FROM generate_series(1, 10) g;
					INSERT INTO people VALUES (11, '?', '?', 0, '2020-01-01'), (12, '', '', 0, '2020-01-01');
					INSERT INTO names VALUES ('canary'), ('?'), (''); INSERT INTO "?" VALUES ('?')""",
			WebApplication.WITHOUT_SECURITY, "management.endpoint.pendingpurges.access=unrestricted",
			"deletion-policy.tables.people.mode=scheduled", "deletion-policy.tables.people.delay=30d",
			"logging.level.root=off");

	private static UUID operation;

	@BeforeAll
	static void deleteOne() {
		operation = application.deletes().from("people").byId(1).execute().operationId();
	}

	@AfterAll
	static void resetLogLevels() {
		LogLevels.reset();
	}

	@Test
	void anyRequestIsAnsweredAndAReadChangesNothing() throws Exception {
		Random random = random();
		String before = everything();
		int requests = 0;
		Map<Integer, Integer> statuses = new HashMap<>();
		for (long end = end(); System.nanoTime() < end; requests++) {
			String path = path(random);
			int status = status(path, null);
			assertThat(status).as(path).isBetween(200, 499);
			statuses.merge(status, 1, Integer::sum);
			if (random.nextInt(4) == 0) {
				String action = text(random);
				assertThat(status(path.replaceAll("\\?.*", ""), action)).as("%s %s", path, action).isBetween(400, 499);
			}
		}
		System.out.printf("%d requests, answered %s%n", requests, statuses);
		assertThat(requests).isGreaterThan(20);
		assertThat(statuses).containsKeys(200, 400);
		assertThat(everything()).isEqualTo(before);
	}

	/**
	 * The server itself refuses some requests, in HTML.
	 */
	private static int status(String path, @Nullable String action) throws Exception {
		HttpRequest.Builder request = HttpRequest.newBuilder(
				URI.create("http://localhost:" + application.bean(Environment.class).getProperty("local.server.port")
						+ "/actuator/pendingpurges" + path));
		if (action != null) {
			request.header("Content-Type", "application/json")
				.POST(BodyPublishers.ofString(new JsonMapper().writeValueAsString(Map.of("action", action))));
		}
		return CLIENT.send(request.build(), BodyHandlers.discarding()).statusCode();
	}

	private static String path(Random random) {
		String name = switch (random.nextInt(6)) {
			case 0 -> "people";
			case 1 -> "parts";
			case 2 -> "names";
			case 3 -> operation.toString();
			case 4 -> SqlIdentifiers.quote(text(random));
			default -> text(random);
		};
		StringBuilder path = new StringBuilder("/" + encoded(name));
		char separator = '?';
		for (int i = random.nextInt(4); i > 0; i--) {
			String key = List.of("id", "after", "limit", "findings").get(random.nextInt(4));
			String value = (key.equals("after") && random.nextBoolean()) ? cursor(random) : text(random);
			path.append(separator).append(key).append('=').append(encoded(value));
			separator = '&';
		}
		return path.toString();
	}

	private static String cursor(Random random) {
		String time = List
			.of("2020-01-01T00:00:00Z", "+999999999-12-31T23:59:59Z", "+1000000000-12-31T23:59:59Z",
					"-999999999-01-01T00:00:00Z", "+294276-12-31T23:59:59Z", "-4713-01-01T00:00:00Z", "infinity")
			.get(random.nextInt(7));
		String chunk = List.of("1", "-1", Long.toString(Long.MIN_VALUE), "9999999999999999999", "\u0661")
			.get(random.nextInt(5));
		return Base64.getUrlEncoder()
			.encodeToString((time + "/" + operation + "/" + chunk).getBytes(StandardCharsets.UTF_8));
	}

	@Test
	void anyNameAndValueIsRefusedByTypeOrMeansItself() {
		Random random = random();
		String before = everything();
		DeleteTemplate deletes = application.deletes();
		PendingPurges pending = application.bean(PendingPurges.class);
		int calls = 0;
		int refused = 0;
		for (long end = end(); System.nanoTime() < end; calls++) {
			String text = text(random);
			String quoted = SqlIdentifiers.quote(text);
			Throwable raised = catchThrowable(() -> {
				switch (random.nextInt(12)) {
					case 0 -> deletes.from(text).all().preview();
					case 1 -> deletes.from(quoted).all().preview();
					case 2 -> deletes.from("people").where(Criteria.where(column(text)).is(text)).preview();
					case 3 -> deletes.from("people").byId(text).execute();
					case 4 -> assertThat(deletes.from("people").where(Criteria.where("name").is(text)).preview().rows())
						.isEqualTo(named(text));
					case 5 ->
						assertThat(deletes.from("people").where(Criteria.where("kind").in(text, "z")).preview().rows())
							.isEqualTo(text.isEmpty() || text.equals("?") || text.equals("a") ? 1 : 0);
					case 6 -> assertThat(deletes.from("names").byId(text).hard().preview().rows())
						.isEqualTo(text.isEmpty() || text.equals("?") ? 1 : 0);
					case 7 ->
						deletes.from("people").where(Criteria.where("score").is(random.nextDouble() * 1e300)).execute();
					case 8 ->
						deletes.from("parts").byId(Map.of("a", random.nextInt(), "b", text, text, text)).execute();
					case 9 -> pending.forRow(text, text);
					case 10 -> pending.page("people", text, 10);
					default -> deletes.restoreFrom("people").where(Criteria.where(column(text)).like(text)).execute();
				}
			});
			if (raised != null) {
				assertThat(raised).as("%s", escaped(text)).isInstanceOf(InvalidDataAccessApiUsageException.class);
				assertThat(raised.getMessage()).isNotBlank();
				refused++;
			}
		}
		System.out.printf("%d calls, %d of them refused%n", calls, refused);
		assertThat(calls).isGreaterThan(20);
		assertThat(refused).isBetween(1, calls - 1);
		assertThat(everything()).isEqualTo(before);
	}

	/**
	 * One is deleted already.
	 */
	private static long named(String text) {
		return text.equals("canary") ? 9 : (text.isEmpty() || text.equals("?")) ? 1 : 0;
	}

	/**
	 * A blank one is refused by Spring Data.
	 */
	private static String column(String text) {
		return text.isBlank() ? "x" : text;
	}

	private static String text(Random random) {
		StringBuilder text = new StringBuilder();
		for (int i = random.nextInt(5); i > 0; i--) {
			text.append(PIECES.get(random.nextInt(PIECES.size())));
		}
		return text.toString();
	}

	/**
	 * Half a character cannot be encoded, so it is sent as what UTF-8 forbids.
	 */
	private static String encoded(String text) {
		StringBuilder encoded = new StringBuilder();
		text.codePoints()
			.forEach((point) -> encoded.append((point >= 0xd800 && point < 0xe000) ? "%ED%A0%80"
					: URLEncoder.encode(Character.toString(point), StandardCharsets.UTF_8).replace("+", "%20")));
		return encoded.toString();
	}

	private static List<String> escaped(String text) {
		List<String> escaped = new ArrayList<>();
		text.chars().forEach((unit) -> escaped.add(Integer.toHexString(unit)));
		return escaped;
	}

	private static Random random() {
		long seed = Long.getLong("fuzz.seed", System.nanoTime());
		System.out.printf("-Dfuzz.seed=%d%n", seed);
		return new Random(seed);
	}

	private static long end() {
		return System.nanoTime() + SECONDS * 1_000_000_000L;
	}

	private static String everything() {
		return application.database()
			.jdbc()
			.sql("""
					SELECT string_agg(line, E'\\n' ORDER BY line) FROM (
						SELECT 'person ' || p.xmin || ' ' || p::text FROM people p
						UNION ALL SELECT 'name ' || n.xmin || ' ' || n::text FROM names n
						UNION ALL SELECT 'mark ' || q.xmin || ' ' || q::text FROM "?" q
						UNION ALL SELECT 'async ' || a.xmin || ' ' || a::text FROM deletion_async a
						UNION ALL SELECT 'operation ' || o.xmin || ' ' || o::text FROM deletion_operation o
						UNION ALL SELECT 'chunk ' || c.xmin || ' ' || c::text FROM deletion_chunk c
						UNION ALL SELECT 'state ' || s::text FROM deletion_purge_state s
						UNION ALL SELECT 'table ' || t.schema_name || t.table_name || coalesce(t.paused_at::text, '') FROM deletion_table t
							WHERE t.table_name = 'people') AS lines (line)""")
			.query(String.class)
			.single();
	}

}
