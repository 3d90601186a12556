package io.github.deletionpolicy;

import org.springframework.dao.InvalidDataAccessApiUsageException;

/**
 * An asynchronous delete whose mode was resolved to {@link DeletionMode#SCHEDULED}.
 *
 * @since 0.1
 */
public class AsyncScheduledDeletionException extends InvalidDataAccessApiUsageException {

	/**
	 * Create the exception.
	 * @param message what is wrong and what to write instead
	 */
	public AsyncScheduledDeletionException(String message) {
		super(message);
	}

}
