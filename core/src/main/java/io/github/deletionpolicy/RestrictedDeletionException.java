package io.github.deletionpolicy;

import org.springframework.dao.DataIntegrityViolationException;

/**
 * A delete that is refused because rows refer to its rows by a restricting foreign key.
 *
 * @since 0.1
 */
public class RestrictedDeletionException extends DataIntegrityViolationException {

	/**
	 * Create the exception.
	 * @param message what is wrong and what to write instead
	 */
	public RestrictedDeletionException(String message) {
		super(message);
	}

}
