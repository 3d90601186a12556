package io.github.deletionpolicy.history;

import java.time.Duration;

import io.github.deletionpolicy.DeletionMode;

/**
 * What a delete means once it is resolved.
 *
 * @param mode the mode
 * @param delay after which the rows are due; zero where they never are
 */
record ResolvedPolicy(DeletionMode mode, Duration delay) {

	static final ResolvedPolicy HARD = new ResolvedPolicy(DeletionMode.HARD, Duration.ZERO);

}
