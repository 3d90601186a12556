package io.github.deletionpolicy.autoconfigure.endpoint;

import java.sql.SQLException;
import java.util.Set;
import java.util.function.Supplier;

import io.github.deletionpolicy.InvalidIdException;
import io.github.deletionpolicy.RestoreConflictException;
import io.github.deletionpolicy.UnknownOperationException;
import io.github.deletionpolicy.UnknownTableException;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.autoconfigure.endpoint.PendingPurgesActions.NothingPendingException;
import io.github.deletionpolicy.autoconfigure.endpoint.PendingPurgesActions.UnknownActionException;
import io.github.deletionpolicy.autoconfigure.endpoint.PendingPurgesDescriptors.ErrorDescriptor;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.InvalidDataAccessApiUsageException;

/**
 * Answers over HTTP: shows values to those who may see them, and says in the body what is
 * wrong with a request.
 *
 * @since 0.1
 */
@EndpointWebExtension(endpoint = PendingPurgesEndpoint.class)
public class PendingPurgesEndpointWebExtension {

	private static final int CONFLICT = 409;

	private static final int UNAVAILABLE = 503;

	/**
	 * SQLSTATEs of a statement that was ended at its time limit, and of one that would
	 * have had to wait too long for a lock.
	 */
	private static final Set<String> OUT_OF_TIME = Set.of("57014", "55P03");

	/**
	 * SQLSTATE class of values that do not fit their type.
	 */
	private static final String DATA_EXCEPTION = "22";

	private final PendingPurgesEndpoint delegate;

	public PendingPurgesEndpointWebExtension(PendingPurgesEndpoint delegate) {
		this.delegate = delegate;
	}

	/**
	 * Count what is pending, per table, and list asynchronous deletes.
	 * @param caller decides whether values are shown
	 * @param findings whether to examine the database too
	 * @return the summaries
	 */
	@ReadOperation
	public WebEndpointResponse<OperationResponseBody> summary(SecurityContext caller, @Nullable String findings) {
		return answer(caller, () -> this.delegate.summary(findings, caller));
	}

	/**
	 * Show a table page by page, a row of it, or an operation.
	 * @param caller decides whether values are shown
	 * @param name the table or the operation's id
	 * @param id the row's primary key, a value per column
	 * @param after the {@code next} of the page before
	 * @param limit how many entries to list
	 * @return a page, a row or an operation
	 */
	@ReadOperation
	public WebEndpointResponse<OperationResponseBody> show(SecurityContext caller, @Selector String name,
			@Nullable Object id, @Nullable String after, @Nullable String limit) {
		return answer(caller, () -> {
			OperationResponseBody body = this.delegate.show(name, id, after, limit, caller);
			if (body == null) {
				throw new UnknownOperationException("Nothing is recorded for operation %s.".formatted(name));
			}
			return body;
		});
	}

	/**
	 * Pause or resume all tables.
	 * @param caller decides whether values are shown
	 * @param action what to do
	 * @return nothing, or what is wrong
	 */
	@WriteOperation
	public WebEndpointResponse<OperationResponseBody> changeAll(SecurityContext caller, @Nullable String action) {
		return answer(caller, () -> {
			this.delegate.changeTable(null, action);
			return null;
		});
	}

	/**
	 * Pause or resume a table, or change an operation.
	 * @param caller decides whether values are shown
	 * @param name the table or the operation's id
	 * @param action what to do
	 * @return what was restored, nothing, or what is wrong
	 */
	@WriteOperation
	public WebEndpointResponse<OperationResponseBody> change(SecurityContext caller, @Selector String name,
			@Nullable String action) {
		return answer(caller, () -> this.delegate.act(name, action));
	}

	private WebEndpointResponse<OperationResponseBody> answer(SecurityContext caller,
			Supplier<? extends @Nullable OperationResponseBody> work) {
		try {
			OperationResponseBody body = work.get();
			return (body != null) ? new WebEndpointResponse<>(body)
					: new WebEndpointResponse<>(WebEndpointResponse.STATUS_NO_CONTENT);
		}
		catch (UnknownTableException | UnsupportedTableException | UnknownOperationException ex) {
			return error(ex, WebEndpointResponse.STATUS_NOT_FOUND);
		}
		catch (UnknownActionException | InvalidIdException | InvalidEndpointRequestException ex) {
			return error(ex, WebEndpointResponse.STATUS_BAD_REQUEST);
		}
		catch (RestoreConflictException ex) {
			return new WebEndpointResponse<>(new ErrorDescriptor(this.delegate.conflict(ex, caller)), CONFLICT);
		}
		catch (NothingPendingException ex) {
			return error(ex, CONFLICT);
		}
		catch (InvalidDataAccessApiUsageException ex) {
			return error(ex, WebEndpointResponse.STATUS_BAD_REQUEST);
		}
		catch (DataAccessException ex) {
			if (isOutOfTime(ex)) {
				return new WebEndpointResponse<>(new ErrorDescriptor(
						"The database did not answer in the time that a question may take: locks or very many rows are in its way. Ask again."),
						UNAVAILABLE);
			}
			if (isDataException(ex)) {
				return new WebEndpointResponse<>(
						new ErrorDescriptor("The id is not a valid value of the primary key. Write it as SQL does."),
						WebEndpointResponse.STATUS_BAD_REQUEST);
			}
			throw ex;
		}
	}

	private static boolean isOutOfTime(DataAccessException ex) {
		return ex.getMostSpecificCause() instanceof SQLException sql && sql.getSQLState() != null
				&& OUT_OF_TIME.contains(sql.getSQLState());
	}

	private static WebEndpointResponse<OperationResponseBody> error(RuntimeException ex, int status) {
		return new WebEndpointResponse<>(new ErrorDescriptor(String.valueOf(ex.getMessage())), status);
	}

	private static boolean isDataException(DataAccessException ex) {
		return ex.getMostSpecificCause() instanceof SQLException sql && sql.getSQLState() != null
				&& sql.getSQLState().startsWith(DATA_EXCEPTION);
	}

}
