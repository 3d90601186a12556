package io.github.deletionpolicy.sql;

import org.springframework.dao.DataAccessException;

/**
 * Carries a refusal out of the work that was rolled back for it, to where the caller's
 * transaction is left alone.
 */
@SuppressWarnings("serial")
public class RefusedException extends RuntimeException {

	private final DataAccessException reason;

	public RefusedException(DataAccessException reason) {
		super(reason);
		this.reason = reason;
	}

	public DataAccessException reason() {
		return this.reason;
	}

}
