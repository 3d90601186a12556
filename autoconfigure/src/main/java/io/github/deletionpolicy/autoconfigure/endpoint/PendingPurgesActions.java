package io.github.deletionpolicy.autoconfigure.endpoint;

import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;

import io.github.deletionpolicy.AsyncProgress;
import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.PendingPurges.AsyncSummary;
import io.github.deletionpolicy.RestoreResult;
import io.github.deletionpolicy.UnknownOperationException;
import io.github.deletionpolicy.operator.RecordedOperations;
import io.github.deletionpolicy.operator.RecordedOperations.RecordedOperation;
import io.github.deletionpolicy.operator.RecordedOperations.Stage;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.InvalidDataAccessApiUsageException;

/**
 * What can be done through the endpoint. To ask for the same twice is no error.
 */
record PendingPurgesActions(PendingPurges pendingPurges, RecordedOperations operations, DeleteOperations deletes) {

	/**
	 * Change a table, or all of them.
	 */
	void changeTable(@Nullable String table, @Nullable String action) {
		switch (String.valueOf(action)) {
			case "pause" -> this.pendingPurges.pause(table);
			case "resume" -> this.pendingPurges.resume(table);
			default -> throw unknownAction(action, "pause or resume");
		}
	}

	/**
	 * Change an operation, and return what was restored if it was.
	 */
	@Nullable RestoreResult changeOperation(UUID operation, @Nullable String action) {
		switch (String.valueOf(action)) {
			case "purge-now" -> purgeNow(operation);
			case "retry" ->
				change(operation, this.pendingPurges::retry, Stage.PURGED, PendingPurgesActions::needsNoRetry);
			case "cancel" -> change(operation, this.pendingPurges::cancel, Stage.CANCELLED,
					(progress) -> progress.state() == AsyncProgress.State.CANCELLED);
			case "restore" -> {
				return restore(operation);
			}
			default -> throw unknownAction(action, "purge-now, cancel, retry or restore");
		}
		return null;
	}

	private void purgeNow(UUID operation) {
		if (this.operations.findAsync(operation).isPresent()) {
			throw new NothingPendingException(
					"Operation %s is an asynchronous delete, which has no pending purge that could be made due. Write retry to continue it after a failure, or cancel to stop it."
						.formatted(operation));
		}
		change(operation, this.pendingPurges::purgeNow, Stage.PURGED, (progress) -> false);
	}

	private RestoreResult restore(UUID operation) {
		if (this.operations.findAsync(operation)
			.filter((deletion) -> deletion.mode() == DeletionMode.HARD)
			.isPresent()) {
			throw new NothingPendingException(
					"Operation %s is a hard delete: rows that it removed are gone and cannot be restored. Write cancel to keep those that it has not removed yet."
						.formatted(operation));
		}
		return this.deletes.restore(operation);
	}

	/**
	 * Rows that were given up are not tried again; otherwise it is at work, or all is
	 * done.
	 */
	private static boolean needsNoRetry(AsyncProgress progress) {
		return switch (progress.state()) {
			case ACCEPTED, RUNNING -> true;
			case DONE -> progress.failed() == 0;
			case FAILED, CANCELLED -> false;
		};
	}

	private void change(UUID operation, Consumer<UUID> change, Stage fulfilled,
			Predicate<AsyncProgress> fulfilledAsync) {
		try {
			change.accept(operation);
		}
		catch (UnknownOperationException ex) {
			AsyncSummary async = this.operations.findAsync(operation).orElse(null);
			if (async != null) {
				if (!fulfilledAsync.test(async.progress())) {
					throw new NothingPendingException(ended(async));
				}
				return;
			}
			RecordedOperation found = this.operations.find(operation).orElseThrow(() -> ex);
			if (found.stage() != fulfilled) {
				throw new NothingPendingException(
						"No purge is pending for operation %s: its state is %s.".formatted(operation, found.stage()));
			}
		}
	}

	private static String ended(AsyncSummary async) {
		AsyncProgress progress = async.progress();
		return "The asynchronous delete %s has ended: its state is %s, with %d row(s) done and %d given up. Delete the remaining rows with a new call."
			.formatted(async.operationId(), progress.state(), progress.done(), progress.failed());
	}

	private static InvalidDataAccessApiUsageException unknownAction(@Nullable String action, String known) {
		String problem = (action != null) ? "'%s' is not an action that is possible here.".formatted(action)
				: "There is no 'action'.";
		return new UnknownActionException("%s Write %s.".formatted(problem, known));
	}

	/**
	 * The action is missing, or not among those that can be taken.
	 */
	static final class UnknownActionException extends InvalidDataAccessApiUsageException {

		UnknownActionException(String message) {
			super(message);
		}

	}

	/**
	 * The operation is known and can no longer be changed.
	 */
	static final class NothingPendingException extends InvalidDataAccessApiUsageException {

		NothingPendingException(String message) {
			super(message);
		}

	}

}
