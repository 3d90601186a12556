package io.github.deletionpolicy.doctor;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.catalog.ForeignKey;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * What the doctor asks the catalog about, for all tables at once: rights, indexes,
 * triggers and foreign keys, of partitions too.
 */
class CatalogFacts {

	private static final String TABLES = """
			SELECT c.oid, n.nspname, c.relname, c.relkind = 'p' AS partitioned, current_user AS role,
				has_schema_privilege(n.oid, 'USAGE') AS may_use, has_any_column_privilege(c.oid, 'SELECT') AS may_select_some,
				ARRAY(SELECT p FROM unnest(CAST('{SELECT,INSERT,UPDATE,DELETE}' AS text[])) p
					WHERE has_table_privilege(c.oid, p)) AS rights,
				ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0
					AND NOT a.attisdropped AND has_column_privilege(c.oid, a.attnum, 'UPDATE')) AS updatable,
				c.relrowsecurity AND row_security_active(c.oid) AS hides_rows, pg_has_role(c.relowner, 'USAGE') AS owner,
				(SELECT array_agg(a.attname::text ORDER BY k.position)
					FROM pg_catalog.pg_partitioned_table pt CROSS JOIN unnest(pt.partattrs::int2[]) WITH ORDINALITY k (attnum, position)
					LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = pt.partrelid AND a.attnum = k.attnum
					WHERE pt.partrelid = c.oid) AS partition_key
			FROM unnest(CAST(? AS text[]), CAST(? AS text[])) AS q (schema, name)
			JOIN pg_catalog.pg_namespace n ON n.nspname = q.schema
			JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = q.name AND c.relkind IN ('r', 'p')""";

	private static final String TREE = """
			WITH asked AS (SELECT unnest(CAST(? AS oid[])) AS root),
			tree AS (
				SELECT root, root AS oid FROM asked
				UNION SELECT root, p.relid FROM asked, pg_catalog.pg_partition_tree(CAST(root AS regclass)) p)
			""";

	/**
	 * An index of a partition that repeats one of the whole table is left out. Whether
	 * nulls are distinct was no question before PostgreSQL 15.
	 */
	private static final String INDEXES = TREE
			+ """
					SELECT t.root, n.nspname, c.relname, x.relname AS index, m.amname, i.indisvalid, i.indisprimary,
						i.indisunique OR i.indisexclusion AS exclusive,
						coalesce(CAST(to_jsonb(i) ->> 'indnullsnotdistinct' AS boolean), false) AS nulls_not_distinct,
						ARRAY(SELECT coalesce(a.attname::text, '') FROM unnest(i.indkey::int2[]) WITH ORDINALITY k (attnum, position)
							LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
							WHERE k.position <= i.indnkeyatts ORDER BY k.position) AS columns,
						pg_catalog.pg_get_expr(i.indpred, i.indrelid) AS predicate, con.conname,
						CASE WHEN i.indisexclusion THEN pg_catalog.pg_get_constraintdef(con.oid) END AS exclusion,
						CASE WHEN i.indisunique THEN substr(pg_catalog.pg_get_indexdef(i.indexrelid),
							length('CREATE UNIQUE INDEX ' || quote_ident(x.relname)) + 1) END AS definition,
						EXISTS (SELECT FROM pg_catalog.pg_constraint f WHERE f.contype = 'f' AND f.conindid = i.indexrelid) AS referred_to
					FROM tree t JOIN pg_catalog.pg_index i ON i.indrelid = t.oid
					JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
					JOIN pg_catalog.pg_am m ON m.oid = x.relam
					JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
					JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
					LEFT JOIN pg_catalog.pg_constraint con ON con.conindid = i.indexrelid AND con.conrelid = i.indrelid
						AND con.contype IN ('p', 'u', 'x')
					WHERE i.indislive AND NOT (t.oid <> t.root AND x.relispartition)
					ORDER BY t.root, n.nspname, c.relname, x.relname""";

	private static final String TRIGGERS = TREE
			+ """
					SELECT t.root, n.nspname, c.relname, g.tgname, (g.tgtype & 2) <> 0 AS before, (g.tgtype & 8) <> 0 AS on_delete,
						(g.tgtype & 16) <> 0 AS on_update, l.lanname, p.prosrc,
						ARRAY(SELECT a.attname::text FROM unnest(g.tgattr::int2[]) k (attnum)
							JOIN pg_catalog.pg_attribute a ON a.attrelid = g.tgrelid AND a.attnum = k.attnum) AS columns
					FROM tree t JOIN pg_catalog.pg_trigger g ON g.tgrelid = t.oid
					JOIN pg_catalog.pg_class c ON c.oid = g.tgrelid
					JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
					JOIN pg_catalog.pg_proc p ON p.oid = g.tgfoid
					JOIN pg_catalog.pg_language l ON l.oid = p.prolang
					WHERE NOT g.tgisinternal AND g.tgparentid = 0 AND g.tgenabled IN ('O', 'A') AND (g.tgtype & 1) <> 0
						AND (g.tgtype & 24) <> 0
					ORDER BY t.root, n.nspname, c.relname, g.tgname""";

	private static final String FOREIGN_KEYS = TREE + """
			SELECT DISTINCT n.nspname, c.relname, con.conname,
				CASE con.confupdtype WHEN 'r' THEN ' ON UPDATE RESTRICT' WHEN 'c' THEN ' ON UPDATE CASCADE'
					WHEN 'n' THEN ' ON UPDATE SET NULL' WHEN 'd' THEN ' ON UPDATE SET DEFAULT' ELSE '' END
				|| CASE WHEN con.condeferred THEN ' DEFERRABLE INITIALLY DEFERRED'
					WHEN con.condeferrable THEN ' DEFERRABLE' ELSE '' END
			FROM tree t JOIN pg_catalog.pg_constraint con ON con.contype = 'f' AND con.confrelid = t.oid
			JOIN pg_catalog.pg_class c ON c.oid = con.conrelid
			JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace""";

	private final Map<TableName, TableFacts> tables = new HashMap<>();

	private final Map<TableName, List<Index>> indexes = new HashMap<>();

	private final Map<TableName, List<Trigger>> triggers = new HashMap<>();

	private final Map<List<Object>, String> keyClauses = new HashMap<>();

	/**
	 * Ask about tables.
	 * @param jdbc runs the queries
	 * @param names the tables with their schemas
	 */
	CatalogFacts(JdbcOperations jdbc, Collection<TableName> names) {
		if (names.isEmpty()) {
			return;
		}
		Map<Long, TableName> roots = new HashMap<>();
		Object schemas = names.stream().map(TableName::schema).toArray(String[]::new);
		Object tableNames = names.stream().map(TableName::name).toArray(String[]::new);
		Sql.of(TABLES, schemas, tableNames).list(jdbc, (rs, row) -> {
			TableName name = new TableName(rs.getString("nspname"), rs.getString("relname"));
			roots.put(rs.getLong("oid"), name);
			return this.tables.put(name, TableFacts.from(rs));
		});
		Object oids = roots.keySet().toArray(Long[]::new);
		Sql.of(INDEXES, oids).list(jdbc, (rs, row) -> add(this.indexes, roots, rs, Index.from(rs)));
		Sql.of(TRIGGERS, oids).list(jdbc, (rs, row) -> add(this.triggers, roots, rs, Trigger.from(rs)));
		Sql.of(FOREIGN_KEYS, oids)
			.list(jdbc, (rs, row) -> this.keyClauses
				.put(List.of(new TableName(rs.getString(1), rs.getString(2)), rs.getString(3)), rs.getString(4)));
	}

	private static <T> boolean add(Map<TableName, List<T>> map, Map<Long, TableName> roots, ResultSet rs, T found)
			throws SQLException {
		TableName root = roots.get(rs.getLong("root"));
		return root != null && map.computeIfAbsent(root, (it) -> new ArrayList<>()).add(found);
	}

	@Nullable TableFacts of(TableName table) {
		return this.tables.get(table);
	}

	List<Index> indexesOf(TableName table) {
		return this.indexes.getOrDefault(table, List.of());
	}

	List<Trigger> triggersOf(TableName table) {
		return this.triggers.getOrDefault(table, List.of());
	}

	/**
	 * Return what follows {@code ON DELETE} in the definition of a key.
	 * @param key the key
	 * @return the clauses, each with a space before; {@code null} if the catalog has no
	 * such key, but a mapping says so
	 */
	@Nullable String clausesOf(ForeignKey key) {
		return this.keyClauses.get(List.<Object>of(key.child(), key.name()));
	}

	private static List<String> list(@Nullable Array array) throws SQLException {
		return (array != null) ? Arrays.asList((String[]) array.getArray()) : Collections.emptyList();
	}

	/**
	 * A table, and what the current role may do there.
	 */
	record TableFacts(boolean partitioned, List<@Nullable String> partitionKey, String role, boolean mayUse,
			boolean maySelectSome, List<String> rights, List<String> updatable, boolean hidesRows, boolean owner) {

		private static TableFacts from(ResultSet rs) throws SQLException {
			return new TableFacts(rs.getBoolean("partitioned"), list(rs.getArray("partition_key")),
					rs.getString("role"), rs.getBoolean("may_use"), rs.getBoolean("may_select_some"),
					list(rs.getArray("rights")), list(rs.getArray("updatable")), rs.getBoolean("hides_rows"),
					rs.getBoolean("owner"));
		}

		boolean may(String right) {
			return this.rights.contains(right);
		}

		boolean mayAnything() {
			return this.mayUse && (this.maySelectSome || may("DELETE") || !this.updatable.isEmpty());
		}

	}

	/**
	 * An index.
	 *
	 * @param columns its columns; empty text for an expression
	 * @param exclusive whether it keeps rows out
	 * @param predicate its condition
	 * @param constraint the constraint that it stands for
	 * @param exclusion the definition of an exclusion constraint
	 * @param definition what follows the name in the definition of a unique index
	 */
	record Index(TableName table, String name, String method, boolean valid, boolean primary, boolean exclusive,
			boolean nullsNotDistinct, List<String> columns, @Nullable String predicate, @Nullable String constraint,
			@Nullable String exclusion, @Nullable String definition, boolean referredTo) {

		private static Index from(ResultSet rs) throws SQLException {
			return new Index(new TableName(rs.getString("nspname"), rs.getString("relname")), rs.getString("index"),
					rs.getString("amname"), rs.getBoolean("indisvalid"), rs.getBoolean("indisprimary"),
					rs.getBoolean("exclusive"), rs.getBoolean("nulls_not_distinct"), list(rs.getArray("columns")),
					rs.getString("predicate"), rs.getString("conname"), rs.getString("exclusion"),
					rs.getString("definition"), rs.getBoolean("referred_to"));
		}

	}

	/**
	 * A row trigger on deletes or updates.
	 *
	 * @param columns the columns whose update it runs on; empty for all
	 */
	record Trigger(TableName table, String name, boolean before, boolean onDelete, boolean onUpdate, String language,
			String source, List<String> columns) {

		private static Trigger from(ResultSet rs) throws SQLException {
			return new Trigger(new TableName(rs.getString("nspname"), rs.getString("relname")), rs.getString("tgname"),
					rs.getBoolean("before"), rs.getBoolean("on_delete"), rs.getBoolean("on_update"),
					rs.getString("lanname"), rs.getString("prosrc"), list(rs.getArray("columns")));
		}

	}

}
