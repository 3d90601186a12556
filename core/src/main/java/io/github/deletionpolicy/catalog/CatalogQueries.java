package io.github.deletionpolicy.catalog;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Asks PostgreSQL's catalog: which relations names mean, and how their tables are made.
 */
record CatalogQueries(JdbcOperations jdbc) {

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
	 * One name has a statement of its own: with an array the server plans it again each
	 * time, which takes longer than all the rest.
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
			SELECT con.conname, cn.nspname, c.relname, pn.nspname, p.relname,
				CASE con.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'r' THEN 'RESTRICT' WHEN 'n' THEN 'SET_NULL'
					WHEN 'd' THEN 'SET_DEFAULT' ELSE 'NO_ACTION' END, found.root, found.into_it,
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

	/**
	 * Find what a name means for this connection.
	 */
	@Nullable Relation resolve(TableName name) {
		return relations(Sql.of(ONE, name.toSql())).stream().findFirst().orElse(null);
	}

	List<Relation> resolve(Collection<TableName> names) {
		return names.isEmpty() ? List.of()
				: relations(Sql.of(SEVERAL, (Object) names.stream().map(TableName::toSql).toArray(String[]::new)));
	}

	/**
	 * Find the relations of names with a schema, whatever this connection may see.
	 */
	List<Relation> qualified(Collection<TableName> names) {
		Object schemas = names.stream().map(TableName::schema).toArray(String[]::new);
		Object tables = names.stream().map(TableName::name).toArray(String[]::new);
		return names.isEmpty() ? List.of() : relations(Sql.of(QUALIFIED, schemas, tables));
	}

	List<Relation> belowView(Relation view) {
		return relations(Sql.of(BELOW_VIEW, view.oid()));
	}

	private List<Relation> relations(Sql query) {
		return query.list(this.jdbc, (rs, row) -> {
			String root = rs.getString("root_name");
			return new Relation(new TableName(rs.getString("nspname"), rs.getString("relname")),
					rs.getString("relkind"), rs.getString("relpersistence"), rs.getLong("oid"), rs.getString("version"),
					(root != null) ? new TableName(rs.getString("root_schema"), root) : null);
		});
	}

	/**
	 * Return whether a name means a relation that has all of these columns.
	 */
	boolean hasColumns(TableName name, List<String> columns) {
		Integer found = this.jdbc.queryForObject("""
				SELECT count(*) FROM pg_catalog.pg_attribute
				WHERE attrelid = to_regclass(?) AND attname = ANY(?) AND NOT attisdropped""", Integer.class,
				name.toSql(), columns.toArray(String[]::new));
		return found != null && found == columns.size();
	}

	/**
	 * Find tables in all schemas, on the search path or not.
	 * @param condition the condition on the relation {@code c}
	 */
	List<TableName> tables(Sql condition) {
		return Sql.of("""
				SELECT n.nspname, c.relname FROM pg_catalog.pg_class c
				JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
				WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\\_%'""")
			.add(" AND ")
			.add(condition)
			.add(" ORDER BY n.nspname, c.relname")
			.list(this.jdbc, (rs, row) -> new TableName(rs.getString(1), rs.getString(2)));
	}

	@Nullable String searchPath() {
		return this.jdbc.queryForObject("SHOW search_path", String.class);
	}

	/**
	 * Describe tables in two round trips.
	 */
	List<Table> describe(List<Relation> relations) {
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
		return relations.stream()
			.map((relation) -> new Table(relation.name(), columns.getOrDefault(relation.oid(), Map.of()),
					List.copyOf(keys.getOrDefault(relation.oid(), Map.of()).values()),
					referredToBy.getOrDefault(relation.oid(), List.of()),
					refersBy.getOrDefault(relation.oid(), List.of()), relation.partitionOf()))
			.toList();
	}

	private static ForeignKey foreignKey(ResultSet rs) throws SQLException {
		return new ForeignKey(rs.getString(1), new TableName(rs.getString(2), rs.getString(3)),
				List.of((String[]) rs.getArray(9).getArray()), new TableName(rs.getString(4), rs.getString(5)),
				List.of((String[]) rs.getArray(10).getArray()), ForeignKey.Action.valueOf(rs.getString(6)), false);
	}

}
