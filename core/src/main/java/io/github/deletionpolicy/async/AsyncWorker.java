package io.github.deletionpolicy.async;

import java.sql.ResultSet;

import io.github.deletionpolicy.AsyncProgress;
import io.github.deletionpolicy.AsyncProgress.State;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.async.AsyncClaims.Due;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.purge.batch.FailureMessages;
import io.github.deletionpolicy.purge.batch.WorkerSlots.Entry;
import io.github.deletionpolicy.purge.batch.WorkerTransaction;
import io.github.deletionpolicy.rows.KeySpelling;
import io.github.deletionpolicy.sql.Database;
import io.github.deletionpolicy.sql.Sql;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * What the batches of asynchronous deletes have in common: enter and claim a delete,
 * describe its table, and end it.
 */
public record AsyncWorker(Database database, LedgerTables ledger, Catalog catalog, WorkerTransaction transaction,
		BatchedDeletes deletes) {

	/**
	 * An asynchronous delete goes up the primary key.
	 */
	private static final String SETTINGS = KeySpelling.SETTINGS + """
			, set_config('row_security', 'off', true), set_config('enable_seqscan', 'off', true),
			set_config('jit', 'off', true)""";

	private static final Log logger = LogFactory.getLog(AsyncWorker.class);

	AsyncDeletes ledgerDeletes() {
		return new AsyncDeletes(this.database.jdbc(), this.ledger);
	}

	AsyncClaims claims() {
		return new AsyncClaims(this.database.jdbc(), this.ledger);
	}

	/**
	 * Claim a delete.
	 * @param patient whether to wait for a slot
	 * @param waiting whether later statements may wait for rows that others have locked
	 * @return the delete; {@code null} if it has ended, or another worker has it
	 */
	@Nullable AsyncDelete claim(Due due, boolean patient, boolean waiting) {
		Sql claim = claims().claim(due.operationId());
		Entered entered = this.transaction
			.ahead(due.table(), SETTINGS + ", set_config('statement_timeout', '30s', true)", waiting)
			.add("; ")
			.add(claim)
			.execute(this.database.jdbc(), (statement) -> {
				Entry entry = WorkerTransaction.execute(statement);
				try (ResultSet row = statement.getResultSet()) {
					return new Entered(entry, row.next() ? AsyncClaims.read(row) : null);
				}
			});
		if (entered.entry() != Entry.NO_SLOT || !patient) {
			return entered.delete();
		}
		this.transaction.enterPatiently(due.table());
		return claim.first(this.database.jdbc(), (rs, row) -> AsyncClaims.read(rs));
	}

	/**
	 * Return the statements with which an optimistic batch enters, up to a select list to
	 * which more may be added. All that comes after them goes by primary key, and no
	 * value makes another plan.
	 */
	Sql enterOptimistically(Due due) {
		return this.transaction.ahead(due.table(),
				SETTINGS + ", set_config('plan_cache_mode', 'force_generic_plan', true)", true);
	}

	/**
	 * Describe the table as it is now.
	 * @throws UnsupportedTableException if its primary key is another one than when the
	 * delete was accepted
	 */
	Table describe(AsyncDelete delete) {
		Table table = this.catalog.table(delete.table().name());
		if (!table.keyNames().equals(delete.keyColumns())) {
			throw new UnsupportedTableException(
					"The primary key of table %s was (%s) when the delete was accepted and is (%s) now. Delete the remaining rows with a new call."
						.formatted(table.name(), String.join(", ", delete.keyColumns()),
								String.join(", ", table.keyNames())));
		}
		return table;
	}

	void fail(AsyncDelete delete, RuntimeException ex) {
		String message = FailureMessages.of(ex);
		boolean ended = this.database.workers()
			.execute((status) -> ledgerDeletes().end(delete.operationId(), State.FAILED, message));
		if (ended) {
			logger.warn("Deletion policy: the asynchronous delete %s from %s has failed. %s"
				.formatted(delete.operationId(), delete.table().name(), message));
		}
	}

	/**
	 * Log that a delete has ended.
	 */
	void ended(AsyncDelete delete) {
		ledgerDeletes().find(delete.operationId()).ifPresent((summary) -> {
			AsyncProgress progress = summary.progress();
			String message = "Deletion policy: the asynchronous delete %s from %s is done: %d row(s) %s, %d given up."
				.formatted(delete.operationId(), summary.table(), progress.done(),
						delete.isHard() ? "removed" : "stamped as deleted", progress.failed());
			if (progress.failed() == 0) {
				logger.info(message);
			}
			else {
				logger.warn(message + " " + summary.lastError());
			}
		});
	}

	private record Entered(Entry entry, @Nullable AsyncDelete delete) {
	}

}
