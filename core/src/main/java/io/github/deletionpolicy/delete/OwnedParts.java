package io.github.deletionpolicy.delete;

import java.util.List;

import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.CascadePlan.Join;
import io.github.deletionpolicy.catalog.CascadePlan.Path;
import io.github.deletionpolicy.catalog.CascadePlans;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.sql.Sql;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Removes the parts of aggregates whose roots are removed: their foreign keys would
 * refuse it, or leave them behind.
 */
public class OwnedParts {

	private final JdbcOperations jdbc;

	private final Catalog catalog;

	private final CascadePlans plans;

	private final DeletionTimeColumns deletionTimes;

	public OwnedParts(JdbcOperations jdbc, Catalog catalog, CascadePlans plans, DeletionTimeColumns deletionTimes) {
		this.jdbc = jdbc;
		this.catalog = catalog;
		this.plans = plans;
		this.deletionTimes = deletionTimes;
	}

	/**
	 * Return what rows take along when they are removed. What keeps a table from being
	 * marked keeps nobody from removing its rows.
	 */
	public CascadePlan planFor(Table table) {
		Column deletionTime = this.deletionTimes.find(table);
		try {
			return this.plans.planFor(table, deletionTime);
		}
		catch (UnsupportedTableException ex) {
			return CascadePlan.alone(table, deletionTime);
		}
	}

	/**
	 * Return whether rows of a table have parts in others.
	 */
	public boolean areThere(Table table) {
		return !paths(table).isEmpty();
	}

	private List<Path> paths(Table table) {
		return this.catalog.knowsOwnerships() ? planFor(table).ownedByRoot() : List.of();
	}

	/**
	 * Begin a statement that removes rows with one that removes their parts. The rows are
	 * locked before, so that no part comes in between.
	 * @param table the table of the rows
	 * @param rows the condition on a row {@code t}
	 * @return the beginning of the statement, in which the rows themselves are still to
	 * be removed; empty if they have no parts
	 */
	public Sql removedAhead(Table table, Sql rows) {
		List<Path> paths = paths(table);
		if (paths.isEmpty()) {
			return Sql.of("");
		}
		String name = table.name().toSql();
		Sql.of("SELECT count(*) FROM (SELECT FROM %s AS t WHERE (".formatted(name))
			.add(rows)
			.add(") FOR UPDATE OF t) AS locked")
			.list(this.jdbc, (rs, row) -> true);
		Sql statement = Sql
			.of("WITH dp_roots AS MATERIALIZED (SELECT %s FROM %s AS t WHERE (".formatted(table.selectKey("t"), name))
			.add(rows)
			.add("))");
		for (int i = 0; i < paths.size(); i++) {
			Path path = paths.get(i);
			Join join = path.join("d", "t");
			statement.add(", dp_o%d AS (DELETE FROM %s AS t USING dp_roots AS d%s WHERE %s)".formatted(i,
					path.end().name().toSql(), join.from(), join.condition()));
		}
		return statement.add(" ");
	}

}
