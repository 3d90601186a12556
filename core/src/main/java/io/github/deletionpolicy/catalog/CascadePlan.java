package io.github.deletionpolicy.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.UnsupportedTableException;
import org.jspecify.annotations.Nullable;

/**
 * What the rows of a table take along when they are removed: the tables that refer to it
 * by cascading foreign keys, directly or through others. Tables from which no table with
 * a deletion time can be reached are left out: the database removes their rows, and none
 * of them is one that must stay.
 *
 * @since 0.1
 */
public final class CascadePlan {

	private final List<Node> nodes;

	private final List<Edge> edges;

	private final List<Edge> restrictions;

	private final List<Path> belongings;

	private final List<Path> ownedByRoot;

	CascadePlan(List<Node> nodes, List<Edge> edges, List<Edge> restrictions, List<Path> belongings,
			List<Path> ownedByRoot) {
		this.nodes = List.copyOf(nodes);
		this.edges = List.copyOf(edges);
		this.restrictions = List.copyOf(restrictions);
		this.belongings = List.copyOf(belongings);
		this.ownedByRoot = List.copyOf(ownedByRoot);
	}

	/**
	 * Return the plan for a table whose rows are looked at alone.
	 * @param table the table
	 * @param deletionTime its column that carries the deletion time; {@code null} if it
	 * has none
	 * @return the plan
	 */
	public static CascadePlan alone(Table table, @Nullable Column deletionTime) {
		return new CascadePlan(List.of(new Node(0, table, deletionTime)), List.of(), List.of(), List.of(), List.of());
	}

	/**
	 * Return the table that the plan is for.
	 * @return the node of the table
	 */
	public Node root() {
		return this.nodes.get(0);
	}

	/**
	 * Return all tables, the root first.
	 * @return the nodes, each at the place of its number
	 */
	public List<Node> nodes() {
		return this.nodes;
	}

	/**
	 * Return the cascading keys between these tables.
	 * @return the edges
	 */
	public List<Edge> edges() {
		return this.edges;
	}

	/**
	 * Return the restricting keys into these tables. Their children stand outside of the
	 * plan and have no number, also where the same table is in it.
	 * @return the keys
	 */
	public List<Edge> restrictions() {
		return this.restrictions;
	}

	/**
	 * Return the ways from tables of the plan to others whose rows belong to theirs, as a
	 * mapping says, and have to be removed with them: the database would not. They lead
	 * through tables that are not in the plan, and their ends have no deletion time.
	 * @return the ways
	 */
	public List<Path> belongings() {
		return this.belongings;
	}

	/**
	 * Return the ways from the root to all tables, in the plan or not, whose rows have to
	 * be removed before its own are: they go along with them, and the database would not
	 * see to it.
	 * @return the ways
	 */
	public List<Path> ownedByRoot() {
		return this.ownedByRoot;
	}

	/**
	 * Return the tables from which rows have to be removed by name.
	 * @return those of the plan, the root first, and those of the belongings
	 */
	public List<TableName> tables() {
		return Stream
			.concat(this.nodes.stream().map(Node::name), this.belongings.stream().map((path) -> path.end().name()))
			.distinct()
			.toList();
	}

	/**
	 * Return whether rows of the table take no others along that have a deletion time, or
	 * that would have to be removed by name.
	 * @return whether there is nothing but the root
	 */
	public boolean isAlone() {
		return this.edges.isEmpty() && this.belongings.isEmpty();
	}

	/**
	 * Return the ways from a table with a deletion time to the next ones: each leads
	 * through tables without.
	 * @param node the node
	 * @return the ways
	 * @throws UnsupportedTableException if tables without a deletion time refer to each
	 * other in a circle
	 */
	public List<Path> pathsFrom(Node node) {
		List<Path> paths = new ArrayList<>();
		follow(node, List.of(), paths);
		return paths;
	}

	private void follow(Node node, List<Edge> steps, List<Path> paths) {
		for (Edge edge : this.edges) {
			if (edge.parent().number() != node.number()) {
				continue;
			}
			List<Edge> further = new ArrayList<>(steps);
			further.add(edge);
			if (edge.child().deletionTime() != null) {
				paths.add(new Path(further));
			}
			else if (steps.stream().anyMatch((step) -> step.child().number() == edge.child().number())) {
				throw new UnsupportedTableException(
						("Rows of %s refer to each other in a circle (foreign key %s) and carry no deletion time, so it "
								+ "cannot be told what below them goes along. Add the column: ALTER TABLE %s ADD COLUMN deletion_time timestamptz;")
							.formatted(edge.child().table().name(), edge.key().name(), edge.child().table().name()));
			}
			else {
				follow(edge.child(), further, paths);
			}
		}
	}

	/**
	 * A table of the plan.
	 *
	 * @param number its place in the plan; zero for the root, negative outside of it
	 * @param table the table
	 * @param deletionTime the column that carries the deletion time; {@code null} if it
	 * has none
	 */
	public record Node(int number, Table table, @Nullable Column deletionTime) {

		/**
		 * Return the name of the table.
		 * @return the name
		 */
		public TableName name() {
			return this.table.name();
		}

		/**
		 * Return whether this is the table of another node, or a partition of it.
		 * @param node the other one
		 * @return whether its rows are rows of that one
		 */
		public boolean isPartOf(Node node) {
			return name().equals(node.name()) || node.name().equals(this.table.partitionOf());
		}

		/**
		 * Return the column that carries the deletion time.
		 * @return the column
		 */
		public Column requireDeletionTime() {
			if (this.deletionTime == null) {
				throw new IllegalStateException("Table %s carries no deletion time.".formatted(name()));
			}
			return this.deletionTime;
		}

	}

	/**
	 * A foreign key into a table of the plan.
	 *
	 * @param parent the table that is referred to
	 * @param child the table that refers
	 * @param key the foreign key
	 */
	public record Edge(Node parent, Node child, ForeignKey key) {

		/**
		 * Return how rows of the child are found from keys of the parent.
		 * @param keys alias of a relation with the parent's keys as
		 * {@code dp_k1, dp_k2, …}
		 * @param parentAlias alias to give to the parent, if it is needed
		 * @param childAlias alias of the child
		 * @return the condition, and what must be joined for it
		 */
		public Join join(String keys, String parentAlias, String childAlias) {
			List<String> keyNames = this.parent.table().key().stream().map(Column::name).toList();
			if (this.key.parent().equals(this.parent.name()) && keyNames.containsAll(this.key.references())) {
				ForeignKey onKeys = new ForeignKey(this.key.name(), this.key.child(), this.key.columns(),
						this.key.parent(),
						this.key.references().stream().map((column) -> Table.alias(keyNames.indexOf(column))).toList(),
						this.key.onDelete(), this.key.owned());
				return new Join("", onKeys.joins(childAlias, keys));
			}
			return new Join(" JOIN %s AS %s ON %s".formatted(this.key.parent().toSql(), parentAlias,
					this.parent.table().keyEquals(parentAlias, keys)), this.key.joins(childAlias, parentAlias));
		}

	}

	/**
	 * A way from one table with a deletion time to another.
	 *
	 * @param steps the keys on the way, at least one
	 */
	public record Path(List<Edge> steps) {

		public Path {
			steps = List.copyOf(steps);
		}

		/**
		 * Return where the way leads.
		 * @return the table at its end
		 */
		public Node end() {
			return this.steps.get(this.steps.size() - 1).child();
		}

		/**
		 * Return how rows at the end are found from keys at the beginning.
		 * @param keys alias of a relation with the keys of the first table as
		 * {@code dp_k1, dp_k2, …}
		 * @param end alias of the table at the end
		 * @return the condition, and what must be joined for it
		 */
		public Join join(String keys, String end) {
			StringBuilder joins = new StringBuilder();
			Join join = this.steps.get(0).join(keys, "dp_p", (this.steps.size() == 1) ? end : "dp_m1");
			joins.append(join.from());
			String condition = join.condition();
			for (int i = 1; i < this.steps.size(); i++) {
				ForeignKey key = this.steps.get(i).key();
				joins.append(" JOIN %s AS dp_m%d ON %s".formatted(this.steps.get(i - 1).child().name().toSql(), i,
						condition));
				condition = key.joins((i == this.steps.size() - 1) ? end : "dp_m" + (i + 1), "dp_m" + i);
			}
			return new Join(joins.toString(), condition);
		}

		@Override
		public String toString() {
			return this.steps.stream().map((step) -> step.key().name()).collect(Collectors.joining(", "));
		}

	}

	/**
	 * How to find rows from keys.
	 *
	 * @param from what to join to the keys; empty for nothing
	 * @param condition the condition on the rows
	 */
	public record Join(String from, String condition) {
	}

}
