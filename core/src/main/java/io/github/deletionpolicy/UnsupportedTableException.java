package io.github.deletionpolicy;

import org.springframework.dao.InvalidDataAccessApiUsageException;

/**
 * A table that cannot be deleted from in the way that was asked for.
 *
 * @since 0.1
 */
public class UnsupportedTableException extends InvalidDataAccessApiUsageException {

	/**
	 * Create the exception.
	 * @param message what is wrong and what to write instead
	 */
	public UnsupportedTableException(String message) {
		super(message);
	}

}
