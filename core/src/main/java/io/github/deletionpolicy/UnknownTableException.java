package io.github.deletionpolicy;

import org.springframework.dao.InvalidDataAccessApiUsageException;

/**
 * A table name that is malformed, or that the database does not know.
 *
 * @since 0.1
 */
public class UnknownTableException extends InvalidDataAccessApiUsageException {

	/**
	 * Create the exception.
	 * @param message what is wrong and what to write instead
	 */
	public UnknownTableException(String message) {
		super(message);
	}

}
