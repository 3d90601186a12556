package io.github.deletionpolicy.rows;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.ColumnType;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.rows.RowCondition.AllOf;
import io.github.deletionpolicy.rows.RowCondition.Is;
import io.github.deletionpolicy.rows.RowCondition.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

import org.springframework.data.relational.core.query.Criteria;

import static org.assertj.core.api.Assertions.assertThat;

class CriteriaReaderTests {

	private static final Table PEOPLE = table(column("id", "integer", "int4", true),
			column("name", "text", "text", false), column("active", "boolean", "bool", false),
			column("seen", "timestamp with time zone", "timestamptz", false));

	static final List<Criteria> CRITERIA = List.of(Criteria.where("id").is(1), Criteria.where("id").not(1),
			Criteria.where("id").lessThan(1), Criteria.where("id").lessThanOrEquals(1),
			Criteria.where("id").greaterThan(1L), Criteria.where("id").greaterThanOrEquals((short) 1),
			Criteria.where("id").between(1, 2), Criteria.where("id").notBetween(1, 2), Criteria.where("id").in(1, 2),
			Criteria.where("id").notIn(1, 2), Criteria.where("id").in(List.of()), Criteria.where("id").isNull(),
			Criteria.where("name").isNull(), Criteria.where("name").isNotNull(), Criteria.where("active").isTrue(),
			Criteria.where("active").isFalse(), Criteria.where("name").like("%a\\%'?\"%"),
			Criteria.where("name").notLike("A_"), Criteria.where("name").is("").ignoreCase(true),
			Criteria.where("name").not("all").ignoreCase(true),
			Criteria.where("name").between("a", "b").ignoreCase(true),
			Criteria.where("name").notBetween("a", "b").ignoreCase(true),
			Criteria.where("name").in("a", "b").ignoreCase(true),
			Criteria.where("name").notIn("a", "b").ignoreCase(true),
			Criteria.where("name").like("%D%").ignoreCase(true), Criteria.where("name").notLike("%D%").ignoreCase(true),
			Criteria.where("NAME").is("\ud83d\udc18"),
			Criteria.where("seen").lessThan(Instant.parse("2020-02-29T12:34:56.789012345Z")),
			Criteria.where("name").is("a").or("id").is(1).and("active").isTrue(),
			Criteria.where("id").is(20).and("id").notIn(List.of()),
			Criteria.where("id").is(20).and("id").isNotNull().or("id").isNull(),
			Criteria.from(Criteria.where("name").is("a").or("id").is(1), Criteria.where("active").isTrue()),
			Criteria.where("id").is(36).or(List.of(Criteria.where("name").is("x"), Criteria.where("id").in(3, 4))),
			Criteria.where("id").is(36).and(List.of(Criteria.where("name").is("x"), Criteria.where("id").in(3, 4))));

	@ParameterizedTest
	@FieldSource("CRITERIA")
	void criteriaThatWereStoredAreTheSame(Criteria criteria) {
		RowCondition condition = new CriteriaReader(PEOPLE, PEOPLE::column).read(criteria);
		assertThat(RowCondition.fromWords(condition.toWords())).isEqualTo(condition);
	}

	@Test
	void testOfAColumnThatCannotBeNullYetIsKept() {
		Criteria criteria = Criteria.where("name").is("a").and("id").isNotNull();
		assertThat(new CriteriaReader(PEOPLE, PEOPLE::column).read(criteria)).isInstanceOfSatisfying(AllOf.class,
				(all) -> assertThat(all.members()).contains(new Is("id", State.NOT_NULL)));
	}

	private static Column column(String name, String sql, String base, boolean notNull) {
		return new Column(name, new ColumnType(sql, base, false, true), notNull);
	}

	private static Table table(Column... columns) {
		Map<String, Column> named = new LinkedHashMap<>();
		List.of(columns).forEach((column) -> named.put(column.name(), column));
		return new Table(TableName.parse("public.people"), named, List.of(columns[0]), List.of(), List.of(), null);
	}

}
