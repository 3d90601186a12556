package io.github.deletionpolicy.history;

import java.time.Duration;

import io.github.deletionpolicy.DeletionMode;

/**
 * What a delete means once it is resolved.
 *
 * @param mode the mode
 * @param delay after which the rows are due; zero where they never are
 */
record Meaning(DeletionMode mode, Duration delay) {

	static final Meaning HARD = new Meaning(DeletionMode.HARD, Duration.ZERO);

}
