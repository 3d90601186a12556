package io.github.deletionpolicy.purge;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.TableName;

/**
 * Counts what the workers of one run did.
 */
class PurgeTally {

	private final Map<String, Long> rows = new ConcurrentHashMap<>();

	private final AtomicLong held = new AtomicLong();

	private final AtomicLong blocked = new AtomicLong();

	private final AtomicLong failed = new AtomicLong();

	void add(TableName table, PurgeBatch.Result result) {
		if (result.removed() > 0) {
			this.rows.merge(table.toString(), (long) result.removed(), Long::sum);
		}
		this.held.addAndGet(result.held());
		failed(result.state(), result.others());
	}

	void failed(State state, long count) {
		((state == State.BLOCKED) ? this.blocked : this.failed).addAndGet(count);
	}

	PurgeReport report() {
		return new PurgeReport(this.rows, this.held.get(), this.blocked.get(), this.failed.get());
	}

}
