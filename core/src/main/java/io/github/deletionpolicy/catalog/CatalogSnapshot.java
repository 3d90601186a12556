package io.github.deletionpolicy.catalog;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import io.github.deletionpolicy.TableName;
import org.jspecify.annotations.Nullable;

/**
 * Tables that were described together: asked for one of them, it does not look at the
 * database again.
 *
 * @since 0.1
 */
public final class CatalogSnapshot extends Catalog {

	private final Map<TableName, Table> tables = new LinkedHashMap<>();

	private final Map<String, Table> visible = new HashMap<>();

	private final List<Table> roots = new ArrayList<>();

	private final Set<TableName> asked = new HashSet<>();

	CatalogSnapshot(Catalog catalog) {
		super(catalog);
	}

	/**
	 * Return a table.
	 * @param name the name; without a schema, what it means for the connection that was
	 * asked
	 * @return the table; {@code null} if none was found
	 */
	public @Nullable Table get(TableName name) {
		return (name.schema() != null) ? this.tables.get(name) : this.visible.get(name.name());
	}

	/**
	 * Return all tables.
	 * @return the tables, those that were asked for first
	 */
	public Collection<Table> tables() {
		return this.tables.values();
	}

	/**
	 * Return what goes along with the rows of a table, whether it carries a deletion time
	 * or not.
	 * @param table the table
	 * @return the table itself, and those whose rows cascading keys take along
	 */
	public List<Table> goingAlong(Table table) {
		Set<TableName> seen = new LinkedHashSet<>(List.of(table.name()));
		List<Table> along = new ArrayList<>();
		Deque<Table> open = new ArrayDeque<>(List.of(table));
		while (!open.isEmpty()) {
			Table next = open.remove();
			along.add(next);
			next.referredToBy()
				.stream()
				.filter((key) -> key.isCascading() && seen.add(key.child()))
				.map((key) -> this.tables.get(key.child()))
				.filter(Objects::nonNull)
				.forEach(open::add);
		}
		return along;
	}

	@Override
	public Table table(TableName name) {
		Table known = get(name);
		return (known != null) ? known : super.table(name);
	}

	@Override
	boolean areUnchanged(List<TableName> names, Set<String> versions) {
		Set<String> now = new HashSet<>();
		names.forEach((name) -> now.add(String.valueOf(version(name))));
		return versions.equals(now);
	}

	void addVisible(List<Table> found) {
		add(found);
		found.forEach((table) -> this.visible.put(table.name().name(), table));
	}

	void add(List<Table> found) {
		found.forEach((table) -> this.tables.put(table.name(), table));
	}

	/**
	 * Return the tables that refer to those that were asked for first, or to what goes
	 * along with them, and were not looked for yet.
	 */
	List<TableName> missing(Collection<TableName> justAsked) {
		this.asked.addAll(justAsked);
		if (this.roots.isEmpty()) {
			this.roots.addAll(this.tables.values());
		}
		Set<TableName> missing = new LinkedHashSet<>();
		for (Table root : this.roots) {
			for (Table table : goingAlong(root)) {
				for (ForeignKey key : table.referredToBy()) {
					if (!this.tables.containsKey(key.child()) && !this.asked.contains(key.child())) {
						missing.add(key.child());
					}
				}
			}
		}
		return List.copyOf(missing);
	}

}
