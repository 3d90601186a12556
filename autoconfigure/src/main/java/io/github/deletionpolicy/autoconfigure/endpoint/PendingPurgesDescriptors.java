package io.github.deletionpolicy.autoconfigure.endpoint;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.github.deletionpolicy.AsyncProgress;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.ModeSource;
import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.doctor.Finding;
import io.github.deletionpolicy.operator.RecordedOperations.Stage;
import io.github.deletionpolicy.operator.RowStatus;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * What the endpoint answers. The names of the fields are part of the API.
 *
 * @since 0.1
 */
public final class PendingPurgesDescriptors {

	private PendingPurgesDescriptors() {
	}

	/**
	 * What is pending in all tables.
	 *
	 * @param tables the tables that have a policy or rows that wait
	 * @param asyncDeletions those at work first, then the newest
	 * @param findings what is wrong with the tables; {@code null} if nobody asked
	 */
	public record SummaryDescriptor(List<TableDescriptor> tables, List<AsyncDeletionDescriptor> asyncDeletions,
			@Nullable List<FindingDescriptor> findings) implements OperationResponseBody {
	}

	/**
	 * What is wrong with a table, and what fixes it.
	 *
	 * @param ddl the statements that fix it; {@code null} if no statement does
	 */
	public record FindingDescriptor(String table, String code, Finding.Severity severity, String text,
			@Nullable String ddl) {
	}

	/**
	 * What is pending in one table, in rows.
	 *
	 * @param atLeast whether the table has more rows than were counted
	 */
	public record TableDescriptor(String table, long pending, boolean atLeast, long due, long held, long blocked,
			long failed, boolean paused, @Nullable Instant oldestDue) {
	}

	/**
	 * An asynchronous delete, and how far it has come.
	 */
	public record AsyncDeletionDescriptor(UUID operationId, String table, DeletionMode mode, @Nullable String reason,
			Instant acceptedAt, @Nullable Instant endedAt, AsyncProgress.State state, long done, long failed,
			long retrying, double fraction, @Nullable String lastError) {
	}

	/**
	 * One page of what is pending in a table.
	 *
	 * @param next the cursor to pass as {@code after}; {@code null} on the last page
	 */
	public record PageDescriptor(String table, List<PurgeDescriptor> purges,
			@Nullable String next) implements OperationResponseBody {
	}

	/**
	 * Rows of one operation and table that wait together.
	 */
	public record PurgeDescriptor(UUID operationId, String table, DeletionMode mode, Instant deletionTime,
			@Nullable Instant purgeAt, long rows, PendingPurges.State state, int attempts, @Nullable String lastError) {
	}

	/**
	 * An operation of which nothing is recorded but its asynchronous delete: rows that
	 * are removed at once have no deletion time, no chunks and no purge.
	 */
	public record AsyncOperationDescriptor(UUID operationId, String table, DeletionMode mode, @Nullable String reason,
			AsyncDeletionDescriptor async) implements OperationResponseBody {
	}

	/**
	 * One operation with a page of its chunks.
	 *
	 * @param delay the delay in ISO 8601; {@code null} for a soft delete
	 * @param atLeast whether there may be more rows than were counted
	 * @param async its progress; {@code null} if it is no asynchronous delete
	 * @param next the cursor to pass as {@code after}; {@code null} on the last page
	 */
	public record OperationDescriptor(UUID operationId, String table, DeletionMode mode, ModeSource source,
			@Nullable String delay, @Nullable String reason, Instant deletionTime, @Nullable Instant purgeAt, long rows,
			Map<String, Long> cascaded, boolean atLeast, Stage state, List<ChunkDescriptor> chunks,
			@Nullable AsyncDeletionDescriptor async, @Nullable String next) implements OperationResponseBody {
	}

	/**
	 * Rows of one table in an operation that wait together.
	 *
	 * @param root whether the delete selected the rows, rather than cascaded to them
	 * @param keys the first keys, up to ten, each a value per column
	 */
	public record ChunkDescriptor(String table, boolean root, long rows, PendingPurges.State state,
			@Nullable Instant nextAttempt, int attempts, @Nullable String lastError, List<Map<String, String>> keys) {
	}

	/**
	 * When a row will be purged, and why it has not been.
	 *
	 * @param root the row that it is purged with; {@code null} if it is one itself
	 */
	public record RowDescriptor(String table, RowStatus.Reason reason, String text, @Nullable UUID operationId,
			@Nullable DeletionMode mode, @Nullable Instant deletionTime, @Nullable Instant purgeAt,
			@Nullable Instant nextAttempt, int attempts, @Nullable String lastError, @Nullable Instant pausedSince,
			List<ObstacleDescriptor> obstacles, @Nullable RootDescriptor root) implements OperationResponseBody {
	}

	/**
	 * What keeps a row from being purged.
	 */
	public record ObstacleDescriptor(RowStatus.Reason reason, String table, @Nullable String constraint, String text) {
	}

	/**
	 * The row that another one is purged with.
	 */
	public record RootDescriptor(Map<String, String> key, RowDescriptor row) {
	}

	/**
	 * What was restored.
	 */
	public record RestoredDescriptor(long rows, Map<String, Long> cascaded) implements OperationResponseBody {
	}

	/**
	 * What is wrong with a request.
	 */
	public record ErrorDescriptor(String error) implements OperationResponseBody {
	}

}
