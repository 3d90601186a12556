package io.github.deletionpolicy;

import org.springframework.dao.DataIntegrityViolationException;

/**
 * A delete that live rows behind a restricting foreign key refuse.
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
