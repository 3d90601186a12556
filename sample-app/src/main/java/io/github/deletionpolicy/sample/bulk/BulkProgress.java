package io.github.deletionpolicy.sample.bulk;

import io.github.deletionpolicy.AsyncProgress;
import io.github.deletionpolicy.AsyncProgress.State;

/**
 * How far the delete is, as the page shows it.
 *
 * @param percent share of the table that was visited, from 0 to 100
 * @param done rows removed so far
 * @param text the state in words
 * @param running whether it goes on
 */
record BulkProgress(int percent, long done, String text, boolean running) {

	static BulkProgress of(AsyncProgress progress) {
		State state = progress.state();
		return new BulkProgress((int) (progress.fraction() * 100), progress.done(), words(progress),
				state == State.ACCEPTED || state == State.RUNNING);
	}

	private static String words(AsyncProgress progress) {
		return switch (progress.state()) {
			case ACCEPTED -> "The delete is accepted.";
			case RUNNING -> "The delete is under way.";
			case DONE -> "Done: %,d rows are gone.".formatted(progress.done());
			case CANCELLED -> "Cancelled: %,d rows are gone, the others stay.".formatted(progress.done());
			case FAILED -> "Stopped by an error after %,d rows.".formatted(progress.done());
		};
	}

}
