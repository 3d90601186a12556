package io.github.deletionpolicy.purge;

import java.time.Duration;

/**
 * Work beside the tables that a run does in turn with them, from several threads.
 */
public interface RunTask {

	/**
	 * Return whether there is anything to do now or soon.
	 */
	boolean hasWork();

	/**
	 * Do a part of the work.
	 * @param alone whether no table is due
	 */
	Turn turn(boolean alone);

	/**
	 * What became of a turn.
	 *
	 * @param worked whether anything was done
	 * @param rest the shortest rest after which there is more to do; zero for none
	 */
	record Turn(boolean worked, Duration rest) {
	}

}
