package io.github.deletionpolicy.purge.tree;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.CascadePlan.Node;
import io.github.deletionpolicy.purge.batch.ChunkRef;
import io.github.deletionpolicy.purge.batch.DueChunks;
import io.github.deletionpolicy.purge.batch.DueChunks.Outcome;
import io.github.deletionpolicy.purge.batch.PurgeResult;
import io.github.deletionpolicy.purge.batch.TableWork;
import io.github.deletionpolicy.purge.tree.TreeBatch.Locked;
import io.github.deletionpolicy.purge.tree.TreeBatch.Root;
import io.github.deletionpolicy.purge.tree.TreeBatch.RowId;
import io.github.deletionpolicy.sql.Database;
import io.github.deletionpolicy.sql.Sql;

/**
 * Removes a part of a tree that does not fit into one transaction, leaves first; the
 * first transaction is its point of no return. When little enough is left, the rest goes
 * with the root as any other tree does.
 */
public class BigTree {

	/**
	 * How many batches to find at once: finding them walks the whole tree.
	 */
	private static final int PAGE = 50;

	private static final int MAX_DEPTH = 1000;

	private static final Outcome TOO_DEEP = new Outcome(State.FAILED,
			"what belongs to it is more than one batch, and deeper than %d levels or a circle; raise deletion-policy.purge.batch-size"
				.formatted(MAX_DEPTH));

	private final Database database;

	private final TreeBatch trees;

	private final PointOfNoReturn point;

	private final DueChunks chunks;

	private final TableWork work;

	private final CascadePlan plan;

	private final BooleanSupplier enter;

	private final BooleanSupplier goesOn;

	private final TreeQueries queries;

	private final Deque<TreeRow> page = new ArrayDeque<>();

	public BigTree(Database database, TreeBatch trees, PointOfNoReturn point, DueChunks chunks, TableWork work,
			BooleanSupplier enter, BooleanSupplier goesOn) {
		this.database = database;
		this.trees = trees;
		this.point = point;
		this.chunks = chunks;
		this.work = work;
		this.plan = work.plan();
		this.enter = enter;
		this.goesOn = goesOn;
		this.queries = trees.queries(this.plan, work.progress().backOff().now());
	}

	/**
	 * Purge a part of the tree below the only row of a chunk.
	 */
	public void purge(ChunkRef chunk) {
		boolean more = true;
		while (more && this.goesOn.getAsBoolean()) {
			Step step = this.database.workers().execute((status) -> step(chunk));
			this.work.progress().done(step.result());
			more = step.more();
		}
	}

	private Step step(ChunkRef chunk) {
		if (!this.enter.getAsBoolean()
				|| this.chunks.claimAgain(List.of(chunk), this.work.progress().backOff().now()).isEmpty()) {
			return Step.END;
		}
		List<Root> roots = this.trees.lockRoots(List.of(chunk), this.plan.root(), this.work.hold());
		if (roots.isEmpty()) {
			return Step.END;
		}
		List<TreeRow> root = List.of(roots.get(0).row());
		boolean begun = this.point.isPast(chunk);
		if (!begun) {
			Optional<Outcome> obstacle = this.point.lock(chunk.operationId()) ? staying(root)
					: Optional.of(Blocker.LOCKED.in(this.plan.root().name()));
			if (obstacle.isPresent()) {
				return postpone(chunk, obstacle.get());
			}
		}
		boolean found = this.page.isEmpty();
		if (found && !findLeaves(root)) {
			return postpone(chunk, TOO_DEEP);
		}
		if (this.page.isEmpty()) {
			return postpone(chunk, staying(root).orElse(Blocker.LOCKED.in(this.plan.root().name())));
		}
		List<List<TreeRow>> going = nextBatch();
		Map<RowId, Locked> locked = lock(going);
		for (Node node : this.plan.nodes()) {
			if (!going.get(node.number()).stream().map(RowId::of).allMatch(locked::containsKey)) {
				this.page.clear();
				return found ? postpone(chunk, Blocker.LOCKED.in(node.name())) : Step.AGAIN;
			}
		}
		Map<RowId, Outcome> referring = this.trees.staying(this.queries, this.plan, going);
		if (!referring.isEmpty()) {
			return postpone(chunk, referring.values().iterator().next());
		}
		if (!begun) {
			this.point.pass(chunk);
		}
		Map<String, Long> removed = this.trees.remove(this.queries, this.plan, going, locked,
				(row) -> chunk.operationId());
		return new Step(PurgeResult.of(removed), !this.page.isEmpty());
	}

	private Map<RowId, Locked> lock(List<List<TreeRow>> going) {
		Map<RowId, Locked> locked = new HashMap<>();
		for (Node node : this.plan.nodes()) {
			List<TreeRow> rows = going.get(node.number());
			if (!rows.isEmpty()) {
				locked.putAll(this.trees.lock(this.queries, node, rows));
			}
		}
		return locked;
	}

	/**
	 * Look through the whole tree for what must stay.
	 */
	private Optional<Outcome> staying(List<TreeRow> root) {
		Sql statement = this.queries.walk(root, 0)
			.add(" (SELECT dp_stays, dp_node FROM walk WHERE dp_stays IS NOT NULL LIMIT 1)");
		List<String> restricting = this.queries.restricting();
		for (int i = 0; i < restricting.size(); i++) {
			statement.add(" UNION ALL SELECT 'RESTRICT', %d WHERE %s".formatted(i, restricting.get(i)));
		}
		return statement.list(this.database.jdbc(), (rs, row) -> {
			String why = rs.getString(1);
			return "RESTRICT".equals(why) ? restricted(rs.getInt(2))
					: Blocker.valueOf(why).in(this.plan.nodes().get(rs.getInt(2)).name());
		}).stream().findFirst();
	}

	private Outcome restricted(int restriction) {
		CascadePlan.Edge edge = this.plan.restrictions().get(restriction);
		return new Outcome(State.BLOCKED, "rows of %s refer to what belongs to it (foreign key %s)"
			.formatted(edge.child().name(), edge.key().name()));
	}

	private boolean findLeaves(List<TreeRow> root) {
		Sql statement = this.queries.walk(root, MAX_DEPTH)
			.add("""
					 SELECT dp_node, dp_key, CAST(min(dp_own) AS text) AS dp_own, min(dp_version) AS dp_version, CAST(min(CAST(dp_op AS text)) AS uuid) AS dp_op, max(dp_depth) AS dp_depth
					FROM walk WHERE dp_depth > 0 AND dp_stays IS NULL GROUP BY dp_node, dp_key ORDER BY max(dp_depth) DESC""")
			.add(" LIMIT " + (PAGE * this.work.progress().batchSize()));
		List<Integer> depths = new ArrayList<>();
		statement.list(this.database.jdbc(), (rs, row) -> {
			depths.add(rs.getInt("dp_depth"));
			return this.page.add(TreeRow.from(rs));
		});
		return depths.isEmpty() || depths.get(0) < MAX_DEPTH;
	}

	private List<List<TreeRow>> nextBatch() {
		List<List<TreeRow>> batch = new ArrayList<>();
		this.plan.nodes().forEach((node) -> batch.add(new ArrayList<>()));
		for (int i = 0; i < this.work.progress().batchSize() && !this.page.isEmpty(); i++) {
			TreeRow row = this.page.remove();
			batch.get(row.node()).add(row);
		}
		return batch;
	}

	private Step postpone(ChunkRef chunk, Outcome outcome) {
		this.chunks.postpone(chunk, outcome, this.work.progress().backOff().after(chunk.attempts() + 1));
		return new Step(new PurgeResult(Map.of(), 0, outcome.state(), 1), false);
	}

	private record Step(PurgeResult result, boolean more) {

		static final Step END = new Step(PurgeResult.NOTHING, false);

		/**
		 * Rows have changed since an earlier transaction found them.
		 */
		static final Step AGAIN = new Step(PurgeResult.NOTHING, true);

	}

}
