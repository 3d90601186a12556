package io.github.deletionpolicy.purge;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The runs of this application that have not ended, so that they can be ended between two
 * batches when it stops.
 */
class ActiveRuns {

	private final Set<PurgeRun> runs = new HashSet<>();

	private boolean stopped;

	/**
	 * Note that a run begins.
	 * @return whether it may
	 */
	synchronized boolean begin(PurgeRun run) {
		return !this.stopped && this.runs.add(run);
	}

	synchronized void ended(PurgeRun run) {
		this.runs.remove(run);
		notifyAll();
	}

	synchronized void start() {
		this.stopped = false;
	}

	synchronized boolean isStopped() {
		return this.stopped;
	}

	/**
	 * Let no run begin, and end those that have begun after their batch.
	 * @param patience how long to wait for them
	 * @return whether all have ended
	 */
	synchronized boolean stop(Duration patience) {
		this.stopped = true;
		this.runs.forEach(PurgeRun::endEarly);
		long end = System.nanoTime() + patience.toNanos();
		try {
			for (long left = patience.toNanos(); !this.runs.isEmpty() && left > 0; left = end - System.nanoTime()) {
				TimeUnit.NANOSECONDS.timedWait(this, left);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		return this.runs.isEmpty();
	}

}
