package io.github.deletionpolicy;

/**
 * Who decided the {@link DeletionMode} of a delete.
 *
 * @since 0.1
 */
public enum ModeSource {

	/**
	 * The call itself named a mode.
	 */
	CALL,

	/**
	 * The table's {@link DeletionPolicy}.
	 */
	TABLE,

	/**
	 * Neither: the table has no policy, so the delete is a hard one.
	 */
	FALLBACK

}
