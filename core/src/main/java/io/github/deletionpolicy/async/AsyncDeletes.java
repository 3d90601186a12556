package io.github.deletionpolicy.async;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import io.github.deletionpolicy.AsyncProgress;
import io.github.deletionpolicy.AsyncProgress.State;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.PendingPurges.AsyncSummary;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.sql.Instants;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.util.StringUtils;

/**
 * Asynchronous deletes in the ledger, as callers and operators see them.
 *
 * @since 0.1
 */
public record AsyncDeletes(JdbcOperations jdbc, LedgerTables ledger) {

	/**
	 * The newest form of an asynchronous delete that this version can continue.
	 */
	static final int FORMAT = 1;

	private static final int ERROR_LENGTH = 1000;

	private static final String SUMMARY = """
			SELECT a.operation_id, l.schema_name, l.table_name, a.mode, a.reason, a.accepted_at, a.ended_at, a.state, a.done,
				a.failed, a.fraction, cardinality(a.left_keys) / cardinality(a.key_columns) AS retrying, a.last_error
			FROM %s a JOIN %s l ON l.id = a.table_id""";

	/**
	 * End a delete, unless it has ended.
	 * @param operationId the delete
	 * @param state how
	 * @param error why; {@code null} if nothing was wrong
	 * @return whether it had not ended
	 */
	public boolean end(UUID operationId, State state, @Nullable String error) {
		return this.jdbc.update("""
				UPDATE %s SET state = ?, ended_at = clock_timestamp(), last_error = coalesce(?, last_error),
					fraction = CASE WHEN ? THEN 1 ELSE fraction END
				WHERE operation_id = ? AND ended_at IS NULL""".formatted(this.ledger.asyncDeletes()), state.name(),
				shortened(error), state == State.DONE, operationId) > 0;
	}

	/**
	 * Stop a soft delete whose operation is to be restored.
	 * @param operationId the delete
	 * @return whether it had not ended
	 */
	public boolean stopMarking(UUID operationId) {
		return this.jdbc
			.update("""
					UPDATE %s SET state = 'CANCELLED', ended_at = clock_timestamp(), last_error = 'The operation was restored.'
					WHERE operation_id = ? AND ended_at IS NULL AND mode = 'SOFT'"""
				.formatted(this.ledger.asyncDeletes()), operationId) > 0;
	}

	/**
	 * Continue a delete where it failed, or now if it was postponed.
	 * @param operationId the delete
	 * @return whether it had failed, or has not ended
	 */
	public boolean resume(UUID operationId) {
		return this.jdbc
			.update("""
					UPDATE %s SET state = CASE state WHEN 'FAILED' THEN 'RUNNING' ELSE state END, ended_at = NULL, attempts = 0,
						next_attempt = clock_timestamp()
					WHERE operation_id = ? AND (state = 'FAILED' OR ended_at IS NULL)"""
				.formatted(this.ledger.asyncDeletes()), operationId) > 0;
	}

	/**
	 * Give up a delete that has failed, so that it needs no attention any more.
	 * @param operationId the delete
	 * @return whether it had failed
	 */
	public boolean giveUpFailed(UUID operationId) {
		return this.jdbc.update("UPDATE %s SET state = 'CANCELLED' WHERE operation_id = ? AND state = 'FAILED'"
			.formatted(this.ledger.asyncDeletes()), operationId) > 0;
	}

	/**
	 * Find a delete.
	 * @param operationId the delete
	 * @return how it stands; empty if it is not recorded
	 */
	public Optional<AsyncSummary> find(UUID operationId) {
		return Optional.ofNullable(Sql.of(SUMMARY.formatted(this.ledger.asyncDeletes(), this.ledger.tables()))
			.add(" WHERE a.operation_id = ?", operationId)
			.first(this.jdbc, AsyncDeletes::summary));
	}

	/**
	 * List deletes: those that have not ended first, then the newest.
	 * @param limit how many
	 * @return how they stand
	 */
	public List<AsyncSummary> list(int limit) {
		return Sql.of("""
				WITH shown AS (
					(SELECT operation_id FROM %1$s WHERE ended_at IS NULL ORDER BY next_attempt LIMIT ?)
					UNION ALL (SELECT operation_id FROM %1$s WHERE ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT ?))
				""".formatted(this.ledger.asyncDeletes()), limit, limit)
			.add(SUMMARY.formatted(this.ledger.asyncDeletes(), this.ledger.tables()))
			.add(" JOIN shown USING (operation_id) ORDER BY a.ended_at IS NOT NULL, a.accepted_at DESC, operation_id LIMIT ?",
					limit)
			.list(this.jdbc, AsyncDeletes::summary);
	}

	private static AsyncSummary summary(ResultSet rs, int row) throws SQLException {
		AsyncProgress progress = new AsyncProgress(State.valueOf(rs.getString("state")), rs.getLong("done"),
				rs.getLong("failed"), rs.getDouble("fraction"));
		return new AsyncSummary(rs.getObject("operation_id", UUID.class),
				new TableName(rs.getString("schema_name"), rs.getString("table_name")).toString(),
				DeletionMode.valueOf(rs.getString("mode")), rs.getString("reason"), Instants.get(rs, "accepted_at"),
				Instants.find(rs, "ended_at"), progress, rs.getLong("retrying"), rs.getString("last_error"));
	}

	static @Nullable String shortened(@Nullable String error) {
		return (error != null) ? StringUtils.truncate(error.replace("\0", ""), ERROR_LENGTH) : null;
	}

}
