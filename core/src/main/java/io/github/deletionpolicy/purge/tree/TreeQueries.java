package io.github.deletionpolicy.purge.tree;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.CascadePlan.Edge;
import io.github.deletionpolicy.catalog.CascadePlan.Join;
import io.github.deletionpolicy.catalog.CascadePlan.Node;
import io.github.deletionpolicy.catalog.CascadePlan.Path;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.sql.Sql;

/**
 * The statements that a purge of trees is made of.
 */
public class TreeQueries {

	private final CascadePlan plan;

	private final DeletionTimeColumns deletionTimes;

	private final PointOfNoReturn point;

	private final Instant now;

	public TreeQueries(CascadePlan plan, DeletionTimeColumns deletionTimes, PointOfNoReturn point, Instant now) {
		this.plan = plan;
		this.deletionTimes = deletionTimes;
		this.point = point;
		this.now = now;
	}

	/**
	 * Begin a query with {@code walk}: the roots and what is below them. A row that must
	 * stay says in {@code dp_stays} why (see {@link Blocker}), and nothing below it is
	 * looked at.
	 * @param roots the roots, each at the place that {@code dp_root} says
	 * @param maxDepth how many levels to count; zero to find each row once only
	 */
	public Sql walk(List<TreeRow> roots, int maxDepth) {
		Table root = this.plan.root().table();
		Sql walk = Sql.of("WITH RECURSIVE roots AS MATERIALIZED (SELECT * FROM ROWS FROM (")
			.add(arrays(root, roots))
			.add(") WITH ORDINALITY AS r (%s, dp_token, dp_version, dp_root)), ".formatted(root.keyAliases("")))
			.add("adopted AS MATERIALIZED (" + this.point.adoptedTokens("roots") + "), ")
			.add("""
					walk AS (SELECT dp_root, dp_token, 0 AS dp_node, %s AS dp_key, 0 AS dp_depth, CAST(NULL AS text) AS dp_stays,
						dp_token AS dp_own, CAST(NULL AS uuid) AS dp_op, dp_version FROM roots"""
				.formatted(root.keyAliasesAsText("roots")));
		if (this.plan.edges().isEmpty()) {
			return walk.add(")");
		}
		walk.add(" UNION SELECT w.dp_root, w.dp_token, e.* FROM walk w CROSS JOIN LATERAL (");
		boolean first = true;
		for (Edge edge : this.plan.edges()) {
			walk.add(first ? "" : " UNION ALL ").add(step(edge, maxDepth > 0));
			first = false;
		}
		return walk
			.add(") AS e WHERE w.dp_stays IS NULL" + ((maxDepth > 0) ? " AND w.dp_depth < " + maxDepth : "") + ")");
	}

	private Sql step(Edge edge, boolean counting) {
		Node child = edge.child();
		Join join = edge.join("d", "dp_p", "t");
		Sql step = Sql.of("SELECT %d AS dp_node, %s AS dp_key, %s AS dp_depth, ".formatted(child.number(),
				child.table().keyAsText("t"), counting ? "w.dp_depth + 1" : "0"));
		Column deletionTime = child.deletionTime();
		if (deletionTime == null) {
			step.add(
					"CAST(NULL AS text) AS dp_stays, CAST(NULL AS timestamptz) AS dp_own, CAST(NULL AS uuid) AS dp_op, CAST(t.xmin AS text) AS dp_version");
		}
		else {
			String own = deletionTime.toSql("t");
			step.add(
					"CASE WHEN %1$s IS NULL THEN '%2$s' WHEN t.dp_held THEN '%3$s' WHEN o.dp_alone AND o.dp_op IS NULL THEN '%4$s' END AS dp_stays, %1$s AS dp_own, o.dp_op, CAST(t.dp_version AS text) AS dp_version"
						.formatted(own, Blocker.LIVE, Blocker.HELD, Blocker.LATER));
		}
		step.add(" FROM (SELECT %s WHERE w.dp_node = %d) AS d%s JOIN "
			.formatted(edge.parent().table().selectKeyFromText("w.dp_key"), edge.parent().number(), join.from()));
		step.add((deletionTime != null) ? "(SELECT t.*, t.xmin AS dp_version, %s AS dp_held FROM %s AS t) AS t"
			.formatted(hold(child), child.name().toSql()) : child.name().toSql() + " AS t");
		step.add(" ON " + join.condition());
		if (child.number() == edge.parent().number()) {
			step.add(" AND NOT (" + child.table().keyEquals("t", "d") + ")");
		}
		if (deletionTime != null) {
			step.add(" CROSS JOIN LATERAL (SELECT a.dp_alone, CASE WHEN a.dp_alone THEN ")
				.add(this.point.dueOperationOf(child.table(), deletionTime, this.now))
				.add(" END AS dp_op FROM (SELECT %s <> w.dp_token OR w.dp_token IN (SELECT dp_token FROM adopted) AS dp_alone) a) AS o"
					.formatted(deletionTime.toSql("t")));
		}
		return step;
	}

	/**
	 * Lock rows of one table that have not changed since they were found, still carry
	 * their tokens and are not held, without waiting. One that has changed may belong to
	 * others by now.
	 * @return a query of {@code dp_key}, the key as text, {@code dp_k1, dp_k2, …} and
	 * {@code dp_own}
	 */
	public Sql lock(Node node, List<TreeRow> rows) {
		Column deletionTime = node.deletionTime();
		Sql statement = Sql
			.of("SELECT %s AS dp_key, %s, %s AS dp_own FROM %s AS t JOIN ".formatted(node.table().keyAsText("t"),
					node.table().selectKey("t"),
					(deletionTime != null) ? deletionTime.toSql("t") : "CAST(NULL AS timestamptz)",
					node.name().toSql()))
			.add(relation(node.table(), rows, "d"))
			.add(" ON %s AND (d.dp_version IS NULL OR d.dp_version = CAST(t.xmin AS text))"
				.formatted(node.table().keyEquals("t", "d")));
		if (deletionTime != null) {
			statement.add(" AND %s = d.dp_token WHERE (%s) IS NOT TRUE".formatted(deletionTime.toSql("t"), hold(node)));
		}
		return statement.add(" FOR UPDATE OF t SKIP LOCKED");
	}

	/**
	 * Find rows that refer to rows that are to go, and are not to go themselves.
	 * @param going the rows, by table
	 * @return a query of {@code dp_edge}, {@code dp_parent} (key of the row that is
	 * referred to, as text) and {@code dp_live}; empty if no key leads to the rows
	 */
	Sql staying(List<List<TreeRow>> going) {
		Sql statement = Sql.of("");
		boolean first = true;
		for (int i = 0; i < this.plan.edges().size(); i++) {
			Edge edge = this.plan.edges().get(i);
			List<TreeRow> parents = going.get(edge.parent().number());
			if (parents.isEmpty()) {
				continue;
			}
			Join join = edge.join("d", "dp_p", "t");
			Column deletionTime = edge.child().deletionTime();
			statement.add(first ? "" : " UNION ALL ")
				.add("SELECT %d AS dp_edge, %s AS dp_parent, %s AS dp_live FROM ".formatted(i,
						edge.parent().table().keyAliasesAsText("d"),
						(deletionTime != null) ? deletionTime.toSql("t") + " IS NULL" : "false"))
				.add(relation(edge.parent().table(), parents, "d"))
				.add("%s JOIN %s AS t ON %s WHERE (%s) NOT IN (SELECT %s FROM ".formatted(join.from(),
						edge.child().name().toSql(), join.condition(), columns(edge.child().table(), "t"),
						edge.child().table().keyAliases("g")))
				.add(relation(edge.child().table(), going.get(edge.child().number()), "g"))
				.add(")");
			first = false;
		}
		return statement;
	}

	/**
	 * Find restricting keys by which rows outside refer to rows of the walk.
	 * @return a condition for each key, in the order of the plan
	 */
	public List<String> restricting() {
		List<String> conditions = new ArrayList<>();
		for (Edge edge : this.plan.restrictions()) {
			Join join = edge.join("d", "dp_p", "t");
			StringBuilder inside = new StringBuilder();
			for (Node node : this.plan.nodes()) {
				if (edge.child().isPartOf(node)) {
					inside.append(" AND NOT EXISTS (SELECT FROM walk x WHERE x.dp_node = %d AND x.dp_key = %s)"
						.formatted(node.number(), node.table().keyAsText("t")));
				}
			}
			conditions.add(
					"EXISTS (SELECT FROM (SELECT %s FROM walk w WHERE w.dp_node = %d) AS d%s JOIN %s AS t ON %s WHERE true%s)"
						.formatted(edge.parent().table().selectKeyFromText("w.dp_key"), edge.parent().number(),
								join.from(), edge.child().name().toSql(), join.condition(), inside));
		}
		return conditions;
	}

	/**
	 * Find a row outside that refers to rows that are to go by a restricting key, and
	 * will not be purged before them itself.
	 * @param edge the key
	 * @param going the rows, by table; some of the key's parent
	 * @return a query that returns a row if there is one
	 */
	public Sql restricting(Edge edge, List<List<TreeRow>> going) {
		Node child = edge.child();
		Join join = edge.join("d", "dp_p", "t");
		Sql statement = Sql.of("SELECT 1 FROM ")
			.add(relation(edge.parent().table(), going.get(edge.parent().number()), "d"))
			.add("%s JOIN (SELECT t.*, %s AS dp_held FROM %s AS t) AS t ON %s WHERE true".formatted(join.from(),
					hold(child), child.name().toSql(), join.condition()));
		for (Node node : this.plan.nodes()) {
			if (child.isPartOf(node)) {
				statement
					.add(" AND (%s) NOT IN (SELECT %s FROM ".formatted(columns(child.table(), "t"),
							node.table().keyAliases("g")))
					.add(relation(node.table(), going.get(node.number()), "g"))
					.add(")");
			}
		}
		Column deletionTime = child.deletionTime();
		if (deletionTime != null && !child.table().key().isEmpty()) {
			statement.add(" AND (t.dp_held OR %s IS NULL OR ".formatted(deletionTime.toSql("t")))
				.add(this.point.dueOperationOf(child.table(), deletionTime, this.now))
				.add(" IS NULL)");
		}
		return statement.add(" LIMIT 1");
	}

	/**
	 * Find those of some rows that a transaction has locked or changed which may not be
	 * over yet.
	 * @return a query of {@code dp_key}, the key as text
	 */
	public static Sql touched(Node node, List<TreeRow> rows) {
		return Sql
			.of("SELECT %s AS dp_key FROM %s AS t JOIN ".formatted(node.table().keyAsText("t"), node.name().toSql()))
			.add(relation(node.table(), rows, "d"))
			.add(" ON %s WHERE CAST(t.xmax AS text) <> '0'".formatted(node.table().keyEquals("t", "d")));
	}

	/**
	 * Delete rows of all tables, and what belongs to them, in one statement: foreign keys
	 * are looked at when all of them are gone.
	 * @param going the rows, by table; not all empty
	 * @return a query of one row with a count for each table that has some, in their
	 * order
	 */
	Sql delete(List<List<TreeRow>> going) {
		Sql statement = Sql.of("WITH ");
		List<String> counts = new ArrayList<>();
		for (Node node : this.plan.nodes()) {
			List<TreeRow> rows = going.get(node.number());
			if (rows.isEmpty()) {
				continue;
			}
			String name = "dp_d" + node.number();
			Column deletionTime = node.deletionTime();
			statement
				.add((counts.isEmpty() ? "" : ", ") + name
						+ " AS (DELETE FROM %s AS t USING ".formatted(node.name().toSql()))
				.add(relation(node.table(), rows, "d"))
				.add(" WHERE %s%s RETURNING 1)".formatted(node.table().keyEquals("t", "d"), (deletionTime != null)
						? " AND %s = d.dp_token AND (%s) IS NOT TRUE".formatted(deletionTime.toSql("t"), hold(node))
						: ""));
			counts.add("(SELECT count(*) FROM " + name + ")");
		}
		for (int i = 0; i < this.plan.belongings().size(); i++) {
			Path path = this.plan.belongings().get(i);
			Node owner = path.steps().get(0).parent();
			if (!going.get(owner.number()).isEmpty()) {
				Join join = path.join("d", "t");
				statement.add(", dp_b%d AS (DELETE FROM %s AS t USING ".formatted(i, path.end().name().toSql()))
					.add(relation(owner.table(), going.get(owner.number()), "d"))
					.add("%s WHERE %s)".formatted(join.from(), join.condition()));
			}
		}
		return statement.add(" SELECT " + String.join(", ", counts));
	}

	private String hold(Node node) {
		String hold = this.deletionTimes.holdCondition(node.table());
		return (hold != null) ? "((" + hold + ")) IS TRUE" : "false";
	}

	private static Sql relation(Table table, Collection<TreeRow> rows, String alias) {
		return Sql.of("ROWS FROM (")
			.add(arrays(table, rows))
			.add(") AS %s (%s, dp_token, dp_version)".formatted(alias, table.keyAliases("")));
	}

	private static Sql arrays(Table table, Collection<TreeRow> rows) {
		Sql arrays = Sql.of("");
		for (int i = 0; i < table.key().size(); i++) {
			int position = i;
			arrays.add("unnest(CAST(CAST(? AS text[]) AS %s[])), ".formatted(table.key().get(i).type().sql()),
					(Object) rows.stream().map((row) -> row.key().get(position)).toArray(String[]::new));
		}
		return arrays.add("unnest(CAST(CAST(? AS text[]) AS timestamptz[])), unnest(CAST(? AS text[]))",
				rows.stream().map(TreeRow::token).toArray(String[]::new),
				rows.stream().map(TreeRow::version).toArray(String[]::new));
	}

	private static String columns(Table table, String alias) {
		return table.key().stream().map((column) -> column.toSql(alias)).collect(Collectors.joining(", "));
	}

}
