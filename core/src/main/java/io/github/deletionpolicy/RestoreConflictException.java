package io.github.deletionpolicy;

import org.springframework.dao.DataIntegrityViolationException;

/**
 * A restore that cannot be done; nothing was changed.
 *
 * @since 0.1
 */
public class RestoreConflictException extends DataIntegrityViolationException {

	/**
	 * Create the exception.
	 * @param message what is wrong and what to write instead
	 */
	public RestoreConflictException(String message) {
		super(message);
	}

}
