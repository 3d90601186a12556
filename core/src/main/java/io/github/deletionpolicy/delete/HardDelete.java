package io.github.deletionpolicy.delete;

import java.util.List;
import java.util.Map;
import java.util.function.Function;

import io.github.deletionpolicy.DeletionRequest;
import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.RestrictedDeletionException;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.CascadePlan.Join;
import io.github.deletionpolicy.catalog.CascadePlan.Path;
import io.github.deletionpolicy.catalog.CascadePlans;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.OperationIds;
import io.github.deletionpolicy.sql.Savepoints;
import io.github.deletionpolicy.sql.Sql;

import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.RowMapper;

/**
 * A hard delete: removes rows at once; the database's own foreign-key actions run. Parts
 * of aggregates are removed before their roots: their foreign keys would refuse that, or
 * leave them behind. Rows are given as a condition on the row {@code t} of their table.
 */
public class HardDelete {

	private final JdbcOperations jdbc;

	private final Catalog catalog;

	private final CascadePlans plans;

	private final DeletionTimeColumns deletionTimes;

	public HardDelete(JdbcOperations jdbc, Catalog catalog, CascadePlans plans, DeletionTimeColumns deletionTimes) {
		this.jdbc = jdbc;
		this.catalog = catalog;
		this.plans = plans;
		this.deletionTimes = deletionTimes;
	}

	public DeletionResult execute(DeletionRequest request, Table table, Sql rows) {
		return result(request, remove(table, rows));
	}

	static DeletionResult result(DeletionRequest request, long rows) {
		return new DeletionResult(OperationIds.next(), request.mode(), request.source(), rows, null, null, Map.of());
	}

	/**
	 * Return whether rows of other tables are removed by name, too.
	 */
	public boolean removesParts(Table table) {
		return !partsOf(table).isEmpty();
	}

	/**
	 * Remove rows.
	 * @return how many
	 * @throws RestrictedDeletionException if a foreign key refuses
	 */
	public int remove(Table table, Sql rows) {
		return remove(table, rows, (delete) -> delete.update(this.jdbc));
	}

	/**
	 * Remove rows and read them back.
	 * @param columns select list of what to read of the row {@code t}
	 * @throws RestrictedDeletionException if a foreign key refuses
	 */
	public <T> List<T> removeReturning(Table table, Sql rows, String columns, RowMapper<T> mapper) {
		return remove(table, rows, (delete) -> delete.add(" RETURNING " + columns).list(this.jdbc, mapper));
	}

	private <T> T remove(Table table, Sql rows, Function<Sql, T> statement) {
		Sql delete = removingParts(table, rows);
		try {
			return statement
				.apply(delete.add("DELETE FROM %s AS t WHERE (".formatted(table.name().toSql())).add(rows).add(")"));
		}
		catch (DataIntegrityViolationException ex) {
			RestrictedDeletionException restricted = new RestrictedDeletionException(
					"A hard delete from %s is refused by a foreign key. %s Delete the rows that refer to it first, or make the key ON DELETE CASCADE."
						.formatted(table.name(), Savepoints.messageOf(ex)));
			restricted.initCause(ex);
			throw restricted;
		}
	}

	/**
	 * Return what the removal of rows cascades to. What keeps a table from being stamped
	 * keeps nobody from removing its rows.
	 */
	CascadePlan planFor(Table table) {
		Column deletionTime = this.deletionTimes.find(table);
		try {
			return this.plans.planFor(table, deletionTime);
		}
		catch (UnsupportedTableException ex) {
			return CascadePlan.alone(table, deletionTime);
		}
	}

	private List<Path> partsOf(Table table) {
		return this.catalog.knowsOwnerships() ? planFor(table).ownedByRoot() : List.of();
	}

	/**
	 * Begin a statement that removes rows with one that removes their parts. The rows are
	 * locked before, so that no part comes in between.
	 * @return the beginning of the statement; empty if they have no parts
	 */
	private Sql removingParts(Table table, Sql rows) {
		List<Path> paths = partsOf(table);
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
