package io.github.deletionpolicy.restore;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.DeletionRequest.Selection;
import io.github.deletionpolicy.RestoreConflictException;
import io.github.deletionpolicy.RestoreResult;
import io.github.deletionpolicy.RowsRestoredEvent;
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
import io.github.deletionpolicy.catalog.RowSecurity;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.delete.TreeWalk;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.ledger.OperationIds;
import io.github.deletionpolicy.restore.RestoreRecord.Origin;
import io.github.deletionpolicy.restore.RestoreRecord.Part;
import io.github.deletionpolicy.rows.SelectedRows;
import io.github.deletionpolicy.sql.RefusedException;
import io.github.deletionpolicy.sql.Savepoints;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.JdbcOperations;

/**
 * Makes deleted rows live again, with the dependants that the same delete cascaded to.
 */
public class Restorer {

	private final JdbcOperations jdbc;

	private final Catalog catalog;

	private final RestoreRecord recorded;

	private final AsyncDeletes asyncDeletes;

	private final CascadePlans plans;

	private final Ancestors ancestors;

	private final DeletionTimeColumns deletionTimes;

	private final SelectedRows selected;

	public Restorer(JdbcOperations jdbc, LedgerTables ledger, Catalog catalog, CascadePlans plans,
			DeletionTimeColumns deletionTimes, SelectedRows selected, AsyncDeletes asyncDeletes) {
		this.jdbc = jdbc;
		this.catalog = catalog;
		this.recorded = new RestoreRecord(jdbc, ledger);
		this.asyncDeletes = asyncDeletes;
		this.plans = plans;
		this.deletionTimes = deletionTimes;
		this.selected = selected;
		this.ancestors = new Ancestors(catalog, deletionTimes);
	}

	/**
	 * Restore what an operation deleted. An asynchronous one that is still at work stops,
	 * or it would delete the rows again.
	 */
	public RowsRestoredEvent restore(UUID operationId) {
		return toSavepoint("operation " + operationId, () -> {
			boolean stopped = this.asyncDeletes.stopMarking(operationId);
			Origin origin = this.recorded.lock(operationId);
			if (origin == null) {
				throw new RefusedException(new UnknownOperationException(
						"Nothing is recorded for operation %s: it is unknown, was a hard delete, or ended longer ago than deletion-policy.retention."
							.formatted(operationId)));
			}
			if (this.recorded.isPurging(operationId)) {
				throw beyondReturn(origin.table());
			}
			this.recorded.lockChunks(List.of(operationId));
			List<Part> parts = this.recorded.parts(operationId, this.catalog::table);
			parts.forEach((part) -> this.recorded.requireReadable(List.of(operationId), part.table()));
			RestoreResult result = revive(parts);
			this.recorded.strikeRestored(operationId, parts);
			if (stopped || isNothing(result)) {
				requireVisible(operationId, origin.table(), parts);
			}
			if (origin.isScheduled() && isPurged(operationId, parts, result)) {
				throw new RestoreConflictException("Operation %s cannot be restored: its rows of %s have been purged."
					.formatted(operationId, origin.table()));
			}
			return new RowsRestoredEvent(origin.table().toString(), operationId, result);
		});
	}

	/**
	 * When a restore has waited for the purge of trees, their dependants may still be in
	 * the record.
	 */
	private boolean isPurged(UUID operationId, List<Part> before, RestoreResult result) {
		return isNothing(result) && before.stream().noneMatch(Part::root)
				&& this.recorded.withKeys(List.of(operationId)).isEmpty();
	}

	private static boolean isNothing(RestoreResult result) {
		return result.rows() == 0 && result.cascaded().isEmpty();
	}

	/**
	 * Refuse to stop a delete for all, and to restore nothing without a word, where the
	 * rest may only be hidden from the caller.
	 */
	private void requireVisible(UUID operationId, TableName root, List<Part> parts) {
		List<TableName> tables = Stream.concat(Stream.of(root), parts.stream().map((part) -> part.table().name()))
			.distinct()
			.toList();
		TableName hiding = RowSecurity.findHiding(this.jdbc, tables);
		if (hiding != null) {
			throw new RestoreConflictException(
					"Operation %s cannot be restored here, and nothing was: row-level security of table %s may hide rows of it. Restore it with a role, or a tenant, that sees them."
						.formatted(operationId, hiding));
		}
	}

	/**
	 * Restore single rows. The operations that deleted them are locked first, as a
	 * restore of one of them and a purge do it too; then the rows, so that nobody deletes
	 * them again meanwhile.
	 */
	public RowsRestoredEvent restore(Table table, DeletionPolicy policy, Selection selection) {
		table.recordableKey();
		Column deletionTime = this.deletionTimes.of(policy, table);
		Sql deleted = Sql.of("(")
			.add(this.selected.condition(selection, table).on(table))
			.add(") AND " + deletionTime.toSql("t") + " IS NOT NULL");
		CascadePlan plan = this.plans.planFor(table, deletionTime);
		UUID scratch = OperationIds.next();
		return toSavepoint(table.name().toString(), () -> {
			List<UUID> operations = Savepoints.repeating(this.jdbc, () -> lock(table, deletionTime, deleted, plan));
			collect(scratch, plan, deleted);
			List<Part> parts = this.recorded.parts(scratch, this.catalog::table);
			parts.stream().filter((part) -> !part.root()).forEach((part) -> requireAtRest(part, operations));
			RestoreResult result = revive(parts);
			this.recorded.strikeElsewhere(scratch, parts, operations);
			return new RowsRestoredEvent(table.name().toString(), null, result);
		});
	}

	/**
	 * Lock operations, then rows. Who deletes a row between the two does so by an
	 * operation that is not locked, and from which it would not be struck.
	 * @return the operations; {@code null} if that has happened
	 */
	private @Nullable List<UUID> lock(Table table, Column deletionTime, Sql deleted, CascadePlan plan) {
		List<TableName> tables = plan.nodes()
			.stream()
			.filter((node) -> node.deletionTime() != null)
			.map(Node::name)
			.toList();
		List<Origin> origins = this.recorded.operationsOf(table, deletionTime, deleted, tables, true);
		List<UUID> operations = origins.stream().map(Origin::operationId).toList();
		this.recorded.lockChunks(operations);
		this.recorded.requireReadable(operations, table);
		if (this.recorded.isPurging(operations, table, deleted)) {
			throw beyondReturn(table.name());
		}
		Sql.of("SELECT FROM %s AS t WHERE ".formatted(table.name().toSql()))
			.add(deleted)
			.add(" FOR UPDATE OF t")
			.list(this.jdbc, (rs, row) -> true);
		return origins.containsAll(this.recorded.operationsOf(table, deletionTime, deleted, tables, false)) ? operations
				: null;
	}

	/**
	 * A dependant with the token of the row above may have been taken over from others by
	 * an operation of its own, which is then struck like that of the row.
	 */
	private void requireAtRest(Part part, List<UUID> operations) {
		Table table = part.table();
		this.recorded.requireReadable(operations, table);
		Sql collected = Sql.of("EXISTS (SELECT FROM ")
			.add(this.recorded.keys(part))
			.add(" AS s WHERE %s)".formatted(table.keyEquals("t", "s")));
		if (this.recorded.isPurging(operations, table, collected)) {
			throw beyondReturn(table.name());
		}
	}

	/**
	 * Record the rows and the dependants of their deletes, as if an operation had deleted
	 * them.
	 */
	private void collect(UUID scratch, CascadePlan plan, Sql deleted) {
		Table root = plan.root().table();
		Column deletionTime = plan.root().requireDeletionTime();
		Sql statement = TreeWalk
			.from(plan, deletionTime.toSql("t"), deleted, true,
					(node) -> node.requireDeletionTime().toSql("t") + " = w.dp_old")
			.add(", ")
			.add(this.recorded.writing("dp_c", scratch, root, deletionTime, true,
					"SELECT %s, dp_old FROM roots".formatted(root.keyAliases(""))));
		for (Node node : plan.nodes()) {
			if (node.deletionTime() == null) {
				continue;
			}
			String walked = "SELECT dp_key, dp_old FROM walk WHERE dp_node = " + node.number();
			if (node.number() == 0) {
				walked += " EXCEPT SELECT %s, dp_old FROM roots".formatted(root.keyAliasesAsText("roots"));
			}
			statement.add(", ")
				.add(this.recorded.writing("dp_c" + node.number(), scratch, node.table(), node.deletionTime(), false,
						"SELECT %s, dp_old FROM (%s) AS walk".formatted(node.table().selectKeyFromText("walk.dp_key"),
								walked)));
		}
		statement.add(" SELECT 1").list(this.jdbc, (rs, row) -> true);
	}

	/**
	 * Make rows live: first those that were asked for, then pass by pass dependants that
	 * no row above them keeps deleted.
	 */
	private RestoreResult revive(List<Part> parts) {
		List<Part> roots = parts.stream().filter(Part::root).toList();
		long rows = roots.stream().mapToLong((part) -> revive(part, List.of())).sum();
		Map<String, Long> cascaded = new HashMap<>();
		boolean more = true;
		while (more) {
			more = false;
			for (Part part : parts) {
				int revived = part.root() ? 0 : revive(part, this.ancestors.of(part.table()));
				if (revived > 0) {
					cascaded.merge(part.table().name().toString(), (long) revived, Long::sum);
					more = true;
				}
			}
		}
		roots.forEach(this::requireLiveAncestors);
		return new RestoreResult(rows, cascaded);
	}

	private int revive(Part part, List<Ascent> ascents) {
		Table table = part.table();
		Column deletionTime = part.deletionTime();
		Sql statement = Sql
			.of("UPDATE %s AS t SET %s = NULL FROM ".formatted(table.name().toSql(), deletionTime.toSql()))
			.add(this.recorded.keys(part))
			.add(" AS d WHERE %s AND %s = d.dp_token".formatted(table.keyEquals("t", "d"), deletionTime.toSql("t")));
		ascents.forEach((ascent) -> statement.add(" AND NOT " + ascent.isBelowDeleted(table)));
		return statement.update(this.jdbc);
	}

	/**
	 * The rows above are locked, so that nobody deletes them before this transaction
	 * ends. Some may be gone: foreign keys that are not validated, or were off for a
	 * while, leave rows without a parent.
	 */
	private void requireLiveAncestors(Part part) {
		for (ForeignKey key : part.table().refersBy()) {
			if (key.isCascading() && anyRevived(part, "", "true",
					"(%s) IS NOT NULL AND NOT EXISTS (SELECT FROM %s AS p WHERE %s) LIMIT 1".formatted(String.join(", ",
							key.columns().stream().map((column) -> "t." + SqlIdentifiers.quote(column)).toList()),
							key.parent().toSql(), key.joins("t", "p")))) {
				throw aboveIt(part, key.parent(), key, "gone.");
			}
		}
		for (Ascent ascent : this.ancestors.of(part.table())) {
			CascadePlan.Join join = ascent.join();
			if (anyRevived(part, ", " + join.from(), ascent.deletionTime().toSql("dp_a") + " IS NOT NULL",
					join.condition() + " FOR SHARE OF dp_a")) {
				throw aboveIt(part, ascent.top(), ascent.steps().get(0), "deleted. Restore those first.");
			}
		}
	}

	/**
	 * Return whether something holds of a row {@code t} that is live again.
	 */
	private boolean anyRevived(Part part, String from, String what, String condition) {
		Table table = part.table();
		return Sql.of("SELECT %s FROM ".formatted(what))
			.add(this.recorded.keys(part))
			.add(" AS d JOIN %s AS t ON %s%s WHERE %s IS NULL AND %s".formatted(table.name().toSql(),
					table.keyEquals("t", "d"), from, part.deletionTime().toSql("t"), condition))
			.list(this.jdbc, (rs, row) -> rs.getBoolean(1))
			.contains(true);
	}

	private static RestoreConflictException aboveIt(Part part, TableName above, ForeignKey key, String state) {
		return new RestoreConflictException(
				"Rows of %s cannot be restored, and none was restored: rows of %s on which they depend (foreign key %s) are %s"
					.formatted(part.table().name(), above, key.name(), state));
	}

	private static RestoreConflictException beyondReturn(TableName table) {
		return new RestoreConflictException(
				"Rows of %s cannot be restored: their purge has begun and is past the point of no return. What else the operation deleted can be restored by row."
					.formatted(table));
	}

	private RowsRestoredEvent toSavepoint(String what, Supplier<RowsRestoredEvent> work) {
		return Savepoints.refusing(this.jdbc, RestoreConflictException.class, () -> {
			try {
				return work.get();
			}
			catch (DataIntegrityViolationException ex) {
				if (ex instanceof RestoreConflictException) {
					throw ex;
				}
				RestoreConflictException conflict = new RestoreConflictException(
						"Rows of %s cannot be restored, and none was restored. %s Change or delete the live row first, or restore other rows by id."
							.formatted(what, Savepoints.messageOf(ex)));
				conflict.initCause(ex);
				throw conflict;
			}
		});
	}

}
