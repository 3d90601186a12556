package io.github.deletionpolicy;

import org.springframework.dao.InvalidDataAccessApiUsageException;

/**
 * A column or property that the table or class does not have.
 *
 * @since 0.1
 */
public class UnknownColumnException extends InvalidDataAccessApiUsageException {

	/**
	 * Create the exception.
	 * @param message what is wrong and what to write instead
	 */
	public UnknownColumnException(String message) {
		super(message);
	}

}
