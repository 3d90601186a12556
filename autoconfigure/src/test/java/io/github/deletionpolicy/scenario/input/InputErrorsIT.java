package io.github.deletionpolicy.scenario.input;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

import io.github.deletionpolicy.DeleteTemplate;
import io.github.deletionpolicy.InvalidCriteriaException;
import io.github.deletionpolicy.InvalidIdException;
import io.github.deletionpolicy.ReadOnlyDeletionException;
import io.github.deletionpolicy.UnknownColumnException;
import io.github.deletionpolicy.UnknownTableException;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.scenario.Application;
import jakarta.persistence.Entity;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.dao.InvalidDataAccessResourceUsageException;
import org.springframework.data.annotation.Id;
import org.springframework.data.relational.core.mapping.Table;
import org.springframework.data.relational.core.query.Criteria;
import org.springframework.data.relational.core.query.CriteriaDefinition;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * What a caller reads who got it wrong, word for word. Nothing is written.
 */
class InputErrorsIT {

	private static final UUID OPERATION = new UUID(1, 2);

	@RegisterExtension
	private static final Application application = Application.of("""
			CREATE TABLE people (id integer PRIMARY KEY, full_name text NOT NULL, age int, deletion_time timestamptz);
			CREATE TABLE places (country text, number bigint, deletion_time timestamptz, PRIMARY KEY (number, country));
			INSERT INTO people VALUES (1, 'Ada', 36), (2, 'Bob', 20), (3, 'Cyd', NULL);
			INSERT INTO places VALUES ('a', 1);
			CREATE VIEW live_people AS SELECT * FROM people WHERE deletion_time IS NULL""",
			"deletion-policy.tables.people.mode=scheduled", "deletion-policy.tables.people.delay=30d");

	@BeforeAll
	static void deleteOne() {
		application.deletes().from("people").byId(3).execute();
	}

	static Stream<Mistake> mistakes() {
		return Stream.of(mistake("unknown table", (deletes) -> deletes.from("persons").all().execute(),
				UnknownTableException.class,
				"There is no table persons on the search path (\"$user\", public). Check the name; unquoted names fold to lower case."),
				mistake("unknown table in a schema", (deletes) -> deletes.from("shop.people").byId(1).execute(),
						UnknownTableException.class,
						"There is no table people in schema shop. Did you mean public.people?"),
				mistake("no name", (deletes) -> deletes.from("people; DROP TABLE people").all().execute(),
						UnknownTableException.class,
						"'people; DROP TABLE people' is not a valid table name: unexpected '; DROP TABLE people'. Write table or schema.table, as in SQL."),
				mistake("null table", (deletes) -> deletes.from(missing(String.class)), UnknownTableException.class,
						"The table is null. Write its name, as in from(\"users\")."),
				mistake("null class", (deletes) -> deletes.from(missing(Class.class)), UnknownTableException.class,
						"The class is null. Write that of an aggregate root, as in from(User.class)."),
				mistake("JPA entity", (deletes) -> deletes.from(Entry.class).byId(1).execute(),
						UnknownTableException.class,
						"io.github.deletionpolicy.scenario.input.InputErrorsIT$Entry is a JPA entity: JPA knows its table and columns, Spring Data JDBC would only guess them. Name the table, as in from(\"users\")."),
				mistake("no aggregate", (deletes) -> deletes.from(String.class).byId(1).execute(),
						UnknownTableException.class,
						"java.lang.String is not a class that Spring Data maps to a table. Name the table, as in from(\"users\")."),
				mistake("view", (deletes) -> deletes.from("live_people").byId(1).execute(),
						UnsupportedTableException.class,
						"public.live_people is a view. Name the table that holds the rows. The policy of that table may name the view as its live-view; then it stands for the table."),
				mistake("temporary table", InputErrorsIT::deleteFromTemporaryTable, UnsupportedTableException.class,
						"pg_temp_N.carts is a temporary relation: it ends with the session, so nothing of it can be kept or purged. Delete with plain SQL."),
				mistake("unknown column", where("people", Criteria.where("name").is("Ada")),
						UnknownColumnException.class,
						"Table public.people has no column 'name'. It has: id, full_name, age, deletion_time."),
				mistake("unknown property",
						(deletes) -> deletes.from(Person.class).where(Criteria.where("surname").is("Ada")).execute(),
						UnknownColumnException.class,
						"Class io.github.deletionpolicy.scenario.input.InputErrorsIT$Person has no property 'surname' with a column of its own, and table public.people no such column. The columns are: id, full_name, age, deletion_time."),
				mistake("id of another type", (deletes) -> deletes.from("people").byId("1").execute(),
						InvalidIdException.class,
						"Column id of the primary key of table public.people is integer and does not accept the java.lang.String '1'. Give a value of that type."),
				mistake("id that is too large", (deletes) -> deletes.from("people").byId(1L << 40).execute(),
						InvalidIdException.class,
						"Column id of the primary key of table public.people is integer and does not accept the java.lang.Long '1099511627776'. Give a value of that type."),
				mistake("one id of another type",
						(deletes) -> deletes.from("people").byIds(List.of(1, 2.5)).hard().execute(),
						InvalidIdException.class,
						"Column id of the primary key of table public.people is integer and does not accept the java.lang.Double '2.5'. Give a value of that type."),
				mistake("value for a composite key", (deletes) -> deletes.from("places").byId(1).execute(),
						InvalidIdException.class,
						"Table public.places has the primary key (number, country), and the id is a java.lang.Integer. Write a Map with a value for each column of the key."),
				mistake("part of a composite key",
						(deletes) -> deletes.from("places").byId(Map.of("number", 1)).execute(),
						InvalidIdException.class,
						"Table public.places has the primary key (number, country), and the id has no value for country. Write a Map with a value for each column of the key."),
				mistake("composite key with another column",
						(deletes) -> deletes.from("places").byId(Map.of("number", 1, "town", "a")).execute(),
						InvalidIdException.class,
						"Table public.places has the primary key (number, country), and the id names 'town'. Write a Map with a value for each column of the key."),
				mistake("null id", (deletes) -> deletes.from("people").byId(missing(Object.class)),
						InvalidIdException.class,
						"An id for table people is null, but a primary key is never null. Leave it out."),
				mistake("null among ids", (deletes) -> deletes.from("people").byIds(Arrays.asList(1, null)),
						InvalidIdException.class,
						"An id for table people is null, but a primary key is never null. Leave it out."),
				mistake("null id for a class", (deletes) -> deletes.from(Person.class).byId(missing(Object.class)),
						InvalidIdException.class,
						"An id for class io.github.deletionpolicy.scenario.input.InputErrorsIT$Person is null, but a primary key is never null. Leave it out."),
				mistake("null for ids", (deletes) -> deletes.from("people").byIds(missing(List.class)),
						InvalidIdException.class,
						"The ids for table people are null. Write an empty list to select no row."),
				mistake("null criteria", (deletes) -> deletes.from("people").where(missing(CriteriaDefinition.class)),
						InvalidCriteriaException.class,
						"The criteria for table people is null. Write all() to select every row."),
				mistake("empty criteria", where("people", Criteria.empty()), InvalidCriteriaException.class,
						"The criteria 'empty()' is always true, so it selects every row. Write all() if you mean that."),
				mistake("criteria that is always true", where("people", Criteria.where("age").notIn(List.of())),
						InvalidCriteriaException.class,
						"The criteria 'age NOT IN ()' is always true, so it selects every row. Write all() if you mean that."),
				mistake("criteria that the column makes true", where("people", Criteria.where("id").isNotNull()),
						InvalidCriteriaException.class,
						"The criteria 'id IS NOT NULL' is always true, so it selects every row. Write all() if you mean that."),
				mistake("value of another type", where("people", Criteria.where("age").is("old")),
						InvalidCriteriaException.class,
						"Column age is integer and cannot be compared with a java.lang.String. Give a value of that type."),
				mistake("text comparison of a number", where("people", Criteria.where("age").like("2%")),
						InvalidCriteriaException.class,
						"LIKE compares a text with a String, but column age is integer and the value is a java.lang.String. Write is(), in() or between()."),
				mistake("delete in a read-only transaction",
						readOnly((deletes) -> deletes.from("people").byId(1).execute()),
						ReadOnlyDeletionException.class,
						"A delete from public.people was called in a read-only transaction. Leave out readOnly = true there."),
				mistake("returning delete in a read-only transaction",
						readOnly((deletes) -> deletes.from("people").byId(1).hard().returning(Map.class).execute()),
						ReadOnlyDeletionException.class,
						"A delete from public.people was called in a read-only transaction. Leave out readOnly = true there."),
				mistake("restore in a read-only transaction",
						readOnly((deletes) -> deletes.restoreFrom("people").byId(3).execute()),
						ReadOnlyDeletionException.class,
						"A restore to table people was called in a read-only transaction. Leave out readOnly = true there."),
				mistake("restore of an operation in a read-only transaction",
						readOnly((deletes) -> deletes.restore(OPERATION)), ReadOnlyDeletionException.class,
						"The restore of operation 00000000-0000-0001-0000-000000000002 was called in a read-only transaction. Leave out readOnly = true there."));
	}

	@ParameterizedTest
	@MethodSource("mistakes")
	void isRefusedWithWhatToWriteAndNothingIsWritten(Mistake mistake) {
		String before = everything();
		assertThat(before).contains("operation ", "chunk ");
		Throwable refusal = catchThrowable(() -> mistake.call().with(application.deletes()));
		assertThat(refusal).isExactlyInstanceOf(mistake.type())
			.isInstanceOf((mistake.type() == ReadOnlyDeletionException.class)
					? InvalidDataAccessResourceUsageException.class : InvalidDataAccessApiUsageException.class);
		assertThat(refusal.getMessage().replaceAll("pg_temp_\\d+", "pg_temp_N")).isEqualTo(mistake.message());
		assertThat(everything()).isEqualTo(before);
	}

	/**
	 * Return rows and ledger, with the row versions: an update to the same values counts.
	 */
	private static String everything() {
		return application.jdbc()
			.sql("""
					SELECT string_agg(line, E'\\n' ORDER BY line) FROM (
						SELECT 'person ' || p.xmin || ' ' || p::text FROM people p
						UNION ALL SELECT 'place ' || p.xmin || ' ' || p::text FROM places p
						UNION ALL SELECT 'operation ' || o.xmin || ' ' || o::text FROM deletion_operation o
						UNION ALL SELECT 'chunk ' || c.xmin || ' ' || c::text FROM deletion_chunk c
						UNION ALL SELECT 'table ' || t.xmin || ' ' || t::text FROM deletion_table t) AS lines (line)""")
			.query(String.class)
			.single();
	}

	private static void deleteFromTemporaryTable(DeleteTemplate deletes) {
		application.transactions().executeWithoutResult((status) -> {
			application.jdbc().sql("CREATE TEMPORARY TABLE carts (id int PRIMARY KEY) ON COMMIT DROP").update();
			deletes.from("carts").all().execute();
		});
	}

	private static Call where(String table, CriteriaDefinition criteria) {
		return (deletes) -> deletes.from(table).where(criteria).execute();
	}

	private static Call readOnly(Call call) {
		return (deletes) -> {
			TransactionTemplate transaction = application.transactions();
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

	private static Mistake mistake(String name, Call call, Class<? extends Exception> type, String message) {
		return new Mistake(name, call, type, message);
	}

	interface Call {

		void with(DeleteTemplate deletes);

	}

	record Mistake(String name, Call call, Class<? extends Exception> type, String message) {

		@Override
		public String toString() {
			return this.name;
		}

	}

	@Table("people")
	record Person(@Id Integer id, String fullName) {
	}

	@Entity
	static class Entry {

		@jakarta.persistence.Id
		int id;

	}

}
