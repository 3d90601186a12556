package io.github.deletionpolicy.purge;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

import io.github.deletionpolicy.PendingPurges.State;

/**
 * Counts what the workers of one run did.
 */
class PurgeTally {

	private final Map<String, Long> rows = new ConcurrentHashMap<>();

	private final AtomicLong held = new AtomicLong();

	private final AtomicLong blocked = new AtomicLong();

	private final AtomicLong failed = new AtomicLong();

	void add(PurgeResult result) {
		result.removed().forEach((table, count) -> this.rows.merge(table, count, Long::sum));
		this.held.addAndGet(result.held());
		failed(result.state(), result.others());
	}

	void failed(State state, long count) {
		AtomicLong counter = switch (state) {
			case HELD -> this.held;
			case BLOCKED -> this.blocked;
			default -> this.failed;
		};
		counter.addAndGet(count);
	}

	PurgeReport report() {
		return new PurgeReport(this.rows, this.held.get(), this.blocked.get(), this.failed.get());
	}

}
