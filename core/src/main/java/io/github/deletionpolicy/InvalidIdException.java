package io.github.deletionpolicy;

import org.springframework.dao.InvalidDataAccessApiUsageException;

/**
 * An id that does not fit the table's primary key.
 *
 * @since 0.1
 */
public class InvalidIdException extends InvalidDataAccessApiUsageException {

	/**
	 * Create the exception.
	 * @param message what is wrong and what to write instead
	 */
	public InvalidIdException(String message) {
		super(message);
	}

}
