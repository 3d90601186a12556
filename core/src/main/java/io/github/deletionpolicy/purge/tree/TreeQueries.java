package io.github.deletionpolicy.purge.tree;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.CascadePlan.Edge;
import io.github.deletionpolicy.catalog.CascadePlan.Join;
import io.github.deletionpolicy.catalog.CascadePlan.Node;
import io.github.deletionpolicy.catalog.CascadePlan.Path;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.purge.batch.ChunkRef;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

/**
 * The statements of a purge of trees. Most begin with a relation {@code walk}: the rows
 * at the top, which are roots or rows below one root, and all below them. Keys of all
 * types are texts there.
 */
record TreeQueries(CascadePlan plan, DeletionTimeColumns deletionTimes, PointOfNoReturn point, Instant now) {

	/**
	 * What an other transaction cannot have changed since, and cannot change, is locked
	 * by this one.
	 */
	private static final String LOCKED_BY_US = "%s = CAST(pg_current_xact_id() AS xid)";

	/**
	 * Begin a statement with {@code walk}. A row that must stay says in {@code dp_stays}
	 * why (see {@link Blocker}), and nothing below it is looked at.
	 * @param top the table of the rows at the top
	 * @param locked whether rows that this transaction has not locked must stay
	 */
	Sql walk(Node top, Sql rows, boolean locked) {
		Sql walk = Sql.of("WITH RECURSIVE dp_top AS MATERIALIZED (")
			.add(rows)
			.add("), dp_adopted AS MATERIALIZED (" + this.point.adoptedTokens("dp_top") + "), ")
			.add("walk AS (SELECT dp_root, dp_operation, dp_token, %d AS dp_node, %s AS dp_key, CAST(NULL AS text) AS dp_stays, dp_own, dp_op FROM dp_top"
				.formatted(top.number(), top.table().keyAliasesAsText("dp_top")));
		if (this.plan.edges().isEmpty()) {
			return walk.add(")");
		}
		walk.add(" UNION SELECT w.dp_root, w.dp_operation, w.dp_token, e.* FROM walk w CROSS JOIN LATERAL (");
		String union = "";
		for (Edge edge : this.plan.edges()) {
			Node parent = edge.parent();
			walk.add(union)
				.add(step(edge, "", Sql.of("(SELECT %s WHERE w.dp_node = %d) AS d"
					.formatted(parent.table().selectKeyFromText("w.dp_key"), parent.number())), locked));
			union = " UNION ALL ";
		}
		return walk.add(") AS e WHERE w.dp_stays IS NULL)");
	}

	/**
	 * Find the rows below one row by one key.
	 * @param columns items to put in front
	 * @param parent a relation {@code d} with the key of that row
	 * @param locked whether rows that this transaction has not locked must stay
	 */
	Sql step(Edge edge, String columns, Sql parent, boolean locked) {
		Node child = edge.child();
		Join join = edge.join("d", "dp_p", "t");
		Column deletionTime = child.deletionTime();
		List<String> reasons = new ArrayList<>();
		if (deletionTime != null) {
			reasons.add("WHEN %s IS NULL THEN '%s'".formatted(own(child), Blocker.LIVE));
			reasons.add("WHEN t.dp_held THEN '%s'".formatted(Blocker.HELD));
			reasons.add("WHEN o.dp_alone AND o.dp_op IS NULL THEN '%s'".formatted(Blocker.LATER));
		}
		if (locked) {
			reasons.add("WHEN NOT (%s) THEN '%s'".formatted(LOCKED_BY_US.formatted("t.dp_locker"), Blocker.LOCKED));
		}
		Sql step = Sql
			.of("SELECT %s%d AS dp_node, %s AS dp_key, %s AS dp_stays, %s AS dp_own, %s AS dp_op FROM ".formatted(
					columns, child.number(), child.table().keyAsText("t"),
					reasons.isEmpty() ? "CAST(NULL AS text)" : "CASE " + String.join(" ", reasons) + " END", own(child),
					(deletionTime != null) ? "o.dp_op" : "CAST(NULL AS uuid)"))
			.add(parent)
			.add("%s JOIN (SELECT t.*, t.xmin AS dp_version, t.xmax AS dp_locker, %s AS dp_held FROM %s AS t) AS t ON %s"
				.formatted(join.from(), hold(child), child.name().toSql(), join.condition()));
		if (child.number() == edge.parent().number()) {
			step.add(" AND NOT (" + child.table().keyEquals("t", "d") + ")");
		}
		if (deletionTime != null) {
			step.add(" CROSS JOIN LATERAL (SELECT a.dp_alone, CASE WHEN a.dp_alone THEN ")
				.add(this.point.dueOperationOf(child.table(), deletionTime, this.now, knowsHold(child)))
				.add(" END AS dp_op FROM (SELECT %s <> w.dp_token OR w.dp_token IN (SELECT dp_token FROM dp_adopted) AS dp_alone) a) AS o"
					.formatted(own(child)));
		}
		return step;
	}

	/**
	 * Lock the rows of chunks that carry the token and are not held.
	 * @param keys the keys of the chunks
	 * @return a query of {@code dp_key, dp_own, dp_version}
	 */
	Sql lockRoots(Sql keys) {
		Table table = this.plan.root().table();
		return Sql
			.of("SELECT %s AS dp_key, CAST(d.dp_token AS text) AS dp_own, CAST(t.xmin AS text) AS dp_version FROM %s AS t JOIN "
				.formatted(table.keyAsText("t"), table.name().toSql()))
			.add(keys)
			.add(" AS d ON %s AND (%s) IS NOT TRUE FOR UPDATE OF t SKIP LOCKED"
				.formatted(isStill(this.plan.root(), "d.dp_token"), hold(this.plan.root())));
	}

	/**
	 * Find the roots that {@link #lockRoots} has locked, as rows at the top.
	 */
	Sql roots(Sql keys) {
		Table table = this.plan.root().table();
		return Sql
			.of("SELECT row_number() OVER () AS dp_root, d.dp_operation, d.dp_chunk, d.dp_token, d.dp_token AS dp_own, CAST(NULL AS uuid) AS dp_op, %s FROM %s AS t JOIN "
				.formatted(table.selectKey("t"), table.name().toSql()))
			.add(keys)
			.add(" AS d ON %s AND (%s) IS NOT TRUE AND %s".formatted(isStill(this.plan.root(), "d.dp_token"),
					hold(this.plan.root()), LOCKED_BY_US.formatted("t.xmax")));
	}

	/**
	 * Return certain rows as rows at the top.
	 * @param root the root that they are below, or are
	 * @param chunk the chunk that the root belongs to
	 */
	Sql rows(TreeRow root, @Nullable ChunkRef chunk, List<TreeRow> rows) {
		Table table = this.plan.nodes().get(rows.get(0).node()).table();
		return Sql
			.of("SELECT d.dp_root, CAST(? AS uuid) AS dp_operation, CAST(? AS bigint) AS dp_chunk, CAST(CAST(? AS text) AS timestamptz) AS dp_token, d.dp_token AS dp_own, d.dp_op, %s FROM "
				.formatted(table.keyAliases("d")), (chunk != null) ? chunk.operationId() : null,
					(chunk != null) ? chunk.id() : null, root.token())
			.add(relation(table, rows, "d"));
	}

	/**
	 * Lock what is below the rows at the top and may go, without waiting. What has
	 * changed meanwhile, or could not be locked, is seen by {@link #delete}.
	 * @param limit how many rows below the top to lock at most
	 */
	Sql lockBelow(Node top, Sql rows, int limit) {
		Sql statement = found(walk(top, rows, false).add(", "), limit);
		List<String> counts = new ArrayList<>();
		for (Node node : this.plan.nodes()) {
			Table table = node.table();
			statement.add(
					", dp_l%d AS MATERIALIZED (SELECT FROM (SELECT %s FROM dp_found f WHERE f.dp_node = %1$d AND f.dp_stays IS NULL) AS d JOIN %s AS t ON %s FOR UPDATE OF t SKIP LOCKED)"
						.formatted(node.number(), table.selectKeyFromText("f.dp_key"), node.name().toSql(),
								table.keyEquals("t", "d")));
			counts.add("(SELECT count(*) FROM dp_l%d)".formatted(node.number()));
		}
		return statement.add(" SELECT " + String.join(", ", counts));
	}

	private static Sql found(Sql walk, int limit) {
		return walk.add("dp_found AS MATERIALIZED (SELECT * FROM walk LIMIT (SELECT count(*) FROM dp_top) + %d)"
			.formatted(limit + 1));
	}

	/**
	 * Look at what is below the rows at the top, all of which must be locked, and delete
	 * those rows at the top below which nothing must stay. The database does what it does
	 * for anybody: it cascades. The parts that only a mapping knows of go in the same
	 * statement. It is the statement that looks, so nothing can come in between; locks
	 * keep away what could come in below.
	 * @param limit how many rows may be below the top; nothing is deleted if there are
	 * more
	 * @param together whether the rows at the top go together or not at all
	 * @param telling whether the rows that go are asked for; they are returned too where
	 * a trigger or a rule may keep one
	 * @return a query of results, see {@link TreeBatch.Removal}
	 */
	Sql delete(Node top, Sql rows, int limit, boolean together, boolean telling) {
		String going = "WHERE NOT (SELECT dp_too_big FROM dp_size) AND f.dp_root NOT IN (SELECT dp_root FROM dp_found WHERE dp_stays IS NOT NULL)"
				+ (together ? " AND NOT EXISTS (SELECT FROM dp_found WHERE dp_stays IS NOT NULL)" : "");
		Sql statement = found(walk(top, rows, true).add(", "), limit)
			.add("""
					, dp_size AS MATERIALIZED (SELECT count(*) > (SELECT count(*) FROM dp_top) + %1$d AS dp_too_big FROM dp_found),
					dp_going AS MATERIALIZED (SELECT f.* FROM dp_top f %2$s),
					dp_rows AS MATERIALIZED (SELECT %3$s f.* FROM dp_found f %2$s%4$s)"""
				.formatted(limit, going, isTree() ? "" : "DISTINCT ON (f.dp_node, f.dp_key)",
						isTree() ? "" : " ORDER BY f.dp_node, f.dp_key, f.dp_root"));
		List<String> parts = partDeletes(top);
		for (int i = 0; i < parts.size(); i++) {
			statement.add(", dp_part%d AS (%s)".formatted(i, parts.get(i)));
		}
		String[] tables = this.plan.nodes().stream().map(Node::name).map(TableName::toSql).toArray(String[]::new);
		return statement
			.add("""
					, dp_gone AS (
						DELETE FROM %s AS t USING dp_going d WHERE %s AND (%s) IS NOT TRUE RETURNING d.dp_operation, d.dp_chunk)
					SELECT 'GONE' AS dp_what, -1 AS dp_node, dp_operation, dp_chunk, count(*) AS dp_count, CAST(NULL AS text[]) AS dp_key, CAST(NULL AS timestamptz) AS dp_own
						FROM dp_gone GROUP BY dp_operation, dp_chunk
					UNION ALL SELECT 'GOING', -1, NULL, NULL, count(*), NULL, NULL FROM dp_going
					UNION ALL SELECT 'TOO_BIG', -1, NULL, NULL, 0, NULL, NULL FROM dp_size WHERE dp_too_big
					UNION ALL SELECT 'ROWS', dp_node, NULL, NULL, count(*), NULL, NULL FROM dp_rows GROUP BY dp_node
					UNION ALL (SELECT dp_stays, dp_node, NULL, NULL, 0, NULL, NULL FROM dp_found WHERE dp_stays IS NOT NULL LIMIT 1)
					UNION ALL SELECT 'ROW', dp_node, coalesce(dp_op, dp_operation), NULL, 0, dp_key, dp_own FROM dp_rows WHERE %s"""
				.formatted(top.name().toSql(), isStill(top, "d.dp_own"), hold(top), telling ? "true" : ""))
			.add(telling ? Sql.of("") : mayBeKept(tables));
	}

	/**
	 * Return the deletes of rows that belong to others by the mapping only, so that the
	 * database does not cascade to them.
	 */
	private List<String> partDeletes(Node top) {
		List<String> deletes = new ArrayList<>();
		this.plan.edges()
			.stream()
			.filter((edge) -> edge.key().isLeftToOthers())
			.map(Edge::child)
			.distinct()
			.forEach((node) -> deletes.add("DELETE FROM %s AS t USING %s AS d WHERE %s".formatted(node.name().toSql(),
					going(node,
							(node.number() == top.number()) ? " AND w.dp_key NOT IN (SELECT %s FROM dp_top)"
								.formatted(node.table().keyAliasesAsText("dp_top")) : ""),
					node.table().keyEquals("t", "d"))));
		for (Path path : this.plan.belongings()) {
			Join join = path.join("d", "t");
			deletes.add("DELETE FROM %s AS t USING %s AS d%s WHERE %s".formatted(path.end().name().toSql(),
					going(path.steps().get(0).parent(), ""), join.from(), join.condition()));
		}
		return deletes;
	}

	private static String going(Node node, String condition) {
		return "(SELECT %s FROM dp_rows w WHERE w.dp_node = %d%s)".formatted(node.table().selectKeyFromText("w.dp_key"),
				node.number(), condition);
	}

	/**
	 * Return the condition that triggers or rules are there that may keep rows of tables.
	 */
	private static Sql mayBeKept(String[] tables) {
		return Sql
			.of("""
					EXISTS (
						SELECT FROM unnest(CAST(? AS text[])) AS n CROSS JOIN LATERAL (SELECT CAST(to_regclass(n) AS oid) AS id
							UNION SELECT p.relid FROM pg_catalog.pg_partition_tree(to_regclass(n)) p) c
						WHERE EXISTS (SELECT FROM pg_catalog.pg_trigger g WHERE g.tgrelid = c.id AND NOT g.tgisinternal AND g.tgtype & 8 <> 0)
						OR EXISTS (SELECT FROM pg_catalog.pg_rewrite w WHERE w.ev_class = c.id AND w.ev_type = '4'))""",
					(Object) tables);
	}

	/**
	 * Whether each table is reached by one key only, so that no row is below two others.
	 */
	private boolean isTree() {
		return this.plan.edges().size() == this.plan.nodes().size() - 1;
	}

	static String own(Node node) {
		Column deletionTime = node.deletionTime();
		return (deletionTime != null) ? deletionTime.toSql("t") : "CAST(NULL AS timestamptz)";
	}

	static String isStill(Node node, String token) {
		return node.table().keyEquals("t", "d")
				+ ((node.deletionTime() != null) ? " AND %s = %s".formatted(own(node), token) : "");
	}

	boolean knowsHold(Node node) {
		return !hold(node).equals("false");
	}

	String hold(Node node) {
		String hold = (node.deletionTime() != null) ? this.deletionTimes.holdCondition(node.table()) : null;
		return (hold != null) ? "((" + hold + ")) IS TRUE" : "false";
	}

	/**
	 * Return rows as a relation of {@code dp_k1, dp_k2, …, dp_token, dp_version, dp_op}
	 * and {@code dp_root}, their place.
	 */
	static Sql relation(Table table, List<TreeRow> rows, String alias) {
		Sql relation = Sql.of("ROWS FROM (");
		for (int i = 0; i < table.key().size(); i++) {
			int position = i;
			relation.add("unnest(CAST(CAST(? AS text[]) AS %s[])), ".formatted(table.key().get(i).type().sql()),
					(Object) rows.stream().map((row) -> row.key().get(position)).toArray(String[]::new));
		}
		return relation.add(
				"unnest(CAST(CAST(? AS text[]) AS timestamptz[])), unnest(CAST(? AS text[])), unnest(CAST(CAST(? AS text[]) AS uuid[])))",
				rows.stream().map(TreeRow::token).toArray(String[]::new),
				rows.stream().map(TreeRow::version).toArray(String[]::new),
				rows.stream().map((row) -> Objects.toString(row.operationId(), null)).toArray(String[]::new))
			.add(" WITH ORDINALITY AS %s (%s, dp_token, dp_version, dp_op, dp_root)".formatted(alias,
					table.keyAliases("")));
	}

}
