package io.github.deletionpolicy.delete;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.github.deletionpolicy.CascadeMode;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionPreview;
import io.github.deletionpolicy.DeletionRequest;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.CascadePlan.Edge;
import io.github.deletionpolicy.catalog.CascadePlan.Join;
import io.github.deletionpolicy.catalog.CascadePlan.Node;
import io.github.deletionpolicy.catalog.CascadePlans;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.sql.Sql;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Says what a delete would do, by the same plan and without a write.
 */
public class CascadePreview {

	private static final int ROOTS = -1;

	private final JdbcOperations jdbc;

	private final HardDelete hard;

	private final CascadePlans plans;

	private final DeletionTimeColumns deletionTimes;

	public CascadePreview(JdbcOperations jdbc, HardDelete hard, CascadePlans plans, DeletionTimeColumns deletionTimes) {
		this.jdbc = jdbc;
		this.hard = hard;
		this.plans = plans;
		this.deletionTimes = deletionTimes;
	}

	/**
	 * Preview a delete.
	 * @param rows condition on the row {@code t} of the table
	 */
	public DeletionPreview preview(DeletionRequest request, Table table, Sql rows) {
		if (request.mode() == DeletionMode.HARD) {
			return previewHard(request, table, rows);
		}
		Column deletionTime = this.deletionTimes.of(request.policy(), table);
		table.recordableKey();
		return preview(request, this.plans.planFor(table, deletionTime),
				RequestedRows.stampable(request, deletionTime, rows));
	}

	/**
	 * What keeps a table from being stamped keeps nobody from removing its rows.
	 */
	private DeletionPreview previewHard(DeletionRequest request, Table table, Sql rows) {
		CascadePlan plan = this.hard.planFor(table);
		try {
			return preview(request, plan, rows);
		}
		catch (UnsupportedTableException ex) {
			return preview(request, CascadePlan.alone(table, plan.root().deletionTime()), rows);
		}
	}

	private DeletionPreview preview(DeletionRequest request, CascadePlan plan, Sql rows) {
		boolean hard = request.mode() == DeletionMode.HARD;
		Table root = plan.root().table();
		List<Edge> restricting = plan.restrictions();
		Sql statement = Sql
			.of("WITH RECURSIVE roots AS MATERIALIZED (SELECT %s, %s AS dp_old FROM %s AS t WHERE (".formatted(
					root.selectKey("t"),
					request.includingDeleted() ? plan.root().requireDeletionTime().toSql("t")
							: "CAST(NULL AS timestamptz)",
					root.name().toSql()))
			.add(rows)
			.add(")), ")
			.add(TreeWalk.expression(plan, hard || request.cascade() == CascadeMode.CATALOG,
					(node) -> hard ? "true" : isIncluded(node.requireDeletionTime())))
			.add(" SELECT %d AS dp_node, count(*) FROM roots UNION ALL SELECT dp_node, count(DISTINCT dp_key) FROM walk GROUP BY dp_node"
				.formatted(ROOTS));
		for (int i = 0; i < restricting.size(); i++) {
			statement.add(" UNION ALL SELECT %d, 1 WHERE EXISTS (%s)".formatted(ROOTS - 1 - i,
					staying(restricting.get(i), plan, hard)));
		}
		Map<Integer, Long> counts = new HashMap<>();
		statement.list(this.jdbc, (rs, row) -> counts.put(rs.getInt(1), rs.getLong(2)));
		long selected = counts.getOrDefault(ROOTS, 0L);
		Map<String, Long> cascaded = new HashMap<>();
		for (Node node : plan.nodes()) {
			long count = counts.getOrDefault(node.number(), 0L) - ((node.number() == 0) ? selected : 0);
			if (count > 0 && !hard) {
				cascaded.merge(node.name().toString(), count, Long::sum);
			}
		}
		List<String> refusedBy = new ArrayList<>();
		for (int i = 0; i < restricting.size(); i++) {
			if (counts.containsKey(ROOTS - 1 - i)) {
				refusedBy.add(Restrictions.describe(restricting.get(i)));
			}
		}
		return new DeletionPreview(request.mode(), request.source(), selected, cascaded, refusedBy);
	}

	private static String isIncluded(Column deletionTime) {
		return "(%1$s IS NULL OR %1$s = w.dp_old)".formatted(deletionTime.toSql("t"));
	}

	private static String staying(Edge edge, CascadePlan plan, boolean hard) {
		Table parent = edge.parent().table();
		Join join = edge.join("d", "dp_p", "t");
		StringBuilder query = new StringBuilder(
				"SELECT FROM (SELECT %s FROM walk WHERE dp_node = %d) AS d%s JOIN %s AS t ON %s WHERE %s".formatted(
						parent.selectKeyFromText("walk.dp_key"), edge.parent().number(), join.from(),
						edge.child().name().toSql(), join.condition(),
						hard ? "true" : Restrictions.liveCondition(edge, "true")));
		for (Node node : plan.nodes()) {
			if (!edge.child().isPartOf(node)) {
				continue;
			}
			if (node.deletionTime() != null) {
				query.append(" AND NOT EXISTS (SELECT FROM walk AS x WHERE x.dp_node = %d AND x.dp_key = %s)"
					.formatted(node.number(), node.table().keyAsText("t")));
			}
			else {
				plan.edges()
					.stream()
					.filter((cascading) -> cascading.child().number() == node.number()
							&& cascading.parent().deletionTime() != null)
					.forEach((cascading) -> query.append(going(cascading)));
			}
		}
		return query.toString();
	}

	private static String going(Edge cascading) {
		Join join = cascading.join("g", "dp_g", "t");
		return " AND NOT EXISTS (SELECT FROM (SELECT %s FROM walk WHERE dp_node = %d) AS g%s WHERE %s)".formatted(
				cascading.parent().table().selectKeyFromText("walk.dp_key"), cascading.parent().number(), join.from(),
				join.condition());
	}

}
