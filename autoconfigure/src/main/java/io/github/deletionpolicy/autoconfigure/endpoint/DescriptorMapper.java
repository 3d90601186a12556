package io.github.deletionpolicy.autoconfigure.endpoint;

import java.util.List;

import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.PendingPurges.AsyncSummary;
import io.github.deletionpolicy.PendingPurges.PendingPurge;
import io.github.deletionpolicy.PendingPurges.TableSummary;
import io.github.deletionpolicy.autoconfigure.endpoint.PendingPurgesDescriptors.AsyncDeletionDescriptor;
import io.github.deletionpolicy.autoconfigure.endpoint.PendingPurgesDescriptors.AsyncOperationDescriptor;
import io.github.deletionpolicy.autoconfigure.endpoint.PendingPurgesDescriptors.ChunkDescriptor;
import io.github.deletionpolicy.autoconfigure.endpoint.PendingPurgesDescriptors.FindingDescriptor;
import io.github.deletionpolicy.autoconfigure.endpoint.PendingPurgesDescriptors.ObstacleDescriptor;
import io.github.deletionpolicy.autoconfigure.endpoint.PendingPurgesDescriptors.OperationDescriptor;
import io.github.deletionpolicy.autoconfigure.endpoint.PendingPurgesDescriptors.PageDescriptor;
import io.github.deletionpolicy.autoconfigure.endpoint.PendingPurgesDescriptors.PurgeDescriptor;
import io.github.deletionpolicy.autoconfigure.endpoint.PendingPurgesDescriptors.RootDescriptor;
import io.github.deletionpolicy.autoconfigure.endpoint.PendingPurgesDescriptors.RowDescriptor;
import io.github.deletionpolicy.autoconfigure.endpoint.PendingPurgesDescriptors.SummaryDescriptor;
import io.github.deletionpolicy.autoconfigure.endpoint.PendingPurgesDescriptors.TableDescriptor;
import io.github.deletionpolicy.doctor.Finding;
import io.github.deletionpolicy.operator.RecordedOperations.ChunkPage;
import io.github.deletionpolicy.operator.RecordedOperations.RecordedChunk;
import io.github.deletionpolicy.operator.RecordedOperations.RecordedOperation;
import io.github.deletionpolicy.operator.RecordedOperations.Stage;
import io.github.deletionpolicy.operator.RowStatus;
import org.jspecify.annotations.Nullable;

/**
 * Makes the endpoint's answers for one caller.
 *
 * @param values masks values
 * @param shown whether the caller may see them all the same
 */
record DescriptorMapper(EndpointValues values, boolean shown) {

	SummaryDescriptor summary(List<TableSummary> tables, List<AsyncSummary> asyncDeletions,
			@Nullable List<Finding> findings) {
		return new SummaryDescriptor(tables.stream().map(DescriptorMapper::table).toList(),
				asyncDeletions.stream().map(this::async).toList(),
				(findings != null) ? findings.stream().map(DescriptorMapper::finding).toList() : null);
	}

	private static TableDescriptor table(TableSummary summary) {
		return new TableDescriptor(summary.table(), summary.pending(), summary.pending() >= PendingPurges.COUNT_CAP,
				summary.due(), summary.held(), summary.blocked(), summary.failed(), summary.paused(),
				summary.oldestDue());
	}

	private static FindingDescriptor finding(Finding finding) {
		return new FindingDescriptor(finding.table().toString(), finding.code().id(), finding.severity(),
				finding.text(), finding.ddl());
	}

	private AsyncDeletionDescriptor async(AsyncSummary deletion) {
		return new AsyncDeletionDescriptor(deletion.operationId(), deletion.table(), deletion.mode(),
				reason(deletion.table(), deletion.reason()), deletion.acceptedAt(), deletion.endedAt(),
				deletion.progress().state(), deletion.progress().done(), deletion.progress().failed(),
				deletion.retrying(), deletion.progress().fraction(), error(deletion.table(), deletion.lastError()));
	}

	PageDescriptor page(String table, PendingPurges.Page page) {
		return new PageDescriptor(table, page.purges().stream().map(this::purge).toList(), page.next());
	}

	private PurgeDescriptor purge(PendingPurge purge) {
		return new PurgeDescriptor(purge.operationId(), purge.table(), purge.mode(), purge.deletionTime(),
				purge.purgeAt(), purge.rows(), purge.state(), purge.attempts(),
				error(purge.table(), purge.lastError()));
	}

	AsyncOperationDescriptor asyncOperation(AsyncSummary deletion) {
		AsyncDeletionDescriptor async = async(deletion);
		return new AsyncOperationDescriptor(async.operationId(), async.table(), async.mode(), async.reason(), async);
	}

	OperationDescriptor operation(RecordedOperation operation, ChunkPage page, @Nullable AsyncSummary async) {
		String table = operation.table().toString();
		return new OperationDescriptor(operation.id(), table, operation.mode(), operation.source(),
				(operation.delay() != null) ? operation.delay().toString() : null, reason(table, operation.reason()),
				operation.deletionTime(), operation.purgeAt(), operation.rows(), operation.cascaded(),
				operation.atLeast(), stage(operation, async), page.chunks().stream().map(this::chunk).toList(),
				(async != null) ? async(async) : null, page.next());
	}

	/**
	 * An asynchronous delete that has yet to stamp its first row looks like one whose
	 * rows have all been restored.
	 */
	private static Stage stage(RecordedOperation operation, @Nullable AsyncSummary async) {
		boolean open = async != null && async.endedAt() == null;
		return (open && operation.stage() == Stage.RESTORED) ? Stage.SOFT : operation.stage();
	}

	private ChunkDescriptor chunk(RecordedChunk chunk) {
		String table = chunk.table().toString();
		return new ChunkDescriptor(table, chunk.root(), chunk.rows(), chunk.state(), chunk.nextAttempt(),
				chunk.attempts(), error(table, chunk.lastError()),
				chunk.keys()
					.stream()
					.map((key) -> this.values.key(table, chunk.keyColumns(), key, this.shown))
					.toList());
	}

	RowDescriptor row(RowStatus row) {
		return new RowDescriptor(row.table(), row.reason(), row.text(), row.operationId(), row.mode(),
				row.deletionTime(), row.purgeAt(), row.nextAttempt(), row.attempts(),
				error(row.table(), row.lastError()), row.pausedSince(),
				row.obstacles().stream().map(DescriptorMapper::obstacle).toList(),
				(row.root() != null) ? root(row.root()) : null);
	}

	private static ObstacleDescriptor obstacle(RowStatus.Obstacle obstacle) {
		return new ObstacleDescriptor(obstacle.reason(), obstacle.table(), obstacle.constraint(), obstacle.text());
	}

	private RootDescriptor root(RowStatus.Root root) {
		return new RootDescriptor(this.values.key(root.forecast().table(), root.keyColumns(), root.key(), this.shown),
				row(root.forecast()));
	}

	private @Nullable String reason(String table, @Nullable String reason) {
		return this.values.reason(table, reason, this.shown);
	}

	private @Nullable String error(String table, @Nullable String error) {
		return this.values.error(table, error, this.shown);
	}

}
