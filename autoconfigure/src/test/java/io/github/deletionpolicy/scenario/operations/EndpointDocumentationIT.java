package io.github.deletionpolicy.scenario.operations;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.doctor.Finding;
import io.github.deletionpolicy.operator.RowStatus;
import io.github.deletionpolicy.scenario.WebApplication;
import io.github.deletionpolicy.support.TestDatabase;
import io.github.deletionpolicy.test.PurgeRunner;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The fields that the documentation names are those of the JSON: none is missing, and
 * none is there that is not documented.
 */
class EndpointDocumentationIT {

	private static final Path DOCUMENT = Path.of("..", "docs", "endpoint.md");

	private static final Pattern HEADING = Pattern.compile("^### (\\w+)$");

	private static final Pattern FIELD = Pattern.compile("^\\| `(\\w+)` \\|.*");

	private static final Pattern REASON = Pattern.compile("^\\| `([A-Z_]+)` \\|.*");

	/**
	 * Which shape stands in which field of another one.
	 */
	private static final Map<String, String> INSIDE = Map.of("Summary.tables", "Table", "Summary.findings", "Finding",
			"Page.purges", "Purge", "Operation.chunks", "Chunk", "Row.obstacles", "Obstacle", "Row.root", "Root",
			"Root.row", "Row", "Summary.asyncDeletions", "Async", "Operation.async", "Async");

	private final TestDatabase database = TestDatabase.create();

	private final Map<String, Set<String>> seen = new TreeMap<>();

	@Test
	void documentedFieldsAreThoseOfTheAnswers() throws IOException {
		execute("CREATE TABLE users (id bigint PRIMARY KEY, deletion_time timestamptz)");
		execute("CREATE TABLE notes (id bigint PRIMARY KEY, user_id bigint REFERENCES users ON DELETE CASCADE, deletion_time timestamptz)");
		execute("CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint REFERENCES users)");
		execute("INSERT INTO users SELECT generate_series(1, 4)");
		execute("INSERT INTO notes (id, user_id) VALUES (10, 1)");
		try (WebApplication application = WebApplication
			.of(this.database, WebApplication.WITHOUT_SECURITY, "deletion-policy.tables.users.mode=scheduled",
					"deletion-policy.tables.users.delay=30d", "management.endpoint.pendingpurges.access=unrestricted")
			.start()) {
			DeletionResult due = application.deletes()
				.from("users")
				.byId(1)
				.scheduled(Duration.ZERO)
				.reason("Jane asked")
				.execute();
			execute("INSERT INTO orders VALUES (1, 1)");
			application.deletes().from("users").byId(2).execute();
			DeletionResult restored = application.deletes().from("users").byId(3).execute();
			application.bean(PurgeRunner.class).runDue();
			application.bean(PendingPurges.class).retry(due.operationId());
			application.bean(PendingPurges.class).pause("users");
			see("Summary", application.get("?findings=true"));
			see("Page", application.get("/users?limit=1"));
			see("Operation", application.get("/" + due.operationId() + "?limit=1"));
			see("Operation", application.get("/" + due.operationId()));
			see("Row", application.get("/users?id=1"));
			see("Row", application.get("/users?id=2"));
			see("Row", application.get("/notes?id=10"));
			application.bean(PendingPurges.class).resume("users");
			see("Row", application.get("/users?id=1"));
			execute("INSERT INTO orders VALUES (4, 4)");
			UUID hard = application.deletes()
				.from("users")
				.byId(4)
				.hard()
				.reason("Jane asked")
				.executeAsync()
				.operationId();
			UUID soft = application.deletes().from("notes").all().soft().executeAsync().operationId();
			application.bean(PurgeRunner.class).runDue();
			see("Operation", application.get("/" + hard));
			see("Operation", application.get("/" + soft));
			see("Summary", application.get(""));
			see("Restored", application.post("/" + restored.operationId(), "restore"));
			see("Error", application.get("/users?limit=ten"));
		}
		assertThat(this.seen).isEqualTo(documented(FIELD));
	}

	@Test
	void everyReasonIsDocumented() throws IOException {
		assertThat(documented(REASON).get("Row"))
			.containsExactlyInAnyOrderElementsOf(List.of(RowStatus.Reason.values()).stream().map(Enum::name).toList());
	}

	@Test
	void examplesHaveDocumentedFieldsOnly() throws IOException {
		Map<String, Set<String>> documented = documented(FIELD);
		Matcher examples = Pattern.compile("### (\\w+)\\n(?:(?!### )[\\s\\S])*?```json\\n([\\s\\S]*?)```")
			.matcher(Files.readString(DOCUMENT));
		int count = 0;
		while (examples.find()) {
			see(examples.group(1), JsonMapper.shared().readTree(examples.group(2)));
			count++;
		}
		assertThat(count).isEqualTo(7);
		this.seen.forEach((shape, fields) -> assertThat(documented.get(shape)).as(shape).containsAll(fields));
	}

	private void see(String shape, WebApplication.Answer answer) {
		see(shape, JsonMapper.shared().valueToTree(answer.body()));
	}

	private void see(String shape, JsonNode body) {
		body.propertyNames().forEach((field) -> {
			this.seen.computeIfAbsent(shape, (added) -> new TreeSet<>()).add(field);
			String inside = INSIDE.get(shape + "." + field);
			if (inside != null && body.get(field).isArray()) {
				body.get(field).forEach((element) -> see(inside, element));
			}
			else if (inside != null) {
				see(inside, body.get(field));
			}
		});
	}

	/**
	 * Read the tables under the headings of the shapes.
	 */
	private static Map<String, Set<String>> documented(Pattern name) throws IOException {
		Map<String, Set<String>> documented = new TreeMap<>();
		String shape = null;
		for (String line : Files.readAllLines(DOCUMENT)) {
			Matcher heading = HEADING.matcher(line);
			Matcher field = name.matcher(line);
			if (heading.matches()) {
				shape = heading.group(1);
			}
			else if (shape != null && field.matches() && (name == REASON) == REASON.matcher(line).matches()) {
				documented.computeIfAbsent(shape, (added) -> new TreeSet<>()).add(field.group(1));
			}
		}
		return documented;
	}

	private void execute(String sql) {
		this.database.jdbc().sql(sql).update();
	}

}
