package io.github.deletionpolicy.delete;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.github.deletionpolicy.CascadeMode;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionPreview;
import io.github.deletionpolicy.DeletionRequest;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.CascadePlan.Edge;
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
		List<Edge> restricting = plan.restrictions();
		String old = request.includingDeleted() ? plan.root().requireDeletionTime().toSql("t")
				: "CAST(NULL AS timestamptz)";
		Sql statement = TreeWalk
			.from(plan, old, rows, hard || request.cascade() == CascadeMode.CATALOG,
					(node) -> hard ? "true" : isIncluded(node.requireDeletionTime()))
			.add(" SELECT %d AS dp_node, count(*) FROM roots UNION ALL SELECT dp_node, count(DISTINCT dp_key) FROM walk GROUP BY dp_node"
				.formatted(ROOTS));
		for (int i = 0; i < restricting.size(); i++) {
			Edge edge = restricting.get(i);
			statement.add(" UNION ALL SELECT %d, 1 WHERE EXISTS (".formatted(ROOTS - 1 - i))
				.add(Restrictions.staying(edge, plan, CascadePreview::walked, hard))
				.add(isNotWalked(edge, plan) + ")");
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
		List<String> refusedBy = IntStream.range(0, restricting.size())
			.filter((i) -> counts.containsKey(ROOTS - 1 - i))
			.mapToObj((i) -> Restrictions.describe(restricting.get(i)))
			.toList();
		return new DeletionPreview(request.mode(), request.source(), selected, cascaded, refusedBy);
	}

	private static String isIncluded(Column deletionTime) {
		return "(%1$s IS NULL OR %1$s = w.dp_old)".formatted(deletionTime.toSql("t"));
	}

	private static Sql walked(Node node) {
		return Sql.of("(SELECT %s FROM walk WHERE dp_node = %d)"
			.formatted(node.table().selectKeyFromText("walk.dp_key"), node.number()));
	}

	private static String isNotWalked(Edge edge, CascadePlan plan) {
		return plan.nodes()
			.stream()
			.filter((node) -> edge.child().isPartOf(node) && node.deletionTime() != null)
			.map((node) -> " AND NOT EXISTS (SELECT FROM walk AS x WHERE x.dp_node = %d AND x.dp_key = %s)"
				.formatted(node.number(), node.table().keyAsText("t")))
			.collect(Collectors.joining());
	}

}
