package io.github.deletionpolicy.purge;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How far the purge of each table has come, for runs to begin there. Before it the index
 * may be full of entries that nobody can clear away, as long as an old snapshot is open
 * anywhere, and each look would read them all.
 * <p>
 * What a transaction records that was open during a claim may lie before it. So a mark
 * counts only after a look at everything that found nothing due, made when all of those
 * had ended. What is recorded later lies behind it: rows are due no sooner than they were
 * deleted.
 */
class PurgeWatermarks {

	private final Map<Integer, Mark> marks = new ConcurrentHashMap<>();

	/**
	 * Note that what was due by an instant, and free, is gone.
	 * @param table number of the table
	 * @param upTo the instant
	 * @param horizon transactions with a lower number may record more of it
	 */
	void advance(int table, Instant upTo, long horizon) {
		this.marks.merge(table, new Mark(upTo, horizon, false),
				(known, reached) -> new Mark(known.upTo().isAfter(reached.upTo()) ? known.upTo() : reached.upTo(),
						Math.max(known.horizon(), reached.horizon()), false));
	}

	/**
	 * Return where tables may be looked at from.
	 * @param now what is due by then; a clock that was set back makes marks void
	 * @return the instants, by number of the table
	 */
	Map<Integer, Instant> marks(Instant now) {
		this.marks.values().removeIf((mark) -> mark.upTo().isAfter(now));
		Map<Integer, Instant> sure = new HashMap<>();
		this.marks.forEach((table, mark) -> {
			if (mark.sure()) {
				sure.put(table, mark.upTo());
			}
		});
		return sure;
	}

	/**
	 * Return whether there are marks that do not count yet.
	 */
	boolean isUnsure() {
		return this.marks.values().stream().anyMatch((mark) -> !mark.sure());
	}

	/**
	 * Note that a look at everything that is due found nothing.
	 * @param oldest the number of the oldest transaction that was open before it
	 * @param except tables that were not looked at as a whole, or have something due
	 */
	void confirm(long oldest, Set<Integer> except) {
		this.marks.replaceAll((table, mark) -> (except.contains(table) || oldest < mark.horizon()) ? mark
				: new Mark(mark.upTo(), mark.horizon(), true));
	}

	/**
	 * Look at everything again.
	 */
	void forget() {
		this.marks.clear();
	}

	private record Mark(Instant upTo, long horizon, boolean sure) {
	}

}
