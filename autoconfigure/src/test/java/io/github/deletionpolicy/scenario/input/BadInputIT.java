package io.github.deletionpolicy.scenario.input;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

import io.github.deletionpolicy.AsyncDeletion;
import io.github.deletionpolicy.AsyncOptions;
import io.github.deletionpolicy.AsyncScheduledDeletionException;
import io.github.deletionpolicy.CascadeMode;
import io.github.deletionpolicy.DeleteTemplate;
import io.github.deletionpolicy.InvalidCriteriaException;
import io.github.deletionpolicy.InvalidDelayException;
import io.github.deletionpolicy.InvalidIdException;
import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.ReadOnlyDeletionException;
import io.github.deletionpolicy.RestoreConflictException;
import io.github.deletionpolicy.RestrictedDeletionException;
import io.github.deletionpolicy.UnknownColumnException;
import io.github.deletionpolicy.UnknownOperationException;
import io.github.deletionpolicy.UnknownTableException;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.scenario.StatementRecorder;
import io.github.deletionpolicy.scenario.StatementRecorder.Recorded;
import io.github.deletionpolicy.scenario.WebApplication;
import io.github.deletionpolicy.scenario.WebApplication.Answer;
import io.github.deletionpolicy.support.LogLevels;
import io.github.deletionpolicy.test.PurgeRunner;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import org.springframework.core.io.ClassPathResource;
import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.data.annotation.Id;
import org.springframework.data.relational.core.mapping.Table;
import org.springframework.data.relational.core.query.Criteria;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * What is answered to bad input, one case a line. Every refusal is typed, says what is
 * meant, what is wrong and what to write, and has written nothing. The list is
 * {@code docs/bad-input.md}; with {@code -Dbad-input.write=true} it is written again.
 */
class BadInputIT {

	private static final Path DOCUMENT = Path.of("..", "docs", "bad-input.md");

	private static final UUID UNKNOWN = new UUID(1, 2);

	@RegisterExtension
	private static final WebApplication application = WebApplication
		.of("""
				CREATE TYPE mood AS ENUM ('glad', 'sad');
				CREATE TABLE people (id int PRIMARY KEY, full_name text, age int, born date, score numeric, ratio real, mood mood,
					deletion_time timestamptz);
				CREATE TABLE places (country text, number bigint, deletion_time timestamptz, PRIMARY KEY (number, country));
				CREATE TABLE notes (id bigint PRIMARY KEY, email text, deletion_time timestamptz);
				CREATE UNIQUE INDEX notes_email ON notes (email) WHERE deletion_time IS NULL;
				CREATE TABLE lines (id bigint PRIMARY KEY, note bigint REFERENCES notes ON DELETE CASCADE, deletion_time timestamptz);
				CREATE TABLE bills (id bigint PRIMARY KEY, note bigint CONSTRAINT bill_of_note REFERENCES notes);
				CREATE TABLE keyless (name text, deletion_time timestamptz);
				CREATE TABLE bare (id bigint PRIMARY KEY);
				CREATE TABLE local_time (id bigint PRIMARY KEY, deletion_time timestamp);
				CREATE TABLE coarse (id bigint PRIMARY KEY, deletion_time timestamptz(0));
				CREATE TABLE hosts (id inet PRIMARY KEY, deletion_time timestamptz);
				CREATE TABLE days (day date PRIMARY KEY, deletion_time timestamptz) PARTITION BY RANGE (day);
				CREATE TABLE days_2020 PARTITION OF days FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
				CREATE VIEW live_people AS SELECT * FROM people WHERE deletion_time IS NULL;
				CREATE TABLE marker (id serial PRIMARY KEY);
				INSERT INTO people VALUES (1, 'Ada', 36), (2, '?', 20), (3, 'Cyd', NULL);
				INSERT INTO notes VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd');
				INSERT INTO lines VALUES (1, 1), (4, 4); INSERT INTO bills VALUES (3, 3); INSERT INTO bare VALUES (1), (2)""",
				WebApplication.WITHOUT_SECURITY, "management.endpoint.pendingpurges.access=unrestricted",
				"deletion-policy.tables.people.mode=scheduled", "deletion-policy.tables.people.delay=30d",
				"deletion-policy.tables.notes.mode=soft", "logging.level.io.github.deletionpolicy=error")
		.with(StatementRecorder.Recording.class);

	private static UUID purged;

	private static UUID taken;

	private static UUID soft;

	private static UUID running;

	private static final List<Refusal> refusals = new ArrayList<>();

	private static final List<Request> requests = new ArrayList<>();

	@BeforeAll
	static void collectRefusals() {
		DeleteTemplate deletes = application.deletes();
		purged = deletes.from("people").byId(3).scheduled(Duration.ZERO).execute().operationId();
		application.bean(PurgeRunner.class).runDue();
		soft = deletes.from("notes").byId(1).execute().operationId();
		taken = deletes.from("notes").byId(2).execute().operationId();
		application.database().jdbc().sql("INSERT INTO notes VALUES (5, 'b')").update();
		running = deletes.from("bare").all().hard().executeAsync().operationId();
		asynchronous();
		names();
		idsAndCriteria();
		modes();
		restores();
		pendingPurges();
		endpoint();
	}

	@AfterAll
	static void resetLogLevels() {
		LogLevels.reset();
	}

	private static void asynchronous() {
		String group = "Asynchronous deletes";
		add(group, "from(\"people\").byId(1).executeAsync(), the table is scheduled",
				(d) -> d.from("people").byId(1).executeAsync(), AsyncScheduledDeletionException.class, "people",
				"scheduled", "deletion-policy.tables.people", "Write execute()");
		add(group, "from(\"PUBLIC.People\").all().executeAsync()", (d) -> d.from("PUBLIC.People").all().executeAsync(),
				AsyncScheduledDeletionException.class, "public.people", "scheduled", ".hard().executeAsync()");
		add(group, "from(Person.class).byId(1).executeAsync()", (d) -> d.from(Person.class).byId(1).executeAsync(),
				AsyncScheduledDeletionException.class, "public.people", "scheduled", ".hard().executeAsync()");
		add(group, "from(\"people\").all().reason(\"r\").includingDeleted().executeAsync()",
				(d) -> d.from("people").all().reason("r").includingDeleted().executeAsync(),
				AsyncScheduledDeletionException.class, "people", "scheduled", ".hard().executeAsync()");
		add(group, "from(\"people\").where(age is 1).executeAsync(new AsyncOptions(5, Duration.ZERO))",
				(d) -> d.from("people")
					.where(Criteria.where("age").is(1))
					.executeAsync(new AsyncOptions(5, Duration.ZERO)),
				AsyncScheduledDeletionException.class, "people", "scheduled", ".hard().executeAsync()");
		add(group, "from(\"nobody\").all().hard().executeAsync()", (d) -> d.from("nobody").all().hard().executeAsync(),
				UnknownTableException.class, "nobody", "There is no table", "Check the name");
		add(group, "from(\"live_people\").all().hard().executeAsync()",
				(d) -> d.from("live_people").all().hard().executeAsync(), UnsupportedTableException.class,
				"public.live_people", "is a view", "Name the table");
		add(group, "from(\"keyless\").all().hard().executeAsync()",
				(d) -> d.from("keyless").all().hard().executeAsync(), UnsupportedTableException.class, "public.keyless",
				"no primary key", "Add");
		add(group, "from(\"keyless\").all().soft().executeAsync()",
				(d) -> d.from("keyless").all().soft().executeAsync(), UnsupportedTableException.class, "public.keyless",
				"no primary key", "Add");
		add(group, "from(\"bare\").all().soft().executeAsync(), no deletion-time column",
				(d) -> d.from("bare").all().soft().executeAsync(), UnsupportedTableException.class, "public.bare",
				"deletion_time", "dd");
		add(group, "from(\"local_time\").all().soft().executeAsync(), a timestamp without time zone",
				(d) -> d.from("local_time").all().soft().executeAsync(), UnsupportedTableException.class,
				"public.local_time", "timestamp without time zone", "timestamptz");
		add(group, "from(\"hosts\").all().soft().executeAsync(), a key that cannot be recorded",
				(d) -> d.from("hosts").all().soft().executeAsync(), UnsupportedTableException.class, "public.hosts",
				"inet", "hard");
		add(group, "from(\"days_2020\").all().executeAsync(), a partition without a policy",
				(d) -> d.from("days_2020").all().executeAsync(), UnsupportedTableException.class, "public.days_2020",
				"is a partition of public.days", "Name public.days");
		add(group, "hard().executeAsync() in a read-only transaction",
				readOnly((d) -> d.from("bare").all().hard().executeAsync()), ReadOnlyDeletionException.class,
				"public.bare", "read-only transaction", "Leave out readOnly = true");
		add(group, "soft().executeAsync() in a read-only transaction",
				readOnly((d) -> d.from("notes").all().executeAsync()), ReadOnlyDeletionException.class, "public.notes",
				"read-only transaction", "Leave out readOnly = true");
		add(group, "await(…) inside the transaction that accepted the delete", BadInputIT::awaitInside,
				InvalidDataAccessApiUsageException.class, "asynchronous delete", "await() was called inside",
				"Call it after the commit");
		add(group, "progress() after a rollback", BadInputIT::progressAfterRollback, UnknownOperationException.class,
				"asynchronous delete", "rolled back", "deletion-policy.retention");
		add(group, "await(null)", (d) -> pending().asyncDeletion(running).await(missing(Duration.class)),
				InvalidDataAccessApiUsageException.class, "timeout", "null", "Write");
		add(group, "executeAsync(null)", (d) -> d.from("bare").all().hard().executeAsync(missing(AsyncOptions.class)),
				InvalidDataAccessApiUsageException.class, "options", "null", "AsyncOptions.defaults()");
		add(group, "new AsyncOptions(0, Duration.ZERO)", (d) -> new AsyncOptions(0, Duration.ZERO),
				IllegalArgumentException.class, "batchSize", "is 0", "use 1 or more");
		add(group, "new AsyncOptions(10, Duration.ofSeconds(-1))", (d) -> new AsyncOptions(10, Duration.ofSeconds(-1)),
				IllegalArgumentException.class, "pause", "is PT-1S", "use Duration.ZERO or more");
		add(group, "new AsyncOptions(10, null)", (d) -> new AsyncOptions(10, missing(Duration.class)),
				IllegalArgumentException.class, "pause", "null", "use Duration.ZERO or more");
		add(group, "hard().executeAsync() with an unknown column",
				(d) -> d.from("bare").where(Criteria.where("nope").is(1)).hard().executeAsync(),
				UnknownColumnException.class, "public.bare", "no column 'nope'", "It has: id");
		add(group, "hard().executeAsync() with criteria that can only be true",
				(d) -> d.from("bare").where(Criteria.empty()).hard().executeAsync(), InvalidCriteriaException.class,
				"empty()", "selects every row", "Write all()");
		add(group, "hard().executeAsync() with an id of another type",
				(d) -> d.from("bare").byId("1").hard().executeAsync(), InvalidIdException.class, "public.bare",
				"does not accept the java.lang.String", "Give a value of that type");
		add(group, "pendingPurges.asyncDeletion(unknown)", (d) -> pending().asyncDeletion(UNKNOWN),
				UnknownOperationException.class, UNKNOWN.toString(), "No asynchronous delete is recorded",
				"deletion-policy.retention");
		add(group, "restore(the id of a hard asynchronous delete)", (d) -> d.restore(running),
				UnknownOperationException.class, running.toString(), "was a hard delete", "");
	}

	private static void names() {
		String group = "Names";
		for (String name : List.of("", " ", ".people", "people.", "a.b.c.d", "\"people", "people\"", "1people",
				"people--", "people people", "people;", "public,people", "'people'", "\"\"", "people\\")) {
			add(group, "from(\"" + escaped(name) + "\")", (d) -> d.from(name).byId(1).execute(),
					UnknownTableException.class, "'" + name + "'", "", "Write table or schema.table");
		}
		add(group, "from(a name with a zero character)", (d) -> d.from("\"peo\0ple\"").byId(1).execute(),
				UnknownTableException.class, "is not a valid table name", "zero character",
				"Write table or schema.table");
		add(group, "from(a name with half a surrogate pair)", (d) -> d.from("people\uD800").byId(1).execute(),
				UnknownTableException.class, "is not a valid table name", "half a character",
				"Write table or schema.table");
		add(group, "from(a name of 64 bytes)", (d) -> d.from("p".repeat(64)).byId(1).execute(),
				UnknownTableException.class, "pppp", "64 bytes", "at most 63");
		for (String name : List.of("\"Age\"", "people.age", "t.age", "age;", "age OR true", "age\" IS NULL OR \"age",
				"ctid", "xmin", "age\0", "*")) {
			add(group, "where(\"" + escaped(name) + "\" is 1)",
					(d) -> d.from("people").where(Criteria.where(name).is(1)).execute(), UnknownColumnException.class,
					"public.people", "no column '" + name + "'", "It has: id, full_name");
		}
		add(group, "from(Person.class).where(\"fullName; DROP TABLE people\" is 1)",
				(d) -> d.from(Person.class).where(Criteria.where("fullName; DROP TABLE people").is(1)).execute(),
				UnknownColumnException.class, "Person", "no property", "The columns are");
	}

	private static void idsAndCriteria() {
		String group = "Ids and criteria";
		criteria(group, "isTrue() on an integer", Criteria.where("age").isTrue(), "age", "integer", "need a boolean");
		criteria(group, "ignoreCase on an integer", Criteria.where("age").is(1).ignoreCase(true), "age", "integer",
				"compares texts");
		criteria(group, "between(\"a\", \"b\") on an integer", Criteria.where("age").between("a", "b"), "age",
				"java.lang.String", "Give a value");
		criteria(group, "between(1, 2L << 40) on an integer", Criteria.where("age").between(1, 2L << 40), "age",
				"java.lang.Long", "Give a value");
		criteria(group, "in(1, \"2\") on an integer", Criteria.where("age").in(1, "2"), "age", "java.lang.String",
				"Give a value");
		criteria(group, "is(1.5) on an integer", Criteria.where("age").is(1.5), "age", "java.lang.Double",
				"Give a value");
		criteria(group, "is(new Object()) on a text", Criteria.where("full_name").is(new Object()), "full_name",
				"java.lang.Object", "Give a value");
		criteria(group, "is(a text with a zero character)", Criteria.where("full_name").is("a\0b"), "full_name", "text",
				"Give a value");
		criteria(group, "is(a text with half a surrogate pair)", Criteria.where("full_name").is("\uD800"), "full_name",
				"text", "Give a value");
		criteria(group, "like(a pattern with a zero character)", Criteria.where("full_name").like("a\0%"), "full_name",
				"zero character", "Leave it out");
		criteria(group, "like(a pattern with half a surrogate pair)", Criteria.where("full_name").like("\uDC00"),
				"full_name", "half a character", "Leave it out");
		criteria(group, "is(LocalDateTime) on a date", Criteria.where("born").is(LocalDateTime.of(2020, 1, 1, 0, 0)),
				"born", "date", "Give a value");
		criteria(group, "is(Instant.MAX) on a timestamptz", Criteria.where("deletion_time").is(Instant.MAX),
				"deletion_time", "java.time.Instant", "Give a value");
		criteria(group, "is(a number of a billion digits) on a numeric",
				Criteria.where("score").is(new BigDecimal("1E+999999999")), "score", "numeric", "Give a value");
		criteria(group, "is(a number of 100,000 decimals) on a numeric",
				Criteria.where("score").is(new BigDecimal("1E-99999")), "score", "numeric", "Give a value");
		criteria(group, "is(1e300) on a real", Criteria.where("ratio").is(1e300), "ratio", "real", "Give a value");
		add(group, "byId(Map.of())", (d) -> d.from("people").byId(Map.of()).execute(), InvalidIdException.class,
				"public.people", "no value for id", "Write a Map");
		add(group, "byId(List.of(1))", (d) -> d.from("people").byId(List.of(1)).execute(), InvalidIdException.class,
				"public.people", "does not accept the", "Give a value");
		add(group, "byId(Map with null)", (d) -> d.from("people").byId(Collections.singletonMap("id", null)).execute(),
				InvalidIdException.class, "public.people", "no value for id", "Write a Map");
		add(group, "byId(Map with a number as name)", (d) -> d.from("people").byId(Map.of(1, 1)).execute(),
				InvalidIdException.class, "public.people", "names '1'", "Write a Map");
		add(group, "byId(a text with half a surrogate pair) of a composite key",
				(d) -> d.from("places").byId(Map.of("number", 1, "country", "\uD83D")).execute(),
				InvalidIdException.class, "public.places", "country", "Give a value");
		add(group, "from(\"keyless\").byId(1)", (d) -> d.from("keyless").byId(1).execute(),
				UnsupportedTableException.class, "public.keyless", "no primary key", "Add");
	}

	private static void modes() {
		String group = "Modes and options";
		add(group, "scheduled(Duration.ofDays(-1))",
				(d) -> d.from("people").byId(1).scheduled(Duration.ofDays(-1)).execute(), InvalidDelayException.class,
				"scheduled delete", "negative", "Write zero or more");
		add(group, "scheduled(Duration.ofDays(400000))",
				(d) -> d.from("people").byId(1).scheduled(Duration.ofDays(400_000)).execute(),
				InvalidDelayException.class, "scheduled delete", "longer than", "Write zero or more");
		add(group, "scheduled(null)", (d) -> d.from("people").byId(1).scheduled(missing(Duration.class)).execute(),
				InvalidDelayException.class, "scheduled delete", "null", "Write zero or more");
		add(group, "reason(null)", (d) -> d.from("people").byId(1).reason(null).execute(),
				InvalidDataAccessApiUsageException.class, "reason", "is null", "Leave it out");
		add(group, "reason(a text with a zero character)", (d) -> d.from("people").byId(1).reason("a\0b").execute(),
				InvalidDataAccessApiUsageException.class, "reason", "zero character", "Leave it out");
		add(group, "cascade(null)", (d) -> d.from("people").byId(1).cascade(missing(CascadeMode.class)).execute(),
				InvalidDataAccessApiUsageException.class, "cascade", "null", "CascadeMode.CATALOG");
		add(group, "returning(null)", (d) -> d.from("people").byId(1).returning(missing(Class.class)).execute(),
				InvalidDataAccessApiUsageException.class, "returning", "null", "Map.class");
		for (Map.Entry<String, List<String>> entry : Map
			.of("keyless", List.of("no primary key", "Add"), "bare", List.of("deletion_time", "dd"), "local_time",
					List.of("timestamp without time zone", "timestamptz"), "coarse",
					List.of("with less precision", "timestamptz"), "hosts", List.of("inet", "hard"))
			.entrySet()
			.stream()
			.sorted(Map.Entry.comparingByKey())
			.toList()) {
			String table = entry.getKey();
			add(group, "from(\"" + table + "\").all().soft().execute()", (d) -> d.from(table).all().soft().execute(),
					UnsupportedTableException.class, "public." + table, entry.getValue().get(0),
					entry.getValue().get(1));
			add(group, "from(\"" + table + "\").all().scheduled().preview()",
					(d) -> d.from(table).all().scheduled().preview(), UnsupportedTableException.class,
					"public." + table, entry.getValue().get(0), entry.getValue().get(1));
		}
		add(group, "from(\"days_2020\").all().execute(), a partition without a policy",
				(d) -> d.from("days_2020").all().execute(), UnsupportedTableException.class, "public.days_2020",
				"is a partition of public.days", "Name public.days");
		add(group, "from(\"notes\").byId(3).execute(), a live row refers and restricts",
				(d) -> d.from("notes").byId(3).execute(), RestrictedDeletionException.class, "public.notes",
				"bill_of_note", "elete");
	}

	private static void restores() {
		String group = "Restore";
		add(group, "restore(null)", (d) -> d.restore(missing(UUID.class)), UnknownOperationException.class,
				"operation null", "unknown", "");
		add(group, "restore(unknown)", (d) -> d.restore(UNKNOWN), UnknownOperationException.class, UNKNOWN.toString(),
				"", "");
		add(group, "restore(an operation whose rows were purged)", (d) -> d.restore(purged),
				RestoreConflictException.class, purged.toString(), "purged", "");
		add(group, "restore(an operation whose unique value is taken)", (d) -> d.restore(taken),
				RestoreConflictException.class, "notes_email", "(email)", "");
		add(group, "restoreFrom(\"lines\").byId(1), its parent is deleted",
				(d) -> d.restoreFrom("lines").byId(1).execute(), RestoreConflictException.class, "public.notes",
				"deleted", "");
		add(group, "restoreFrom(\"nobody\").byId(1)", (d) -> d.restoreFrom("nobody").byId(1).execute(),
				UnknownTableException.class, "nobody", "There is no table", "Check the name");
		add(group, "restoreFrom(\"live_people\").byId(1)", (d) -> d.restoreFrom("live_people").byId(1).execute(),
				UnsupportedTableException.class, "public.live_people", "is a view", "Name the table");
		add(group, "restoreFrom(\"bare\").byId(1)", (d) -> d.restoreFrom("bare").byId(1).execute(),
				UnsupportedTableException.class, "public.bare", "deletion_time", "dd");
		add(group, "restoreFrom(\"people\").byId(\"1\")", (d) -> d.restoreFrom("people").byId("1").execute(),
				InvalidIdException.class, "public.people", "does not accept the java.lang.String", "Give a value");
		add(group, "restoreFrom(\"people\").where(\"nope\" is 1)",
				(d) -> d.restoreFrom("people").where(Criteria.where("nope").is(1)).execute(),
				UnknownColumnException.class, "public.people", "no column 'nope'", "It has: id");
		add(group, "restoreFrom(\"people\").where(empty())",
				(d) -> d.restoreFrom("people").where(Criteria.empty()).execute(), InvalidCriteriaException.class,
				"empty()", "selects every row", "");
		add(group, "restoreFrom(\"people\").byIds(null)",
				(d) -> d.restoreFrom("people").byIds(missing(List.class)).execute(), InvalidIdException.class, "people",
				"null", "Write an empty list");
	}

	private static void pendingPurges() {
		String group = "PendingPurges";
		add(group, "page(\"people\", null, 0)", (d) -> pending().page("people", null, 0),
				InvalidDataAccessApiUsageException.class, "limit", "is 0", "Write 1 to 1000");
		add(group, "page(\"people\", null, 1001)", (d) -> pending().page("people", null, 1001),
				InvalidDataAccessApiUsageException.class, "limit", "is 1001", "Write 1 to 1000");
		add(group, "page(\"people\", \"nonsense\", 10)", (d) -> pending().page("people", "nonsense", 10),
				InvalidDataAccessApiUsageException.class, "'nonsense'", "is not a cursor", "Pass the 'next'");
		add(group, "page(\"people\", a cursor beyond all times, 10)",
				(d) -> pending().page("people", cursor("+1000000000-12-31T23:59:59Z"), 10),
				InvalidDataAccessApiUsageException.class, "'", "is not a cursor", "Pass the 'next'");
		add(group, "page(\"people\", a cursor beyond PostgreSQL's times, 10)",
				(d) -> pending().page("people", cursor("+300000-01-01T00:00:00Z"), 10),
				InvalidDataAccessApiUsageException.class, "'", "is not a cursor", "Pass the 'next'");
		add(group, "page(\"nobody\", null, 10)", (d) -> pending().page("nobody", null, 10), UnknownTableException.class,
				"nobody", "There is no table", "Check the name");
		add(group, "forRow(\"people\", null)", (d) -> pending().forRow("people", missing(Object.class)),
				InvalidIdException.class, "people", "null", "Pass the id of a row");
		add(group, "forRow(\"people\", \"1\")", (d) -> pending().forRow("people", "1"), InvalidIdException.class,
				"public.people", "does not accept the java.lang.String", "Give a value");
		add(group, "forRow(\"keyless\", 1)", (d) -> pending().forRow("keyless", 1), UnsupportedTableException.class,
				"public.keyless", "no primary key", "Add");
		for (String action : List.of("purgeNow", "cancel", "retry")) {
			add(group, action + "(unknown)", (d) -> operate(action, UNKNOWN), UnknownOperationException.class,
					UNKNOWN.toString(), "No purge is pending", "unknown, soft, cancelled or over");
			add(group, action + "(a soft operation)", (d) -> operate(action, soft), UnknownOperationException.class,
					soft.toString(), "No purge is pending", "unknown, soft, cancelled or over");
			add(group, action + "(null)", (d) -> operate(action, missing(UUID.class)), UnknownOperationException.class,
					"operation null", "unknown", "");
		}
		add(group, "pause(\"nobody\")", (d) -> pending().pause("nobody"), UnknownTableException.class, "nobody",
				"There is no table", "Check the name");
		add(group, "pause(\"\")", (d) -> pending().pause(""), UnknownTableException.class, "''", "",
				"Write table or schema.table");
		add(group, "pause(\"places\"), nothing was ever deleted there", (d) -> pending().pause("places"),
				UnsupportedTableException.class, "public.places", "no policy", "Name another table");
		add(group, "adopt(\"places\", …), no policy", (d) -> pending().adopt("places", Instant.EPOCH),
				UnsupportedTableException.class, "public.places", "no scheduled policy", "Declare one");
		add(group, "adopt(\"notes\", …), a soft policy", (d) -> pending().adopt("notes", Instant.EPOCH),
				UnsupportedTableException.class, "public.notes", "soft policy", "Declare one");
		add(group, "adopt(\"days_2020\", …), a partition", (d) -> pending().adopt("days_2020", Instant.EPOCH),
				UnsupportedTableException.class, "public.days_2020", "is a partition", "name public.days");
		add(group, "adopt(\"people\", null)", (d) -> pending().adopt("people", missing(Instant.class)),
				InvalidDataAccessApiUsageException.class, "since", "null", "Write");
		add(group, "adopt(\"people\", …) in a read-only transaction",
				readOnly((d) -> pending().adopt("people", Instant.EPOCH)), ReadOnlyDeletionException.class, "people",
				"read-only transaction", "Leave out readOnly = true");
	}

	private static void endpoint() {
		get("/nobody", 404, "nobody");
		get("/people%20where", 404, "where");
		get("/a.b.c", 404, "'a.b.c'");
		get("/live_people", 404, "is a view");
		get("/people?limit=0", 400, "limit");
		get("/people?limit=1001", 400, "Write 1 to 1000");
		get("/people?limit=ten", 400, "'ten'");
		get("/people?limit=99999999999", 400, "limit");
		get("/people?after=nonsense", 400, "not a cursor");
		get("/people?after=" + cursor("+1000000000-12-31T23:59:59Z"), 400, "not a cursor");
		get("/people?id=one", 400, "id");
		get("/people?id=1&id=2", 400, "(id)");
		get("/places?id=1", 400, "(number, country)");
		get("/people?id=99999999999", 400, "id");
		get("/people?id=%00", 400, "zero character");
		get("/keyless?id=1", 404, "no primary key");
		get("?findings=maybe", 400, "true or false");
		get("/" + UNKNOWN, 404, UNKNOWN.toString());
		get("/" + UNKNOWN + "?limit=101", 400, "limit");
		get("/" + soft + "?id=1", 400, "Name the row's table");
		get("/" + soft + "?after=x", 400, "not a cursor");
		post("", "explode", 400, "Write pause or resume");
		post("/people", "restore", 400, "Write pause or resume");
		post("/nobody", "pause", 404, "nobody");
		post("/places", "pause", 404, "Name another table");
		post("/" + UNKNOWN, "retry", 404, UNKNOWN.toString());
		post("/" + UNKNOWN, "pause", 400, "Write purge-now, cancel, retry or restore");
		post("/" + soft, "purge-now", 409, "No purge is pending");
		post("/" + purged, "restore", 409, "purged");
		post("/" + taken, "restore", 409, "notes_email");
		post("/" + running, "purge-now", 409, "asynchronous delete");
		post("/" + running, "restore", 409, "hard delete");
	}

	@Test
	void everyBadInputIsRefusedAndTheListSaysHow() throws IOException {
		assertThat(refusals.size() + requests.size()).isGreaterThanOrEqualTo(100);
		List<String> faults = new ArrayList<>();
		StringBuilder list = new StringBuilder("""
				# Bad input, and what is answered

				This page lists what is answered to invalid input. Every input here is tried, and none of them writes
				anything. The list is generated by `BadInputIT`, which fails if it differs. Generate it again with:

				```
				mvn -pl core,test,autoconfigure verify -Dit.test=BadInputIT -Dbad-input.write=true
				```

				Exceptions without a package are in `io.github.deletionpolicy` or in Spring's `org.springframework.dao`.
				**goes on** means that a transaction around the call can still be committed. "Rolls back" means that the
				exception passed through a transaction that the call had joined, as with every `@Transactional` method.
				""");
		String group = "";
		for (Refusal refusal : refusals) {
			if (!group.equals(refusal.group())) {
				group = refusal.group();
				list.append("\n## %s\n\n| input | exception | message | your transaction |\n|---|---|---|---|\n"
					.formatted(group));
			}
			list.append(refusal.line(faults));
		}
		list.append("\n## Endpoint\n\n| request | status | answer |\n|---|---|---|\n");
		requests.forEach((request) -> list.append(request.line(faults)));
		list.append("\n## More calls\n\n| input | exception | message |\n|---|---|---|\n");
		InputErrorsIT.mistakes()
			.forEach((mistake) -> list.append(
					row(cell(mistake.name()), "`" + mistake.type().getSimpleName() + "`", cell(mistake.message()))));
		list.append("\n## Declarations\n\n| input | what stops the start |\n|---|---|\n")
			.append(snapshot("messages/declarations.txt"));
		list.append("\n## The database at the start\n\n| state | what stops the start |\n|---|---|\n")
			.append(snapshot("messages/catalog.txt"));
		assertThat(faults).as(String.join("\n", faults)).isEmpty();
		if (Boolean.getBoolean("bad-input.write")) {
			Files.writeString(DOCUMENT, list);
		}
		assertThat(DOCUMENT).as("Write it anew with -Dbad-input.write=true")
			.usingCharset(StandardCharsets.UTF_8)
			.hasContent(list.toString());
	}

	private static String snapshot(String resource) throws IOException {
		StringBuilder rows = new StringBuilder();
		for (String entry : new ClassPathResource(resource).getContentAsString(StandardCharsets.UTF_8)
			.split("(?m)^## ")) {
			String[] parts = entry.strip().split("\n\n", 2);
			if (parts.length == 2) {
				rows.append(row(cell(parts[0]), cell(parts[1])));
			}
		}
		return rows.toString();
	}

	private static String row(String... cells) {
		return "| " + String.join(" | ", cells) + " |\n";
	}

	/**
	 * Ids that differ from run to run are left out.
	 */
	private static String cell(String text) {
		return escaped(text.replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "…")
			.replaceAll("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z", "…")
			.replace("io.github.deletionpolicy.scenario.input.BadInputIT$", "")
			.replaceAll("java\\.lang\\.Object@[0-9a-f]+", "…")
			.strip()).replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*").replace("\n", "<br>");
	}

	private static String escaped(String text) {
		return text.codePoints()
			.mapToObj((point) -> (point == 0 || (point >= 0xd800 && point < 0xe000)) ? "\\u%04x".formatted(point)
					: Character.toString(point))
			.collect(Collectors.joining());
	}

	private static String everything() {
		return application.database()
			.jdbc()
			.sql("""
					SELECT string_agg(line, E'\\n' ORDER BY line) FROM (
						SELECT 'person ' || p.xmin || ' ' || p::text FROM people p
						UNION ALL SELECT 'place ' || p.xmin || ' ' || p::text FROM places p
						UNION ALL SELECT 'note ' || n.xmin || ' ' || n::text FROM notes n
						UNION ALL SELECT 'line ' || l.xmin || ' ' || l::text FROM lines l
						UNION ALL SELECT 'bare ' || b.xmin || ' ' || b::text FROM bare b
						UNION ALL SELECT 'async ' || a.xmin || ' ' || a::text FROM deletion_async a
						UNION ALL SELECT 'operation ' || o.xmin || ' ' || o::text FROM deletion_operation o
						UNION ALL SELECT 'chunk ' || c.xmin || ' ' || c::text FROM deletion_chunk c
						UNION ALL SELECT 'state ' || s::text FROM deletion_purge_state s
						UNION ALL SELECT 'table ' || t.xmin || ' ' || t::text FROM deletion_table t) AS lines (line)""")
			.query(String.class)
			.single();
	}

	private static void awaitInside(DeleteTemplate deletes) {
		transactions().executeWithoutResult((status) -> {
			AsyncDeletion deletion = deletes.from("bare").byId(2).hard().executeAsync();
			deletion.await(Duration.ofSeconds(1));
		});
	}

	private static void progressAfterRollback(DeleteTemplate deletes) {
		AsyncDeletion[] deletion = new AsyncDeletion[1];
		TransactionTemplate own = transactions();
		own.setPropagationBehavior(TransactionTemplate.PROPAGATION_REQUIRES_NEW);
		own.executeWithoutResult((status) -> {
			deletion[0] = deletes.from("bare").byId(2).hard().executeAsync();
			status.setRollbackOnly();
		});
		deletion[0].progress();
	}

	private static void operate(String action, UUID operation) {
		switch (action) {
			case "purgeNow" -> pending().purgeNow(operation);
			case "cancel" -> pending().cancel(operation);
			default -> pending().retry(operation);
		}
	}

	private static String cursor(String time) {
		return Base64.getUrlEncoder()
			.withoutPadding()
			.encodeToString((time + "/" + UNKNOWN + "/1").getBytes(StandardCharsets.UTF_8));
	}

	private static PendingPurges pending() {
		return application.bean(PendingPurges.class);
	}

	private static TransactionTemplate transactions() {
		return new TransactionTemplate(application.bean(PlatformTransactionManager.class));
	}

	private static Call readOnly(Call call) {
		return (deletes) -> {
			TransactionTemplate transaction = transactions();
			transaction.setPropagationBehavior(TransactionTemplate.PROPAGATION_REQUIRES_NEW);
			transaction.setReadOnly(true);
			transaction.executeWithoutResult((status) -> call.with(deletes));
		};
	}

	/**
	 * Return {@code null}, as code does that is not checked for it.
	 */
	@SuppressWarnings("NullAway")
	private static <T> T missing(Class<T> type) {
		return type.cast(null);
	}

	private static void criteria(String group, String input, Criteria criteria, String... words) {
		add(group, "where(" + words[0] + " " + input + ")", (d) -> d.from("people").where(criteria).execute(),
				InvalidCriteriaException.class, words);
	}

	private static void add(String group, String input, Call call, Class<? extends Exception> type, String... words) {
		refusals.add(new Refusal(group, input, call, type, List.of(words)));
	}

	private static void get(String path, int status, String word) {
		requests.add(new Request(path, null, status, word));
	}

	private static void post(String path, String action, int status, String word) {
		requests.add(new Request(path, action, status, word));
	}

	interface Call {

		void with(DeleteTemplate deletes);

	}

	/**
	 * A call that is refused.
	 */
	record Refusal(String group, String input, Call call, Class<? extends Exception> type, List<String> words) {

		String line(List<String> faults) {
			String before = everything();
			Throwable[] refusal = new Throwable[1];
			List<Recorded> sent = StatementRecorder
				.record(() -> refusal[0] = catchThrowable(() -> this.call.with(application.deletes())));
			Throwable raised = refusal[0];
			if (raised == null || raised.getClass() != this.type) {
				faults.add("%s: %s, not %s".formatted(this.input, raised, this.type.getSimpleName()));
				return "";
			}
			String message = String.valueOf(raised.getMessage());
			this.words.stream()
				.filter((word) -> !message.contains(word))
				.forEach((word) -> faults.add("%s: '%s' is not in '%s'".formatted(this.input, word, message)));
			boolean goesOn = goesOnAfterwards(faults);
			if (sent.isEmpty() && !goesOn) {
				faults.add("%s: refused before any SQL, and the caller's transaction is lost".formatted(this.input));
			}
			if (!everything().equals(before)) {
				faults.add(this.input + ": something was written");
			}
			return row("`" + cell(this.input).replace("\\*", "*").replace("\\|", "|").replace("&lt;", "<") + "`",
					"`" + this.type.getSimpleName() + "`", cell(message), goesOn ? "goes on" : "rolls back");
		}

		private boolean goesOnAfterwards(List<String> faults) {
			JdbcClient jdbc = application.bean(JdbcClient.class);
			try {
				transactions().executeWithoutResult((status) -> {
					Throwable raised = catchThrowable(() -> this.call.with(application.deletes()));
					if (raised == null || raised.getClass() != this.type) {
						faults.add("%s: %s in a transaction".formatted(this.input, raised));
					}
					if (!status.isRollbackOnly()) {
						jdbc.sql("INSERT INTO marker DEFAULT VALUES").update();
					}
				});
			}
			catch (UnexpectedRollbackException ex) {
				return false;
			}
			boolean committed = jdbc.sql("DELETE FROM marker").update() == 1;
			if (!committed) {
				faults.add(this.input + ": nothing was committed afterwards");
			}
			return committed;
		}

	}

	/**
	 * A request that is refused.
	 */
	record Request(String path, @Nullable String action, int status, String word) {

		String line(List<String> faults) {
			String before = everything();
			Answer answer = (this.action != null) ? application.post(this.path, this.action)
					: application.get(this.path);
			if (answer.status() != this.status || answer.body() == null || !answer.error().contains(this.word)) {
				faults.add("%s %s: %s".formatted(this.path, this.action, answer));
				return "";
			}
			if (!everything().equals(before)) {
				faults.add(this.path + ": something was written");
			}
			String request = (this.action != null) ? "POST " + this.path + " {\"action\": \"" + this.action + "\"}"
					: "GET " + this.path;
			return row("`" + cell(request) + "`", String.valueOf(this.status), cell(answer.error()));
		}

	}

	@Table("people")
	record Person(@Id Integer id, String fullName) {
	}

}
