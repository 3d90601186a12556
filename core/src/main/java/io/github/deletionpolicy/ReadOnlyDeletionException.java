package io.github.deletionpolicy;

import org.springframework.dao.InvalidDataAccessResourceUsageException;

/**
 * A delete or restore inside a transaction that was declared read-only.
 *
 * @since 0.1
 */
public class ReadOnlyDeletionException extends InvalidDataAccessResourceUsageException {

	/**
	 * Create the exception.
	 * @param message what is wrong and what to write instead
	 */
	public ReadOnlyDeletionException(String message) {
		super(message);
	}

}
