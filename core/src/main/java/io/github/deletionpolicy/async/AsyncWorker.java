package io.github.deletionpolicy.async;

import java.sql.ResultSet;
import java.util.List;

import io.github.deletionpolicy.AsyncProgress;
import io.github.deletionpolicy.AsyncProgress.State;
import io.github.deletionpolicy.PurgedRows;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.async.AsyncClaims.Due;
import io.github.deletionpolicy.async.BatchedDeletes.Deleted;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.purge.batch.FailureMessages;
import io.github.deletionpolicy.purge.batch.PurgeListeners;
import io.github.deletionpolicy.purge.batch.WorkerSlots.Entry;
import io.github.deletionpolicy.purge.batch.WorkerTransaction;
import io.github.deletionpolicy.rows.KeyReader;
import io.github.deletionpolicy.rows.KeyScan;
import io.github.deletionpolicy.rows.KeySpelling;
import io.github.deletionpolicy.sql.Database;
import io.github.deletionpolicy.sql.Sql;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The steps that the batches of an asynchronous delete are made of: enter and claim the
 * delete, remove or mark rows, and find out which of them stayed.
 */
public record AsyncWorker(Database database, LedgerTables ledger, Catalog catalog, WorkerTransaction transaction,
		PurgeListeners listeners, BatchedDeletes deletion) {

	/**
	 * An asynchronous delete goes up the primary key.
	 */
	static final String SETTINGS = """
			set_config('row_security', 'off', true), set_config('enable_seqscan', 'off', true),
			set_config('jit', 'off', true)""";

	private static final Log logger = LogFactory.getLog(AsyncWorker.class);

	AsyncDeletes deletes() {
		return new AsyncDeletes(this.database.jdbc(), this.ledger);
	}

	AsyncClaims claims() {
		return new AsyncClaims(this.database.jdbc(), this.ledger);
	}

	KeyScan scan() {
		return new KeyScan(this.database.jdbc());
	}

	/**
	 * Claim a delete.
	 * @param patient whether to wait for a slot
	 * @param waiting whether later statements may wait for rows that others have locked
	 * @return the delete; {@code null} if it has ended, or another worker has it
	 */
	@Nullable AsyncClaim claim(Due due, boolean patient, boolean waiting) {
		Sql claim = claims().claim(due.operationId());
		String settings = KeySpelling.SETTINGS + ", " + SETTINGS + ", set_config('statement_timeout', '30s', true)";
		Entered entered = this.transaction.ahead(due.table(), settings, waiting)
			.add("; ")
			.add(claim)
			.execute(this.database.jdbc(), (statement) -> {
				Entry entry = WorkerTransaction.execute(statement);
				try (ResultSet row = statement.getResultSet()) {
					return new Entered(entry, row.next() ? AsyncClaims.read(row) : null);
				}
			});
		if (entered.entry() != Entry.NO_SLOT || !patient) {
			return entered.claim();
		}
		this.transaction.enterPatiently(due.table());
		return claim.first(this.database.jdbc(), (rs, row) -> AsyncClaims.read(rs));
	}

	/**
	 * Return the statements with which an optimistic batch enters, up to a select list to
	 * which more may be added. All that comes after them goes by primary key, and no
	 * value makes another plan.
	 */
	Sql enterOptimistically(Due due, Table table) {
		String settings = KeySpelling.isFixed(table) ? SETTINGS : KeySpelling.SETTINGS + ", " + SETTINGS;
		return this.transaction.ahead(due.table(),
				settings + ", set_config('plan_cache_mode', 'force_generic_plan', true)", true);
	}

	/**
	 * Return whether batches are as simple as an optimistic one takes them to be.
	 */
	boolean mayBeOptimistic(AsyncDelete delete, Table table) {
		return this.deletion.isPlain(delete, table) && !this.listeners.areInside();
	}

	/**
	 * Describe the table as it is now.
	 * @throws UnsupportedTableException if its primary key is another one than when the
	 * delete was accepted
	 */
	Table describe(AsyncDelete delete) {
		Table table = this.catalog.table(delete.table().name());
		List<String> key = table.key().stream().map(Column::name).toList();
		if (!key.equals(delete.keyColumns())) {
			throw new UnsupportedTableException(
					"The primary key of table %s was (%s) when the delete was accepted and is (%s) now. Delete the rest anew."
						.formatted(table.name(), String.join(", ", delete.keyColumns()), String.join(", ", key)));
		}
		return table;
	}

	/**
	 * Delete rows.
	 * @param rows which rows, as a condition on the row {@code t}
	 * @param selection which rows match; {@code null} if all do
	 * @param expected how many rows there should be
	 */
	Removed remove(AsyncDelete delete, Table table, Sql rows, @Nullable Sql selection, long expected) {
		Deleted deleted = delete(delete, table, both(rows, selection));
		if (deleted.rows() >= expected) {
			return new Removed(deleted, List.of(), null);
		}
		List<List<String>> left = scan().keys(table, both(rows, selection));
		return new Removed(deleted, left, left.isEmpty() ? null : kept(table));
	}

	/**
	 * Delete rows, without those that others have locked.
	 */
	Removed removeUnlocked(AsyncDelete delete, Table table, Sql rows, @Nullable Sql selection) {
		List<List<String>> free = scan().lock(table, both(rows, selection));
		Deleted deleted = delete(delete, table, both(withKeys(table, free), selection));
		List<List<String>> left = scan().keys(table, both(rows, selection));
		boolean locked = left.stream().anyMatch((key) -> !free.contains(key));
		return new Removed(deleted, left, left.isEmpty() ? null
				: locked ? "Others have locked rows of %s.".formatted(table.name()) : kept(table));
	}

	private Deleted delete(AsyncDelete delete, Table table, Sql rows) {
		Deleted deleted = this.deletion.delete(delete, table, rows, this.listeners.areInside());
		this.listeners.rowsRemoved(
				new PurgedRows(table.name().toString(), delete.operationId(), delete.acceptedAt(), deleted.keys()));
		return deleted;
	}

	private static String kept(Table table) {
		return "Rows of %s are still there after the statement that was to delete them; does a trigger or rule on the table prevent it?"
			.formatted(table.name());
	}

	static Sql withKeys(Table table, List<List<String>> keys) {
		return new KeyReader(table).readTexts(keys.stream().map((key) -> key.toArray(String[]::new)).toList());
	}

	static Sql both(Sql one, @Nullable Sql other) {
		return (other != null) ? Sql.of("(").add(one).add(") AND (").add(other).add(")") : one;
	}

	void fail(AsyncClaim claim, RuntimeException ex) {
		String message = FailureMessages.of(ex);
		boolean ended = this.database.workers()
			.execute((status) -> deletes().end(claim.delete().operationId(), State.FAILED, message));
		if (ended) {
			logger.warn("Deletion policy: the asynchronous delete %s from %s has failed. %s"
				.formatted(claim.delete().operationId(), claim.delete().table().name(), message));
		}
	}

	/**
	 * Log that a delete has ended.
	 */
	void ended(AsyncDelete delete) {
		deletes().find(delete.operationId()).ifPresent((summary) -> {
			AsyncProgress progress = summary.progress();
			String message = "Deletion policy: the asynchronous delete %s from %s is done: %d row(s) %s, %d given up."
				.formatted(delete.operationId(), summary.table(), progress.done(),
						delete.isHard() ? "removed" : "marked as deleted", progress.failed());
			if (progress.failed() == 0) {
				logger.info(message);
			}
			else {
				logger.warn(message + " " + summary.lastError());
			}
		});
	}

	/**
	 * What became of rows.
	 *
	 * @param deleted those that were deleted
	 * @param left the keys of those that should have been and are still there
	 * @param error why; {@code null} if there are none
	 */
	record Removed(Deleted deleted, List<List<String>> left, @Nullable String error) {

		static final Removed NOTHING = new Removed(Deleted.NOTHING, List.of(), null);

	}

	private record Entered(Entry entry, @Nullable AsyncClaim claim) {
	}

}
