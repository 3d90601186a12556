package io.github.deletionpolicy.rows;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

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
		String value = compare.operator().isPattern() ? "CAST(? AS text)" : column.type().castFromText();
		return Sql.of("%s %s %s".formatted(upper(column.toSql("t"), compare.ignoreCase()), compare.operator().sql(),
				upper(value, compare.ignoreCase())), compare.text());
	}

	private Sql range(Between between) {
		Column column = column(between.column());
		String end = upper(column.type().castFromText(), between.ignoreCase());
		return Sql.of("%s%s BETWEEN %s AND %s".formatted(upper(column.toSql("t"), between.ignoreCase()),
				between.outside() ? " NOT" : "", end, end), between.from(), between.to());
	}

	private Sql list(In in) {
		Column column = column(in.column());
		if (!in.ignoreCase()) {
			return anyOf(column, in.texts());
		}
		String elements = String.join(", ",
				Collections.nCopies(in.texts().size(), upper(column.type().castFromText(), true)));
		return Sql.of("%s IN (%s)".formatted(upper(column.toSql("t"), true), elements), in.texts().toArray());
	}

	private Sql keys(Keys keys) {
		List<Column> columns = keys.columns().stream().map(this::column).toList();
		requireKey(keys.columns());
		if (keys.texts().get(0).size() == 1) {
			return Sql.of(
					joined(columns, (column) -> column.toSql("t") + " = " + column.type().castFromText(), " AND "),
					keys.texts().stream().map((values) -> values.get(0)).toArray());
		}
		if (columns.size() == 1) {
			return anyOf(columns.get(0), keys.texts().get(0));
		}
		return Sql.of(
				"(%s) IN (SELECT * FROM unnest(%s))".formatted(joined(columns, (column) -> column.toSql("t"), ", "),
						joined(columns, ConditionSql::array, ", ")),
				keys.texts().stream().map((values) -> values.toArray(String[]::new)).toArray());
	}

	/**
	 * The ids were whole keys when the delete was accepted. If the key has other columns
	 * now, they could select other rows.
	 */
	private void requireKey(List<String> columns) {
		List<String> key = this.table.keyNames();
		if (!Set.copyOf(columns).equals(Set.copyOf(key))) {
			throw new InvalidIdException(
					"The ids are values of (%s), but table %s has the primary key (%s) now. Delete again, with ids of that key."
						.formatted(String.join(", ", columns), this.table.name(), String.join(", ", key)));
		}
	}

	private static String joined(List<Column> columns, Function<Column, String> part, String separator) {
		return columns.stream().map(part).collect(Collectors.joining(separator));
	}

	private static Sql anyOf(Column column, List<String> texts) {
		return Sql.of(column.toSql("t") + " = ANY(" + array(column) + ")", (Object) texts.toArray(String[]::new));
	}

	private static String array(Column column) {
		return "CAST(CAST(? AS text[]) AS " + column.type().sql() + "[])";
	}

	private static String upper(String operand, boolean ignoreCase) {
		return ignoreCase ? "upper(" + operand + ")" : operand;
	}

	private Column column(String name) {
		return this.table.columnNamed(name);
	}

}
