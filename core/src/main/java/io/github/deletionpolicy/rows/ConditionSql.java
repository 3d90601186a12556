package io.github.deletionpolicy.rows;

import java.util.List;
import java.util.Set;

import io.github.deletionpolicy.InvalidIdException;
import io.github.deletionpolicy.catalog.Column;
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
import io.github.deletionpolicy.sql.Sql;

/**
 * Renders conditions on the row {@code t}. Names are quoted, and every value is bound as
 * text and cast to the type that its column has.
 *
 * @param table the table that has the columns
 */
record ConditionSql(Table table) {

	Sql render(RowCondition condition) {
		if (condition instanceof Always always) {
			return Sql.of(always.value() ? "true" : "false");
		}
		if (condition instanceof AllOf all) {
			return joined(all.members(), " AND ");
		}
		if (condition instanceof AnyOf any) {
			return joined(any.members(), " OR ");
		}
		if (condition instanceof Not not) {
			return Sql.of("NOT (").add(render(not.member())).add(")");
		}
		if (condition instanceof Compare compare) {
			return comparison(compare);
		}
		if (condition instanceof Between between) {
			return range(between);
		}
		if (condition instanceof In in) {
			return list(in);
		}
		if (condition instanceof Is is) {
			return Sql.of(column(is.column()).toSql("t") + " " + is.state().sql());
		}
		return keys((Keys) condition);
	}

	private Sql joined(List<RowCondition> members, String operator) {
		Sql joined = Sql.of("(");
		for (int i = 0; i < members.size(); i++) {
			joined.add((i == 0) ? "(" : operator + "(").add(render(members.get(i))).add(")");
		}
		return joined.add(")");
	}

	private Sql comparison(Compare compare) {
		Column column = column(compare.column());
		String value = compare.operator().isPattern() ? "CAST(? AS text)" : cast(column, "");
		return Sql.of("%s %s %s".formatted(upper(column.toSql("t"), compare.ignoreCase()), compare.operator().sql(),
				upper(value, compare.ignoreCase())), compare.text());
	}

	private Sql range(Between between) {
		Column column = column(between.column());
		String end = upper(cast(column, ""), between.ignoreCase());
		return Sql.of("%s%s BETWEEN %s AND %s".formatted(upper(column.toSql("t"), between.ignoreCase()),
				between.outside() ? " NOT" : "", end, end), between.from(), between.to());
	}

	private Sql list(In in) {
		Column column = column(in.column());
		if (!in.ignoreCase()) {
			return anyOf(column, in.texts());
		}
		String element = upper(cast(column, ""), true);
		Sql list = Sql.of(upper(column.toSql("t"), true) + " IN (");
		String separator = "";
		for (String text : in.texts()) {
			list.add(separator + element, text);
			separator = ", ";
		}
		return list.add(")");
	}

	private Sql keys(Keys keys) {
		List<Column> columns = keys.columns().stream().map(this::column).toList();
		requireKey(keys.columns());
		if (keys.texts().get(0).size() == 1) {
			Sql condition = Sql.of("");
			for (int i = 0; i < columns.size(); i++) {
				condition.add(((i == 0) ? "" : " AND ") + columns.get(i).toSql("t") + " = " + cast(columns.get(i), ""),
						keys.texts().get(i).get(0));
			}
			return condition;
		}
		if (columns.size() == 1) {
			return anyOf(columns.get(0), keys.texts().get(0));
		}
		Sql condition = Sql.of("(");
		for (int i = 0; i < columns.size(); i++) {
			condition.add(((i == 0) ? "" : ", ") + columns.get(i).toSql("t"));
		}
		condition.add(") IN (SELECT * FROM unnest(");
		for (int i = 0; i < columns.size(); i++) {
			condition.add(((i == 0) ? "" : ", ") + cast(columns.get(i), "[]"), array(keys.texts().get(i)));
		}
		return condition.add("))");
	}

	/**
	 * What was a whole key may be a part of one by now, and would select rows that nobody
	 * named.
	 */
	private void requireKey(List<String> columns) {
		List<String> key = this.table.key().stream().map(Column::name).toList();
		if (!Set.copyOf(columns).equals(Set.copyOf(key))) {
			throw new InvalidIdException(
					"The ids are values of (%s), but table %s has the primary key (%s) now. Delete anew, with ids of that key."
						.formatted(String.join(", ", columns), this.table.name(), String.join(", ", key)));
		}
	}

	private static Sql anyOf(Column column, List<String> texts) {
		return Sql.of(column.toSql("t") + " = ANY(" + cast(column, "[]") + ")", array(texts));
	}

	private static Object array(List<String> texts) {
		return texts.toArray(String[]::new);
	}

	private static String cast(Column column, String dimension) {
		return "CAST(CAST(? AS text" + dimension + ") AS " + column.type().sql() + dimension + ")";
	}

	private static String upper(String operand, boolean ignoreCase) {
		return ignoreCase ? "upper(" + operand + ")" : operand;
	}

	private Column column(String name) {
		return this.table.columnNamed(name);
	}

}
