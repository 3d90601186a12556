package io.github.deletionpolicy;

/**
 * How far an asynchronous delete has come.
 *
 * @param state where it stands
 * @param done number of rows removed or stamped so far
 * @param failed number of rows that could not be removed or stamped
 * @param fraction share of the key range that was visited, from 0.0 to 1.0
 * @since 0.1
 */
public record AsyncProgress(State state, long done, long failed, double fraction) {

	/**
	 * The states of an asynchronous delete.
	 */
	public enum State {

		/** Recorded, not yet begun. */
		ACCEPTED,
		/** At work. */
		RUNNING,
		/** Every row was visited. */
		DONE,
		/** Stopped by an error that does not go away by itself. */
		FAILED,
		/** Stopped on request. */
		CANCELLED

	}

}
