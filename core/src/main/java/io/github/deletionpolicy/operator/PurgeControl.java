package io.github.deletionpolicy.operator;

import java.util.List;
import java.util.UUID;

import io.github.deletionpolicy.AsyncProgress;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.UnknownOperationException;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.async.AsyncDeletes;
import io.github.deletionpolicy.ledger.ChunkLocks;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.sql.Database;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.InvalidDataAccessApiUsageException;

/**
 * Changes what is pending: hastens, cancels and retries operations, pauses and resumes
 * tables.
 */
class PurgeControl {

	private final Database database;

	private final LedgerTables ledger;

	private final AsyncDeletes asyncDeletes;

	PurgeControl(Database database, LedgerTables ledger, AsyncDeletes asyncDeletes) {
		this.database = database;
		this.ledger = ledger;
		this.asyncDeletes = asyncDeletes;
	}

	void purgeNow(UUID operationId) {
		change(operationId, "next_attempt = n.now, state = NULL", "purge_at = least(o.purge_at, n.now)");
	}

	void cancel(UUID operationId) {
		boolean async = this.database.callers()
			.execute((status) -> this.asyncDeletes.end(operationId, AsyncProgress.State.CANCELLED, null)
					|| this.asyncDeletes.giveUpFailed(operationId));
		if (async) {
			return;
		}
		List<Boolean> purging = Sql
			.of("SELECT 1 FROM %s WHERE operation_id = ? AND purging_since IS NOT NULL LIMIT 1"
				.formatted(this.ledger.chunks()), operationId)
			.list(this.database.jdbc(), (rs, row) -> true);
		if (!purging.isEmpty()) {
			throw new InvalidDataAccessApiUsageException(
					"The purge of operation %s has begun and is past the point of no return, so it cannot be cancelled. Pause its table, or restore rows of other trees one by one."
						.formatted(operationId));
		}
		change(operationId, "next_attempt = NULL, state = NULL, last_error = NULL", "mode = 'SOFT', purge_at = NULL");
	}

	void retry(UUID operationId) {
		boolean async = this.database.callers().execute((status) -> this.asyncDeletes.resume(operationId));
		if (!async) {
			change(operationId, """
					next_attempt = CASE WHEN state IS NULL THEN next_attempt ELSE least(next_attempt, n.now) END,
					attempts = 0""", "mode = o.mode");
		}
	}

	/**
	 * Locks in the same order as a restore: the operation, then its chunks.
	 */
	private void change(UUID operationId, String ofChunks, String ofOperation) {
		Sql statement = Sql.of("""
				WITH chunks AS (
					UPDATE %1$s c SET %2$s FROM (SELECT clock_timestamp() AS now) n
					WHERE c.operation_id = ? AND c.next_attempt IS NOT NULL RETURNING n.now)
				UPDATE %3$s o SET %4$s FROM (SELECT min(now) AS now FROM chunks) n WHERE o.id = ? AND n.now IS NOT NULL
				""".formatted(this.ledger.chunks(), ofChunks, this.ledger.operations(), ofOperation), operationId,
				operationId);
		int operations = this.database.callers().execute((status) -> {
			Sql.of("SELECT id FROM %s WHERE id = ? FOR UPDATE".formatted(this.ledger.operations()), operationId)
				.list(this.database.jdbc(), (rs, row) -> true);
			ChunkLocks.lock(this.database.jdbc(),
					Sql.of("FROM %s c WHERE c.operation_id = ?".formatted(this.ledger.chunks()), operationId));
			return statement.update(this.database.jdbc());
		});
		if (operations == 0) {
			throw new UnknownOperationException(
					"No purge is pending for operation %s: it is unknown, soft, cancelled or over."
						.formatted(operationId));
		}
	}

	/**
	 * Pause or resume a table, or all of them. A worker holds a share of the gate and of
	 * these rows as long as a batch lasts. Whoever waits at the gate keeps newcomers out,
	 * who share the rows whoever waits for them; to lock the rows makes newcomers see the
	 * change.
	 */
	void setPaused(@Nullable TableName table, boolean paused) {
		String value = paused ? "coalesce(p.paused_at, clock_timestamp())" : "NULL";
		if (table == null) {
			set(Sql.of("VALUES (0)"), Sql
				.of("WITH locked AS (SELECT single FROM %1$s FOR UPDATE) UPDATE %1$s p SET paused_at = %2$s FROM locked"
					.formatted(this.ledger.state(), value)));
			return;
		}
		String ids = "SELECT id FROM %s WHERE schema_name = ? AND table_name = ?".formatted(this.ledger.tables());
		int rows = set(Sql.of(ids + " ORDER BY id", table.schema(), table.name()),
				Sql.of("WITH locked AS (" + ids + " FOR UPDATE)", table.schema(), table.name())
					.add(" UPDATE %s p SET paused_at = %s FROM locked WHERE p.id = locked.id"
						.formatted(this.ledger.tables(), value)));
		if (rows == 0) {
			throw new UnsupportedTableException(
					"Nothing was ever marked as deleted in table %s, and it has no policy for that. Name another table."
						.formatted(table));
		}
	}

	private int set(Sql gates, Sql update) {
		return this.database.callers().execute((status) -> {
			Sql.of("SELECT pg_advisory_xact_lock(?, g.id) FROM (", this.ledger.gateSpace())
				.add(gates)
				.add(") AS g (id)")
				.list(this.database.jdbc(), (rs, row) -> true);
			return update.update(this.database.jdbc());
		});
	}

}
