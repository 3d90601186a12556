package io.github.deletionpolicy.async;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

import io.github.deletionpolicy.async.AsyncClaims.Due;
import io.github.deletionpolicy.purge.PurgeRun;
import io.github.deletionpolicy.purge.RunTask;

/**
 * The asynchronous deletes in one run of the purge: each has its turn, among themselves
 * and with the tables.
 */
public class AsyncDeletesTask implements RunTask {

	/**
	 * A run does not end for a rest that is shorter.
	 */
	private static final Duration SOON = Duration.ofSeconds(1);

	private final AsyncWorker worker;

	private final PurgeRun run;

	private final Map<UUID, AsyncDeleteRun> deletes = new ConcurrentHashMap<>();

	public AsyncDeletesTask(AsyncWorker worker, PurgeRun run) {
		this.worker = worker;
		this.run = run;
	}

	@Override
	public boolean hasWork() {
		return !this.worker.claims().due(this.run.now(), SOON).isEmpty();
	}

	/**
	 * Do some batches of each delete: many if nothing else is to be done, else one at
	 * first and more from turn to turn, as a table has it.
	 */
	@Override
	public Turn turn(boolean alone) {
		boolean worked = false;
		Duration shortest = Duration.ZERO;
		for (Due due : this.worker.claims().due(this.run.now(), SOON)) {
			Duration rest = Collections.max(List.of(due.rest(), this.run.restOf(due.table())));
			if (rest.isZero()) {
				worked |= this.deletes
					.computeIfAbsent(due.operationId(), (id) -> new AsyncDeleteRun(this.worker, this.run, due))
					.runTurn(alone);
			}
			else if (shortest.isZero() || rest.compareTo(shortest) < 0) {
				shortest = rest;
			}
		}
		return new Turn(worked, shortest);
	}

}
