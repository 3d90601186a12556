package io.github.deletionpolicy.catalog;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.catalog.CascadePlan.Edge;
import io.github.deletionpolicy.catalog.CascadePlan.Node;
import io.github.deletionpolicy.catalog.CascadePlan.Path;
import org.jspecify.annotations.Nullable;

/**
 * Makes plans from the catalog, and keeps them until one of the tables changes.
 *
 * @since 0.1
 */
public class CascadePlans {

	private final Catalog catalog;

	private final DeletionTimeColumns deletionTimes;

	private final Map<Key, Kept> kept;

	/**
	 * Create a maker of plans.
	 * @param catalog describes the tables
	 * @param deletionTimes says which column carries the deletion time
	 */
	public CascadePlans(Catalog catalog, DeletionTimeColumns deletionTimes) {
		this(catalog, deletionTimes, new ConcurrentHashMap<>());
	}

	private CascadePlans(Catalog catalog, DeletionTimeColumns deletionTimes, Map<Key, Kept> kept) {
		this.catalog = catalog;
		this.deletionTimes = deletionTimes;
		this.kept = kept;
	}

	/**
	 * Return a maker that plans from tables which were described together, and keeps its
	 * plans here.
	 * @param snapshot describes the tables
	 * @param deletionTimes says which column carries the deletion time
	 * @return the maker
	 */
	public CascadePlans from(CatalogSnapshot snapshot, DeletionTimeColumns deletionTimes) {
		return new CascadePlans(snapshot, deletionTimes, this.kept);
	}

	/**
	 * Return what rows of a table take along.
	 * @param table the table, described in this transaction
	 * @param deletionTime its column that carries the deletion time; {@code null} if it
	 * has none
	 * @return the plan
	 */
	public CascadePlan planFor(Table table, @Nullable Column deletionTime) {
		if (table.referredToBy().stream().noneMatch((key) -> key.isCascading() || key.isRestricting())) {
			return CascadePlan.alone(table, deletionTime);
		}
		Key key = new Key(table.name(), (deletionTime != null) ? deletionTime.name() : null);
		Kept known = this.kept.get(key);
		if (known == null || !this.catalog.areUnchanged(known.tables(), known.versions())) {
			known = make(table, deletionTime);
			this.kept.put(key, known);
		}
		return known.plan();
	}

	/**
	 * Return whether a plan is still what its table's rows take along. Where the plan's
	 * tables were locked before, it stays so until the transaction ends.
	 * @param plan the plan
	 * @return whether it holds
	 */
	public boolean stillHolds(CascadePlan plan) {
		CascadePlan now = planFor(this.catalog.table(plan.root().name()), plan.root().deletionTime());
		return now.equals(plan) || (now.isAlone() && plan.isAlone());
	}

	private Kept make(Table root, @Nullable Column deletionTime) {
		Map<TableName, Node> nodes = new LinkedHashMap<>();
		nodes.put(root.name(), new Node(0, root, deletionTime));
		List<Edge> edges = new ArrayList<>();
		Deque<Node> open = new ArrayDeque<>(nodes.values());
		while (!open.isEmpty()) {
			Node parent = open.remove();
			for (ForeignKey key : parent.table().referredToBy()) {
				if (!key.isCascading()) {
					continue;
				}
				Node child = nodes.get(key.child());
				if (child == null) {
					Table table = this.catalog.table(key.child());
					child = new Node(nodes.size(), table, this.deletionTimes.findBelow(table));
					nodes.put(key.child(), child);
					open.add(child);
				}
				edges.add(new Edge(parent, child, key));
			}
		}
		Map<TableName, Node> restricting = new LinkedHashMap<>();
		CascadePlan plan = withoutDeadEnds(List.copyOf(nodes.values()), edges, restricting);
		Set<TableName> tables = new LinkedHashSet<>(nodes.keySet());
		tables.addAll(restricting.keySet());
		Set<String> versions = new HashSet<>();
		tables.forEach((table) -> versions.add(String.valueOf(this.catalog.version(table))));
		return new Kept(plan, List.copyOf(tables), versions);
	}

	private CascadePlan withoutDeadEnds(List<Node> nodes, List<Edge> edges, Map<TableName, Node> restricting) {
		Set<Node> leading = new HashSet<>(
				nodes.stream().filter((node) -> node.number() == 0 || node.deletionTime() != null).toList());
		boolean more = true;
		while (more) {
			more = false;
			for (Edge edge : edges) {
				more |= leading.contains(edge.child()) && leading.add(edge.parent());
			}
		}
		Map<Node, Node> renumbered = new LinkedHashMap<>();
		nodes.stream()
			.filter(leading::contains)
			.forEach((node) -> renumbered.put(node, new Node(renumbered.size(), node.table(), node.deletionTime())));
		List<Edge> leadingEdges = new ArrayList<>();
		for (Edge edge : edges) {
			Node parent = renumbered.get(edge.parent());
			Node child = renumbered.get(edge.child());
			if (parent != null && child != null) {
				leadingEdges.add(new Edge(parent, child, edge.key()));
			}
		}
		renumbered.values().forEach(CascadePlans::requireKey);
		Node root = renumbered.values().iterator().next();
		List<Path> belongings = new ArrayList<>();
		for (Node node : renumbered.values()) {
			belongings.addAll(leftToOthers(node, edges, (child) -> !renumbered.containsKey(child)));
		}
		List<Edge> restrictions = new ArrayList<>();
		for (Node parent : renumbered.values()) {
			for (ForeignKey key : parent.table().referredToBy()) {
				if (key.isRestricting()) {
					restrictions.add(new Edge(parent, restricting.computeIfAbsent(key.child(), this::outside), key));
				}
			}
		}
		return new CascadePlan(List.copyOf(renumbered.values()), leadingEdges, restrictions, belongings,
				leftToOthers(root, edges, (child) -> true));
	}

	/**
	 * Find the ways to tables whose rows have to be removed by name.
	 */
	private static List<Path> leftToOthers(Node start, List<Edge> edges, Predicate<Node> through) {
		List<Path> found = new ArrayList<>();
		follow(start, List.of(), edges, through, found);
		return found;
	}

	private static void follow(Node from, List<Edge> steps, List<Edge> edges, Predicate<Node> through,
			List<Path> found) {
		for (Edge edge : edges) {
			boolean back = edge.child().name().equals(from.name())
					|| steps.stream().anyMatch((step) -> step.parent().name().equals(edge.child().name()));
			if (!edge.parent().name().equals(from.name()) || back || !through.test(edge.child())) {
				continue;
			}
			List<Edge> further = new ArrayList<>(steps);
			further.add(steps.isEmpty() ? new Edge(from, edge.child(), edge.key()) : edge);
			if (edge.key().isLeftToOthers()) {
				found.add(new Path(further));
			}
			follow(edge.child(), further, edges, through, found);
		}
	}

	private static void requireKey(Node node) {
		if (node.table().key().isEmpty() && node.number() > 0) {
			throw new UnsupportedTableException(
					"Table %s has no primary key, so its rows cannot be told apart when those above them are deleted. Add one."
						.formatted(node.name()));
		}
	}

	private Node outside(TableName name) {
		Table table = this.catalog.table(name);
		return new Node(-1, table, this.deletionTimes.find(table));
	}

	private record Key(TableName table, @Nullable String deletionTime) {
	}

	private record Kept(CascadePlan plan, List<TableName> tables, Set<String> versions) {
	}

}
