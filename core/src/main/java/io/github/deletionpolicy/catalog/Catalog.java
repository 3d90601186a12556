package io.github.deletionpolicy.catalog;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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
 * Asks PostgreSQL's catalog about tables. A description is kept until the table, its
 * indexes or the foreign keys into it change, which each look-up finds out in one round
 * trip.
 *
 * @since 0.1
 */
public class Catalog {

	/**
	 * Finds the relations that names mean for this connection. The version changes with
	 * every change of the table itself and of its columns, which a renaming or a dropped
	 * {@code NOT NULL} changes alone, and with every index on it and foreign key from or
	 * into it or a partition of it: a foreign key leaves triggers on both its tables.
	 */
	private static final String RESOLVE = """
			SELECT n.nspname, c.relname, c.relkind::text, c.relpersistence::text, c.oid,
				concat_ws(',', c.oid, c.xmin,
					(SELECT concat_ws(':', count(*), max(CAST(CAST(a.xmin AS text) AS bigint))) FROM pg_catalog.pg_attribute a
						WHERE a.attrelid = c.oid AND a.attnum > 0),
					(SELECT concat_ws(':', count(*), max(t.oid)) FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid),
					CASE WHEN c.relkind = 'p' THEN (
						SELECT concat_ws(':', count(*), max(t.oid)) FROM pg_catalog.pg_partition_tree(c.oid) p
						JOIN pg_catalog.pg_trigger t ON t.tgrelid = p.relid) END,
					(SELECT concat_ws(':', count(*), max(i.indexrelid)) FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid)
				) AS version, rn.nspname AS root_schema, r.relname AS root_name
			FROM pg_catalog.pg_class c
			JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
			LEFT JOIN pg_catalog.pg_class r ON c.relispartition AND r.oid = pg_catalog.pg_partition_root(c.oid)
			LEFT JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
			WHERE c.oid =""";

	/**
	 * One name has a statement of its own: with an array the server plans anew each time,
	 * which takes longer than all the rest.
	 */
	private static final String ONE = RESOLVE + " CAST(to_regclass(?) AS oid)";

	private static final String SEVERAL = RESOLVE
			+ " ANY(ARRAY(SELECT CAST(to_regclass(q.name) AS oid) FROM unnest(CAST(? AS text[])) AS q (name)))";

	/**
	 * What a view selects from, in sub-selects too.
	 */
	private static final String BELOW_VIEW = RESOLVE + """
			ANY(ARRAY(SELECT d.refobjid FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend d
				ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
				AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> r.ev_class
				WHERE r.ev_class = ?))""";

	/**
	 * Those of several schemas, whatever this connection may see of them.
	 */
	private static final String QUALIFIED = RESOLVE + """
			ANY(ARRAY(SELECT k.oid FROM unnest(CAST(? AS text[]), CAST(? AS text[])) AS q (schema, name)
			JOIN pg_catalog.pg_namespace kn ON kn.nspname = q.schema
			JOIN pg_catalog.pg_class k ON k.relnamespace = kn.oid AND k.relname = q.name))""";

	private static final String COLUMNS = """
			SELECT a.attrelid, a.attname, a.attnotnull, b.typname AS base, b.typtype = 'e' AND b.oid = a.atttypid AS enumeration,
				CASE WHEN bn.nspname = 'pg_catalog' THEN pg_catalog.format_type(b.oid, -1)
					ELSE pg_catalog.format('%I.%I', bn.nspname, b.typname) END AS sql,
				a.atttypmod = -1 AND d.full_precision AS full_precision,
				array_position((i.indkey::int2[])[0:i.indnkeyatts - 1], a.attnum) AS key_position
			FROM pg_catalog.pg_attribute a
			CROSS JOIN LATERAL (
				WITH RECURSIVE domain AS (
					SELECT oid, typtype, typbasetype, typtypmod FROM pg_catalog.pg_type WHERE oid = a.atttypid
					UNION ALL
					SELECT t.oid, t.typtype, t.typbasetype, t.typtypmod
					FROM domain JOIN pg_catalog.pg_type t ON t.oid = domain.typbasetype WHERE domain.typtype = 'd')
				SELECT max(oid) FILTER (WHERE typtype <> 'd') AS base, bool_and(typtypmod = -1) AS full_precision
				FROM domain) d
			JOIN pg_catalog.pg_type b ON b.oid = d.base
			JOIN pg_catalog.pg_namespace bn ON bn.oid = b.typnamespace
			LEFT JOIN pg_catalog.pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
			WHERE a.attrelid = ANY(CAST(? AS oid[])) AND a.attnum > 0 AND NOT a.attisdropped
			ORDER BY a.attrelid, a.attnum""";

	/**
	 * A constraint with a parent repeats it for one partition: of the table that refers,
	 * or of the one that is referred to. It counts only where the one that it repeats is
	 * not found itself.
	 */
	private static final String FOREIGN_KEYS = """
			WITH asked AS (SELECT unnest(CAST(? AS oid[])) AS root),
			tree AS (
				SELECT root, root AS oid FROM asked
				UNION SELECT root, p.relid FROM asked, pg_catalog.pg_partition_tree(CAST(root AS regclass)) p),
			found AS (
				SELECT t.root, con.oid, true AS into_it
				FROM tree t JOIN pg_catalog.pg_constraint con ON con.contype = 'f' AND con.confrelid = t.oid
				LEFT JOIN pg_catalog.pg_constraint parent ON parent.oid = con.conparentid
				WHERE parent.oid IS NULL
					OR NOT EXISTS (SELECT FROM tree x WHERE x.root = t.root AND x.oid = parent.confrelid)
				UNION ALL
				SELECT a.root, con.oid, false
				FROM asked a JOIN pg_catalog.pg_constraint con ON con.contype = 'f' AND con.conrelid = a.root
				LEFT JOIN pg_catalog.pg_constraint parent ON parent.oid = con.conparentid
				WHERE parent.oid IS NULL OR parent.conrelid <> con.conrelid)
			SELECT con.conname, cn.nspname, c.relname, pn.nspname, p.relname, con.confdeltype::text, found.root, found.into_it,
				ARRAY(SELECT a.attname::text FROM unnest(con.conkey) WITH ORDINALITY k (attnum, position)
					JOIN pg_catalog.pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = k.attnum ORDER BY k.position),
				ARRAY(SELECT a.attname::text FROM unnest(con.confkey) WITH ORDINALITY k (attnum, position)
					JOIN pg_catalog.pg_attribute a ON a.attrelid = con.confrelid AND a.attnum = k.attnum ORDER BY k.position)
			FROM found
			JOIN pg_catalog.pg_constraint con ON con.oid = found.oid
			JOIN pg_catalog.pg_class c ON c.oid = con.conrelid
			JOIN pg_catalog.pg_namespace cn ON cn.oid = c.relnamespace
			JOIN pg_catalog.pg_class p ON p.oid = con.confrelid
			JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
			ORDER BY cn.nspname, c.relname, con.conname""";

	private final JdbcOperations jdbc;

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
		this.jdbc = jdbc;
		this.liveViews = liveViews;
		this.ownerships = new Ownerships(ownerships, liveViews::tableOf);
		this.described = new ConcurrentHashMap<>();
	}

	/**
	 * Create another one that shares what it knows.
	 * @param other the other one
	 */
	Catalog(Catalog other) {
		this.jdbc = other.jdbc;
		this.liveViews = other.liveViews;
		this.ownerships = other.ownerships;
		this.described = other.described;
	}

	/**
	 * Find and describe the table that a name means for the caller's connection. A live
	 * view means its table, which takes a second round trip.
	 * @param name the name
	 * @return the table
	 * @throws UnknownTableException if there is none
	 * @throws UnsupportedTableException if it is a view that no policy names as its live
	 * view, a temporary or a foreign table
	 */
	public Table table(TableName name) {
		Relation relation = resolve(name);
		if (relation == null) {
			throw new UnknownTableException(unknown(name));
		}
		if (relation.isView()) {
			relation = belowLiveView(relation);
		}
		relation.requireTable();
		Versioned known = this.described.get(relation.name());
		if (known != null && known.version().equals(relation.version())) {
			return known.table();
		}
		return describe(List.of(relation)).get(0);
	}

	/**
	 * Describe many tables in a few round trips, with all that refer to them or to what
	 * goes along with them.
	 * @param names the names; one without a schema means what it means for the caller's
	 * connection
	 * @return the tables among them
	 */
	public CatalogSnapshot snapshot(Collection<TableName> names) {
		CatalogSnapshot snapshot = new CatalogSnapshot(this);
		List<TableName> unqualified = names.stream().filter((name) -> name.schema() == null).toList();
		List<TableName> open = names.stream().filter((name) -> name.schema() != null).toList();
		if (!unqualified.isEmpty()) {
			snapshot.addVisible(read(resolve(unqualified)));
		}
		if (!open.isEmpty()) {
			snapshot.add(read(qualified(open)));
		}
		open = snapshot.missing(open);
		while (!open.isEmpty()) {
			snapshot.add(read(qualified(open)));
			open = snapshot.missing(open);
		}
		return snapshot;
	}

	private List<Table> read(List<Relation> relations) {
		List<Relation> tables = relations.stream().filter(Relation::isTable).toList();
		return tables.isEmpty() ? List.of() : describe(tables);
	}

	private List<Relation> qualified(List<TableName> names) {
		Object schemas = names.stream().map(TableName::schema).toArray(String[]::new);
		Object tables = names.stream().map(TableName::name).toArray(String[]::new);
		return relations(Sql.of(QUALIFIED, schemas, tables));
	}

	/**
	 * Return the last description of a table, without a look at the database.
	 * @param name the name with its schema
	 * @return the description; a fresh one if there is none yet
	 */
	public Table lastSeen(TableName name) {
		Versioned known = this.described.get(name);
		return (known != null) ? known.table() : table(name);
	}

	/**
	 * Find the table that a name means for the caller's connection, if there is one.
	 * @param name the name
	 * @return its name with the schema; {@code null} if there is none that rows could be
	 * deleted from
	 */
	public @Nullable TableName find(TableName name) {
		Relation relation = resolve(name);
		return (relation != null && relation.isTable()) ? relation.name() : null;
	}

	private @Nullable TableName findWith(TableName name, List<String> columns) {
		Integer found = this.jdbc.queryForObject("""
				SELECT count(*) FROM pg_catalog.pg_attribute
				WHERE attrelid = to_regclass(?) AND attname = ANY(?) AND NOT attisdropped""", Integer.class,
				name.toSql(), columns.toArray(String[]::new));
		return (found != null && found == columns.size()) ? find(name) : null;
	}

	/**
	 * Return whether a mapping says of any table that it holds parts of aggregates.
	 * @return whether rows may have to be removed by name before others are
	 */
	public boolean knowsOwnerships() {
		return this.ownerships.isNotEmpty();
	}

	/**
	 * Return the table that a live view stands for. Where no policy names such a view,
	 * the database is not asked.
	 * @param relation the name of a table or a view
	 * @return the table with its schema if the name means a live view for the caller's
	 * connection, else the name as it is
	 * @throws UnsupportedTableException if it means a view that is not the live view
	 * which its name says
	 */
	public TableName baseOf(TableName relation) {
		if (this.liveViews.named(relation) == null) {
			return relation;
		}
		Relation found = resolve(relation);
		return (found != null && found.isView()) ? belowLiveView(found).name() : relation;
	}

	/**
	 * Find the tables of a name in all schemas, on the search path or not.
	 * @param name the name; its schema does not matter
	 * @return their names with their schemas
	 */
	public List<TableName> namesakes(TableName name) {
		return namesakes("c.relname = ?", name.name());
	}

	/**
	 * Find the tables of several names in all schemas, on the search path or not.
	 * @param names the names without a schema
	 * @return their names with their schemas
	 */
	public List<TableName> namesakes(Collection<String> names) {
		return namesakes("c.relname = ANY(CAST(? AS text[]))", (Object) names.toArray(String[]::new));
	}

	private List<TableName> namesakes(String condition, Object name) {
		return this.jdbc.query("""
				SELECT n.nspname, c.relname FROM pg_catalog.pg_class c
				JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
				WHERE %s AND c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\\_%%'
				ORDER BY n.nspname, c.relname""".formatted(condition),
				(rs, row) -> new TableName(rs.getString(1), rs.getString(2)), name);
	}

	/**
	 * Return whether all these tables are still as they were described last.
	 * @param names their names with their schemas
	 * @param versions the versions they had
	 * @return whether nothing has changed
	 */
	boolean areUnchanged(List<TableName> names, Set<String> versions) {
		return versions.equals(resolve(names).stream().map(Relation::version).collect(Collectors.toSet()));
	}

	/**
	 * Return the version of the last description of a table.
	 * @param name the name with its schema
	 * @return the version; {@code null} if it was never described
	 */
	@Nullable String version(TableName name) {
		Versioned known = this.described.get(name);
		return (known != null) ? known.version() : null;
	}

	private @Nullable Relation resolve(TableName name) {
		return relations(Sql.of(ONE, name.toSql())).stream().findFirst().orElse(null);
	}

	private List<Relation> resolve(List<TableName> names) {
		return relations(Sql.of(SEVERAL, (Object) names.stream().map(TableName::toSql).toArray(String[]::new)));
	}

	/**
	 * What a mapping says of tables is a part of what is known of them.
	 */
	private List<Relation> relations(Sql query) {
		int generation = this.ownerships.generation();
		return query.list(this.jdbc, (rs, row) -> Relation.from(rs, generation));
	}

	private Relation belowLiveView(Relation view) {
		LiveViews.Declared named = this.liveViews.named(view.name());
		if (named == null) {
			throw new UnsupportedTableException(
					"%s is a view. Name the table that holds the rows. The policy of that table may name the view as its live-view; then it stands for the table."
						.formatted(view.name()));
		}
		return relations(Sql.of(BELOW_VIEW, view.oid())).stream()
			.filter((relation) -> relation.isTable() && this.liveViews.isLiveViewOf(view.name(), relation.name()))
			.findFirst()
			.orElseThrow(() -> new UnsupportedTableException(
					"%s is named as the live view of table %s, but does not select from it. Name the table that holds the rows, or let the view select from that table."
						.formatted(view.name(), named.table())));
	}

	private List<Table> describe(List<Relation> relations) {
		Object oids = relations.stream().map(Relation::oid).toArray(Long[]::new);
		Map<Long, Map<String, Column>> columns = new HashMap<>();
		Map<Long, Map<Integer, Column>> keys = new HashMap<>();
		this.jdbc.query(COLUMNS, (rs) -> {
			Column column = new Column(
					rs.getString("attname"), new ColumnType(rs.getString("sql"), rs.getString("base"),
							rs.getBoolean("enumeration"), rs.getBoolean("full_precision")),
					rs.getBoolean("attnotnull"));
			long table = rs.getLong("attrelid");
			columns.computeIfAbsent(table, (it) -> new LinkedHashMap<>()).put(column.name(), column);
			int position = rs.getInt("key_position");
			if (!rs.wasNull()) {
				keys.computeIfAbsent(table, (it) -> new TreeMap<>()).put(position, column);
			}
		}, oids);
		Map<Long, List<ForeignKey>> referredToBy = new HashMap<>();
		Map<Long, List<ForeignKey>> refersBy = new HashMap<>();
		this.jdbc.query(FOREIGN_KEYS, (rs) -> {
			Map<Long, List<ForeignKey>> side = rs.getBoolean("into_it") ? referredToBy : refersBy;
			side.computeIfAbsent(rs.getLong("root"), (it) -> new ArrayList<>()).add(foreignKey(rs));
		}, oids);
		List<Table> tables = new ArrayList<>();
		for (Relation relation : relations) {
			Table table = new Table(relation.name(), columns.getOrDefault(relation.oid(), Map.of()),
					List.copyOf(keys.getOrDefault(relation.oid(), Map.of()).values()),
					this.ownerships.into(relation.name(), referredToBy.getOrDefault(relation.oid(), List.of()),
							this::findWith),
					this.ownerships.outOf(relation.name(), refersBy.getOrDefault(relation.oid(), List.of()),
							this::findWith),
					relation.partitionOf());
			this.described.put(relation.name(), new Versioned(relation.version(), table));
			tables.add(table);
		}
		return tables;
	}

	private static ForeignKey foreignKey(ResultSet rs) throws SQLException {
		return new ForeignKey(rs.getString(1), new TableName(rs.getString(2), rs.getString(3)),
				List.of((String[]) rs.getArray(9).getArray()), new TableName(rs.getString(4), rs.getString(5)),
				List.of((String[]) rs.getArray(10).getArray()), ForeignKey.Action.of(rs.getString(6)), false);
	}

	private String unknown(TableName name) {
		String schema = name.schema();
		String where = (schema != null) ? "in schema " + SqlIdentifiers.quoteIfNeeded(schema)
				: "on the search path (" + this.jdbc.queryForObject("SHOW search_path", String.class) + ")";
		List<TableName> namesakes = namesakes("lower(c.relname) = lower(?)", name.name());
		String hint = namesakes.isEmpty() ? "Check the name; unquoted names fold to lower case." : "Did you mean %s?"
			.formatted(String.join(" or ", namesakes.stream().limit(5).map(TableName::toString).toList()));
		LiveViews.Declared view = this.liveViews.named(name);
		if (view != null) {
			hint = "It is named as the live view of table %s: make that view, or name the table."
				.formatted(view.table());
		}
		return "There is no table %s %s. %s".formatted(new TableName(null, name.name()), where, hint);
	}

	private record Versioned(String version, Table table) {
	}

	private record Relation(TableName name, String kind, String persistence, long oid, String version,
			@Nullable TableName partitionOf) {

		static Relation from(ResultSet rs, int generation) throws SQLException {
			String root = rs.getString("root_name");
			return new Relation(new TableName(rs.getString("nspname"), rs.getString("relname")),
					rs.getString("relkind"), rs.getString("relpersistence"), rs.getLong("oid"),
					generation + "/" + rs.getString("version"),
					(root != null) ? new TableName(rs.getString("root_schema"), root) : null);
		}

		boolean isTable() {
			return ("r".equals(this.kind) || "p".equals(this.kind)) && !"t".equals(this.persistence);
		}

		boolean isView() {
			return "v".equals(this.kind) && !"t".equals(this.persistence);
		}

		void requireTable() {
			if (isTable()) {
				return;
			}
			if ("t".equals(this.persistence)) {
				throw new UnsupportedTableException(
						"%s is a temporary relation: it ends with the session, so nothing of it can be kept or purged. Delete with plain SQL."
							.formatted(this.name));
			}
			String what = switch (this.kind) {
				case "m" -> "a materialized view";
				case "f" -> "a foreign table";
				default -> "no table";
			};
			throw new UnsupportedTableException(
					"%s is %s. Name the table that holds the rows.".formatted(this.name, what));
		}

	}

}
