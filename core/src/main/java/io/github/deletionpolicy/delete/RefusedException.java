package io.github.deletionpolicy.delete;

import org.springframework.dao.DataAccessException;

/**
 * Carries a refusal out of the work that was rolled back for it, to where the caller's
 * transaction is left alone.
 */
@SuppressWarnings("serial")
class RefusedException extends RuntimeException {

	private final DataAccessException reason;

	RefusedException(DataAccessException reason) {
		super(reason);
		this.reason = reason;
	}

	DataAccessException reason() {
		return this.reason;
	}

}
