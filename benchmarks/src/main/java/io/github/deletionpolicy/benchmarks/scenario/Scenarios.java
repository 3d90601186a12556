package io.github.deletionpolicy.benchmarks.scenario;

import java.util.List;

/**
 * All scenarios.
 *
 * @since 0.1
 */
public final class Scenarios {

	private Scenarios() {
	}

	/**
	 * List the scenarios.
	 * @return all of them, in the order in which they run
	 */
	public static List<Scenario> all() {
		return List.of(new PurgeBulk(), new PurgeSingle(), new PurgeLanes(), new PurgePeers(), new PurgeTrees(),
				new ScheduleBulk(), new ScheduleSingle(), new AsyncDeletes(), new IdlePoll(), new HeldSnapshot(),
				new PurgeLag(), new LedgerSize(), new WrittenBytes(), new Foreground(), new StartUp(), new Methods(),
				new ClientHeap());
	}

}
