package io.github.deletionpolicy.catalog;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
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
 */
public class CascadePlans {

	/**
	 * Number of a table that is not in the plan.
	 */
	private static final int OUTSIDE = -1;

	private final Catalog catalog;

	private final DeletionTimeColumns deletionTimes;

	private final Map<Key, Kept> kept;

	public CascadePlans(Catalog catalog, DeletionTimeColumns deletionTimes) {
		this(catalog, deletionTimes, new ConcurrentHashMap<>());
	}

	private CascadePlans(Catalog catalog, DeletionTimeColumns deletionTimes, Map<Key, Kept> kept) {
		this.catalog = catalog;
		this.deletionTimes = deletionTimes;
		this.kept = kept;
	}

	/**
	 * Return another one that plans from tables which were described together, and keeps
	 * its plans here.
	 */
	public CascadePlans from(CatalogSnapshot snapshot, DeletionTimeColumns deletionTimes) {
		return new CascadePlans(snapshot, deletionTimes, this.kept);
	}

	/**
	 * Return what a delete of a table's rows cascades to.
	 * @param table the table, described in this transaction
	 * @param deletionTime its column that carries the deletion time; {@code null} if it
	 * has none
	 */
	public CascadePlan planFor(Table table, @Nullable Column deletionTime) {
		if (table.referredToBy().stream().noneMatch((key) -> key.isCascading() || key.isRestricting())) {
			return CascadePlan.alone(table, deletionTime);
		}
		Key key = new Key(table.name(), (deletionTime != null) ? deletionTime.name() : null);
		Kept known = this.kept.get(key);
		if (known == null || !known.versions().equals(this.catalog.versions(known.tables()))) {
			known = make(table, deletionTime);
			this.kept.put(key, known);
		}
		return known.plan();
	}

	/**
	 * Return whether a plan is still what a delete of its root cascades to. Where the
	 * plan's tables were locked before, it stays so until the transaction ends.
	 */
	public boolean stillHolds(CascadePlan plan) {
		CascadePlan now = planFor(this.catalog.table(plan.root().name()), plan.root().deletionTime());
		return now.equals(plan) || (now.isAlone() && plan.isAlone());
	}

	private Kept make(Table table, @Nullable Column deletionTime) {
		Map<TableName, Node> reached = new LinkedHashMap<>(Map.of(table.name(), new Node(0, table, deletionTime)));
		List<Edge> cascades = reach(reached);
		Map<TableName, Node> nodes = withoutDeadEnds(reached.values(), cascades);
		List<Edge> edges = new ArrayList<>();
		for (Edge edge : cascades) {
			Node parent = nodes.get(edge.parent().name());
			Node child = nodes.get(edge.child().name());
			if (parent != null && child != null) {
				edges.add(new Edge(parent, child, edge.key()));
			}
		}
		Map<TableName, Node> restricting = new LinkedHashMap<>();
		List<Edge> restrictions = new ArrayList<>();
		List<Path> belongings = new ArrayList<>();
		for (Node node : nodes.values()) {
			follow(node, List.of(), cascades, (child) -> !nodes.containsKey(child.name()), belongings);
			for (ForeignKey key : node.table().referredToBy()) {
				if (key.isRestricting()) {
					restrictions.add(new Edge(node, restricting.computeIfAbsent(key.child(), this::outside), key));
				}
			}
		}
		List<Path> ownedByRoot = new ArrayList<>();
		follow(reached.values().iterator().next(), List.of(), cascades, (child) -> true, ownedByRoot);
		Set<TableName> tables = new LinkedHashSet<>(reached.keySet());
		tables.addAll(restricting.keySet());
		return new Kept(new CascadePlan(List.copyOf(nodes.values()), edges, restrictions, belongings, ownedByRoot),
				tables, this.catalog.lastVersions(tables));
	}

	/**
	 * Add all tables that a delete cascades to, and return the keys by which it does.
	 */
	private List<Edge> reach(Map<TableName, Node> reached) {
		List<Edge> cascades = new ArrayList<>();
		Deque<Node> open = new ArrayDeque<>(reached.values());
		while (!open.isEmpty()) {
			Node parent = open.remove();
			for (ForeignKey key : parent.table().referredToBy()) {
				if (!key.isCascading()) {
					continue;
				}
				Node child = reached.get(key.child());
				if (child == null) {
					Table table = this.catalog.table(key.child());
					child = new Node(OUTSIDE, table, this.deletionTimes.findBelow(table));
					reached.put(key.child(), child);
					open.add(child);
				}
				cascades.add(new Edge(parent, child, key));
			}
		}
		return cascades;
	}

	/**
	 * Number the tables from which one with a deletion time can be reached, and the root.
	 */
	private static Map<TableName, Node> withoutDeadEnds(Collection<Node> reached, List<Edge> cascades) {
		Set<Node> leading = new HashSet<>();
		reached.stream().filter((node) -> node.number() == 0 || node.deletionTime() != null).forEach(leading::add);
		boolean more = true;
		while (more) {
			more = false;
			for (Edge edge : cascades) {
				more |= leading.contains(edge.child()) && leading.add(edge.parent());
			}
		}
		Map<TableName, Node> nodes = new LinkedHashMap<>();
		for (Node node : reached) {
			if (leading.contains(node)) {
				if (node.table().key().isEmpty() && node.number() != 0) {
					throw new UnsupportedTableException(
							"Table %s has no primary key, so its rows cannot be identified when those above them are deleted. Add one."
								.formatted(node.name()));
				}
				nodes.put(node.name(), new Node(nodes.size(), node.table(), node.deletionTime()));
			}
		}
		return nodes;
	}

	/**
	 * Find the ways to tables whose rows have to be removed by name.
	 */
	private static void follow(Node from, List<Edge> steps, List<Edge> cascades, Predicate<Node> through,
			List<Path> found) {
		for (Edge edge : cascades) {
			TableName child = edge.child().name();
			boolean back = child.equals(from.name())
					|| steps.stream().anyMatch((step) -> step.parent().name().equals(child));
			if (!edge.parent().name().equals(from.name()) || back || !through.test(edge.child())) {
				continue;
			}
			List<Edge> further = CascadePlan.with(steps, new Edge(from, edge.child(), edge.key()));
			if (edge.key().isLeftToOthers()) {
				found.add(new Path(further));
			}
			follow(edge.child(), further, cascades, through, found);
		}
	}

	private Node outside(TableName name) {
		Table table = this.catalog.table(name);
		return new Node(OUTSIDE, table, this.deletionTimes.find(table));
	}

	private record Key(TableName table, @Nullable String deletionTime) {
	}

	private record Kept(CascadePlan plan, Set<TableName> tables, Set<String> versions) {
	}

}
