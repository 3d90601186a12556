package io.github.deletionpolicy.delete;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.CascadePlan.Join;
import io.github.deletionpolicy.catalog.CascadePlan.Node;
import io.github.deletionpolicy.catalog.CascadePlan.Path;
import io.github.deletionpolicy.catalog.Table;

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
	 * Return the common table expression {@code walk}.
	 * @param plan what the delete cascades to
	 * @param cascade whether it does
	 * @param included the condition that it does to a row {@code t} of a table, given the
	 * row {@code w} above
	 * @return the expression; it reads {@code roots}, a relation with
	 * {@code dp_k1, dp_k2, …, dp_old}
	 */
	public static String expression(CascadePlan plan, boolean cascade, Function<Node, String> included) {
		String start = "SELECT 0 AS dp_node, %s AS dp_key, dp_old FROM roots"
			.formatted(plan.root().table().keyAliasesAsText("roots"));
		List<String> steps = new ArrayList<>();
		for (Node node : plan.nodes()) {
			if (cascade && (node.number() == 0 || node.deletionTime() != null)) {
				plan.pathsFrom(node).forEach((path) -> steps.add(step(node, path, included)));
			}
		}
		if (steps.isEmpty()) {
			return "walk AS (" + start + ")";
		}
		return "walk AS (%s UNION SELECT e.dp_node, e.dp_key, w.dp_old FROM walk w CROSS JOIN LATERAL (%s) AS e)"
			.formatted(start, String.join(" UNION ALL ", steps));
	}

	private static String step(Node node, Path path, Function<Node, String> included) {
		Join join = path.join("d", "t");
		Table end = path.end().table();
		return "SELECT %d AS dp_node, %s AS dp_key FROM (SELECT %s WHERE w.dp_node = %d) AS d%s JOIN %s AS t ON %s WHERE %s"
			.formatted(path.end().number(), end.keyAsText("t"), node.table().selectKeyFromText("w.dp_key"),
					node.number(), join.from(), end.name().toSql(), join.condition(), included.apply(path.end()));
	}

}
