package io.github.deletionpolicy.autoconfigure.endpoint;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.github.deletionpolicy.AsyncProgress;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.ModeSource;
import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.PendingPurges.AsyncSummary;
import io.github.deletionpolicy.PendingPurges.PendingPurge;
import io.github.deletionpolicy.PendingPurges.TableSummary;
import io.github.deletionpolicy.RestoreResult;
import io.github.deletionpolicy.doctor.Finding;
import io.github.deletionpolicy.operator.RecordedOperations.ChunkPage;
import io.github.deletionpolicy.operator.RecordedOperations.RecordedChunk;
import io.github.deletionpolicy.operator.RecordedOperations.RecordedOperation;
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
	 */
	public static final class SummaryDescriptor implements OperationResponseBody {

		private final List<TableDescriptor> tables;

		private final List<AsyncDeletionDescriptor> asyncDeletions;

		private final @Nullable List<FindingDescriptor> findings;

		SummaryDescriptor(List<TableDescriptor> tables, List<AsyncDeletionDescriptor> asyncDeletions,
				@Nullable List<FindingDescriptor> findings) {
			this.tables = tables;
			this.asyncDeletions = asyncDeletions;
			this.findings = findings;
		}

		public List<TableDescriptor> getTables() {
			return this.tables;
		}

		/**
		 * Return the asynchronous deletes.
		 * @return those that are at work first, then the newest
		 */
		public List<AsyncDeletionDescriptor> getAsyncDeletions() {
			return this.asyncDeletions;
		}

		/**
		 * Return what is wrong with the tables.
		 * @return the findings; {@code null} if nobody asked
		 */
		public @Nullable List<FindingDescriptor> getFindings() {
			return this.findings;
		}

	}

	/**
	 * What is wrong with a table, and what mends it.
	 */
	public static final class FindingDescriptor {

		private final Finding finding;

		FindingDescriptor(Finding finding) {
			this.finding = finding;
		}

		public String getTable() {
			return this.finding.table().toString();
		}

		public String getCode() {
			return this.finding.code().id();
		}

		public Finding.Severity getSeverity() {
			return this.finding.severity();
		}

		public String getText() {
			return this.finding.text();
		}

		/**
		 * Return the statements that mend it.
		 * @return the statements; {@code null} if no statement does
		 */
		public @Nullable String getDdl() {
			return this.finding.ddl();
		}

	}

	/**
	 * What is pending in one table, in rows.
	 */
	public static final class TableDescriptor {

		private final TableSummary summary;

		TableDescriptor(TableSummary summary) {
			this.summary = summary;
		}

		public String getTable() {
			return this.summary.table();
		}

		public long getPending() {
			return this.summary.pending();
		}

		/**
		 * Return whether the table has more rows than were counted.
		 * @return whether the counts mean "at least"
		 */
		public boolean isAtLeast() {
			return this.summary.pending() >= PendingPurges.COUNT_CAP;
		}

		public long getDue() {
			return this.summary.due();
		}

		public long getHeld() {
			return this.summary.held();
		}

		public long getBlocked() {
			return this.summary.blocked();
		}

		public long getFailed() {
			return this.summary.failed();
		}

		public boolean isPaused() {
			return this.summary.paused();
		}

		public @Nullable Instant getOldestDue() {
			return this.summary.oldestDue();
		}

	}

	/**
	 * An asynchronous delete, and how far it has come.
	 */
	public static final class AsyncDeletionDescriptor {

		private final AsyncSummary deletion;

		private final @Nullable String reason;

		private final @Nullable String lastError;

		AsyncDeletionDescriptor(AsyncSummary deletion, EndpointValues values, boolean shown) {
			this.deletion = deletion;
			this.reason = values.reason(deletion.table(), deletion.reason(), shown);
			this.lastError = values.error(deletion.table(), deletion.lastError(), shown);
		}

		public UUID getOperationId() {
			return this.deletion.operationId();
		}

		public String getTable() {
			return this.deletion.table();
		}

		public DeletionMode getMode() {
			return this.deletion.mode();
		}

		public @Nullable String getReason() {
			return this.reason;
		}

		public Instant getAcceptedAt() {
			return this.deletion.acceptedAt();
		}

		public @Nullable Instant getEndedAt() {
			return this.deletion.endedAt();
		}

		public AsyncProgress.State getState() {
			return this.deletion.progress().state();
		}

		public long getDone() {
			return this.deletion.progress().done();
		}

		public long getFailed() {
			return this.deletion.progress().failed();
		}

		public long getRetrying() {
			return this.deletion.retrying();
		}

		public double getFraction() {
			return this.deletion.progress().fraction();
		}

		public @Nullable String getLastError() {
			return this.lastError;
		}

	}

	/**
	 * One page of what is pending in a table.
	 */
	public static final class PageDescriptor implements OperationResponseBody {

		private final String table;

		private final List<PurgeDescriptor> purges;

		private final @Nullable String next;

		PageDescriptor(String table, PendingPurges.Page page, EndpointValues values, boolean shown) {
			this.table = table;
			this.purges = page.purges().stream().map((purge) -> new PurgeDescriptor(purge, values, shown)).toList();
			this.next = page.next();
		}

		public String getTable() {
			return this.table;
		}

		public List<PurgeDescriptor> getPurges() {
			return this.purges;
		}

		/**
		 * Return where the next page begins.
		 * @return the cursor to pass as {@code after}; {@code null} on the last page
		 */
		public @Nullable String getNext() {
			return this.next;
		}

	}

	/**
	 * Rows of one operation and table that wait together.
	 */
	public static final class PurgeDescriptor {

		private final PendingPurge purge;

		private final @Nullable String lastError;

		PurgeDescriptor(PendingPurge purge, EndpointValues values, boolean shown) {
			this.purge = purge;
			this.lastError = values.error(purge.table(), purge.lastError(), shown);
		}

		public UUID getOperationId() {
			return this.purge.operationId();
		}

		public String getTable() {
			return this.purge.table();
		}

		public DeletionMode getMode() {
			return this.purge.mode();
		}

		public Instant getDeletionTime() {
			return this.purge.deletionTime();
		}

		public @Nullable Instant getPurgeAt() {
			return this.purge.purgeAt();
		}

		public long getRows() {
			return this.purge.rows();
		}

		public PendingPurges.State getState() {
			return this.purge.state();
		}

		public int getAttempts() {
			return this.purge.attempts();
		}

		public @Nullable String getLastError() {
			return this.lastError;
		}

	}

	/**
	 * An operation of which nothing is recorded but its asynchronous delete: rows that
	 * are removed at once have no deletion time, no chunks and no purge.
	 */
	public static final class AsyncOperationDescriptor implements OperationResponseBody {

		private final AsyncDeletionDescriptor async;

		AsyncOperationDescriptor(AsyncDeletionDescriptor async) {
			this.async = async;
		}

		public UUID getOperationId() {
			return this.async.getOperationId();
		}

		public String getTable() {
			return this.async.getTable();
		}

		public DeletionMode getMode() {
			return this.async.getMode();
		}

		public @Nullable String getReason() {
			return this.async.getReason();
		}

		public AsyncDeletionDescriptor getAsync() {
			return this.async;
		}

	}

	/**
	 * One operation with a page of its chunks.
	 */
	public static final class OperationDescriptor implements OperationResponseBody {

		private final RecordedOperation operation;

		private final @Nullable String reason;

		private final List<ChunkDescriptor> chunks;

		private final @Nullable String next;

		private final @Nullable AsyncDeletionDescriptor async;

		OperationDescriptor(RecordedOperation operation, ChunkPage page, @Nullable AsyncDeletionDescriptor async,
				EndpointValues values, boolean shown) {
			this.operation = operation;
			this.async = async;
			this.reason = values.reason(operation.table().toString(), operation.reason(), shown);
			this.chunks = page.chunks().stream().map((chunk) -> new ChunkDescriptor(chunk, values, shown)).toList();
			this.next = page.next();
		}

		public UUID getOperationId() {
			return this.operation.id();
		}

		public String getTable() {
			return this.operation.table().toString();
		}

		public DeletionMode getMode() {
			return this.operation.mode();
		}

		public ModeSource getSource() {
			return this.operation.source();
		}

		/**
		 * Return the delay as ISO 8601 writes it.
		 * @return the delay; {@code null} for a soft delete
		 */
		public @Nullable String getDelay() {
			return (this.operation.delay() != null) ? this.operation.delay().toString() : null;
		}

		public @Nullable String getReason() {
			return this.reason;
		}

		public Instant getDeletionTime() {
			return this.operation.deletionTime();
		}

		public @Nullable Instant getPurgeAt() {
			return this.operation.purgeAt();
		}

		public long getRows() {
			return this.operation.rows();
		}

		public Map<String, Long> getCascaded() {
			return this.operation.cascaded();
		}

		/**
		 * Return whether there may be more rows than were counted.
		 * @return whether the counts mean "at least"
		 */
		public boolean isAtLeast() {
			return this.operation.atLeast();
		}

		/**
		 * Return how far it has come. One that has yet to mark its first row looks like
		 * one whose rows have all come back.
		 * @return the state
		 */
		public Stage getState() {
			boolean open = this.async != null && this.async.getEndedAt() == null;
			return (open && this.operation.stage() == Stage.RESTORED) ? Stage.SOFT : this.operation.stage();
		}

		public List<ChunkDescriptor> getChunks() {
			return this.chunks;
		}

		/**
		 * Return how far it has come.
		 * @return its progress; {@code null} if it is no asynchronous delete
		 */
		public @Nullable AsyncDeletionDescriptor getAsync() {
			return this.async;
		}

		/**
		 * Return where the next page of chunks begins.
		 * @return the cursor to pass as {@code after}; {@code null} on the last page
		 */
		public @Nullable String getNext() {
			return this.next;
		}

	}

	/**
	 * Rows of one table in an operation that wait together, with the first of their keys.
	 */
	public static final class ChunkDescriptor {

		private final RecordedChunk chunk;

		private final @Nullable String lastError;

		private final List<Map<String, String>> keys;

		ChunkDescriptor(RecordedChunk chunk, EndpointValues values, boolean shown) {
			this.chunk = chunk;
			String table = chunk.table().toString();
			this.lastError = values.error(table, chunk.lastError(), shown);
			this.keys = chunk.keys().stream().map((key) -> values.key(table, chunk.keyColumns(), key, shown)).toList();
		}

		public String getTable() {
			return this.chunk.table().toString();
		}

		/**
		 * Return whether the rows were asked for, and not taken along.
		 * @return whether they are what the delete selected
		 */
		public boolean isRoot() {
			return this.chunk.root();
		}

		public long getRows() {
			return this.chunk.rows();
		}

		public PendingPurges.State getState() {
			return this.chunk.state();
		}

		public @Nullable Instant getNextAttempt() {
			return this.chunk.nextAttempt();
		}

		public int getAttempts() {
			return this.chunk.attempts();
		}

		public @Nullable String getLastError() {
			return this.lastError;
		}

		/**
		 * Return the first keys.
		 * @return up to ten, each a value per column
		 */
		public List<Map<String, String>> getKeys() {
			return this.keys;
		}

	}

	/**
	 * When a row goes, and why it has not.
	 */
	public static final class RowDescriptor implements OperationResponseBody {

		private final RowStatus row;

		private final @Nullable String lastError;

		private final @Nullable RootDescriptor root;

		RowDescriptor(RowStatus row, EndpointValues values, boolean shown) {
			this.row = row;
			this.lastError = values.error(row.table(), row.lastError(), shown);
			this.root = (row.root() != null) ? new RootDescriptor(row.root(), values, shown) : null;
		}

		public String getTable() {
			return this.row.table();
		}

		public RowStatus.Reason getReason() {
			return this.row.reason();
		}

		public String getText() {
			return this.row.text();
		}

		public @Nullable UUID getOperationId() {
			return this.row.operationId();
		}

		public @Nullable DeletionMode getMode() {
			return this.row.mode();
		}

		public @Nullable Instant getDeletionTime() {
			return this.row.deletionTime();
		}

		public @Nullable Instant getPurgeAt() {
			return this.row.purgeAt();
		}

		public @Nullable Instant getNextAttempt() {
			return this.row.nextAttempt();
		}

		public int getAttempts() {
			return this.row.attempts();
		}

		public @Nullable String getLastError() {
			return this.lastError;
		}

		public @Nullable Instant getPausedSince() {
			return this.row.pausedSince();
		}

		public List<ObstacleDescriptor> getObstacles() {
			return this.row.obstacles().stream().map(ObstacleDescriptor::new).toList();
		}

		public @Nullable RootDescriptor getRoot() {
			return this.root;
		}

	}

	/**
	 * What is in a row's way.
	 */
	public static final class ObstacleDescriptor {

		private final RowStatus.Obstacle obstacle;

		ObstacleDescriptor(RowStatus.Obstacle obstacle) {
			this.obstacle = obstacle;
		}

		public RowStatus.Reason getReason() {
			return this.obstacle.reason();
		}

		public String getTable() {
			return this.obstacle.table();
		}

		public @Nullable String getConstraint() {
			return this.obstacle.constraint();
		}

		public String getText() {
			return this.obstacle.text();
		}

	}

	/**
	 * The row that another one goes with.
	 */
	public static final class RootDescriptor {

		private final Map<String, String> key;

		private final RowDescriptor row;

		RootDescriptor(RowStatus.Root root, EndpointValues values, boolean shown) {
			this.key = values.key(root.forecast().table(), root.keyColumns(), root.key(), shown);
			this.row = new RowDescriptor(root.forecast(), values, shown);
		}

		public Map<String, String> getKey() {
			return this.key;
		}

		public RowDescriptor getRow() {
			return this.row;
		}

	}

	/**
	 * What came back.
	 */
	public static final class RestoredDescriptor implements OperationResponseBody {

		private final RestoreResult result;

		RestoredDescriptor(RestoreResult result) {
			this.result = result;
		}

		public long getRows() {
			return this.result.rows();
		}

		public Map<String, Long> getCascaded() {
			return this.result.cascaded();
		}

	}

}
