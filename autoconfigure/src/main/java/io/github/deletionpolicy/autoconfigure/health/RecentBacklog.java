package io.github.deletionpolicy.autoconfigure.health;

import java.time.Duration;

import io.github.deletionpolicy.operator.Backlog;
import io.github.deletionpolicy.operator.Backlog.Reading;
import org.jspecify.annotations.Nullable;

/**
 * Lets all who watch share one reading for a few seconds: a scrape asks for dozens of
 * figures, and a probe may come from anywhere at any rate. A reading that failed is
 * shared too, or a scrape would wait for a lost database once per figure.
 */
public class RecentBacklog {

	private static final Duration GOOD_FOR = Duration.ofSeconds(5);

	private final Backlog backlog;

	private @Nullable Reading reading;

	private @Nullable RuntimeException failure;

	private long readAt = System.nanoTime() - GOOD_FOR.toNanos();

	public RecentBacklog(Backlog backlog) {
		this.backlog = backlog;
	}

	/**
	 * Return a reading of the last seconds.
	 */
	public synchronized Reading read() {
		if (System.nanoTime() - this.readAt >= GOOD_FOR.toNanos()) {
			readNow();
		}
		if (this.reading == null) {
			throw (this.failure != null) ? this.failure : new IllegalStateException("Nothing was read.");
		}
		return this.reading;
	}

	private void readNow() {
		try {
			this.reading = this.backlog.read();
			this.failure = null;
		}
		catch (RuntimeException ex) {
			this.reading = null;
			this.failure = ex;
		}
		this.readAt = System.nanoTime();
	}

}
