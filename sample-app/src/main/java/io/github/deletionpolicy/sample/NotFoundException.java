package io.github.deletionpolicy.sample;

/**
 * There is no such row, or no longer.
 */
class NotFoundException extends RuntimeException {

	NotFoundException(String message) {
		super(message);
	}

}
