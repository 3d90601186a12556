package io.github.deletionpolicy.purge;

import java.time.Duration;

import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.purge.batch.DueTable;

import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Keeps in the ledger until when each table is somebody's, so that a limit on rows per
 * second holds for all nodes together.
 *
 * @since 0.1
 */
public class RateLimits {

	/**
	 * Nanoseconds in a second.
	 */
	public static final long SECOND = 1_000_000_000L;

	private final JdbcOperations jdbc;

	private final TransactionOperations transactions;

	private final LedgerTables ledger;

	/**
	 * Create the keeper.
	 * @param jdbc runs the statements
	 * @param transactions opens a new transaction
	 * @param ledger where the ledger's tables are
	 */
	public RateLimits(JdbcOperations jdbc, TransactionOperations transactions, LedgerTables ledger) {
		this.jdbc = jdbc;
		this.transactions = transactions;
		this.ledger = ledger;
	}

	/**
	 * Take a table for some time, unless somebody has it. A time that begins more than a
	 * minute from now is not believed: the clock was set back.
	 * @param table the table
	 * @param time how long
	 * @return how long to wait before asking again; zero if the table was taken
	 */
	public Duration reserve(DueTable table, Duration time) {
		return this.transactions.execute((status) -> isTaken(table, time) ? Duration.ZERO : restOf(table));
	}

	/**
	 * A time that follows another one closely begins where that ended: what asking takes
	 * is not lost.
	 */
	private boolean isTaken(DueTable table, Duration time) {
		return this.jdbc.update(
				"""
						UPDATE %s SET not_before = make_interval(secs => ?) + CASE
							WHEN not_before BETWEEN clock_timestamp() - interval '1 second' AND clock_timestamp() THEN not_before
							ELSE clock_timestamp() END
						WHERE id = ? AND (not_before IS NULL
							OR not_before NOT BETWEEN clock_timestamp() AND clock_timestamp() + interval '1 minute')
						"""
					.formatted(this.ledger.tables()),
				Math.min(time.toNanos(), 50 * SECOND) / (double) SECOND, table.id()) > 0;
	}

	private Duration restOf(DueTable table) {
		Double seconds = this.jdbc.queryForObject(
				"SELECT greatest(0.001, extract(epoch FROM not_before - clock_timestamp()))::float8 FROM %s WHERE id = ?"
					.formatted(this.ledger.tables()),
				Double.class, table.id());
		return Duration.ofNanos((seconds != null) ? (long) (seconds * SECOND) : 0);
	}

}
