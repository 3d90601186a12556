package io.github.deletionpolicy;

/**
 * How far an asynchronous delete has come.
 *
 * @param state where it stands
 * @param done number of rows removed or stamped so far
 * @param failed number of rows that were given up after several attempts
 * @param fraction share of the work that is done, from 0.0 to 1.0: of the range of
 * numbers where the primary key is a single integer, else of the rows that the table was
 * thought to have; it never goes back, and is 1.0 when, and only when, the state is
 * {@link State#DONE}
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
		/**
		 * Every row was visited. Those that could not be deleted are counted as failed.
		 */
		DONE,
		/**
		 * Stopped by an error that does not go away by itself, such as a table that is no
		 * longer there. {@link PendingPurges#retry} has it go on from there.
		 */
		FAILED,
		/** Stopped on request. */
		CANCELLED

	}

}
