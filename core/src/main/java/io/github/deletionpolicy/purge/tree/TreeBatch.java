package io.github.deletionpolicy.purge.tree;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.CascadePlan.Edge;
import io.github.deletionpolicy.catalog.CascadePlan.Node;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.BackOff;
import io.github.deletionpolicy.purge.batch.CarefulBatch;
import io.github.deletionpolicy.purge.batch.ChunkRef;
import io.github.deletionpolicy.purge.batch.DueChunks;
import io.github.deletionpolicy.purge.batch.DueChunks.Outcome;
import io.github.deletionpolicy.purge.batch.PurgeListeners;
import io.github.deletionpolicy.purge.batch.PurgeResult;
import io.github.deletionpolicy.purge.batch.PurgedRow;
import io.github.deletionpolicy.purge.batch.Settlement;
import io.github.deletionpolicy.rows.KeyValues;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * What a worker does inside one transaction where rows take others along: lock the roots,
 * find and lock what is below them, and remove each tree in which nothing must stay,
 * whole. The locks keep new rows from coming in below; a statement after them sees what
 * came in before.
 */
public class TreeBatch {

	private final JdbcOperations jdbc;

	private final DueChunks chunks;

	private final PointOfNoReturn point;

	private final PurgeListeners listeners;

	private final DeletionTimeColumns deletionTimes;

	public TreeBatch(JdbcOperations jdbc, DueChunks chunks, PointOfNoReturn point, PurgeListeners listeners,
			DeletionTimeColumns deletionTimes) {
		this.jdbc = jdbc;
		this.chunks = chunks;
		this.point = point;
		this.listeners = listeners;
		this.deletionTimes = deletionTimes;
	}

	TreeQueries queries(CascadePlan plan, Instant now) {
		return new TreeQueries(plan, this.deletionTimes, this.point, now);
	}

	/**
	 * Purge the trees below the rows of chunks.
	 * @param claimed the chunks, claimed by this transaction
	 * @param plan what the rows take along
	 * @param hold the hold condition on a root {@code t}; {@code false} for none
	 * @param limit how many dependants may go in one transaction
	 * @param now what is due by then
	 * @param backOff when to try again what could not be removed
	 * @return what was done, once the transaction commits
	 * @throws TreeTooBigException if there are more
	 */
	public PurgeResult purge(List<ChunkRef> claimed, CascadePlan plan, Sql hold, int limit, Instant now,
			BackOff backOff) {
		TreeQueries queries = queries(plan, now);
		List<Root> roots = lockRoots(claimed, plan.root(), hold);
		Trees trees = new Trees(plan, roots);
		if (!roots.isEmpty()) {
			walk(queries, trees, limit);
			lock(queries, plan, trees);
			check(queries, plan, trees);
		}
		List<List<TreeRow>> going = trees.going();
		Map<String, Long> removed = remove(queries, plan, going, trees.locked, trees);
		return new Settlement(plan.root(), hold, trees.outcome(), backOff).settle(this.chunks, claimed,
				trees::removedOf, removed);
	}

	/**
	 * Lock the rows of chunks that carry the token and are not held.
	 */
	List<Root> lockRoots(List<ChunkRef> claimed, Node root, Sql hold) {
		Table table = root.table();
		Sql statement = Sql
			.of("SELECT d.dp_operation, d.dp_chunk, CAST(d.dp_token AS text) AS dp_own, CAST(t.xmin AS text) AS dp_version, %s AS dp_key FROM %s AS t JOIN "
				.formatted(table.keyAsText("t"), table.name().toSql()))
			.add(this.chunks.keys(claimed, table))
			.add(" AS d ON %s AND %s = d.dp_token WHERE (".formatted(table.keyEquals("t", "d"),
					root.requireDeletionTime().toSql("t")))
			.add(hold)
			.add(") IS NOT TRUE FOR UPDATE OF t SKIP LOCKED");
		return statement.list(this.jdbc, (rs, row) -> new Root(rs.getObject("dp_operation", UUID.class),
				rs.getLong("dp_chunk"),
				new TreeRow(0, TreeRow.texts(rs, "dp_key"), rs.getString("dp_own"), rs.getString("dp_version"), null)));
	}

	private void walk(TreeQueries queries, Trees trees, int limit) {
		List<TreeRow> roots = trees.roots.stream().map(Root::row).toList();
		Sql statement = queries.walk(roots, 0)
			.add(" SELECT dp_root, dp_node, dp_key, CAST(dp_own AS text) AS dp_own, dp_version, dp_op, dp_stays FROM walk LIMIT "
					+ (roots.size() + limit + 1));
		List<Boolean> found = statement.list(this.jdbc, (rs, row) -> trees.add(rs));
		if (found.size() > roots.size() + limit) {
			throw new TreeTooBigException();
		}
	}

	private void lock(TreeQueries queries, CascadePlan plan, Trees trees) {
		for (Node node : plan.nodes()) {
			List<TreeRow> rows = trees.going().get(node.number());
			if (!rows.isEmpty()) {
				trees.locked.putAll(lock(queries, node, rows));
			}
		}
		for (RowId row : trees.rows.keySet()) {
			if (!trees.locked.containsKey(row)) {
				trees.block(row, CarefulBatch.LOCKED);
			}
		}
	}

	/**
	 * Lock rows of one table.
	 * @return what is known of those that could be locked
	 */
	Map<RowId, Locked> lock(TreeQueries queries, Node node, List<TreeRow> rows) {
		Map<RowId, Locked> locked = new HashMap<>();
		queries.lock(node, rows).list(this.jdbc, (rs, row) -> {
			OffsetDateTime own = rs.getObject("dp_own", OffsetDateTime.class);
			return locked.put(new RowId(node.number(), TreeRow.texts(rs, "dp_key")),
					new Locked(KeyValues.read(rs, node.table()), (own != null) ? own.toInstant() : null));
		});
		return locked;
	}

	private void check(TreeQueries queries, CascadePlan plan, Trees trees) {
		staying(queries, plan, trees.going()).forEach(trees::block);
	}

	/**
	 * Find rows that must stay and refer to rows that are to go.
	 * @return the rows that are referred to, and why they cannot go
	 */
	Map<RowId, Outcome> staying(TreeQueries queries, CascadePlan plan, List<List<TreeRow>> going) {
		Sql statement = queries.staying(going);
		Map<RowId, Outcome> staying = new LinkedHashMap<>();
		if (!statement.text().isEmpty()) {
			statement.list(this.jdbc, (rs, row) -> {
				Edge edge = plan.edges().get(rs.getInt("dp_edge"));
				return staying.put(new RowId(edge.parent().number(), TreeRow.texts(rs, "dp_parent")),
						(rs.getBoolean("dp_live") ? Blocker.LIVE : Blocker.LOCKED).in(edge.child().name()));
			});
		}
		return staying;
	}

	/**
	 * Remove locked rows and tell of those that carry a deletion time.
	 */
	Map<String, Long> remove(TreeQueries queries, CascadePlan plan, List<List<TreeRow>> going,
			Map<RowId, Locked> locked, Operations operations) {
		List<Node> nodes = plan.nodes().stream().filter((node) -> !going.get(node.number()).isEmpty()).toList();
		Map<String, Long> removed = new HashMap<>();
		if (nodes.isEmpty()) {
			return removed;
		}
		List<Long> counts = new ArrayList<>();
		queries.delete(going).list(this.jdbc, (rs, row) -> {
			for (int i = 0; i < nodes.size(); i++) {
				counts.add(rs.getLong(i + 1));
			}
			return true;
		});
		for (int i = 0; i < nodes.size(); i++) {
			Node node = nodes.get(i);
			List<TreeRow> rows = going.get(node.number());
			if (counts.get(i) != rows.size()) {
				throw new IllegalStateException(
						"Rows of %s are still there after the DELETE; does a trigger or rule on the table prevent it?"
							.formatted(node.name()));
			}
			if (node.deletionTime() != null) {
				removed.merge(node.name().toString(), (long) rows.size(), Long::sum);
				this.listeners.rowsPurged(node.table(), purged(rows, locked, operations));
			}
		}
		return removed;
	}

	private static List<PurgedRow> purged(List<TreeRow> rows, Map<RowId, Locked> locked, Operations operations) {
		List<PurgedRow> purged = new ArrayList<>();
		for (TreeRow row : rows) {
			Locked known = locked.get(RowId.of(row));
			if (known == null || known.token() == null) {
				throw new IllegalStateException("A row was removed that was not locked.");
			}
			UUID own = row.operationId();
			purged.add(new PurgedRow((own != null) ? own : operations.of(row), known.token(), known.key()));
		}
		return purged;
	}

	/**
	 * Says which operation deleted a row along with its root.
	 */
	interface Operations {

		UUID of(TreeRow row);

	}

	/**
	 * Tells a row from all others.
	 */
	record RowId(int node, List<String> key) {

		static RowId of(TreeRow row) {
			return new RowId(row.node(), row.key());
		}

	}

	/**
	 * What is known of a locked row.
	 */
	record Locked(Object key, @Nullable Instant token) {
	}

	/**
	 * A row that a chunk names.
	 */
	record Root(UUID operationId, long chunk, TreeRow row) {
	}

	/**
	 * The trees of one batch.
	 */
	private static final class Trees implements Operations {

		private final CascadePlan plan;

		private final List<Root> roots;

		/**
		 * What is below which roots. Below roots of several operations a row may stand as
		 * deleted with one of them and by itself; it is one row all the same.
		 */
		private final Map<RowId, Map<Integer, TreeRow>> rows = new LinkedHashMap<>();

		private final Map<Integer, Outcome> blocked = new LinkedHashMap<>();

		private final Map<RowId, Locked> locked = new HashMap<>();

		Trees(CascadePlan plan, List<Root> roots) {
			this.plan = plan;
			this.roots = roots;
		}

		boolean add(ResultSet rs) throws SQLException {
			int root = rs.getInt("dp_root") - 1;
			TreeRow row = TreeRow.from(rs);
			String stays = rs.getString("dp_stays");
			if (stays != null) {
				this.blocked.putIfAbsent(root, Blocker.valueOf(stays).in(this.plan.nodes().get(row.node()).name()));
				return false;
			}
			return this.rows.computeIfAbsent(RowId.of(row), (added) -> new LinkedHashMap<>()).put(root, row) == null;
		}

		void block(RowId row, Outcome outcome) {
			this.rows.getOrDefault(row, Map.of()).keySet().forEach((root) -> this.blocked.putIfAbsent(root, outcome));
		}

		/**
		 * A row may be below several roots, and goes with the first of them that goes.
		 */
		List<List<TreeRow>> going() {
			List<List<TreeRow>> going = new ArrayList<>();
			this.plan.nodes().forEach((node) -> going.add(new ArrayList<>()));
			this.rows.forEach((id, below) -> below.entrySet()
				.stream()
				.filter((root) -> !this.blocked.containsKey(root.getKey()))
				.findFirst()
				.ifPresent((root) -> going.get(id.node()).add(root.getValue())));
			return going;
		}

		@Override
		public UUID of(TreeRow row) {
			return this.rows.getOrDefault(RowId.of(row), Map.of())
				.keySet()
				.stream()
				.filter((root) -> !this.blocked.containsKey(root))
				.findFirst()
				.map((root) -> this.roots.get(root).operationId())
				.orElseThrow();
		}

		long removedOf(ChunkRef chunk) {
			long removed = 0;
			for (int i = 0; i < this.roots.size(); i++) {
				Root root = this.roots.get(i);
				if (root.operationId().equals(chunk.operationId()) && root.chunk() == chunk.id()
						&& !this.blocked.containsKey(i)) {
					removed++;
				}
			}
			return removed;
		}

		Outcome outcome() {
			return this.blocked.values().stream().findFirst().orElse(CarefulBatch.LOCKED);
		}

	}

}
