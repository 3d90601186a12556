package io.github.deletionpolicy.rows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import io.github.deletionpolicy.InvalidCriteriaException;
import io.github.deletionpolicy.InvalidIdException;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.UnknownColumnException;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.ColumnType;
import io.github.deletionpolicy.catalog.Table;
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
import io.github.deletionpolicy.sql.Sql;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class RowConditionTests {

	private static final Column NAME = new Column("name", new ColumnType("text", "text", false, true), true);

	private static final Column AGE = new Column("Age?", new ColumnType("integer", "int4", false, true), false);

	private static final Table PEOPLE = table(List.of(NAME), NAME, AGE);

	private static final Table PAIRS = table(List.of(AGE, NAME), NAME, AGE);

	/**
	 * Words that mean something elsewhere, and what databases and languages stumble over.
	 */
	private static final List<String> ODD = List.of("", " ", "all", "any", "not", "keys", "in", "0", "1", "2", "true",
			"false", "null", "eq", "NULL", "'", "\"", "\\", "{", "}", ",", "{a,\"b\"}", "?", "--",
			"); DROP TABLE t; --", "line\nbreak", "\u202e", "ä", "e\u0301", "İ", "\ud83d\udc18", "\ud800", "\uffff");

	private static final RowCondition ADA = new Compare("name", ConditionOperator.EQ, false, "Ada");

	private static final RowCondition NO_AGE = new Is("Age?", State.NULL);

	static final List<Arguments> RENDERED = List.of(Arguments.of(new Always(true), PEOPLE, "true", List.of()),
			Arguments.of(new Always(false), PEOPLE, "false", List.of()),
			Arguments.of(new AllOf(List.of(ADA, NO_AGE)), PEOPLE,
					"((t.\"name\" = CAST(CAST(? AS text) AS text)) AND (t.\"Age?\" IS NULL))", List.of("Ada")),
			Arguments.of(new AnyOf(List.of(NO_AGE, ADA)), PEOPLE,
					"((t.\"Age?\" IS NULL) OR (t.\"name\" = CAST(CAST(? AS text) AS text)))", List.of("Ada")),
			Arguments.of(new Not(ADA), PEOPLE, "NOT (t.\"name\" = CAST(CAST(? AS text) AS text))", List.of("Ada")),
			Arguments.of(new Compare("Age?", ConditionOperator.NEQ, false, "3"), PEOPLE,
					"t.\"Age?\" != CAST(CAST(? AS text) AS integer)", List.of("3")),
			Arguments.of(new Compare("Age?", ConditionOperator.LT, false, "3"), PEOPLE,
					"t.\"Age?\" < CAST(CAST(? AS text) AS integer)", List.of("3")),
			Arguments.of(new Compare("Age?", ConditionOperator.LTE, false, "3"), PEOPLE,
					"t.\"Age?\" <= CAST(CAST(? AS text) AS integer)", List.of("3")),
			Arguments.of(new Compare("Age?", ConditionOperator.GT, false, "3"), PEOPLE,
					"t.\"Age?\" > CAST(CAST(? AS text) AS integer)", List.of("3")),
			Arguments.of(new Compare("name", ConditionOperator.GTE, true, "A"), PEOPLE,
					"upper(t.\"name\") >= upper(CAST(CAST(? AS text) AS text))", List.of("A")),
			Arguments.of(new Compare("name", ConditionOperator.LIKE, true, "A%"), PEOPLE,
					"upper(t.\"name\") LIKE upper(CAST(? AS text))", List.of("A%")),
			Arguments.of(new Compare("name", ConditionOperator.NOT_LIKE, false, "A%"), PEOPLE,
					"t.\"name\" NOT LIKE CAST(? AS text)", List.of("A%")),
			Arguments.of(new Between("Age?", false, false, "1", "2"), PEOPLE,
					"t.\"Age?\" BETWEEN CAST(CAST(? AS text) AS integer) AND CAST(CAST(? AS text) AS integer)",
					List.of("1", "2")),
			Arguments.of(new Between("name", true, true, "a", "b"), PEOPLE,
					"upper(t.\"name\") NOT BETWEEN upper(CAST(CAST(? AS text) AS text)) AND upper(CAST(CAST(? AS text) AS text))",
					List.of("a", "b")),
			Arguments.of(new In("Age?", false, List.of("1", "2")), PEOPLE,
					"t.\"Age?\" = ANY(CAST(CAST(? AS text[]) AS integer[]))", List.of(List.of("1", "2"))),
			Arguments.of(new In("name", true, List.of("a", "b")), PEOPLE,
					"upper(t.\"name\") IN (upper(CAST(CAST(? AS text) AS text)), upper(CAST(CAST(? AS text) AS text)))",
					List.of("a", "b")),
			Arguments.of(new Is("Age?", State.NOT_NULL), PEOPLE, "t.\"Age?\" IS NOT NULL", List.of()),
			Arguments.of(new Is("Age?", State.TRUE), PEOPLE, "t.\"Age?\" IS TRUE", List.of()),
			Arguments.of(new Is("Age?", State.FALSE), PEOPLE, "t.\"Age?\" IS FALSE", List.of()),
			Arguments.of(new Keys(List.of("name"), List.of(List.of("a"))), PEOPLE,
					"t.\"name\" = CAST(CAST(? AS text) AS text)", List.of("a")),
			Arguments.of(new Keys(List.of("name"), List.of(List.of("a", "b"))), PEOPLE,
					"t.\"name\" = ANY(CAST(CAST(? AS text[]) AS text[]))", List.of(List.of("a", "b"))),
			Arguments.of(new Keys(List.of("Age?", "name"), List.of(List.of("1"), List.of("a"))), PAIRS,
					"t.\"Age?\" = CAST(CAST(? AS text) AS integer) AND t.\"name\" = CAST(CAST(? AS text) AS text)",
					List.of("1", "a")),
			Arguments
				.of(new Keys(List.of("Age?", "name"), List.of(List.of("1", "2"), List.of("a", "b"))), PAIRS,
						"(t.\"Age?\", t.\"name\") IN (SELECT * FROM unnest(CAST(CAST(? AS text[]) AS integer[]), "
								+ "CAST(CAST(? AS text[]) AS text[])))",
						List.of(List.of("1", "2"), List.of("a", "b"))));

	/**
	 * With the part of the message that says what is wrong.
	 */
	static final List<Arguments> REFUSED = List.of(Arguments.of(List.of(), "ends too early, behind word 0"),
			Arguments.of(List.of(""), "Word 1 is ''"), Arguments.of(List.of("ALL"), "Word 1 is 'ALL'"),
			Arguments.of(List.of("1=1"), "Word 1 is '1=1', where an operator belongs"),
			Arguments.of(List.of("always"), "too early, behind word 1"),
			Arguments.of(List.of("always", "TRUE"), "Word 2 is 'TRUE', where true or false belongs"),
			Arguments.of(List.of("always", "true", "always", "true"), "2 word(s) are left over"),
			Arguments.of(List.of("all", "0"), "Word 2 is '0', where a count of 2 at least belongs"),
			Arguments.of(List.of("all", "1", "always", "true"), "a count of 2 at least"),
			Arguments.of(List.of("any", "-2", "always", "true"), "Word 2 is '-2'"),
			Arguments.of(List.of("any", "+2", "always", "true", "always", "true"), "Word 2 is '+2'"),
			Arguments.of(List.of("any", "02", "always", "true", "always", "true"), "Word 2 is '02'"),
			Arguments.of(List.of("any", "٢", "always", "true", "always", "true"), "Word 2 is '٢'"),
			Arguments.of(List.of("all", "2", "always", "true"), "too early, behind word 4"),
			Arguments.of(List.of("all", "2", "always", "true", "always", "true", "always", "true"), "left over"),
			Arguments.of(List.of("compare", "name", "=", "false", "Ada"), "Word 3 is '=', where one of [eq, neq"),
			Arguments.of(List.of("compare", "name", "EQ", "false", "Ada"), "Word 3 is 'EQ'"),
			Arguments.of(List.of("compare", "name", "eq OR true", "false", "Ada"), "Word 3 is 'eq OR true'"),
			Arguments.of(List.of("compare", "name", "eq", "Ada", "false"), "Word 4 is 'Ada'"),
			Arguments.of(List.of("is", "name", "null OR true"), "where one of [null, not_null, true, false] belongs"),
			Arguments.of(List.of("in", "name", "false", "0"), "a count of 1 at least"),
			Arguments.of(List.of("in", "name", "false", "3", "a", "b"), "Word 4 announces 3, but 2 word(s) follow"),
			Arguments.of(List.of("in", "name", "false", "999999999", "a"), "announces 999999999, but 1"),
			Arguments.of(List.of("in", "name", "false", "99999999999999999999", "a"), "a count of 1 at least"),
			Arguments.of(List.of("in", "name", "false", "1", "a", "b"), "1 word(s) are left over"),
			Arguments.of(List.of("keys", "0", "1"), "a count of 1 at least"),
			Arguments.of(List.of("keys", "1", "0", "id"), "a count of 1 at least"),
			Arguments.of(List.of("keys", "2", "2", "a", "1", "2", "b", "1"), "too early, behind word 8"),
			Arguments.of(Collections.nCopies(100_000, "not"), "nested deeper than 1000"),
			Arguments.of(Collections.nCopies(1_001, "not"), "nested deeper than 1000"),
			Arguments.of(Arrays.asList("compare", null, "eq", "false", "a"), "Word 2 is null"));

	static Stream<RowCondition> everyMember() {
		return RENDERED.stream().map((rendered) -> (RowCondition) rendered.get()[0]);
	}

	static LongStream seeds() {
		return new Random().longs(20);
	}

	@ParameterizedTest
	@FieldSource("RENDERED")
	void valuesAreBoundAndNamesAreQuoted(RowCondition condition, Table table, String text, List<?> values) {
		Sql sql = condition.on(table);
		assertThat(sql.text()).isEqualTo(text);
		assertThat(Stream.of(sql.parameters())
			.map((value) -> (value instanceof String[] array) ? List.of(array) : value)
			.toList()).isEqualTo(values);
	}

	@ParameterizedTest
	@MethodSource("everyMember")
	void everyMemberIsReadBackFromItsWords(RowCondition condition) {
		assertThat(RowCondition.fromWords(condition.toWords())).isEqualTo(condition);
	}

	@Test
	void everyOperatorAndEveryStateIsReadBack() {
		for (ConditionOperator operator : ConditionOperator.values()) {
			assertReadBack(new Compare("name", operator, false, "x"));
		}
		for (State state : State.values()) {
			assertReadBack(new Is("name", state));
		}
	}

	@Test
	void wordsOfStoredConditionsStayAsTheyAre() {
		assertThat(new AllOf(List.of(new Not(new In("name", true, List.of("a", "b"))),
				new AnyOf(List.of(new Compare("Age?", ConditionOperator.NOT_LIKE, false, ""),
						new Between("Age?", true, false, "1", "2"))),
				new Is("Age?", State.NOT_NULL), new Always(true),
				new Keys(List.of("a", "b"), List.of(List.of("1", "2"), List.of("3", "4")))))
			.toWords()).containsExactly("all", "5", "not", "in", "name", "true", "2", "a", "b", "any", "2", "compare",
					"Age?", "not_like", "false", "", "between", "Age?", "true", "false", "1", "2", "is", "Age?",
					"not_null", "always", "true", "keys", "2", "2", "a", "1", "2", "b", "3", "4");
	}

	@Test
	void valuesAndNamesThatLookLikeWordsAreReadBack() {
		for (String odd : ODD) {
			for (String other : ODD) {
				assertReadBack(new AnyOf(List.of(new Compare(odd, ConditionOperator.EQ, true, other),
						new Between(odd, false, false, other, odd), new In(other, false, List.of(odd, other, odd)),
						new Is(odd, State.NULL), new Keys(List.of(odd, other), List.of(ODD, ODD)))));
			}
		}
	}

	@ParameterizedTest(name = "seed {0}")
	@MethodSource("seeds")
	void nestedConditionsAreReadBackAndNoPartOfThemIs(long seed) {
		Random random = new Random(seed);
		for (int i = 0; i < 50; i++) {
			RowCondition condition = random(random, 5);
			List<String> words = condition.toWords();
			assertThat(RowCondition.fromWords(words)).isEqualTo(condition);
			int end = random.nextInt(words.size());
			assertThatIllegalArgumentException().isThrownBy(() -> RowCondition.fromWords(words.subList(0, end)));
			List<String> more = new ArrayList<>(words);
			more.add(odd(random));
			assertThatIllegalArgumentException().isThrownBy(() -> RowCondition.fromWords(more))
				.withMessageContaining("left over");
		}
	}

	@ParameterizedTest(name = "seed {0}")
	@MethodSource("seeds")
	void wordsThatWereTamperedWithNeverReachTheText(long seed) {
		Random random = new Random(seed);
		for (int i = 0; i < 50; i++) {
			List<String> words = new ArrayList<>(random(random, 4).toWords());
			words.set(random.nextInt(words.size()), "HOSTILE");
			String text;
			try {
				text = RowCondition.fromWords(words).on(PEOPLE).text();
			}
			catch (IllegalArgumentException | UnknownColumnException | InvalidIdException ex) {
				continue;
			}
			assertThat(text).doesNotContain("HOSTILE");
		}
	}

	@ParameterizedTest
	@FieldSource("REFUSED")
	void listThatSpellsNoConditionIsRefusedWithWhatIsWrong(List<String> words, String message) {
		assertThatIllegalArgumentException().isThrownBy(() -> RowCondition.fromWords(words))
			.withMessageContaining(message);
	}

	@Test
	void nestingHasOneLimitForWritingAndReading() {
		RowCondition deepest = ADA;
		for (int i = 0; i < RowCondition.MAX_DEPTH; i++) {
			deepest = (i % 2 == 0) ? new Not(deepest) : new AllOf(List.of(ADA, deepest));
		}
		List<String> words = deepest.toWords();
		assertThat(RowCondition.fromWords(words).toWords()).isEqualTo(words);
		assertThat(deepest.on(PEOPLE).parameters()).hasSize(RowCondition.MAX_DEPTH / 2 + 1);
		RowCondition deeper = new Not(deepest);
		assertThatExceptionOfType(InvalidCriteriaException.class).isThrownBy(deeper::toWords)
			.withMessageContaining("1000");
	}

	@Test
	void depthIsNotTheNumberOfMembers() {
		assertReadBack(new AnyOf(Collections.nCopies(5_000, new Not(ADA))));
	}

	@Test
	void whatIsKnownDecidesOrFallsAway() {
		Always yes = new Always(true);
		Always no = new Always(false);
		assertThat(RowCondition.allOf(List.of())).isEqualTo(yes);
		assertThat(RowCondition.anyOf(List.of())).isEqualTo(no);
		assertThat(RowCondition.allOf(List.of(yes, ADA))).isEqualTo(ADA);
		assertThat(RowCondition.anyOf(List.of(no, ADA))).isEqualTo(ADA);
		assertThat(RowCondition.allOf(List.of(ADA, no, ADA))).isEqualTo(no);
		assertThat(RowCondition.anyOf(List.of(ADA, yes, ADA))).isEqualTo(yes);
		assertThat(yes.negated()).isEqualTo(no);
		assertThat(ADA.negated()).isEqualTo(new Not(ADA));
		RowCondition always = new AnyOf(List.of(ADA, new Not(new AllOf(List.of(ADA, no)))));
		assertThat(always.isAlways(true)).isTrue();
		assertThat(always.isAlways(false)).isFalse();
		assertThat(always.on(PEOPLE).text()).isEqualTo("true");
		assertThat(ADA.isAlways(true)).isFalse();
		assertThat(ADA.isAlways(false)).isFalse();
	}

	@Test
	void columnThatMayBeNullByNowIsTestedAgain() {
		RowCondition named = new Is("name", State.NOT_NULL);
		RowCondition unnamed = new Not(named);
		assertThat(named.isAlways(true)).isFalse();
		assertThat(named.isAlwaysOn(PEOPLE, true)).isTrue();
		assertThat(unnamed.isAlwaysOn(PEOPLE, false)).isTrue();
		assertThat(new AllOf(List.of(named, NO_AGE)).on(PEOPLE).text()).isEqualTo("t.\"Age?\" IS NULL");
		assertThat(new AllOf(List.of(unnamed, NO_AGE)).on(PEOPLE).text()).isEqualTo("false");
		Table later = table(List.of(NAME), new Column("name", NAME.type(), false), AGE);
		assertThat(RowCondition.fromWords(new AllOf(List.of(named, NO_AGE)).toWords()).on(later).text())
			.isEqualTo("((t.\"name\" IS NOT NULL) AND (t.\"Age?\" IS NULL))");
	}

	@Test
	void columnThatIsGoneIsNotTakenForOneWhoseNameIsSpelledAlike() {
		for (String gone : List.of("Name", "NAME", "\"name\"", " name", "name ", "nam", "")) {
			for (RowCondition condition : List.of(new Compare(gone, ConditionOperator.EQ, false, "x"),
					new Between(gone, false, false, "x", "y"), new In(gone, true, List.of("x")),
					new Is(gone, State.NULL), new Is(gone, State.TRUE),
					new Keys(List.of(gone), List.of(List.of("x"))))) {
				assertThatExceptionOfType(UnknownColumnException.class).isThrownBy(() -> new Not(condition).on(PEOPLE))
					.withMessageContaining("'" + gone + "'")
					.withMessageContaining("name, Age?");
			}
		}
	}

	@Test
	void idsSelectNothingByHalfAKeyOrByAnotherColumn() {
		Keys names = new Keys(List.of("name"), List.of(List.of("a", "b")));
		assertThatExceptionOfType(InvalidIdException.class).isThrownBy(() -> names.on(PAIRS))
			.withMessageContaining("(name)")
			.withMessageContaining("primary key (Age?, name) now");
		assertThatExceptionOfType(InvalidIdException.class)
			.isThrownBy(() -> new Keys(List.of("Age?"), List.of(List.of("1"))).on(PEOPLE));
		assertThat(new Keys(List.of("name", "Age?"), List.of(List.of("a"), List.of("1"))).on(PAIRS).text())
			.as("the same key in another order")
			.isEqualTo("t.\"name\" = CAST(CAST(? AS text) AS text) AND t.\"Age?\" = CAST(CAST(? AS text) AS integer)");
	}

	@Test
	void listsThatMeanNothingCannotBeMade() {
		assertThatIllegalArgumentException().isThrownBy(() -> new AllOf(List.of(ADA)));
		assertThatIllegalArgumentException().isThrownBy(() -> new AnyOf(List.of()));
		assertThatIllegalArgumentException().isThrownBy(() -> new In("name", false, List.of()));
		assertThatIllegalArgumentException().isThrownBy(() -> new Keys(List.of(), List.of()));
		assertThatIllegalArgumentException().isThrownBy(() -> new Keys(List.of("a"), List.of(List.of())));
		assertThatIllegalArgumentException().isThrownBy(() -> new Keys(List.of("a", "b"), List.of(List.of("1"))));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new Keys(List.of("a", "b"), List.of(List.of("1"), List.of("1", "2"))));
	}

	private static void assertReadBack(RowCondition condition) {
		assertThat(RowCondition.fromWords(condition.toWords())).isEqualTo(condition);
	}

	private static RowCondition random(Random random, int depth) {
		boolean ignoreCase = random.nextBoolean();
		return switch (random.nextInt((depth > 0) ? 9 : 6)) {
			case 0 -> new Always(ignoreCase);
			case 1 -> new Compare(column(random),
					ConditionOperator.values()[random.nextInt(ConditionOperator.values().length)], ignoreCase,
					odd(random));
			case 2 -> new Between(column(random), random.nextBoolean(), ignoreCase, odd(random), odd(random));
			case 3 -> new In(column(random), ignoreCase, odds(random, 1 + random.nextInt(4)));
			case 4 -> new Is(column(random), State.values()[random.nextInt(State.values().length)]);
			case 5 -> {
				int rows = 1 + random.nextInt(3);
				List<String> columns = random.nextBoolean() ? List.of("name") : odds(random, 1 + random.nextInt(3));
				yield new Keys(columns, columns.stream().map((column) -> odds(random, rows)).toList());
			}
			case 6 -> new Not(random(random, depth - 1));
			case 7 -> new AllOf(members(random, depth));
			default -> new AnyOf(members(random, depth));
		};
	}

	private static List<RowCondition> members(Random random, int depth) {
		return IntStream.range(0, 2 + random.nextInt(3)).mapToObj((i) -> random(random, depth - 1)).toList();
	}

	private static String column(Random random) {
		return random.nextBoolean() ? "name" : "Age?";
	}

	private static List<String> odds(Random random, int size) {
		return IntStream.range(0, size).mapToObj((i) -> odd(random)).toList();
	}

	private static String odd(Random random) {
		return ODD.get(random.nextInt(ODD.size()));
	}

	private static Table table(List<Column> key, Column... columns) {
		Map<String, Column> named = new LinkedHashMap<>();
		List.of(columns).forEach((column) -> named.put(column.name(), column));
		return new Table(TableName.parse("public.people"), named, key, List.of(), List.of(), null);
	}

}
