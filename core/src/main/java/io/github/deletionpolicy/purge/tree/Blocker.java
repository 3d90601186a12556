package io.github.deletionpolicy.purge.tree;

import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.purge.batch.DueChunks.Outcome;

/**
 * Why a row below a root must stay, and its root with it. The queries of trees say it by
 * these names.
 */
public enum Blocker {

	/** It was never deleted, or is restored. */
	LIVE(State.BLOCKED, "a live row of %s depends on it"),
	/** A hold condition is true for it. */
	HELD(State.HELD, "the hold condition of %s keeps a dependent row"),
	/** It was deleted by itself, and its own time has not come. */
	LATER(State.BLOCKED, "a dependent row of %s was deleted by another call and is not due yet"),
	/** Others work on it. */
	LOCKED(State.BLOCKED, "a dependent row of %s is locked or has just changed");

	private final State state;

	private final String message;

	Blocker(State state, String message) {
		this.state = state;
		this.message = message;
	}

	/**
	 * Return what to note of the root.
	 * @param table the table of the row that stays
	 */
	public Outcome in(TableName table) {
		return new Outcome(this.state, this.message.formatted(table));
	}

}
