package io.github.deletionpolicy.sample;

/**
 * What was asked for does not fit the rows as they are.
 */
class ConflictException extends RuntimeException {

	ConflictException(String message) {
		super(message);
	}

}
