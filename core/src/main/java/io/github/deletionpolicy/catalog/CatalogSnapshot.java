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
 */
public final class CatalogSnapshot extends Catalog {

	private final Map<TableName, Table> tables = new LinkedHashMap<>();

	private final Map<String, Table> visible = new HashMap<>();

	private final List<Table> roots;

	private final Set<TableName> asked = new HashSet<>();

	/**
	 * Begin with the tables that were asked for.
	 * @param visible those whose names had no schema
	 * @param qualified the others
	 */
	CatalogSnapshot(Catalog catalog, List<Table> visible, List<Table> qualified) {
		super(catalog);
		visible.forEach((table) -> this.visible.put(table.name().name(), table));
		add(visible);
		add(qualified);
		this.roots = List.copyOf(this.tables.values());
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
	 * Return all tables, those that were asked for first.
	 */
	public Collection<Table> tables() {
		return this.tables.values();
	}

	/**
	 * Return a table and those to which a delete of its rows cascades, with a deletion
	 * time or not.
	 */
	public List<Table> goingAlong(Table table) {
		return goingAlong(List.of(table));
	}

	private List<Table> goingAlong(List<Table> tables) {
		Set<TableName> seen = new HashSet<>();
		List<Table> along = new ArrayList<>();
		Deque<Table> open = new ArrayDeque<>(tables);
		while (!open.isEmpty()) {
			Table next = open.remove();
			if (seen.add(next.name())) {
				along.add(next);
				next.referredToBy()
					.stream()
					.filter(ForeignKey::isCascading)
					.map((key) -> this.tables.get(key.child()))
					.filter(Objects::nonNull)
					.forEach(open::add);
			}
		}
		return along;
	}

	@Override
	public Table table(TableName name) {
		Table known = get(name);
		return (known != null) ? known : super.table(name);
	}

	@Override
	Set<String> versions(Collection<TableName> names) {
		return lastVersions(names);
	}

	void add(List<Table> found) {
		found.forEach((table) -> this.tables.put(table.name(), table));
	}

	/**
	 * Return the tables that refer to those that were asked for, or to what a delete of
	 * their rows cascades to, and were not looked for yet.
	 */
	List<TableName> missing() {
		Set<TableName> missing = new LinkedHashSet<>();
		for (Table table : goingAlong(this.roots)) {
			table.referredToBy().forEach((key) -> missing.add(key.child()));
		}
		missing.removeIf((child) -> this.tables.containsKey(child) || !this.asked.add(child));
		return List.copyOf(missing);
	}

}
