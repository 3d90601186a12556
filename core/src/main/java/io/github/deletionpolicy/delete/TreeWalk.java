package io.github.deletionpolicy.delete;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.CascadePlan.Join;
import io.github.deletionpolicy.catalog.CascadePlan.Node;
import io.github.deletionpolicy.catalog.CascadePlan.Path;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.sql.Sql;

/**
 * Writes the query that finds rows and what their delete cascades to: a relation
 * {@code walk} with the columns {@code dp_node} (number of the table in the plan),
 * {@code dp_key} (values of the primary key as text, valid in this statement only) and
 * {@code dp_old} (the token of the row at the root).
 */
public final class TreeWalk {

	private TreeWalk() {
	}

	/**
	 * Begin a statement with the common table expressions {@code roots}, a relation with
	 * {@code dp_k1, dp_k2, …, dp_old}, and {@code walk}.
	 * @param plan what the delete cascades to
	 * @param old the token of the row {@code t} at the root
	 * @param rows condition on that row
	 * @param cascade whether the delete cascades
	 * @param included the condition that it does to a row {@code t} of a table, given the
	 * row {@code w} above
	 */
	public static Sql from(CascadePlan plan, String old, Sql rows, boolean cascade, Function<Node, String> included) {
		Table root = plan.root().table();
		List<String> steps = new ArrayList<>();
		for (Node node : plan.nodes()) {
			if (cascade && (node.number() == 0 || node.deletionTime() != null)) {
				plan.pathsFrom(node).forEach((path) -> steps.add(step(node, path, included)));
			}
		}
		String below = steps.isEmpty() ? ""
				: " UNION SELECT e.dp_node, e.dp_key, w.dp_old FROM walk w CROSS JOIN LATERAL (%s) AS e"
					.formatted(String.join(" UNION ALL ", steps));
		return Sql
			.of("WITH RECURSIVE roots AS MATERIALIZED (SELECT %s, %s AS dp_old FROM %s AS t WHERE ("
				.formatted(root.selectKey("t"), old, root.name().toSql()))
			.add(rows)
			.add(")), walk AS (SELECT 0 AS dp_node, %s AS dp_key, dp_old FROM roots%s)"
				.formatted(root.keyAliasesAsText("roots"), below));
	}

	private static String step(Node node, Path path, Function<Node, String> included) {
		Join join = path.join("d", "t");
		Table end = path.end().table();
		return "SELECT %d AS dp_node, %s AS dp_key FROM (SELECT %s WHERE w.dp_node = %d) AS d%s JOIN %s AS t ON %s WHERE %s"
			.formatted(path.end().number(), end.keyAsText("t"), node.table().selectKeyFromText("w.dp_key"),
					node.number(), join.from(), end.name().toSql(), join.condition(), included.apply(path.end()));
	}

}
