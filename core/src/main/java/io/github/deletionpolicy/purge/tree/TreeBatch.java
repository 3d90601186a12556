package io.github.deletionpolicy.purge.tree;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BooleanSupplier;

import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.CascadePlan.Node;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.purge.batch.CarefulBatch;
import io.github.deletionpolicy.purge.batch.ChunkRef;
import io.github.deletionpolicy.purge.batch.DueChunks.Outcome;
import io.github.deletionpolicy.purge.batch.PurgeResult;
import io.github.deletionpolicy.purge.batch.PurgedRow;
import io.github.deletionpolicy.purge.batch.Settlement;
import io.github.deletionpolicy.purge.batch.WorkerTransaction;
import io.github.deletionpolicy.rows.KeyValues;
import io.github.deletionpolicy.sql.Instants;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

/**
 * Purges rows with what they cascade to: locks the roots and what is below them, then
 * deletes those roots below which nothing must stay. If that is too much for one
 * transaction, the next batch takes fewer roots; a single tree that is too big goes in
 * several transactions.
 */
public class TreeBatch extends CarefulBatch {

	private final TreeQueries queries;

	private final PointOfNoReturn point;

	private final BooleanSupplier over;

	private boolean tooBig;

	/**
	 * Create a batch of what has been due for longest.
	 * @param rows the same batch for rows alone
	 * @param over whether to begin no further transaction for a big tree
	 */
	public TreeBatch(CarefulBatch rows, LedgerTables ledger, DeletionTimeColumns deletionTimes, BooleanSupplier over) {
		super(rows, List.of());
		this.point = new PointOfNoReturn(jdbc(), ledger);
		this.queries = new TreeQueries(plan(), deletionTimes, this.point, progress().backOff().now());
		this.over = over;
	}

	TreeBatch(TreeBatch whole, List<ChunkRef> part) {
		super(whole, part);
		this.point = whole.point;
		this.queries = whole.queries;
		this.over = whole.over;
	}

	@Override
	protected TreeBatch part(List<ChunkRef> chunks) {
		return new TreeBatch(this, chunks);
	}

	@Override
	public boolean run(boolean skipLocked) {
		this.tooBig = false;
		boolean worked = super.run(skipLocked);
		if (this.tooBig) {
			new BigTree(this).purge();
		}
		return worked;
	}

	@Override
	protected PurgeResult remove(List<ChunkRef> claimed, boolean skipLocked) {
		Node root = plan().root();
		Sql keys = chunks().keys(claimed, root.table());
		Removal removal = remove(root, this.queries.lockRoots(keys), this.queries.roots(keys), false);
		int roots = claimed.stream().mapToInt(ChunkRef::keyCount).sum();
		this.tooBig = removal.isTooBig() && roots == 1;
		if (removal.isTooBig()) {
			progress().rootsPerBatch(Math.max(1, roots / 4));
			return PurgeResult.NOTHING;
		}
		if (roots == progress().rootsPerBatch() && 2 * removal.total() < progress().batchSize()) {
			progress().rootsPerBatch(2 * roots);
		}
		return new Settlement(root, work().hold(), removal.blocker(plan()).orElse(LOCKED), progress().backOff())
			.settle(chunks(), claimed, removal::rootsOf, removal.removed(plan()));
	}

	/**
	 * Delete rows at the top, and notify listeners of all rows that went and carry a
	 * deletion time.
	 * @param top the table of the rows
	 * @param lock locks them
	 * @param rows returns those that are locked
	 * @param together whether they go together or not at all
	 */
	Removal remove(Node top, Sql lock, Sql rows, boolean together) {
		int limit = progress().batchSize();
		boolean telling = listeners().areThere();
		Removal removal = Sql.of("")
			.add(lock)
			.add("; ")
			.add(this.queries.lockBelow(top, rows, limit))
			.add("; ")
			.add(this.queries.delete(top, rows, limit, together, telling))
			.add("; " + WorkerTransaction.CHECK_CONSTRAINTS)
			.execute(jdbc(), (statement) -> {
				statement.execute();
				statement.getMoreResults();
				statement.getMoreResults();
				return Removal.from(statement.getResultSet());
			});
		requireGone(top, removal.areGone());
		removal.rows().forEach((node, gone) -> requireGone(node(node), areGone(node(node), gone)));
		if (telling) {
			removal.rows().forEach((node, gone) -> notifyOf(node(node), gone));
		}
		return removal;
	}

	final CascadePlan plan() {
		return work().plan();
	}

	final TreeQueries queries() {
		return this.queries;
	}

	final PointOfNoReturn point() {
		return this.point;
	}

	final boolean isOver() {
		return this.over.getAsBoolean();
	}

	private Node node(int number) {
		return plan().nodes().get(number);
	}

	private boolean areGone(Node node, List<Row> rows) {
		return TreeSearch.left(node, rows.stream().map(Row::row).toList()).first(jdbc(), (rs, i) -> true) == null;
	}

	private static void requireGone(Node node, boolean gone) {
		if (!gone) {
			throw new IllegalStateException(
					"Rows of %s are still there after the DELETE; does a trigger or rule on the table prevent it?"
						.formatted(node.name()));
		}
	}

	private void notifyOf(Node node, List<Row> rows) {
		if (node.deletionTime() != null) {
			listeners().rowsPurged(node.table(),
					TreeSearch.keys(node.table(), rows.stream().map(Row::row).toList())
						.list(jdbc(), (rs, i) -> new PurgedRow(rows.get(i).operationId(),
								Objects.requireNonNull(rows.get(i).token()), KeyValues.read(rs, node.table()))));
		}
	}

	/**
	 * What a statement did.
	 *
	 * @param going how many rows at the top were to go
	 * @param roots how many of them went, by chunk
	 * @param counts how many rows went, by the number of their table
	 * @param rows the rows that went, if they are known
	 * @param reasons why others stay: the names of blockers, and the table of each
	 */
	record Removal(long going, Map<ChunkRef.Id, Long> roots, Map<Integer, Long> counts, Map<Integer, List<Row>> rows,
			Map<String, Integer> reasons) {

		private static final String TOO_BIG = "TOO_BIG";

		static Removal from(ResultSet rs) throws SQLException {
			long going = 0;
			Map<ChunkRef.Id, Long> roots = new HashMap<>();
			Map<Integer, Long> counts = new TreeMap<>();
			Map<Integer, List<Row>> rows = new TreeMap<>();
			Map<String, Integer> reasons = new HashMap<>();
			while (rs.next()) {
				String what = rs.getString("dp_what");
				long count = rs.getLong("dp_count");
				int node = rs.getInt("dp_node");
				switch (what) {
					case "GOING" -> going = count;
					case "GONE" -> roots.put(ChunkRef.Id.from(rs), count);
					case "ROWS" -> counts.put(node, count);
					case "ROW" -> rows.computeIfAbsent(node, (table) -> new ArrayList<>()).add(Row.from(rs));
					default -> reasons.put(what, node);
				}
			}
			return new Removal(going, roots, counts, rows, reasons);
		}

		boolean isTooBig() {
			return this.reasons.containsKey(TOO_BIG);
		}

		long total() {
			return this.counts.values().stream().mapToLong(Long::longValue).sum();
		}

		boolean areGone() {
			return this.roots.values().stream().mapToLong(Long::longValue).sum() == this.going;
		}

		long rootsOf(ChunkRef chunk) {
			return this.roots.getOrDefault(chunk.key(), 0L);
		}

		Optional<Outcome> blocker(CascadePlan plan) {
			return this.reasons.entrySet()
				.stream()
				.map((reason) -> Blocker.valueOf(reason.getKey()).in(plan.nodes().get(reason.getValue()).name()))
				.findFirst();
		}

		/**
		 * Return how many rows went that carry a deletion time, by table.
		 */
		Map<String, Long> removed(CascadePlan plan) {
			Map<String, Long> removed = new HashMap<>();
			plan.nodes()
				.stream()
				.filter((node) -> node.deletionTime() != null && this.counts.containsKey(node.number()))
				.forEach((node) -> removed.put(node.name().toString(), this.counts.get(node.number())));
			return removed;
		}

	}

	/**
	 * A row that went.
	 */
	record Row(UUID operationId, @Nullable Instant token, TreeRow row) {

		static Row from(ResultSet rs) throws SQLException {
			return new Row(rs.getObject("dp_operation", UUID.class), Instants.find(rs, "dp_own"),
					new TreeRow(rs.getInt("dp_node"), TreeRow.texts(rs, "dp_key"), rs.getString("dp_own"), null, null));
		}

	}

}
