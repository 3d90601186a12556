package io.github.deletionpolicy;

import org.jspecify.annotations.Nullable;

/**
 * A declaration of a policy that cannot be meant. It stops the start of the application.
 *
 * @since 0.1
 */
public class InvalidDeletionPolicyException extends IllegalArgumentException {

	private final String description;

	private final String action;

	/**
	 * Create the exception.
	 * @param description what is wrong, in whole sentences
	 * @param action what to write instead, in whole sentences
	 */
	public InvalidDeletionPolicyException(String description, String action) {
		this(description, action, null);
	}

	/**
	 * Create the exception.
	 * @param description what is wrong, in whole sentences
	 * @param action what to write instead, in whole sentences
	 * @param cause what it was noticed by
	 */
	public InvalidDeletionPolicyException(String description, String action, @Nullable Throwable cause) {
		super(description + " " + action, cause);
		this.description = description;
		this.action = action;
	}

	/**
	 * Return what is wrong.
	 * @return the description
	 */
	public String getDescription() {
		return this.description;
	}

	/**
	 * Return what to write instead.
	 * @return the action
	 */
	public String getAction() {
		return this.action;
	}

}
