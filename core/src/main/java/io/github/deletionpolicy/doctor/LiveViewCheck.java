package io.github.deletionpolicy.doctor;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.github.deletionpolicy.SqlIdentifiers;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.LiveViews;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Checks live views: each has to be there, to select from the table of its policy, to
 * hide deleted rows, and to take inserts, updates and deletes by itself.
 *
 * @param jdbc runs the queries
 * @since 0.1
 */
public record LiveViewCheck(JdbcOperations jdbc) implements Check {

	/**
	 * A view without a schema is looked for beside its table first. By the search path it
	 * counts only if it is over that table: another tenant may have one of that name.
	 */
	private static final String VIEW = """
			SELECT n.nspname, c.relname, c.relkind::text, c.oid, array_to_string(c.reloptions, ', ') AS options,
				CASE WHEN c.relkind = 'v' THEN pg_catalog.pg_get_viewdef(c.oid) END AS definition,
				pg_catalog.pg_relation_is_updatable(c.oid, false) AS updatable
			FROM unnest(CAST(? AS text[])) WITH ORDINALITY AS q (name, position)
			JOIN pg_catalog.pg_class c ON c.oid = CAST(to_regclass(q.name) AS oid)
			JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
			WHERE q.position = 1 OR EXISTS (
				SELECT FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend d
				ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
				AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = CAST(to_regclass(?) AS oid)
				WHERE r.ev_class = c.oid)
			ORDER BY q.position LIMIT 1""";

	/**
	 * Which columns the view passes through as they are.
	 */
	private static final String COLUMNS = """
			SELECT v.attname, coalesce(t.atttypid = v.atttypid AND t.atttypmod = v.atttypmod
				AND t.attcollation = v.attcollation
				AND pg_catalog.pg_column_is_updatable(v.attrelid, v.attnum, false), false) AS plain
			FROM pg_catalog.pg_attribute v
			LEFT JOIN pg_catalog.pg_attribute t ON t.attrelid = CAST(to_regclass(?) AS oid) AND t.attname = v.attname
				AND t.attnum > 0 AND NOT t.attisdropped
			WHERE v.attrelid = ? AND v.attnum > 0 AND NOT v.attisdropped
			ORDER BY v.attnum""";

	private static final Map<String, Integer> EVENTS = Map.of("UPDATE", 1 << 2, "INSERT", 1 << 3, "DELETE", 1 << 4);

	@Override
	public void check(ReachedTable reached, Consumer<Finding> findings) {
		if (reached.policy() == null || reached.named() == null) {
			return;
		}
		TableName liveView = LiveViews.of(reached.policy());
		Column deletionTime = reached.table().find(reached.named());
		if (liveView != null && deletionTime != null) {
			check(liveView, reached.table(), deletionTime).forEach(findings);
		}
	}

	/**
	 * Check a live view.
	 * @param liveView the view as its policy names it
	 * @param table the table of that policy
	 * @param deletionTime the column of the table that carries the deletion time
	 * @return what is wrong; empty if nothing is
	 */
	public List<Finding> check(TableName liveView, Table table, Column deletionTime) {
		TableName home = (liveView.schema() != null) ? liveView : new TableName(table.name().schema(), liveView.name());
		Object names = new String[] { home.toSql(), liveView.toSql() };
		View view = Sql.of(VIEW, names, table.name().toSql()).first(this.jdbc, (rs, row) -> View.from(rs));
		String create = "CREATE VIEW %s AS SELECT * FROM %s WHERE %s IS NULL;".formatted(home, table.name(),
				SqlIdentifiers.quoteIfNeeded(deletionTime.name()));
		if (view == null) {
			return List.of(finding(FindingCode.LIVE_VIEW_MISSING, home, table,
					"does not exist, so a class that is mapped to it can neither be read nor saved", create));
		}
		if (!"v".equals(view.kind())) {
			return List.of(noView(view, table, create));
		}
		List<String> refused = view.refused();
		if (!refused.isEmpty()) {
			return List.of(finding(FindingCode.LIVE_VIEW_NOT_UPDATABLE, view.name(), table, "takes no "
					+ String.join(" and no ", refused)
					+ ", so a class that is mapped to it cannot be saved. PostgreSQL passes those through only where a "
					+ "view is a plain SELECT from one table", replaced(view, create)));
		}
		ViewDefinition definition = ViewDefinition.parse(view.definition());
		if (definition == null || !selectsFrom(definition, table)) {
			return List.of(finding(FindingCode.LIVE_VIEW_OF_OTHER_TABLE, view.name(), table,
					"does not select from that table but from " + ((definition != null) ? definition.from() : "none")
							+ ", so a class that is mapped to it reads and saves rows of another table, and a delete "
							+ "through it cannot apply to " + table.name(),
					replaced(view, create)));
		}
		return checkRows(view, definition, table, deletionTime);
	}

	private List<Finding> checkRows(View view, ViewDefinition definition, Table table, Column deletionTime) {
		Map<String, Boolean> columns = columns(view, table);
		String fixed = fixed(view, definition, table, deletionTime, columns);
		List<Finding> findings = new ArrayList<>();
		if (!definition.requiresNull(deletionTime.name())) {
			findings.add(finding(FindingCode.LIVE_VIEW_SHOWS_DELETED, view.name(), table,
					"shows deleted rows too, so every finder of a class that is mapped to it finds them: "
							+ SqlIdentifiers.quoteIfNeeded(deletionTime.name())
							+ " IS NULL is not a condition of the view"
							+ ((definition.where() != null) ? ", whose WHERE is " + definition.where() : ""),
					fixed));
		}
		List<Column> missing = table.columns()
			.values()
			.stream()
			.filter((column) -> !columns.getOrDefault(column.name(), false) && !column.equals(deletionTime))
			.toList();
		List<Column> missingOfKey = missing.stream().filter(table.key()::contains).toList();
		if (!missingOfKey.isEmpty()) {
			findings.add(finding(FindingCode.LIVE_VIEW_LACKS_KEY, view.name(), table,
					"does not pass on %s of the primary key, so its rows cannot be identified, found by id or saved"
						.formatted(listed(missingOfKey)),
					fixed));
		}
		else if (!missing.isEmpty()) {
			findings.add(finding(FindingCode.LIVE_VIEW_LACKS_COLUMN, view.name(), table,
					"does not pass on %s, so a class that is mapped to it cannot have a property for that. A view keeps the columns that its table had when it was created"
						.formatted(listed(missing)),
					fixed));
		}
		if (definition.hidesLiveRows(deletionTime.name())) {
			findings.add(finding(FindingCode.LIVE_VIEW_FURTHER_CONDITIONS, view.name(), table,
					"hides more than deleted rows, as it requires %s. A delete or restore through it applies to the table, so all() and where(…) reach rows that it hides; write the condition in where(…), or use a live view without it"
						.formatted(definition.where()),
					null));
		}
		return findings;
	}

	private static Finding noView(View view, Table table, String create) {
		if ("m".equals(view.kind())) {
			return finding(FindingCode.LIVE_VIEW_NO_VIEW, view.name(), table,
					"is a materialized view, so it still shows rows that were deleted since it was refreshed, and nothing can be saved through it",
					"DROP MATERIALIZED VIEW %s; %s".formatted(view.name(), create));
		}
		return finding(FindingCode.LIVE_VIEW_NO_VIEW, view.name(), table,
				"is not a view, so what is saved there is not a row of that table, and a delete from it does not follow the policy",
				"ALTER TABLE %s RENAME TO %s; %s".formatted(view.name(),
						SqlIdentifiers.quoteIfNeeded(view.name().name() + "_old"), create));
	}

	private boolean selectsFrom(ViewDefinition definition, Table table) {
		String from = definition.relation();
		return from != null && !Sql
			.of("SELECT 1 WHERE CAST(to_regclass(?) AS oid) = CAST(to_regclass(?) AS oid)", from, table.name().toSql())
			.list(this.jdbc, (rs, row) -> true)
			.isEmpty();
	}

	private Map<String, Boolean> columns(View view, Table table) {
		Map<String, Boolean> columns = new LinkedHashMap<>();
		Sql.of(COLUMNS, table.name().toSql(), view.oid())
			.list(this.jdbc, (rs, row) -> columns.put(rs.getString("attname"), rs.getBoolean("plain")));
		return columns;
	}

	/**
	 * The database replaces a view only by one that begins with the same columns.
	 */
	private static String fixed(View view, ViewDefinition definition, Table table, Column deletionTime,
			Map<String, Boolean> columns) {
		String with = (view.options() != null) ? " WITH (" + view.options() + ")" : "";
		String source = definition.requiringNull(table.name(), deletionTime.name());
		List<String> all = List.copyOf(table.columns().keySet());
		if (columns.containsValue(false)) {
			return "DROP VIEW %1$s; CREATE VIEW %1$s%2$s AS SELECT * %3$s;".formatted(view.name(), with, source);
		}
		List<String> selected = new ArrayList<>(columns.keySet());
		all.stream().filter((name) -> !columns.containsKey(name)).forEach(selected::add);
		String list = selected.equals(all) ? "*" : Check.listed(selected);
		return "CREATE OR REPLACE VIEW %s%s AS SELECT %s %s;".formatted(view.name(), with, list, source);
	}

	private static String replaced(View view, String create) {
		return "DROP VIEW %s; %s".formatted(view.name(), create);
	}

	private static String listed(List<Column> columns) {
		return ((columns.size() == 1) ? "column " : "columns ")
				+ Check.listed(columns.stream().map(Column::name).toList());
	}

	private static Finding finding(FindingCode code, TableName view, Table table, String complaint,
			@Nullable String ddl) {
		return new Finding(table.name(), code, "Live view %s of table %s %s.".formatted(view, table.name(), complaint),
				ddl);
	}

	/**
	 * What the catalog says of the relation that is named as the live view.
	 */
	private record View(TableName name, String kind, long oid, @Nullable String options, String definition,
			int updatable) {

		static View from(ResultSet rs) throws SQLException {
			return new View(new TableName(rs.getString("nspname"), rs.getString("relname")), rs.getString("relkind"),
					rs.getLong("oid"), rs.getString("options"),
					Objects.requireNonNullElse(rs.getString("definition"), ""), rs.getInt("updatable"));
		}

		List<String> refused() {
			return Stream.of("INSERT", "UPDATE", "DELETE")
				.filter((event) -> (this.updatable & EVENTS.getOrDefault(event, 0)) == 0)
				.toList();
		}

	}

}
