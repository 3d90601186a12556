package io.github.deletionpolicy.autoconfigure.endpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Pattern;

import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.InvalidIdException;
import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.PendingPurges.AsyncSummary;
import io.github.deletionpolicy.RestoreConflictException;
import io.github.deletionpolicy.RestoreResult;
import io.github.deletionpolicy.UnknownOperationException;
import io.github.deletionpolicy.autoconfigure.endpoint.PendingPurgesDescriptors.RestoredDescriptor;
import io.github.deletionpolicy.autoconfigure.endpoint.PendingPurgesDescriptors.SummaryDescriptor;
import io.github.deletionpolicy.doctor.Doctor;
import io.github.deletionpolicy.operator.RecordedOperations;
import io.github.deletionpolicy.operator.RecordedOperations.ChunkPage;
import io.github.deletionpolicy.operator.RecordedOperations.RecordedOperation;
import io.github.deletionpolicy.operator.RowDiagnosis;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
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

	private final PendingPurgesActions actions;

	private final Doctor doctor;

	private final EndpointValues values;

	private final Show showValues;

	private final Set<String> roles;

	public PendingPurgesEndpoint(PendingPurges pendingPurges, RecordedOperations operations, RowDiagnosis inquiry,
			DeleteOperations deletes, Doctor doctor, List<SanitizingFunction> sanitizing, Show showValues,
			Set<String> roles) {
		this.pendingPurges = pendingPurges;
		this.operations = operations;
		this.inquiry = inquiry;
		this.actions = new PendingPurgesActions(pendingPurges, operations, deletes);
		this.doctor = doctor;
		this.values = new EndpointValues(sanitizing);
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
		boolean examine = findings != null && flag("findings", findings);
		return answersTo(caller).summary(this.pendingPurges.summary(), this.pendingPurges.asyncDeletions(),
				examine ? this.doctor.examine() : null);
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
		if (isOperation(name)) {
			if (id != null) {
				throw new InvalidDataAccessApiUsageException(
						"'%s' is the id of an operation, and 'id' asks for a row. Name the row's table instead."
							.formatted(name));
			}
			return operation(UUID.fromString(name), after, number(limit, DEFAULT_CHUNKS), answersTo(caller));
		}
		if (id != null) {
			return answersTo(caller).row(this.inquiry.askByText(name, key(id)));
		}
		return answersTo(caller).page(name, this.pendingPurges.page(name, after, number(limit, DEFAULT_LIMIT)));
	}

	/**
	 * Return the message of a refused restore as the caller may see it.
	 */
	String conflict(RestoreConflictException ex, SecurityContext caller) {
		return this.values.conflict(String.valueOf(ex.getMessage()), shows(caller));
	}

	private DescriptorMapper answersTo(SecurityContext caller) {
		return new DescriptorMapper(this.values, shows(caller));
	}

	private boolean shows(SecurityContext caller) {
		return this.showValues.isShown(caller, this.roles);
	}

	/**
	 * Of a hard delete nothing is recorded but its progress.
	 */
	private @Nullable OperationResponseBody operation(UUID id, @Nullable String after, int limit,
			DescriptorMapper answers) {
		ChunkPage page = this.operations.chunks(id, after, limit);
		AsyncSummary async = this.operations.findAsync(id).orElse(null);
		RecordedOperation operation = this.operations.find(id).orElse(null);
		if (operation != null) {
			return answers.operation(operation, page, async);
		}
		return (async != null) ? answers.asyncOperation(async) : null;
	}

	@Nullable RestoredDescriptor act(String name, @Nullable String action) {
		if (!isOperation(name)) {
			changeTable(name, action);
			return null;
		}
		RestoreResult restored = this.actions.changeOperation(UUID.fromString(name), action);
		return (restored != null) ? new RestoredDescriptor(restored.rows(), restored.cascaded()) : null;
	}

	void changeTable(@Nullable String table, @Nullable String action) {
		this.actions.changeTable(table, action);
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
			throw new InvalidDataAccessApiUsageException("'%s' is not a valid 'limit'. Write a number.".formatted(text),
					ex);
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

}
