package io.github.deletionpolicy.purge.tree;

import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.CascadePlan.Edge;
import io.github.deletionpolicy.catalog.CascadePlan.Join;
import io.github.deletionpolicy.catalog.CascadePlan.Node;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

/**
 * Queries on trees that are not purged in one transaction, or not at all: what is below a
 * row, what must stay, and what is locked.
 */
public class TreeSearch {

	private final TreeQueries queries;

	public TreeSearch(CascadePlan plan, DeletionTimeColumns deletionTimes, PointOfNoReturn point, Instant now) {
		this(new TreeQueries(plan, deletionTimes, point, now));
	}

	TreeSearch(TreeQueries queries) {
		this.queries = queries;
	}

	/**
	 * Begin a query with {@code walk}, of which nothing needs to be locked. A row that
	 * must stay says in {@code dp_stays} why (see {@link Blocker}), and nothing below it
	 * is looked at.
	 */
	public Sql walk(TreeRow root) {
		return this.queries.walk(this.queries.plan().root(), this.queries.rows(root, null, List.of(root)), false);
	}

	/**
	 * Look through a whole tree, of which nothing needs to be locked, for what must stay,
	 * and for rows outside that refer to it by a restricting key.
	 * @return a query of {@code dp_stays} and {@code dp_node}: null and the number of the
	 * key for the latter
	 */
	Sql blockers(TreeRow root) {
		Sql statement = walk(root).add(" (SELECT dp_stays, dp_node FROM walk WHERE dp_stays IS NOT NULL LIMIT 1)");
		for (int i = 0; i < this.queries.plan().restrictions().size(); i++) {
			Edge edge = this.queries.plan().restrictions().get(i);
			Join join = edge.join("d", "dp_p", "t");
			String inside = this.queries.plan()
				.nodes()
				.stream()
				.filter(edge.child()::isPartOf)
				.map((node) -> " AND NOT EXISTS (SELECT FROM walk x WHERE x.dp_node = %d AND x.dp_key = %s)"
					.formatted(node.number(), node.table().keyAsText("t")))
				.collect(Collectors.joining());
			statement.add(
					" UNION ALL SELECT NULL, %d WHERE EXISTS (SELECT FROM (SELECT %s FROM walk w WHERE w.dp_node = %d) AS d%s JOIN %s AS t ON %s WHERE true%s)"
						.formatted(i, edge.parent().table().selectKeyFromText("w.dp_key"), edge.parent().number(),
								join.from(), edge.child().name().toSql(), join.condition(), inside));
		}
		return statement;
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
			.add(TreeQueries.relation(edge.parent().table(), going.get(edge.parent().number()), "d"))
			.add("%s JOIN (SELECT t.*, %s AS dp_held FROM %s AS t) AS t ON %s WHERE true".formatted(join.from(),
					this.queries.hold(child), child.name().toSql(), join.condition()));
		for (Node node : this.queries.plan().nodes()) {
			if (child.isPartOf(node)) {
				statement
					.add(" AND (%s) NOT IN (SELECT %s FROM ".formatted(child.table().keyColumns("t"),
							node.table().keyAliases("g")))
					.add(TreeQueries.relation(node.table(), going.get(node.number()), "g"))
					.add(")");
			}
		}
		Column deletionTime = child.deletionTime();
		if (deletionTime != null && !child.table().key().isEmpty()) {
			statement.add(" AND (t.dp_held OR %s IS NULL OR ".formatted(TreeQueries.own(child)))
				.add(this.queries.point()
					.dueOperationOf(child.table(), deletionTime, this.queries.now(), this.queries.knowsHold(child)))
				.add(" IS NULL)");
		}
		return statement.add(" LIMIT 1");
	}

	/**
	 * Find the rows below a row of a big tree by one key.
	 * @return a query of the columns of a walk and {@code dp_version}
	 */
	Sql children(Edge edge, TreeRow parent, @Nullable String token, int limit) {
		return Sql
			.of("WITH dp_top AS (SELECT CAST(CAST(? AS text) AS timestamptz) AS dp_token), dp_adopted AS MATERIALIZED (%s) SELECT e.* FROM dp_top w CROSS JOIN LATERAL ("
				.formatted(this.queries.point().adoptedTokens("dp_top")), token)
			.add(this.queries.step(edge, "CAST(t.dp_version AS text) AS dp_version, ",
					TreeQueries.relation(edge.parent().table(), List.of(parent), "d"), false))
			.add(") AS e LIMIT " + limit);
	}

	/**
	 * Lock rows of one table that are as they were found, without waiting.
	 */
	public Sql lock(Node node, List<TreeRow> rows) {
		return Sql.of("SELECT 1 FROM %s AS t JOIN ".formatted(node.name().toSql()))
			.add(TreeQueries.relation(node.table(), rows, "d"))
			.add(" ON %s AND (d.dp_version IS NULL OR d.dp_version = CAST(t.xmin AS text)) AND (%s) IS NOT TRUE FOR UPDATE OF t SKIP LOCKED"
				.formatted(TreeQueries.isStill(node, "d.dp_token"), this.queries.hold(node)));
	}

	/**
	 * Find those of some rows that a transaction has locked or changed which may not be
	 * over yet.
	 * @return a query of {@code dp_key}, the key as text
	 */
	public static Sql touched(Node node, List<TreeRow> rows) {
		return Sql
			.of("SELECT %s AS dp_key FROM %s AS t JOIN ".formatted(node.table().keyAsText("t"), node.name().toSql()))
			.add(TreeQueries.relation(node.table(), rows, "d"))
			.add(" ON %s WHERE CAST(t.xmax AS text) <> '0'".formatted(node.table().keyEquals("t", "d")));
	}

	/**
	 * Find out whether any of some rows is still there.
	 */
	static Sql left(Node node, List<TreeRow> rows) {
		return Sql.of("SELECT 1 FROM %s AS t JOIN ".formatted(node.name().toSql()))
			.add(TreeQueries.relation(node.table(), rows, "d"))
			.add(" ON %s LIMIT 1".formatted(TreeQueries.isStill(node, "d.dp_token")));
	}

	/**
	 * Read the typed keys of rows of one table, in their order.
	 * @return a query of {@code dp_k1, dp_k2, …}
	 */
	static Sql keys(Table table, List<TreeRow> rows) {
		return Sql.of("SELECT " + table.keyAliases("d") + " FROM ")
			.add(TreeQueries.relation(table, rows, "d"))
			.add(" ORDER BY d.dp_root");
	}

}
