package io.github.deletionpolicy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.github.deletionpolicy.DeletionRequest.Subject;

/**
 * Deletes nothing and remembers what it was asked for. It finds every table in the schema
 * that it was made for, as a connection with that search path would.
 */
class RecordingDeletionExecutor implements DeletionExecutor {

	static final UUID OPERATION = UUID.fromString("00000000-0000-0000-0000-000000000001");

	private final String schema;

	final List<Object> asked = new ArrayList<>();

	RecordingDeletionExecutor(String schema) {
		this.schema = schema;
	}

	@Override
	public ResolvedTable resolve(Subject subject) {
		this.asked.add(subject);
		TableName table = (subject instanceof Subject.Table named) ? TableName.parse(named.name())
				: new TableName(null, ((Subject.Aggregate) subject).type().getSimpleName().toLowerCase());
		return new Found((table.schema() != null) ? table : new TableName(this.schema, table.name()));
	}

	@Override
	public DeletionResult delete(DeletionRequest request) {
		this.asked.add(request);
		return new DeletionResult(OPERATION, request.mode(), request.source(), 1, null, null, Map.of());
	}

	@Override
	public <T> DeletedRows<T> deleteReturning(DeletionRequest request, Class<T> rowType) {
		this.asked.add(rowType);
		return new DeletedRows<>(delete(request), List.of());
	}

	@Override
	public AsyncDeletion deleteAsync(DeletionRequest request, AsyncOptions options) {
		this.asked.add(request);
		this.asked.add(options);
		return new Handle();
	}

	@Override
	public DeletionPreview preview(DeletionRequest request) {
		this.asked.add(request);
		return new DeletionPreview(request.mode(), request.source(), 1, Map.of(), List.of());
	}

	@Override
	public RestoreResult restore(UUID operationId) {
		this.asked.add(operationId);
		return new RestoreResult(1, Map.of());
	}

	@Override
	public RestoreResult restore(ResolvedTable table, DeletionPolicy policy, DeletionRequest.Selection selection) {
		this.asked.add(table.name());
		this.asked.add(policy);
		this.asked.add(selection);
		return new RestoreResult(1, Map.of());
	}

	DeletionRequest lastRequest() {
		return this.asked.stream()
			.filter(DeletionRequest.class::isInstance)
			.map(DeletionRequest.class::cast)
			.reduce((first, second) -> second)
			.orElseThrow();
	}

	private record Found(TableName name) implements ResolvedTable {
	}

	private static final class Handle implements AsyncDeletion {

		@Override
		public UUID operationId() {
			return OPERATION;
		}

		@Override
		public AsyncProgress progress() {
			return new AsyncProgress(AsyncProgress.State.ACCEPTED, 0, 0, 0);
		}

		@Override
		public AsyncProgress await(Duration timeout) {
			return progress();
		}

		@Override
		public void cancel() {
			throw new UnsupportedOperationException();
		}

	}

}
