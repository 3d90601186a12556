package io.github.deletionpolicy.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.UnsupportedTableException;
import org.jspecify.annotations.Nullable;

/**
 * Which tables a delete of a table's rows cascades to: those that refer to it by
 * cascading foreign keys, directly or through others. Tables from which no table with a
 * deletion time can be reached are left out: the database removes their rows, and none of
 * them is one that must stay.
 *
 * @param nodes all tables, each at the place of its number, the root first
 * @param edges the cascading keys between these tables
 * @param restrictions the restricting keys into these tables. Their children stand
 * outside of the plan and have no number, also where the same table is in it
 * @param belongings the ways from tables of the plan to others whose rows belong to
 * theirs, as a mapping says, and have to be removed with them: the database would not.
 * They lead through tables that are not in the plan, and their ends have no deletion time
 * @param ownedByRoot the ways from the root to all tables, in the plan or not, whose rows
 * a delete of the root cascades to and the database would not remove; they have to be
 * removed before
 */
public record CascadePlan(List<Node> nodes, List<Edge> edges, List<Edge> restrictions, List<Path> belongings,
		List<Path> ownedByRoot) {

	/**
	 * Return the plan for a table whose rows are looked at alone.
	 */
	public static CascadePlan alone(Table table, @Nullable Column deletionTime) {
		return new CascadePlan(List.of(new Node(0, table, deletionTime)), List.of(), List.of(), List.of(), List.of());
	}

	/**
	 * Return the table that the plan is for.
	 */
	public Node root() {
		return this.nodes.get(0);
	}

	/**
	 * Return the tables from which rows have to be removed by name: those of the plan,
	 * the root first, and those of the belongings.
	 */
	public List<TableName> tables() {
		return Stream
			.concat(this.nodes.stream().map(Node::name), this.belongings.stream().map((path) -> path.end().name()))
			.distinct()
			.toList();
	}

	/**
	 * Return whether a delete cascades to no rows that have a deletion time, or that
	 * would have to be removed by name.
	 */
	public boolean isAlone() {
		return this.edges.isEmpty() && this.belongings.isEmpty();
	}

	/**
	 * Return the ways from a table with a deletion time to the next ones: each leads
	 * through tables without.
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
			if (edge.child().deletionTime() != null) {
				paths.add(new Path(with(steps, edge)));
			}
			else if (steps.stream().anyMatch((step) -> step.child().number() == edge.child().number())) {
				throw new UnsupportedTableException(
						("Rows of %s refer to each other in a circle (foreign key %s) and have no deletion-time column, so "
								+ "the rows to which a delete cascades cannot be determined. Add the column: ALTER TABLE %s ADD COLUMN deletion_time timestamptz;")
							.formatted(edge.child().name(), edge.key().name(), edge.child().name()));
			}
			else {
				follow(edge.child(), with(steps, edge), paths);
			}
		}
	}

	static <T> List<T> with(List<T> steps, T next) {
		return Stream.concat(steps.stream(), Stream.of(next)).toList();
	}

	/**
	 * A table of the plan.
	 *
	 * @param number its place in the plan; zero for the root, negative outside of it
	 * @param deletionTime the column that carries the deletion time; {@code null} if it
	 * has none
	 */
	public record Node(int number, Table table, @Nullable Column deletionTime) {

		public TableName name() {
			return this.table.name();
		}

		/**
		 * Return whether this is the table of another node, or a partition of it.
		 */
		public boolean isPartOf(Node node) {
			return name().equals(node.name()) || node.name().equals(this.table.partitionOf());
		}

		public Column requireDeletionTime() {
			if (this.deletionTime == null) {
				throw new IllegalStateException("Table %s has no deletion-time column.".formatted(name()));
			}
			return this.deletionTime;
		}

	}

	/**
	 * A foreign key into a table of the plan.
	 *
	 * @param parent the table that is referred to
	 * @param child the table that refers
	 */
	public record Edge(Node parent, Node child, ForeignKey key) {

		/**
		 * Return how rows of the child are found from keys of the parent.
		 * @param keys alias of a relation with the parent's keys as
		 * {@code dp_k1, dp_k2, …}
		 * @param parentAlias alias to give to the parent, if it is needed
		 * @param childAlias alias of the child
		 */
		public Join join(String keys, String parentAlias, String childAlias) {
			List<String> keyNames = this.parent.table().keyNames();
			if (this.key.parent().equals(this.parent.name()) && keyNames.containsAll(this.key.references())) {
				return new Join("",
						this.key.joins(childAlias, (column) -> keys + "." + Table.alias(keyNames.indexOf(column))));
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

		public Node end() {
			return this.steps.get(this.steps.size() - 1).child();
		}

		/**
		 * Return how rows at the end are found from keys at the beginning.
		 * @param keys alias of a relation with the keys of the first table as
		 * {@code dp_k1, dp_k2, …}
		 * @param end alias of the table at the end
		 */
		public Join join(String keys, String end) {
			Join join = this.steps.get(0).join(keys, "dp_p", (this.steps.size() == 1) ? end : "dp_m1");
			StringBuilder joins = new StringBuilder(join.from());
			String condition = join.condition();
			for (int i = 1; i < this.steps.size(); i++) {
				joins.append(" JOIN %s AS dp_m%d ON %s".formatted(this.steps.get(i - 1).child().name().toSql(), i,
						condition));
				condition = this.steps.get(i)
					.key()
					.joins((i == this.steps.size() - 1) ? end : "dp_m" + (i + 1), "dp_m" + i);
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
