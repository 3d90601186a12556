package io.github.deletionpolicy;

import org.springframework.dao.InvalidDataAccessApiUsageException;

/**
 * A delay of a single delete that is negative or too long.
 *
 * @since 0.1
 */
public class InvalidDelayException extends InvalidDataAccessApiUsageException {

	/**
	 * Create the exception.
	 * @param message what is wrong and what to write instead
	 */
	public InvalidDelayException(String message) {
		super(message);
	}

}
