package io.github.deletionpolicy;

import org.springframework.dao.DataRetrievalFailureException;

/**
 * An operation that is not recorded, or no longer.
 *
 * @since 0.1
 */
public class UnknownOperationException extends DataRetrievalFailureException {

	/**
	 * Create the exception.
	 * @param message what is wrong and what to write instead
	 */
	public UnknownOperationException(String message) {
		super(message);
	}

}
