package io.github.deletionpolicy.purge.tree;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.catalog.CascadePlan.Edge;
import io.github.deletionpolicy.purge.batch.ChunkRef;
import io.github.deletionpolicy.purge.batch.DueChunks.Outcome;
import io.github.deletionpolicy.purge.batch.PurgeResult;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

/**
 * Removes what is below a root and does not fit into one transaction: some rows at a time
 * with all below them, and where that is too much for a single one, first what is below
 * that. The first transaction is the point of no return. When nothing is below the root,
 * it goes as any other does.
 */
class BigTree extends TreeBatch {

	/**
	 * How many batches to find at once: what is gone may still be in the index.
	 */
	private static final int PAGE = 50;

	private static final int MAX_DEPTH = 1000;

	private static final Outcome TOO_DEEP = new Outcome(State.FAILED,
			"its dependants are more than one batch, and deeper than %d levels or a circle; raise deletion-policy.purge.batch-size"
				.formatted(MAX_DEPTH));

	private final TreeSearch search;

	/**
	 * The rows from below the root down to the one whose dependants go next.
	 */
	private final List<TreeRow> path = new ArrayList<>();

	/**
	 * Dependants of that row in one table.
	 */
	private final Deque<TreeRow> page = new ArrayDeque<>();

	/**
	 * How many of them go at once.
	 */
	private int width;

	/**
	 * Create a batch of what is below the only row that another one has claimed.
	 */
	BigTree(TreeBatch whole) {
		super(whole, whole.claimed());
		this.search = new TreeSearch(queries());
		this.width = progress().batchSize();
	}

	/**
	 * Remove as much of it as the time allows.
	 */
	void purge() {
		ChunkRef chunk = claimed().get(0);
		boolean more = true;
		while (more && !isOver()) {
			Step step = inTransaction(() -> step(chunk));
			progress().done(step.result());
			more = step.more();
		}
	}

	private Step step(ChunkRef chunk) {
		TreeRow root = enterAgain() ? lockRoot(chunk) : null;
		if (root == null) {
			return Step.END;
		}
		boolean begun = point().isPast(chunk);
		if (!begun) {
			Optional<Outcome> blocker = point().lock(chunk.operationId()) ? findBlocker(root)
					: Optional.of(Blocker.LOCKED.in(plan().root().name()));
			if (blocker.isPresent()) {
				return postpone(chunk, blocker.get());
			}
		}
		boolean found = this.page.isEmpty();
		Optional<Outcome> blocker = found ? findRows(root) : Optional.empty();
		if (blocker.isPresent()) {
			return postpone(chunk, blocker.get());
		}
		if (this.page.isEmpty()) {
			return goUp();
		}
		List<TreeRow> rows = new ArrayList<>();
		while (rows.size() < this.width && !this.page.isEmpty()) {
			rows.add(this.page.remove());
		}
		if (!areLocked(this.path) || !areLocked(rows)) {
			this.page.clear();
			this.path.clear();
			return found ? postpone(chunk, Blocker.LOCKED.in(tableOf(rows))) : Step.AGAIN;
		}
		return remove(chunk, root, rows, begun);
	}

	private Step remove(ChunkRef chunk, TreeRow root, List<TreeRow> rows, boolean begun) {
		Removal removal = remove(plan().nodes().get(rows.get(0).node()), Sql.of("SELECT 1"),
				queries().rows(root, chunk, rows), true);
		if (removal.isTooBig()) {
			return divide(chunk, root, rows);
		}
		Optional<Outcome> blocker = removal.blocker(plan());
		if (blocker.isPresent()) {
			return postpone(chunk, blocker.get());
		}
		if (!begun) {
			point().pass(chunk);
		}
		return new Step(PurgeResult.of(removal.removed(plan())), true);
	}

	/**
	 * Take fewer rows at once, or go down to what is below a single one.
	 */
	private Step divide(ChunkRef chunk, TreeRow root, List<TreeRow> rows) {
		TreeRow first = rows.get(0);
		if (rows.size() > 1) {
			this.width = Math.max(1, rows.size() / 4);
			for (int i = rows.size() - 1; i >= 0; i--) {
				this.page.addFirst(rows.get(i));
			}
			return Step.AGAIN;
		}
		boolean circle = first.isSame(root) || this.path.stream().anyMatch(first::isSame);
		if (circle || this.path.size() == MAX_DEPTH) {
			return postpone(chunk, TOO_DEEP);
		}
		this.path.add(first);
		this.page.clear();
		this.width = progress().batchSize();
		return Step.AGAIN;
	}

	private Step goUp() {
		if (this.path.isEmpty()) {
			return Step.END;
		}
		this.path.remove(this.path.size() - 1);
		this.width = progress().batchSize();
		return Step.AGAIN;
	}

	private @Nullable TreeRow lockRoot(ChunkRef chunk) {
		return queries().lockRoots(chunks().keys(List.of(chunk), plan().root().table()))
			.first(jdbc(), (rs, i) -> new TreeRow(0, TreeRow.texts(rs, "dp_key"), rs.getString("dp_own"),
					rs.getString("dp_version"), null));
	}

	private boolean areLocked(List<TreeRow> rows) {
		return rows.stream()
			.collect(Collectors.groupingBy(TreeRow::node))
			.entrySet()
			.stream()
			.allMatch((group) -> this.search.lock(plan().nodes().get(group.getKey()), group.getValue())
				.list(jdbc(), (rs, i) -> true)
				.size() == group.getValue().size());
	}

	/**
	 * Look through the whole tree for what must stay.
	 */
	private Optional<Outcome> findBlocker(TreeRow root) {
		return Optional.ofNullable(this.search.blockers(root).first(jdbc(), (rs, i) -> {
			String stays = rs.getString("dp_stays");
			int number = rs.getInt("dp_node");
			if (stays != null) {
				return Blocker.valueOf(stays).in(plan().nodes().get(number).name());
			}
			Edge edge = plan().restrictions().get(number);
			return new Outcome(State.BLOCKED, "rows of %s refer to its dependants (foreign key %s)"
				.formatted(edge.child().name(), edge.key().name()));
		}));
	}

	/**
	 * Find rows below the end of the path.
	 * @return why one of them must stay; empty if none must
	 */
	private Optional<Outcome> findRows(TreeRow root) {
		TreeRow parent = this.path.isEmpty() ? root : this.path.get(this.path.size() - 1);
		List<Outcome> blockers = new ArrayList<>();
		for (Edge edge : plan().edges()) {
			if (edge.parent().number() == parent.node() && this.page.isEmpty()) {
				this.search.children(edge, parent, root.token(), PAGE * progress().batchSize())
					.list(jdbc(), (rs, i) -> {
						String stays = rs.getString("dp_stays");
						return (stays != null) ? blockers.add(Blocker.valueOf(stays).in(edge.child().name()))
								: this.page.add(TreeRow.from(rs).unchangedSince(rs.getString("dp_version")));
					});
			}
		}
		return blockers.stream().findFirst();
	}

	private TableName tableOf(List<TreeRow> rows) {
		return plan().nodes().get(rows.get(0).node()).name();
	}

	private Step postpone(ChunkRef chunk, Outcome outcome) {
		chunks().postpone(chunk, outcome, progress().backOff().after(chunk.attempts() + 1));
		return new Step(new PurgeResult(Map.of(), 0, outcome.state(), 1), false);
	}

	private record Step(PurgeResult result, boolean more) {

		static final Step END = new Step(PurgeResult.NOTHING, false);

		static final Step AGAIN = new Step(PurgeResult.NOTHING, true);

	}

}
