package io.github.deletionpolicy.catalog;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import io.github.deletionpolicy.SqlIdentifiers;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.UnknownTableException;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.mapping.Ownership;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Says which table a name means, and describes it. A description is kept until the table,
 * its indexes, the foreign keys into it or the mapping change, which each look-up finds
 * out in one round trip.
 */
public class Catalog {

	private final CatalogQueries queries;

	private final LiveViews liveViews;

	private final Ownerships ownerships;

	private final Map<TableName, Versioned> described;

	/**
	 * Create a catalog.
	 * @param jdbc runs the queries, in the caller's transaction
	 * @param liveViews the views that stand for tables
	 * @param ownerships says which tables hold parts of aggregates
	 */
	public Catalog(JdbcOperations jdbc, LiveViews liveViews, Supplier<List<Ownership>> ownerships) {
		this.queries = new CatalogQueries(jdbc);
		this.liveViews = liveViews;
		this.ownerships = new Ownerships(ownerships, liveViews::tableOf);
		this.described = new ConcurrentHashMap<>();
	}

	/**
	 * Create another one that shares what it knows.
	 */
	Catalog(Catalog other) {
		this.queries = other.queries;
		this.liveViews = other.liveViews;
		this.ownerships = other.ownerships;
		this.described = other.described;
	}

	/**
	 * Find and describe the table that a name means for the caller's connection. A live
	 * view means its table, which takes a second round trip.
	 * @throws UnknownTableException if there is none
	 * @throws UnsupportedTableException if it is a view that no policy names as its live
	 * view, a temporary or a foreign table
	 */
	public Table table(TableName name) {
		Relation relation = this.queries.resolve(name);
		if (relation == null) {
			throw new UnknownTableException(unknown(name));
		}
		if (relation.isView()) {
			relation = belowLiveView(relation);
		}
		relation.requireTable();
		Versioned known = this.described.get(relation.name());
		if (known != null && known.version().equals(versionOf(relation))) {
			return known.table();
		}
		return describe(List.of(relation)).get(0);
	}

	/**
	 * Describe many tables in a few round trips, with all that refer to them or to the
	 * tables that a delete of their rows cascades to.
	 * @param names the names; one without a schema means what it means for the caller's
	 * connection
	 */
	public CatalogSnapshot snapshot(Collection<TableName> names) {
		List<TableName> unqualified = names.stream().filter((name) -> name.schema() == null).toList();
		List<TableName> qualified = names.stream().filter((name) -> name.schema() != null).toList();
		CatalogSnapshot snapshot = new CatalogSnapshot(this, describe(this.queries.resolve(unqualified)),
				describe(this.queries.qualified(qualified)));
		List<TableName> missing = snapshot.missing();
		while (!missing.isEmpty()) {
			snapshot.add(describe(this.queries.qualified(missing)));
			missing = snapshot.missing();
		}
		return snapshot;
	}

	/**
	 * Find the table that a name means for the caller's connection.
	 * @return its name with the schema; {@code null} if there is none that rows could be
	 * deleted from
	 */
	public @Nullable TableName find(TableName name) {
		Relation relation = this.queries.resolve(name);
		return (relation != null && relation.isTable()) ? relation.name() : null;
	}

	/**
	 * Return whether a mapping says of any table that it holds parts of aggregates, so
	 * that rows may have to be removed by name before others are.
	 */
	public boolean knowsOwnerships() {
		return this.ownerships.isNotEmpty();
	}

	/**
	 * Return the table that a live view stands for. Where no policy names such a view,
	 * the database is not asked.
	 * @return the table with its schema if the name means a live view for the caller's
	 * connection, else the name as it is
	 * @throws UnsupportedTableException if it means a view that is not the live view
	 * which its name says
	 */
	public TableName baseOf(TableName relation) {
		if (this.liveViews.named(relation) == null) {
			return relation;
		}
		Relation found = this.queries.resolve(relation);
		return (found != null && found.isView()) ? belowLiveView(found).name() : relation;
	}

	/**
	 * Find the tables of names without a schema in all schemas, on the search path or
	 * not.
	 */
	public List<TableName> namesakes(Collection<String> names) {
		return this.queries.tables(Sql.of("c.relname = ANY(CAST(? AS text[]))", (Object) names.toArray(String[]::new)));
	}

	/**
	 * Return the versions that tables have now.
	 */
	Set<String> versions(Collection<TableName> names) {
		return this.queries.resolve(names).stream().map(this::versionOf).collect(Collectors.toSet());
	}

	/**
	 * Return the versions of the last descriptions of tables.
	 */
	Set<String> lastVersions(Collection<TableName> names) {
		return names.stream().map(this.described::get).map(Versioned::version).collect(Collectors.toSet());
	}

	/**
	 * What a mapping says of tables is a part of what is known of them.
	 */
	private String versionOf(Relation relation) {
		return this.ownerships.generation() + "/" + relation.version();
	}

	private Relation belowLiveView(Relation view) {
		LiveViews.Declared named = this.liveViews.named(view.name());
		if (named == null) {
			throw new UnsupportedTableException(
					"%s is a view. Name the table that holds the rows. The policy of that table may name the view as its live-view; then it stands for the table."
						.formatted(view.name()));
		}
		return this.queries.belowView(view)
			.stream()
			.filter((relation) -> relation.isTable() && this.liveViews.isLiveViewOf(view.name(), relation.name()))
			.findFirst()
			.orElseThrow(() -> new UnsupportedTableException(
					"%s is named as the live view of table %s, but does not select from it. Name the table that holds the rows, or let the view select from that table."
						.formatted(view.name(), named.table())));
	}

	private List<Table> describe(List<Relation> relations) {
		List<Relation> found = relations.stream().filter(Relation::isTable).toList();
		if (found.isEmpty()) {
			return List.of();
		}
		List<String> versions = found.stream().map(this::versionOf).toList();
		List<Table> tables = new ArrayList<>();
		for (Table table : this.queries.describe(found)) {
			Table whole = this.ownerships.laidOver(table,
					(name, columns) -> this.queries.hasColumns(name, columns) ? find(name) : null);
			this.described.put(whole.name(), new Versioned(versions.get(tables.size()), whole));
			tables.add(whole);
		}
		return tables;
	}

	private String unknown(TableName name) {
		String schema = name.schema();
		String where = (schema != null) ? "in schema " + SqlIdentifiers.quoteIfNeeded(schema)
				: "on the search path (" + this.queries.searchPath() + ")";
		LiveViews.Declared view = this.liveViews.named(name);
		List<TableName> namesakes = this.queries.tables(Sql.of("lower(c.relname) = lower(?)", name.name()));
		String hint = (view != null)
				? "It is named as the live view of table %s: make that view, or name the table.".formatted(view.table())
				: namesakes.isEmpty() ? "Check the name; unquoted names fold to lower case." : "Did you mean %s?"
					.formatted(String.join(" or ", namesakes.stream().limit(5).map(TableName::toString).toList()));
		return "There is no table %s %s. %s".formatted(new TableName(null, name.name()), where, hint);
	}

	private record Versioned(String version, Table table) {
	}

}
