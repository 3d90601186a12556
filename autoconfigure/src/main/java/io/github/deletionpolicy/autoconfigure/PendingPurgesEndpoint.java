package io.github.deletionpolicy.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;

import io.github.deletionpolicy.AsyncProgress;
import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.InvalidIdException;
import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.RestoreConflictException;
import io.github.deletionpolicy.PendingPurges.AsyncSummary;
import io.github.deletionpolicy.UnknownOperationException;
import io.github.deletionpolicy.autoconfigure.PendingPurgesDescriptors.AsyncDeletionDescriptor;
import io.github.deletionpolicy.autoconfigure.PendingPurgesDescriptors.AsyncOperationDescriptor;
import io.github.deletionpolicy.autoconfigure.PendingPurgesDescriptors.FindingDescriptor;
import io.github.deletionpolicy.autoconfigure.PendingPurgesDescriptors.OperationDescriptor;
import io.github.deletionpolicy.autoconfigure.PendingPurgesDescriptors.PageDescriptor;
import io.github.deletionpolicy.autoconfigure.PendingPurgesDescriptors.RestoredDescriptor;
import io.github.deletionpolicy.autoconfigure.PendingPurgesDescriptors.RowDescriptor;
import io.github.deletionpolicy.autoconfigure.PendingPurgesDescriptors.SummaryDescriptor;
import io.github.deletionpolicy.autoconfigure.PendingPurgesDescriptors.TableDescriptor;
import io.github.deletionpolicy.doctor.Doctor;
import io.github.deletionpolicy.operator.RecordedOperations;
import io.github.deletionpolicy.operator.RecordedOperations.ChunkPage;
import io.github.deletionpolicy.operator.RecordedOperations.RecordedOperation;
import io.github.deletionpolicy.operator.RecordedOperations.Stage;
import io.github.deletionpolicy.operator.RowDiagnosis;
import io.github.deletionpolicy.operator.RowStatus;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.dao.InvalidDataAccessApiUsageException;

/**
 * Shows what will be purged: a summary per table, one table page by page, one operation,
 * one row. Where access to it is raised it also pauses, hastens, cancels and restores.
 * <p>
 * A name is that of a table by SQL's identifier rules, or the id of an operation: no
 * table can be written like one, unless in quotes.
 *
 * @since 0.1
 */
@Endpoint(id = "pendingpurges", defaultAccess = Access.READ_ONLY)
public class PendingPurgesEndpoint {

	private static final int DEFAULT_LIMIT = 100;

	private static final int DEFAULT_CHUNKS = 20;

	private static final Pattern OPERATION = Pattern
		.compile("\\p{XDigit}{8}-\\p{XDigit}{4}-\\p{XDigit}{4}-\\p{XDigit}{4}-\\p{XDigit}{12}");

	private final PendingPurges pendingPurges;

	private final RecordedOperations operations;

	private final RowDiagnosis inquiry;

	private final DeleteOperations deletes;

	private final Doctor doctor;

	private final EndpointValues values;

	private final Show showValues;

	private final Set<String> roles;

	PendingPurgesEndpoint(PendingPurges pendingPurges, RecordedOperations operations, RowDiagnosis inquiry,
			DeleteOperations deletes, Doctor doctor, EndpointValues values, Show showValues, Set<String> roles) {
		this.pendingPurges = pendingPurges;
		this.operations = operations;
		this.inquiry = inquiry;
		this.deletes = deletes;
		this.doctor = doctor;
		this.values = values;
		this.showValues = showValues;
		this.roles = roles;
	}

	/**
	 * Count what is pending, per table.
	 * @param findings {@code true} to have the database examined for faults too;
	 * {@code null} for not
	 * @return the summaries
	 */
	@ReadOperation
	public SummaryDescriptor summary(@Nullable String findings) {
		return summary(findings, SecurityContext.NONE);
	}

	SummaryDescriptor summary(@Nullable String findings, SecurityContext caller) {
		List<FindingDescriptor> found = null;
		if (findings != null && flag("findings", findings)) {
			found = this.doctor.examine().stream().map(FindingDescriptor::new).toList();
		}
		boolean shown = shows(caller);
		return new SummaryDescriptor(this.pendingPurges.summary().stream().map(TableDescriptor::new).toList(),
				this.pendingPurges.asyncDeletions()
					.stream()
					.map((deletion) -> new AsyncDeletionDescriptor(deletion, this.values, shown))
					.toList(),
				found);
	}

	/**
	 * Show a table page by page, a row of it, or an operation.
	 * @param name the table as {@code [schema.]table}, or the operation's id
	 * @param id the row's primary key, a value per column in its order; {@code null} for
	 * a page
	 * @param after the {@code next} of the page before; {@code null} for the first one
	 * @param limit how many entries to list; {@code null} for 100 of a table, or 20 of an
	 * operation
	 * @return a page, a row or an operation; {@code null} if there is no such operation
	 */
	@ReadOperation
	public @Nullable OperationResponseBody show(@Selector String name, @Nullable Object id, @Nullable String after,
			@Nullable String limit) {
		return orBadRequest(() -> show(name, id, after, limit, SecurityContext.NONE));
	}

	/**
	 * Pause or resume all tables.
	 * @param action {@code pause} or {@code resume}
	 * @return {@code null}; the type is that of the web extension, which otherwise would
	 * be another operation than this one
	 */
	@WriteOperation
	public @Nullable OperationResponseBody changeAll(@Nullable String action) {
		return orBadRequest(() -> {
			changeTable(null, action);
			return null;
		});
	}

	/**
	 * Pause or resume a table, or change an operation.
	 * @param name the table as {@code [schema.]table}, or the operation's id
	 * @param action {@code pause} or {@code resume} of a table; {@code purge-now},
	 * {@code cancel}, {@code retry} or {@code restore} of an operation
	 * @return what was restored; {@code null} for all other actions
	 */
	@WriteOperation
	public @Nullable RestoredDescriptor change(@Selector String name, @Nullable String action) {
		return orBadRequest(() -> act(name, action));
	}

	private static <T extends @Nullable Object> T orBadRequest(Supplier<T> work) {
		try {
			return work.get();
		}
		catch (InvalidDataAccessApiUsageException | RestoreConflictException | UnknownOperationException ex) {
			String message = String.valueOf(ex.getMessage());
			throw new InvalidEndpointRequestException(message, message, ex);
		}
	}

	@Nullable OperationResponseBody show(String name, @Nullable Object id, @Nullable String after, @Nullable String limit,
			SecurityContext caller) {
		boolean shown = shows(caller);
		if (isOperation(name)) {
			if (id != null) {
				throw new InvalidDataAccessApiUsageException(
						"'%s' is the id of an operation, and 'id' asks for a row. Name the row's table instead."
							.formatted(name));
			}
			return operation(UUID.fromString(name), after, number(limit, DEFAULT_CHUNKS), shown);
		}
		if (id != null) {
			return new RowDescriptor(this.inquiry.askByText(name, key(id)), this.values, shown);
		}
		PendingPurges.Page page = this.pendingPurges.page(name, after, number(limit, DEFAULT_LIMIT));
		return new PageDescriptor(name, page, this.values, shown);
	}

	boolean shows(SecurityContext caller) {
		return this.showValues.isShown(caller, this.roles);
	}

	EndpointValues values() {
		return this.values;
	}

	/**
	 * Of a hard delete nothing is recorded but its progress.
	 */
	private @Nullable OperationResponseBody operation(UUID id, @Nullable String after, int limit, boolean shown) {
		ChunkPage page = this.operations.chunks(id, after, limit);
		AsyncDeletionDescriptor async = this.operations.findAsync(id)
			.map((deletion) -> new AsyncDeletionDescriptor(deletion, this.values, shown))
			.orElse(null);
		RecordedOperation operation = this.operations.find(id).orElse(null);
		if (operation != null) {
			return new OperationDescriptor(operation, page, async, this.values, shown);
		}
		return (async != null) ? new AsyncOperationDescriptor(async) : null;
	}

	@Nullable RestoredDescriptor act(String name, @Nullable String action) {
		if (!isOperation(name)) {
			changeTable(name, action);
			return null;
		}
		UUID operation = UUID.fromString(name);
		switch (String.valueOf(action)) {
			case "purge-now" -> purgeNow(operation);
			case "retry" ->
				change(operation, this.pendingPurges::retry, Stage.PURGED, PendingPurgesEndpoint::needsNoRetry);
			case "cancel" -> change(operation, this.pendingPurges::cancel, Stage.CANCELLED,
					(progress) -> progress.state() == AsyncProgress.State.CANCELLED);
			case "restore" -> {
				return restore(operation);
			}
			default -> throw unknownAction(action, "purge-now, cancel, retry or restore");
		}
		return null;
	}

	void changeTable(@Nullable String table, @Nullable String action) {
		switch (String.valueOf(action)) {
			case "pause" -> this.pendingPurges.pause(table);
			case "resume" -> this.pendingPurges.resume(table);
			default -> throw unknownAction(action, "pause or resume");
		}
	}

	private void purgeNow(UUID operation) {
		if (this.operations.findAsync(operation).isPresent()) {
			throw new NothingPendingException(
					"Operation %s is an asynchronous delete, which goes on by itself and leaves no purge behind that could be hastened. Write retry to have it go on after a failure, or cancel to stop it."
						.formatted(operation));
		}
		change(operation, this.pendingPurges::purgeNow, Stage.PURGED, (progress) -> false);
	}

	private RestoredDescriptor restore(UUID operation) {
		if (this.operations.findAsync(operation)
			.filter((deletion) -> deletion.mode() == DeletionMode.HARD)
			.isPresent()) {
			throw new NothingPendingException(
					"Operation %s is a hard delete: rows that it removed are gone and cannot be restored. Write cancel to keep those that it has not removed yet."
						.formatted(operation));
		}
		return new RestoredDescriptor(this.deletes.restore(operation));
	}

	/**
	 * Rows that were given up are not tried again; else it is at work, or all is done.
	 */
	private static boolean needsNoRetry(AsyncProgress progress) {
		return switch (progress.state()) {
			case ACCEPTED, RUNNING -> true;
			case DONE -> progress.failed() == 0;
			case FAILED, CANCELLED -> false;
		};
	}

	/**
	 * To say something twice is no error, nor to hasten what is over.
	 */
	private void change(UUID operation, OperationChange change, Stage fulfilled,
			Predicate<AsyncProgress> fulfilledAsync) {
		try {
			change.change(operation);
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
		return "The asynchronous delete %s has ended: its state is %s, with %d row(s) done and %d given up. Delete what is left anew."
			.formatted(async.operationId(), progress.state(), progress.done(), progress.failed());
	}

	private static InvalidDataAccessApiUsageException unknownAction(@Nullable String action, String known) {
		String problem = (action != null) ? "'%s' is no action that can be taken here.".formatted(action)
				: "There is no 'action'.";
		return new UnknownActionException("%s Write %s.".formatted(problem, known));
	}

	private static boolean isOperation(String name) {
		return OPERATION.matcher(name).matches();
	}

	private static List<String> key(Object id) {
		List<String> key = new ArrayList<>();
		for (Object value : (id instanceof Iterable<?> several) ? several : List.of(id)) {
			String text = String.valueOf(value);
			if (text.indexOf('\0') >= 0) {
				throw new InvalidIdException("The id has a zero character, which no key can have. Leave it out.");
			}
			key.add(text);
		}
		return key;
	}

	private static int number(@Nullable String text, int otherwise) {
		if (text == null) {
			return otherwise;
		}
		try {
			return Integer.parseInt(text);
		}
		catch (NumberFormatException ex) {
			throw new InvalidDataAccessApiUsageException("'%s' is no 'limit'. Write a number.".formatted(text), ex);
		}
	}

	private static boolean flag(String name, String text) {
		return switch (text.toLowerCase(Locale.ROOT)) {
			case "true" -> true;
			case "false" -> false;
			default -> {
				String message = "'%s' is no '%s'. Write true or false.".formatted(text, name);
				throw new InvalidEndpointRequestException(message, message);
			}
		};
	}

	@FunctionalInterface
	private interface OperationChange {

		void change(UUID operation);

	}

	/**
	 * What was asked for is not said, or not among what can be done.
	 */
	static final class UnknownActionException extends InvalidDataAccessApiUsageException {

		UnknownActionException(String message) {
			super(message);
		}

	}

	/**
	 * The operation is known, and cannot be changed any more.
	 */
	static final class NothingPendingException extends InvalidDataAccessApiUsageException {

		NothingPendingException(String message) {
			super(message);
		}

	}

}
