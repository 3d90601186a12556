package io.github.deletionpolicy;

import org.springframework.dao.InvalidDataAccessApiUsageException;

/**
 * A criteria that cannot be meant, or holds a value that does not fit its column.
 *
 * @since 0.1
 */
public class InvalidCriteriaException extends InvalidDataAccessApiUsageException {

	/**
	 * Create the exception.
	 * @param message what is wrong and what to write instead
	 */
	public InvalidCriteriaException(String message) {
		super(message);
	}

}
