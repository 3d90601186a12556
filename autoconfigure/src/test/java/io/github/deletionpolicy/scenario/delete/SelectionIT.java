package io.github.deletionpolicy.scenario.delete;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.InvalidCriteriaException;
import io.github.deletionpolicy.InvalidIdException;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.UnknownColumnException;
import io.github.deletionpolicy.UnknownTableException;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.engine.DeletionEngine;
import io.github.deletionpolicy.rows.ConditionOperator;
import io.github.deletionpolicy.rows.RowCondition;
import io.github.deletionpolicy.rows.RowCondition.AllOf;
import io.github.deletionpolicy.rows.RowCondition.Always;
import io.github.deletionpolicy.rows.RowCondition.AnyOf;
import io.github.deletionpolicy.rows.RowCondition.Between;
import io.github.deletionpolicy.rows.RowCondition.Compare;
import io.github.deletionpolicy.rows.RowCondition.In;
import io.github.deletionpolicy.rows.RowCondition.Is;
import io.github.deletionpolicy.rows.RowCondition.Keys;
import io.github.deletionpolicy.rows.RowCondition.Not;
import io.github.deletionpolicy.rows.RowCondition.State;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.sql.Sql;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.data.annotation.Id;
import org.springframework.data.relational.core.mapping.Table;
import org.springframework.data.relational.core.query.Criteria;
import org.springframework.data.relational.core.query.CriteriaDefinition;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Which rows a delete selects, and what it refuses to select by.
 */
class SelectionIT {

	@RegisterExtension
	private static final Application application = Application.of("""
			CREATE TABLE people (id integer PRIMARY KEY, full_name text NOT NULL, age int, active boolean,
				code varchar(5), born date, deletion_time timestamptz);
			CREATE TABLE places (country text, number bigint, deletion_time timestamptz, PRIMARY KEY (number, country));
			CREATE TABLE things (id uuid PRIMARY KEY, deletion_time timestamptz);
			CREATE TABLE "Odd ""Name" ("Key" bigint PRIMARY KEY, "a?b" text, deletion_time timestamptz);
			CREATE TABLE keyless (name text, deletion_time timestamptz);
			CREATE TABLE bare (id bigint PRIMARY KEY);
			CREATE TABLE dated (id bigint PRIMARY KEY, deletion_time date);
			CREATE TABLE rounded (id bigint PRIMARY KEY, deletion_time timestamptz(3));
			CREATE VIEW live_people AS SELECT * FROM people WHERE deletion_time IS NULL""",
			"deletion-policy.tables.people.mode=soft");

	@BeforeEach
	void fourPeopleOfWhomOneIsDeleted() {
		application.jdbc().sql("TRUNCATE people, deletion_operation, deletion_chunk").update();
		application.jdbc().sql("""
				INSERT INTO people VALUES (1, 'Ada', 36, true, 'A', '1815-12-10', NULL),
					(2, 'Bob', 20, false, 'B', NULL, NULL), (3, 'Cyd', NULL, NULL, 'abcde', NULL, NULL),
					(4, 'Dan', 20, true, 'D', NULL, '2020-01-01T00:00:00Z')""").update();
	}

	@ParameterizedTest
	@EnumSource(DeletionMode.class)
	void anOrTouchesTheMatchingLiveRowsOnly(DeletionMode mode) {
		Instant deletedBefore = application.deletionTime("people", 4);
		DeleteOperations.Mode step = application.deletes()
			.from("people")
			.where(Criteria.where("full_name").is("Ada").or("age").is(20));
		long rows = switch (mode) {
			case HARD -> step.hard().execute().rows();
			case SOFT -> step.soft().execute().rows();
			case SCHEDULED -> step.scheduled().execute().rows();
		};
		if (mode == DeletionMode.HARD) {
			assertThat(rows).isEqualTo(3);
			assertThat(application.ids("people")).containsExactly(3L);
		}
		else {
			assertThat(rows).isEqualTo(2);
			assertThat(application.liveIds("people")).containsExactly(3L);
			assertThat(application.deletionTime("people", 4)).isEqualTo(deletedBefore);
		}
	}

	@Test
	void andBindsCloserThanOr() {
		assertThat(matching(Criteria.where("full_name").is("Cyd").or("age").is(20).and("active").isFalse()))
			.isEqualTo(2);
		assertThat(matching(Criteria.where("full_name").is("Cyd").or("age").is(20).and("active").isTrue()))
			.isEqualTo(2);
		assertThat(matching(Criteria.from(Criteria.where("full_name").is("Cyd").or("age").is(20),
				Criteria.where("active").isFalse())))
			.isOne();
	}

	@Test
	void aListOfCriteriaMeansTheSameInWhateverOrder() {
		Criteria active = Criteria.where("active").isFalse();
		Criteria either = Criteria.where("full_name").is("Cyd").or("age").is(20);
		assertThat(matching(Criteria.from(either, active))).isOne();
		assertThat(matching(Criteria.from(active, either))).isOne();
		assertThat(matching(Criteria.where("age").is(20).and(List.of(active, either)))).isOne();
		assertThat(matching(Criteria.where("age").is(36).or(List.of(active, either)))).isEqualTo(4);
		assertThat(matching(Criteria.where("age").is(36).or(active.and("full_name").is("Bob")))).isEqualTo(2);
	}

	@Test
	void everyComparisonOfSpringDataIsUnderstood() {
		assertThat(matching(Criteria.where("age").not(20))).isOne();
		assertThat(matching(Criteria.where("age").lessThan(36))).isEqualTo(2);
		assertThat(matching(Criteria.where("age").lessThanOrEquals(36))).isEqualTo(3);
		assertThat(matching(Criteria.where("age").greaterThan(20L))).isOne();
		assertThat(matching(Criteria.where("age").greaterThanOrEquals((short) 20))).isEqualTo(3);
		assertThat(matching(Criteria.where("age").between(30, 40))).isOne();
		assertThat(matching(Criteria.where("age").notBetween(30, 40))).isEqualTo(2);
		assertThat(matching(Criteria.where("age").in(20, 36))).isEqualTo(3);
		assertThat(matching(Criteria.where("age").notIn(36))).isEqualTo(2);
		assertThat(matching(Criteria.where("age").isNull())).isOne();
		assertThat(matching(Criteria.where("age").isNotNull())).isEqualTo(3);
		assertThat(matching(Criteria.where("active").isTrue())).isEqualTo(2);
		assertThat(matching(Criteria.where("active").isFalse())).isOne();
		assertThat(matching(Criteria.where("full_name").like("%d%"))).isEqualTo(2);
		assertThat(matching(Criteria.where("full_name").notLike("%d%"))).isEqualTo(2);
		assertThat(matching(Criteria.where("full_name").is("ada").ignoreCase(true))).isOne();
		assertThat(matching(Criteria.where("full_name").in("ADA", "bob").ignoreCase(true))).isEqualTo(2);
		assertThat(matching(Criteria.where("full_name").like("%D%").ignoreCase(true))).isEqualTo(3);
		assertThat(matching(Criteria.where("born").is(LocalDate.of(1815, 12, 10)))).isOne();
		assertThat(matching(Criteria.where("age").in(List.of()))).isZero();
		assertThat(matching(Criteria.where("age").is(20).and("id").notIn(List.of()))).isEqualTo(2);
		assertThat(matching(Criteria.where("AGE").is(20))).isEqualTo(2);
	}

	@ParameterizedTest
	@MethodSource("storedConditions")
	void aConditionThatWasStoredSelectsTheSameRows(RowCondition condition, List<Long> ids) {
		application.jdbc().sql("CREATE TABLE IF NOT EXISTS stored (words text[])").update();
		application.jdbc().sql("TRUNCATE stored").update();
		application.jdbc()
			.sql("INSERT INTO stored VALUES (?)")
			.param(condition.toWords().toArray(String[]::new))
			.update();
		String[] words = application.jdbc()
			.sql("SELECT words FROM stored")
			.query((rs, row) -> (String[]) rs.getArray(1).getArray())
			.single();
		for (RowCondition one : List.of(condition, RowCondition.fromWords(List.of(words)))) {
			assertThat(selected(one)).isEqualTo(ids);
		}
	}

	@Test
	void theDeepestConditionThatCanBeStoredIsNotTooDeepForTheDatabase() {
		RowCondition ada = new Compare("full_name", ConditionOperator.EQ, false, "Ada");
		RowCondition deepest = new Is("age", State.NULL);
		for (int i = 0; i < RowCondition.MAX_DEPTH; i++) {
			deepest = (i % 2 == 0) ? new Not(deepest) : new AnyOf(List.of(ada, deepest));
		}
		assertThat(selected(RowCondition.fromWords(deepest.toWords()))).containsExactly(1L, 3L);
	}

	static Stream<Arguments> storedConditions() {
		RowCondition twenty = new Compare("age", ConditionOperator.EQ, false, "20");
		return Stream.of(Arguments.of(new Always(true), List.of(1L, 2L, 3L, 4L)),
				Arguments.of(new Always(false), List.of()), Arguments.of(twenty, List.of(2L, 4L)),
				Arguments.of(new Compare("full_name", ConditionOperator.EQ, false, "all"), List.of()),
				Arguments.of(new Compare("full_name", ConditionOperator.NEQ, false, "{NULL,\"\\,'"),
						List.of(1L, 2L, 3L, 4L)),
				Arguments.of(new Compare("full_name", ConditionOperator.GTE, true, ""), List.of(1L, 2L, 3L, 4L)),
				Arguments.of(new Compare("full_name", ConditionOperator.LIKE, true, "%D%"), List.of(1L, 3L, 4L)),
				Arguments.of(new Compare("full_name", ConditionOperator.NOT_LIKE, false, "%d%"), List.of(2L, 4L)),
				Arguments.of(new Between("age", false, false, "30", "40"), List.of(1L)),
				Arguments.of(new Between("full_name", true, true, "b", "c"), List.of(1L, 3L, 4L)),
				Arguments.of(new In("age", false, List.of("20", "36")), List.of(1L, 2L, 4L)),
				Arguments.of(new In("full_name", true, List.of("ADA", "null", "")), List.of(1L)),
				Arguments.of(new Is("born", State.NULL), List.of(2L, 3L, 4L)),
				Arguments.of(new Is("full_name", State.NOT_NULL), List.of(1L, 2L, 3L, 4L)),
				Arguments.of(new Is("active", State.TRUE), List.of(1L, 4L)),
				Arguments.of(new Is("active", State.FALSE), List.of(2L)),
				Arguments.of(new Keys(List.of("id"), List.of(List.of("3"))), List.of(3L)),
				Arguments.of(new Keys(List.of("id"), List.of(List.of("3", "1", "9"))), List.of(1L, 3L)),
				Arguments.of(new AllOf(List.of(twenty, new Not(new Is("active", State.TRUE)))), List.of(2L)),
				Arguments.of(new AnyOf(List.of(twenty, new Is("age", State.NULL))), List.of(2L, 3L, 4L)));
	}

	@Test
	void aValueThatIsLongerThanTheColumnIsNotCutToOneThatMatches() {
		assertThat(matching(Criteria.where("code").is("abcdefgh"))).isZero();
		assertThat(matching(Criteria.where("code").is("abcde"))).isOne();
	}

	@Test
	void aCriteriaThatCanOnlyBeTrueIsRefused() {
		for (CriteriaDefinition criteria : List.of(Criteria.empty(), Criteria.where("age").notIn(List.of()),
				Criteria.where("age").is(1).or("age").notIn(List.of()), Criteria.where("id").isNotNull(),
				Criteria.from(Criteria.empty(), Criteria.empty()),
				Criteria.from(Criteria.where("age").notIn(List.of())))) {
			assertThatExceptionOfType(InvalidCriteriaException.class)
				.isThrownBy(() -> application.deletes().from("people").where(criteria).execute())
				.withMessageContaining("all()");
		}
		assertThat(application.liveIds("people")).containsExactly(1L, 2L, 3L);
	}

	@ParameterizedTest
	@ValueSource(strings = { "1=1 OR id", "id\" IS NOT NULL OR \"id", "id; DROP TABLE people; --", "t.id", "no_such",
			"full_name) OR (true", "\"Full_Name\"", "" + (char) 0 + "x" })
	void aHostileColumnNameIsRefusedOnATableAndOnAClass(String name) {
		assertThatExceptionOfType(UnknownColumnException.class)
			.isThrownBy(() -> application.deletes().from("people").where(Criteria.where(name).is(1)).execute())
			.withMessageContaining("full_name");
		assertThatExceptionOfType(UnknownColumnException.class)
			.isThrownBy(() -> application.deletes().from(Person.class).where(Criteria.where(name).is(1)).execute())
			.withMessageContaining("full_name");
		assertThat(application.liveIds("people")).containsExactly(1L, 2L, 3L);
	}

	@Test
	void aHostileValueIsAValue() {
		assertThat(matching(Criteria.where("full_name").is("' OR '1'='1"))).isZero();
		assertThat(matching(Criteria.where("full_name").in("Ada", "'); DROP TABLE people; --"))).isOne();
	}

	@Test
	void propertiesOfAClassAreColumns() {
		assertThat(
				application.deletes().from(Person.class).where(Criteria.where("fullName").is("Ada")).execute().rows())
			.isOne();
		assertThat(application.liveIds("people")).containsExactly(2L, 3L);
	}

	@Test
	void aValueThatDoesNotFitItsColumnIsRefused() {
		assertThatExceptionOfType(InvalidCriteriaException.class)
			.isThrownBy(() -> matching(Criteria.where("age").is("twenty")))
			.withMessageContaining("age")
			.withMessageContaining("integer")
			.withMessageContaining("java.lang.String");
		assertThatExceptionOfType(InvalidCriteriaException.class)
			.isThrownBy(() -> matching(Criteria.where("age").is(1L << 40)));
		assertThatExceptionOfType(InvalidCriteriaException.class)
			.isThrownBy(() -> matching(Criteria.where("age").like("2%")));
		assertThatExceptionOfType(InvalidCriteriaException.class)
			.isThrownBy(() -> matching(Criteria.where("age").isTrue()));
	}

	@Test
	void anIdIsConvertedWhereItsValueSurvives() {
		assertThat(application.deletes().from("people").byId(1L).execute().rows()).isOne();
		assertThat(application.deletes().from("people").byId((short) 2).execute().rows()).isOne();
		for (Object wrong : List.of("3", 3.0, 1L << 40, Map.of("nope", 3))) {
			assertThatExceptionOfType(InvalidIdException.class)
				.isThrownBy(() -> application.deletes().from("people").byId(wrong).execute())
				.withMessageContaining("people");
		}
		assertThatExceptionOfType(InvalidIdException.class)
			.isThrownBy(() -> application.deletes().from("things").byId("nope").execute())
			.withMessageContaining("uuid")
			.withMessageContaining("java.lang.String");
		assertThat(application.liveIds("people")).containsExactly(3L);
	}

	@Test
	void aCompositeKeyIsAMap() {
		application.jdbc().sql("TRUNCATE places").update();
		application.jdbc().sql("INSERT INTO places VALUES ('a', 1), ('a', 2), ('b', 1)").update();
		DeleteOperations.Mode delete = application.deletes()
			.from("places")
			.byIds(List.of(Map.of("country", "a", "number", 1), Map.of("NUMBER", 1L, "country", "b")));
		assertThat(delete.scheduled().execute().rows()).isEqualTo(2);
		assertThat(application.pending().forRow("places", Map.of("country", "a", "number", 1))).isPresent();
		assertThat(application.pending().forRow("places", Map.of("country", "a", "number", 2))).isEmpty();
		assertThat(application.purges().runDue().total()).isEqualTo(2);
		assertThat(application.jdbc().sql("SELECT country || number FROM places").query(String.class).list())
			.containsExactly("a2");
		assertThatExceptionOfType(InvalidIdException.class)
			.isThrownBy(() -> application.deletes().from("places").byId(1).execute())
			.withMessageContaining("(number, country)");
		assertThatExceptionOfType(InvalidIdException.class)
			.isThrownBy(() -> application.deletes().from("places").byId(Map.of("number", 1)).execute())
			.withMessageContaining("country");
	}

	@Test
	void oddNamesWorkFromTheDeleteToThePurge() {
		application.jdbc().sql("INSERT INTO \"Odd \"\"Name\" VALUES (1, 'x'), (2, 'y')").update();
		var result = application.deletes()
			.from("\"Odd \"\"Name\"")
			.where(Criteria.where("\"a?b\"").is("x"))
			.scheduled()
			.execute();
		assertThat(result.rows()).isOne();
		assertThat(application.purges().runDue().rows()).containsEntry("public.\"Odd \"\"Name\"", 1L);
	}

	@Test
	void aTableThatCannotCarryADeletionTimeIsRefusedWithWhatMendsIt() {
		assertThatExceptionOfType(UnsupportedTableException.class).isThrownBy(() -> soft("bare"))
			.withMessageContaining("ALTER TABLE public.bare ADD COLUMN deletion_time timestamptz");
		assertThatExceptionOfType(UnsupportedTableException.class).isThrownBy(() -> soft("dated"))
			.withMessageContaining("ALTER COLUMN deletion_time TYPE timestamptz");
		assertThatExceptionOfType(UnsupportedTableException.class).isThrownBy(() -> soft("rounded"))
			.withMessageContaining("less precision");
		assertThatExceptionOfType(UnsupportedTableException.class).isThrownBy(() -> soft("keyless"))
			.withMessageContaining("primary key");
		assertThatExceptionOfType(UnsupportedTableException.class).isThrownBy(() -> soft("live_people"))
			.withMessageContaining("view");
		assertThatExceptionOfType(UnknownTableException.class).isThrownBy(() -> soft("\"People\""))
			.withMessageContaining("Did you mean public.people?");
		assertThatExceptionOfType(UnknownTableException.class).isThrownBy(() -> soft("people; DROP TABLE people"));
		assertThat(application.deletes().from("keyless").all().hard().execute().rows()).isZero();
	}

	@Test
	void aTableThatGetsItsColumnLaterWorksFromThenOn() {
		application.jdbc().sql("CREATE TABLE grown (id bigint PRIMARY KEY)").update();
		assertThatExceptionOfType(UnsupportedTableException.class).isThrownBy(() -> soft("grown"));
		application.jdbc().sql("ALTER TABLE grown ADD COLUMN deletion_time timestamptz").update();
		assertThat(soft("grown")).isZero();
		application.jdbc().sql("INSERT INTO grown VALUES (1)").update();
		application.jdbc()
			.sql("CREATE TABLE leaf (id bigint PRIMARY KEY, grown_id bigint REFERENCES grown ON DELETE CASCADE)")
			.update();
		application.jdbc().sql("INSERT INTO leaf VALUES (11, 1)").update();
		assertThat(application.deletes().from("grown").all().soft().preview().cascaded()).isEmpty();
		application.jdbc().sql("ALTER TABLE leaf ADD COLUMN deletion_time timestamptz").update();
		assertThat(application.deletes().from("grown").all().soft().execute().cascaded())
			.isEqualTo(Map.of("public.leaf", 1L));
	}

	@Test
	void aColumnThatChangesAloneIsNoticed() {
		application.jdbc().sql("CREATE TABLE slim (id int PRIMARY KEY, email text NOT NULL)").update();
		application.jdbc().sql("INSERT INTO slim VALUES (1, 'a@example.org')").update();
		Criteria criteria = Criteria.where("id").greaterThan(0).and("email").isNotNull();
		assertThat(application.deletes().from("slim").where(criteria).preview().rows()).isOne();
		application.jdbc().sql("ALTER TABLE slim ALTER COLUMN email DROP NOT NULL").update();
		application.jdbc().sql("INSERT INTO slim VALUES (2, NULL)").update();
		assertThat(application.deletes().from("slim").where(criteria).preview().rows()).isOne();
		application.jdbc().sql("ALTER TABLE slim RENAME COLUMN id TO slim_id").update();
		assertThat(application.deletes().from("slim").byId(2).execute().rows()).isOne();
	}

	@Test
	void aCascadingKeyIsSeenFromAPartitionToo() {
		application.sql("""
				CREATE TABLE parts (id bigint PRIMARY KEY, deletion_time timestamptz) PARTITION BY RANGE (id);
				CREATE TABLE part PARTITION OF parts FOR VALUES FROM (0) TO (100);
				CREATE TABLE bolts (id bigint PRIMARY KEY, part_id bigint REFERENCES parts ON DELETE CASCADE,
					deletion_time timestamptz);
				INSERT INTO parts SELECT generate_series(1, 2);
				INSERT INTO bolts SELECT id, id FROM parts""");
		for (String table : List.of("part", "parts")) {
			int id = table.length() - 3;
			assertThat(application.deletes().from(table).byId(id).scheduled().execute().cascaded())
				.isEqualTo(Map.of("public.bolts", 1L));
		}
		assertThat(application.purges().runDue().total()).isEqualTo(4);
	}

	@Test
	void datesAreReadAsJavaMeansThem() {
		application.jdbc()
			.sql("CREATE TABLE eras (id int PRIMARY KEY, day date, at timestamp, exact timestamptz)")
			.update();
		application.jdbc().sql("""
				INSERT INTO eras VALUES (1, '0044-03-15 BC', '0044-03-15 12:00:00 BC', '0044-03-15 12:00:00+00 BC'),
					(2, '12000-01-01', '12000-01-01 12:00:00', '12000-01-01 12:00:00+00')""").update();
		LocalDateTime ides = LocalDateTime.of(-43, 3, 15, 12, 0);
		LocalDateTime far = LocalDateTime.of(12_000, 1, 1, 12, 0);
		for (LocalDateTime time : List.of(ides, far)) {
			for (Criteria criteria : List.of(Criteria.where("day").is(time.toLocalDate()),
					Criteria.where("at").is(time), Criteria.where("exact").is(time.toInstant(ZoneOffset.UTC)))) {
				assertThat(application.deletes().from("eras").where(criteria).preview().rows()).isOne();
			}
		}
		for (Criteria infinite : List.of(Criteria.where("day").lessThan(LocalDate.MAX),
				Criteria.where("at").greaterThan(LocalDateTime.MIN),
				Criteria.where("exact").lessThan(OffsetDateTime.MAX))) {
			assertThat(application.deletes().from("eras").where(infinite).preview().rows()).isEqualTo(2);
		}
		for (Criteria beyond : List.of(Criteria.where("day").lessThan(LocalDate.MAX.minusDays(1)),
				Criteria.where("exact").lessThan(Instant.MAX), Criteria.where("exact").greaterThan(Instant.MIN))) {
			assertThatExceptionOfType(InvalidCriteriaException.class)
				.isThrownBy(() -> application.deletes().from("eras").where(beyond).execute());
		}
	}

	@Test
	void aZeroCharacterIsRefusedBeforeTheDatabaseDoes() {
		for (Criteria criteria : List.of(Criteria.where("full_name").is("A\0"),
				Criteria.where("full_name").in("A\0", "B"), Criteria.where("full_name").like("A\0%"))) {
			assertThatExceptionOfType(InvalidCriteriaException.class).isThrownBy(() -> matching(criteria));
		}
		assertThatExceptionOfType(InvalidIdException.class).isThrownBy(
				() -> application.deletes().from("places").byId(Map.of("country", "A\0", "number", 1)).execute());
	}

	@Test
	void aListMayBeLongerThanAStatementMayHaveParameters() {
		assertThat(matching(Criteria.where("age").in(IntStream.range(20, 100_000).boxed().toList()))).isEqualTo(3);
		assertThat(matching(Criteria.where("age").notIn(IntStream.range(21, 100_000).boxed().toList()))).isEqualTo(2);
	}

	@Test
	void aKeyWhoseDomainRestsOnAnEnumerationIsRefusedNowAndNotWhenItIsDue() {
		application.sql("""
				CREATE TYPE mood AS ENUM ('calm');
				CREATE DOMAIN calm_mood AS mood;
				CREATE TABLE moods (mood calm_mood PRIMARY KEY, deletion_time timestamptz)""");
		assertThatExceptionOfType(UnsupportedTableException.class)
			.isThrownBy(() -> application.deletes().from("moods").all().scheduled().execute());
	}

	private static List<Long> selected(RowCondition condition) {
		var people = application.bean(DeletionEngine.class).catalog().table(TableName.parse("people"));
		return Sql.of("SELECT t.id FROM people AS t WHERE ")
			.add(condition.on(people))
			.add(" ORDER BY t.id")
			.list(application.bean(JdbcTemplate.class), (rs, row) -> rs.getLong(1));
	}

	private static long soft(String table) {
		return application.deletes().from(table).all().soft().execute().rows();
	}

	/**
	 * Count all matching rows, deleted ones too.
	 */
	private static long matching(CriteriaDefinition criteria) {
		return application.deletes().from("people").where(criteria).hard().preview().rows();
	}

	@Table("people")
	record Person(@Id Integer id, String fullName) {
	}

}
