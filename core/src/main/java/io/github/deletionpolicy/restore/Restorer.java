package io.github.deletionpolicy.restore;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import io.github.deletionpolicy.RestoreConflictException;
import io.github.deletionpolicy.RestoreResult;
import io.github.deletionpolicy.SqlIdentifiers;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.UnknownOperationException;
import io.github.deletionpolicy.async.AsyncDeletes;
import io.github.deletionpolicy.catalog.Ancestors;
import io.github.deletionpolicy.catalog.Ancestors.Ascent;
import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.CascadePlan.Node;
import io.github.deletionpolicy.catalog.CascadePlans;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.ForeignKey;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.delete.TreeWalk;
import io.github.deletionpolicy.ledger.OperationIds;
import io.github.deletionpolicy.restore.RestoreRecord.Origin;
import io.github.deletionpolicy.restore.RestoreRecord.Part;
import io.github.deletionpolicy.sql.RefusedException;
import io.github.deletionpolicy.sql.Savepoints;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.JdbcOperations;

/**
 * Makes deleted rows live again, with the dependants that were deleted along with them.
 */
public class Restorer {

	private final JdbcOperations jdbc;

	private final Catalog catalog;

	private final RestoreRecord recorded;

	private final AsyncDeletes asyncDeletes;

	private final CascadePlans plans;

	private final Ancestors ancestors;

	public Restorer(JdbcOperations jdbc, Catalog catalog, RestoreRecord recorded, AsyncDeletes asyncDeletes,
			CascadePlans plans, DeletionTimeColumns deletionTimes) {
		this.jdbc = jdbc;
		this.catalog = catalog;
		this.recorded = recorded;
		this.asyncDeletes = asyncDeletes;
		this.plans = plans;
		this.ancestors = new Ancestors(catalog, deletionTimes);
	}

	/**
	 * Restore what an operation deleted. One that is still at it stops: it would go on
	 * deleting behind the back of who wants the rows back.
	 */
	public Restored restore(UUID operationId) {
		return toSavepoint("operation " + operationId, () -> {
			this.asyncDeletes.stopMarking(operationId);
			Origin origin = this.recorded.lock(operationId);
			if (origin == null) {
				throw new RefusedException(new UnknownOperationException(
						"Nothing is recorded for operation %s: it is unknown, was a hard delete, or is over since longer than deletion-policy.retention."
							.formatted(operationId)));
			}
			if (this.recorded.isPurging(operationId)) {
				throw beyondReturn(origin.table());
			}
			this.recorded.lockChunks(List.of(origin));
			List<Part> parts = this.recorded.parts(operationId);
			RestoreResult result = revive(operationId, parts);
			this.recorded.strikeRevived(operationId, parts, this.catalog::table);
			if (origin.isScheduled() && isPurged(operationId, parts, result)) {
				throw new RestoreConflictException("Operation %s cannot be restored: its rows of %s have been purged."
					.formatted(operationId, origin.table()));
			}
			return new Restored(origin.table(), result);
		});
	}

	/**
	 * When a restore has waited for the purge of trees, what went along with them may
	 * still be in the record.
	 */
	private boolean isPurged(UUID operationId, List<Part> before, RestoreResult result) {
		return result.rows() == 0 && result.cascaded().isEmpty() && before.stream().noneMatch(Part::root)
				&& this.recorded.parts(operationId).isEmpty();
	}

	/**
	 * Restore single rows. The operations that deleted them are locked first, as a
	 * restore of one of them and a purge do it too; then the rows, so that nobody deletes
	 * them anew meanwhile.
	 */
	public Restored restore(Table table, Column deletionTime, Sql rows) {
		CascadePlan plan = this.plans.planFor(table, deletionTime);
		Sql deleted = Sql.of("(").add(rows).add(") AND " + deletionTime.toSql("t") + " IS NOT NULL");
		UUID scratch = OperationIds.next();
		return toSavepoint(table.name().toString(), () -> {
			List<Origin> origins = Savepoints.repeating(this.jdbc, () -> lock(table, deletionTime, deleted, plan));
			collect(scratch, plan, deleted);
			List<Part> parts = this.recorded.parts(scratch);
			parts.stream().filter((part) -> !part.root()).forEach((part) -> requireAtRest(scratch, part, origins));
			RestoreResult result = revive(scratch, parts);
			this.recorded.strikeElsewhere(scratch, parts, origins, this.catalog::table);
			return new Restored(table.name(), result);
		});
	}

	/**
	 * Lock operations, then rows. Who deletes a row between the two does so by an
	 * operation that is not locked, and from which it would not be struck.
	 * @return the operations; {@code null} if that has happened
	 */
	private @Nullable List<Origin> lock(Table table, Column deletionTime, Sql deleted, CascadePlan plan) {
		List<Origin> origins = this.recorded.lockOperationsOf(table, deletionTime, deleted, tablesOf(plan));
		this.recorded.lockChunks(origins);
		this.recorded.requireReadable(origins, table);
		if (this.recorded.isPurging(origins, table, deleted)) {
			throw beyondReturn(table.name());
		}
		Sql.of("SELECT FROM %s AS t WHERE ".formatted(table.name().toSql()))
			.add(deleted)
			.add(" FOR UPDATE OF t")
			.list(this.jdbc, (rs, row) -> true);
		return origins.containsAll(this.recorded.operationsOf(table, deletionTime, deleted, tablesOf(plan))) ? origins
				: null;
	}

	private static Set<TableName> tablesOf(CascadePlan plan) {
		return plan.nodes()
			.stream()
			.filter((node) -> node.deletionTime() != null)
			.map(Node::name)
			.collect(Collectors.toSet());
	}

	/**
	 * A dependant with the token of the row above may have been taken over from others by
	 * an operation of its own, which is then struck like that of the row.
	 */
	private void requireAtRest(UUID scratch, Part part, List<Origin> origins) {
		Table table = this.catalog.table(part.table());
		this.recorded.requireReadable(origins, table);
		Sql collected = Sql.of("EXISTS (SELECT FROM ")
			.add(this.recorded.keys(scratch, part, table))
			.add(" AS s WHERE %s)".formatted(table.keyEquals("t", "s")));
		if (this.recorded.isPurging(origins, table, collected)) {
			throw beyondReturn(table.name());
		}
	}

	/**
	 * Write down the rows and what was deleted along with them, as if an operation had
	 * done it.
	 */
	private void collect(UUID scratch, CascadePlan plan, Sql deleted) {
		Table root = plan.root().table();
		Sql statement = Sql
			.of("WITH RECURSIVE roots AS MATERIALIZED (SELECT %s, %s AS dp_old FROM %s AS t WHERE "
				.formatted(root.selectKey("t"), plan.root().requireDeletionTime().toSql("t"), root.name().toSql()))
			.add(deleted)
			.add("), ")
			.add(TreeWalk.expression(plan, true, (node) -> node.requireDeletionTime().toSql("t") + " = w.dp_old"));
		for (Node node : plan.nodes()) {
			if (node.deletionTime() == null) {
				continue;
			}
			int tableId = this.recorded.idOf(node.table(), node.deletionTime());
			String values = node.table().selectKeyFromText("walk.dp_key");
			if (node.number() == 0) {
				statement.add(", ")
					.add(this.recorded.writing("dp_c", scratch, tableId, node.table(), true,
							"SELECT %s, dp_old FROM roots".formatted(node.table().keyAliases(""))));
				statement.add(", ")
					.add(this.recorded.writing("dp_c0", scratch, tableId, node.table(), false,
							"SELECT %s, dp_old FROM (SELECT dp_key, dp_old FROM walk WHERE dp_node = 0 EXCEPT SELECT %s, dp_old FROM roots) AS walk"
								.formatted(values, node.table().keyAliasesAsText("roots"))));
			}
			else {
				statement.add(", ")
					.add(this.recorded.writing("dp_c" + node.number(), scratch, tableId, node.table(), false,
							"SELECT %s, dp_old FROM walk WHERE dp_node = %d".formatted(values, node.number())));
			}
		}
		statement.add(" SELECT 1").list(this.jdbc, (rs, row) -> true);
	}

	/**
	 * Make rows live: first those that were asked for, then pass by pass those below
	 * which nothing above keeps deleted.
	 */
	private RestoreResult revive(UUID operationId, List<Part> parts) {
		long rows = 0;
		Map<String, Long> cascaded = new HashMap<>();
		for (Part part : parts) {
			if (part.root()) {
				rows += revive(operationId, part, List.of());
			}
		}
		List<Part> dependants = parts.stream().filter((part) -> !part.root()).toList();
		boolean more = true;
		while (more) {
			more = false;
			for (Part part : dependants) {
				int revived = revive(operationId, part, this.ancestors.of(this.catalog.table(part.table())));
				if (revived > 0) {
					cascaded.merge(part.table().toString(), (long) revived, Long::sum);
					more = true;
				}
			}
		}
		parts.stream().filter(Part::root).forEach((part) -> requireLiveAncestors(operationId, part));
		return new RestoreResult(rows, cascaded);
	}

	private int revive(UUID operationId, Part part, List<Ascent> ascents) {
		Table table = this.catalog.table(part.table());
		this.recorded.requireReadable(operationId, part, table);
		Column deletionTime = table.deletionTime(part.deletionTime());
		Sql statement = Sql
			.of("UPDATE %s AS t SET %s = NULL FROM ".formatted(table.name().toSql(), deletionTime.toSql()))
			.add(this.recorded.keys(operationId, part, table))
			.add(" AS d WHERE %s AND %s = d.dp_token".formatted(table.keyEquals("t", "d"), deletionTime.toSql("t")));
		ascents.forEach((ascent) -> statement.add(" AND NOT " + ascent.isBelowDeleted(table)));
		return statement.update(this.jdbc);
	}

	/**
	 * The rows above are locked, so that nobody deletes them before this transaction
	 * ends.
	 */
	private void requireLiveAncestors(UUID operationId, Part part) {
		Table table = this.catalog.table(part.table());
		Column deletionTime = table.deletionTime(part.deletionTime());
		for (ForeignKey key : table.refersBy()) {
			if (key.isCascading() && !orphans(operationId, part, table, deletionTime, key).isEmpty()) {
				throw new RestoreConflictException(
						"Rows of %s cannot come back, and none did: rows of %s to which they belong (foreign key %s) are gone."
							.formatted(table.name(), key.parent(), key.name()));
			}
		}
		for (Ascent ascent : this.ancestors.of(table)) {
			CascadePlan.Join join = ascent.join();
			Sql statement = Sql.of("SELECT %s IS NOT NULL FROM ".formatted(ascent.deletionTime().toSql("dp_a")))
				.add(this.recorded.keys(operationId, part, table))
				.add(" AS d JOIN %s AS t ON %s, %s WHERE %s IS NULL AND %s FOR SHARE OF dp_a".formatted(
						table.name().toSql(), table.keyEquals("t", "d"), join.from(), deletionTime.toSql("t"),
						join.condition()));
			if (statement.list(this.jdbc, (rs, row) -> rs.getBoolean(1)).contains(true)) {
				throw new RestoreConflictException(
						"Rows of %s cannot come back, and none did: rows of %s to which they belong (foreign key %s) are deleted. Restore those first."
							.formatted(table.name(), ascent.top(), ascent.steps().get(0).name()));
			}
		}
	}

	/**
	 * Find rows without a parent. Foreign keys that are not validated, or were off for a
	 * while, leave them behind.
	 */
	private List<Boolean> orphans(UUID operationId, Part part, Table table, Column deletionTime, ForeignKey key) {
		String refers = key.columns()
			.stream()
			.map((column) -> "t.%s IS NOT NULL".formatted(SqlIdentifiers.quote(column)))
			.collect(Collectors.joining(" AND "));
		Sql statement = Sql.of("SELECT true FROM ")
			.add(this.recorded.keys(operationId, part, table))
			.add(" AS d JOIN %s AS t ON %s WHERE %s IS NULL AND %s AND NOT EXISTS (SELECT FROM %s AS p WHERE %s) LIMIT 1"
				.formatted(table.name().toSql(), table.keyEquals("t", "d"), deletionTime.toSql("t"), refers,
						key.parent().toSql(), key.joins("t", "p")));
		return statement.list(this.jdbc, (rs, row) -> true);
	}

	private static RestoreConflictException beyondReturn(TableName table) {
		return new RestoreConflictException(
				"Rows of %s cannot come back: their purge has begun and is past the point of no return. What else the operation deleted can be restored by row."
					.formatted(table));
	}

	private Restored toSavepoint(String what, Supplier<Restored> work) {
		return Savepoints.refusing(this.jdbc, RestoreConflictException.class, () -> {
			try {
				return work.get();
			}
			catch (DataIntegrityViolationException ex) {
				RestoreConflictException conflict = new RestoreConflictException(
						"Rows of %s cannot come back, and none did. %s Change or delete the live row first, or restore other rows by id."
							.formatted(what, Savepoints.messageOf(ex)));
				conflict.initCause(ex);
				throw conflict;
			}
		});
	}

	/**
	 * What came back.
	 *
	 * @param table the table of the rows that were asked for
	 * @param result how many rows
	 */
	public record Restored(TableName table, RestoreResult result) {
	}

}
