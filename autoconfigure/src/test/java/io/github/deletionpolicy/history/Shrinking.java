package io.github.deletionpolicy.history;

import java.time.Duration;
import java.util.List;

import io.github.deletionpolicy.history.Histories.Finding;

/**
 * Makes a history that went wrong as short as it can be. How threads meet is left to
 * chance, so each attempt is made several times, and what is found is the shortest that
 * was seen to go wrong.
 */
final class Shrinking {

	private static final int ATTEMPTS = 4;

	private final HistoryRunner runner;

	private final long end;

	Shrinking(HistoryRunner runner, Duration atMost) {
		this.runner = runner;
		this.end = System.nanoTime() + atMost.toNanos();
	}

	Finding shortest(Finding found) {
		Finding shortest = found;
		boolean shorter = true;
		while (shorter && System.nanoTime() < this.end) {
			shorter = false;
			for (History candidate : shortest.history().shorter()) {
				Finding again = attempt(candidate, kindOf(found));
				if (again != null) {
					shortest = again;
					shorter = true;
					break;
				}
			}
		}
		return shortest;
	}

	private Finding attempt(History candidate, String kind) {
		for (int i = 0; i < ATTEMPTS && System.nanoTime() < this.end; i++) {
			HistoryRunner.Result result = this.runner.run(candidate);
			List<String> violations = result.violations();
			if (violations.stream().anyMatch((violation) -> violation.startsWith(kind))) {
				return new Finding(candidate, violations, result.log());
			}
		}
		return null;
	}

	/**
	 * Return how a violation begins, so that no other one is taken for it.
	 */
	private static String kindOf(Finding finding) {
		String first = finding.violations().get(0);
		return first.substring(0, Math.min(first.length(), first.startsWith("[") ? first.indexOf(']') + 1 : 10));
	}

}
