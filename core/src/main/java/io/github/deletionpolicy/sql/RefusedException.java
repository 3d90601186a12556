package io.github.deletionpolicy.sql;

import java.util.Objects;

import org.springframework.dao.DataAccessException;

/**
 * Carries a refusal out of the work that was rolled back for it, to where the caller's
 * transaction is left alone.
 */
@SuppressWarnings("serial")
public class RefusedException extends RuntimeException {

	public RefusedException(DataAccessException reason) {
		super(reason);
	}

	public DataAccessException reason() {
		return (DataAccessException) Objects.requireNonNull(getCause());
	}

}
