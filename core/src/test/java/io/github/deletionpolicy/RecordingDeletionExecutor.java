package io.github.deletionpolicy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

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
	public TableName resolve(DeletionTarget target) {
		this.asked.add(target);
		TableName table = (target instanceof DeletionTarget.Table named) ? TableName.parse(named.name())
				: new TableName(null, ((DeletionTarget.Aggregate) target).type().getSimpleName().toLowerCase());
		return (table.schema() != null) ? table : new TableName(this.schema, table.name());
	}

	@Override
	public DeletionResult delete(DeletionOrder order) {
		this.asked.add(order);
		return new DeletionResult(OPERATION, order.mode(), order.source(), 1, null, null, Map.of());
	}

	@Override
	public <T> DeletedRows<T> deleteReturning(DeletionOrder order, Class<T> rowType) {
		this.asked.add(rowType);
		return new DeletedRows<>(delete(order), List.of());
	}

	@Override
	public AsyncDeletion deleteAsync(DeletionOrder order, AsyncOptions options) {
		this.asked.add(order);
		this.asked.add(options);
		return new Handle();
	}

	@Override
	public DeletionPreview preview(DeletionOrder order) {
		this.asked.add(order);
		return new DeletionPreview(order.mode(), order.source(), 1, Map.of(), List.of());
	}

	@Override
	public RestoreResult restore(UUID operationId) {
		this.asked.add(operationId);
		return new RestoreResult(1, Map.of());
	}

	@Override
	public RestoreResult restore(DeletionTarget target, DeletionPolicy policy, RowSelection selection) {
		this.asked.add(target);
		this.asked.add(policy);
		this.asked.add(selection);
		return new RestoreResult(1, Map.of());
	}

	DeletionOrder lastOrder() {
		return this.asked.stream()
			.filter(DeletionOrder.class::isInstance)
			.map(DeletionOrder.class::cast)
			.reduce((first, second) -> second)
			.orElseThrow();
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
