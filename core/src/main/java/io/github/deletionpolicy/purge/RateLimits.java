package io.github.deletionpolicy.purge;

import java.time.Duration;

import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.purge.batch.DueTable;
import io.github.deletionpolicy.sql.Database;

/**
 * Keeps in the ledger until when a node has the right to purge each table, so that a
 * limit on rows per second holds for all nodes together.
 */
record RateLimits(Database database, LedgerTables ledger) {

	private static final double SECOND = 1_000_000_000;

	/**
	 * Reserve a table for some time, unless another node has it. A time that begins more
	 * than a minute from now is not believed: the clock was set back.
	 * @return how long to wait before asking again; zero if the table is reserved
	 */
	Duration reserve(DueTable table, Duration time) {
		return this.database.workers().execute((status) -> isReserved(table, time) ? Duration.ZERO : restOf(table));
	}

	/**
	 * A time that follows another one closely begins where that ended: what asking takes
	 * is not lost.
	 */
	private boolean isReserved(DueTable table, Duration time) {
		return this.database.jdbc()
			.update("""
					UPDATE %s SET not_before = make_interval(secs => ?) + CASE
						WHEN not_before BETWEEN clock_timestamp() - interval '1 second' AND clock_timestamp() THEN not_before
						ELSE clock_timestamp() END
					WHERE id = ? AND (not_before IS NULL
						OR not_before NOT BETWEEN clock_timestamp() AND clock_timestamp() + interval '1 minute')
					"""
				.formatted(this.ledger.tables()), Math.min(time.toNanos() / SECOND, 50), table.id()) > 0;
	}

	private Duration restOf(DueTable table) {
		Double seconds = this.database.jdbc()
			.queryForObject(
					"SELECT greatest(0.001, extract(epoch FROM not_before - clock_timestamp()))::float8 FROM %s WHERE id = ?"
						.formatted(this.ledger.tables()),
					Double.class, table.id());
		return Duration.ofNanos((seconds != null) ? (long) (seconds * SECOND) : 0);
	}

}
