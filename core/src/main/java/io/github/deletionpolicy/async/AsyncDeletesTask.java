package io.github.deletionpolicy.async;

import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

import io.github.deletionpolicy.async.AsyncDeletes.Due;
import io.github.deletionpolicy.purge.PurgeRun;
import io.github.deletionpolicy.purge.PurgeTools;

/**
 * The asynchronous deletes in one run of the purge: each gets its turn, among themselves
 * and with the tables.
 */
public class AsyncDeletesTask {

	/**
	 * A run does not end for a rest that is shorter.
	 */
	private static final Duration SOON = Duration.ofSeconds(1);

	private final PurgeTools tools;

	private final PurgeRun run;

	private final Map<UUID, AsyncDeleteRun> walks = new ConcurrentHashMap<>();

	public AsyncDeletesTask(PurgeTools tools, PurgeRun run) {
		this.tools = tools;
		this.run = run;
	}

	public boolean haveWork() {
		return !this.tools.asyncDeletes().due(this.run.now(), SOON).isEmpty();
	}

	/**
	 * Do some batches of each delete: many if nothing else is to be done, else one at
	 * first and more from turn to turn, as a table has it.
	 * @param alone whether no table is due
	 * @return what came of it
	 */
	public Turn turn(boolean alone) {
		boolean worked = false;
		Duration shortest = Duration.ZERO;
		for (Due due : this.tools.asyncDeletes().due(this.run.now(), SOON)) {
			Duration rest = longer(due.rest(), this.run.restOf(due.table()));
			if (rest.isZero()) {
				worked |= this.walks
					.computeIfAbsent(due.operationId(), (id) -> new AsyncDeleteRun(this.tools, this.run, due))
					.goOn(alone);
			}
			else if (shortest.isZero() || rest.compareTo(shortest) < 0) {
				shortest = rest;
			}
		}
		return new Turn(worked, shortest);
	}

	private static Duration longer(Duration one, Duration other) {
		return (one.compareTo(other) > 0) ? one : other;
	}

	/**
	 * What came of a turn.
	 *
	 * @param worked whether a batch was done
	 * @param rest the shortest rest after which there is more to do; zero for none
	 */
	public record Turn(boolean worked, Duration rest) {
	}

}
