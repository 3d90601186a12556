package io.github.deletionpolicy.autoconfigure.schema;

import org.jspecify.annotations.Nullable;

/**
 * The tables that record deletes cannot be created or brought up to date.
 */
final class DeletionPolicySchemaException extends RuntimeException {

	private final String action;

	DeletionPolicySchemaException(String description, String action, @Nullable Throwable cause) {
		super(description, cause);
		this.action = action;
	}

	String getAction() {
		return this.action;
	}

}
