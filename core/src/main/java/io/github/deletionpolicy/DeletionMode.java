package io.github.deletionpolicy;

/**
 * What a delete does to a row.
 *
 * @since 0.1
 */
public enum DeletionMode {

	/**
	 * The row is removed at once by a {@code DELETE}; nothing is recorded of it.
	 */
	HARD,

	/**
	 * The row stays and carries its deletion time; it is never purged.
	 */
	SOFT,

	/**
	 * The row carries its deletion time now and is removed for good when its delay is
	 * over, unless it was restored in the meantime.
	 */
	SCHEDULED

}
