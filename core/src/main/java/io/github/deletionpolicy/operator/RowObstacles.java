package io.github.deletionpolicy.operator;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.CascadePlan.Edge;
import io.github.deletionpolicy.catalog.CascadePlan.Node;
import io.github.deletionpolicy.catalog.CascadePlans;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.operator.RowStatus.Obstacle;
import io.github.deletionpolicy.operator.RowStatus.Reason;
import io.github.deletionpolicy.purge.tree.Blocker;
import io.github.deletionpolicy.purge.tree.PointOfNoReturn;
import io.github.deletionpolicy.purge.tree.TreeRow;
import io.github.deletionpolicy.purge.tree.TreeSearch;
import io.github.deletionpolicy.sql.Sql;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Looks for what would keep a row if it were purged, with the queries of the purge. It
 * waits for nobody. Rows that nobody has touched are not locked; one that somebody may be
 * at is locked, without waiting, to see whether that is so.
 */
record RowObstacles(JdbcOperations jdbc, LedgerTables ledger, DeletionTimeColumns deletionTimes, CascadePlans plans) {

	/**
	 * How many rows of a tree are looked at.
	 */
	private static final int ROWS = 1000;

	/**
	 * Look at a row.
	 * @param held whether its hold condition is true
	 * @param asOf what is due by then
	 */
	List<Obstacle> of(Table table, Column deletionTime, TreeRow root, boolean held, Instant asOf) {
		List<Obstacle> found = new ArrayList<>();
		if (held) {
			found.add(new Obstacle(Reason.HELD, table.name().toString(), null, "the hold condition of %s keeps it: %s"
				.formatted(table.name(), this.deletionTimes.holdCondition(table))));
		}
		try {
			CascadePlan plan = this.plans.planFor(table, deletionTime);
			addObstacles(new TreeSearch(plan, this.deletionTimes, new PointOfNoReturn(this.jdbc, this.ledger), asOf),
					plan, root, held, found);
		}
		catch (UnsupportedTableException ex) {
			found.add(new Obstacle(Reason.FAILED, table.name().toString(), null,
					"its dependants cannot be determined: " + ex.getMessage()));
		}
		return found;
	}

	private void addObstacles(TreeSearch search, CascadePlan plan, TreeRow root, boolean held, List<Obstacle> found) {
		List<List<TreeRow>> rows = new ArrayList<>();
		plan.nodes().forEach((node) -> rows.add(new ArrayList<>()));
		boolean whole = walk(search, plan, root, rows, found);
		for (Edge edge : plan.restrictions()) {
			boolean inside = plan.nodes().stream().anyMatch((node) -> edge.child().isPartOf(node));
			if (!rows.get(edge.parent().number()).isEmpty() && (whole || !inside)
					&& search.restricting(edge, rows).first(this.jdbc, (rs, number) -> true) != null) {
				found.add(new Obstacle(Reason.RESTRICTED, edge.child().name().toString(), edge.key().name(),
						"a row of %s refers to %s (foreign key %s)".formatted(edge.child().name(),
								(edge.parent().number() == 0) ? "it" : "its dependants", edge.key().name())));
			}
		}
		for (Node node : plan.nodes()) {
			boolean isRoot = node.number() == 0;
			if (!(isRoot && held) && isLocked(search, node, rows.get(node.number()))) {
				found.add(new Obstacle(Reason.LOCKED, node.name().toString(), null,
						isRoot ? "another transaction has locked it, or is changing it"
								: "another transaction has locked a dependent row of %s".formatted(node.name())));
			}
		}
	}

	/**
	 * Collect the rows of the tree below a row, and what must stay of it.
	 * @return whether that was all of it
	 */
	private boolean walk(TreeSearch search, CascadePlan plan, TreeRow root, List<List<TreeRow>> rows,
			List<Obstacle> found) {
		Sql statement = search.walk(root)
			.add(" SELECT dp_node, dp_key, CAST(dp_own AS text) AS dp_own, dp_op, dp_stays FROM walk LIMIT "
					+ (ROWS + 1));
		Set<Obstacle> staying = new LinkedHashSet<>();
		int count = statement.list(this.jdbc, (rs, number) -> {
			TreeRow row = TreeRow.from(rs);
			String stays = rs.getString("dp_stays");
			if (stays == null) {
				return rows.get(row.node()).add(row);
			}
			Blocker blocker = Blocker.valueOf(stays);
			TableName table = plan.nodes().get(row.node()).name();
			return staying.add(new Obstacle((blocker == Blocker.HELD) ? Reason.HELD : Reason.KEPT, table.toString(),
					null, blocker.in(table).error()));
		}).size();
		found.addAll(staying);
		return count <= ROWS;
	}

	private boolean isLocked(TreeSearch search, Node node, List<TreeRow> rows) {
		if (rows.isEmpty()) {
			return false;
		}
		Set<List<String>> touched = new LinkedHashSet<>(
				TreeSearch.touched(node, rows).list(this.jdbc, (rs, number) -> TreeRow.texts(rs, "dp_key")));
		List<TreeRow> suspects = rows.stream().filter((row) -> touched.contains(row.key())).toList();
		return !suspects.isEmpty()
				&& search.lock(node, suspects).list(this.jdbc, (rs, number) -> true).size() < suspects.size();
	}

}
