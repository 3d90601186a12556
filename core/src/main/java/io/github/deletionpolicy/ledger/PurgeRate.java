package io.github.deletionpolicy.ledger;

import java.time.Duration;

import io.github.deletionpolicy.ledger.DueChunks.DueTable;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Keeps in the ledger how long each table must rest, so that a limit on rows per second
 * holds for all nodes together.
 *
 * @since 0.1
 */
public class PurgeRate {

	/**
	 * Within this time after its last rest a table rests from then, not from the end of
	 * the batch: what a batch takes is no rest. Longer pauses are not made up for.
	 */
	private static final String MADE_UP_FOR = "1 second";

	private final JdbcOperations jdbc;

	private final LedgerTables ledger;

	/**
	 * Create the keeper.
	 * @param jdbc runs the statements, in the worker's transaction
	 * @param ledger where the ledger's tables are
	 */
	public PurgeRate(JdbcOperations jdbc, LedgerTables ledger) {
		this.jdbc = jdbc;
		this.ledger = ledger;
	}

	/**
	 * Have all nodes leave a table alone for some time.
	 * @param table the table
	 * @param rest how long the rows just purged are worth at the rate
	 */
	public void rest(DueTable table, Duration rest) {
		this.jdbc.update("""
				UPDATE %s SET not_before = make_interval(secs => ?) + CASE
					WHEN not_before > clock_timestamp() - interval '%s' THEN not_before ELSE clock_timestamp() END
				WHERE id = ?""".formatted(this.ledger.tables(), MADE_UP_FOR), rest.toNanos() / 1e9, table.id());
	}

	/**
	 * Read how long a table must still rest.
	 * @param table the table
	 * @return the time; zero if it may be purged
	 */
	public Duration restOf(DueTable table) {
		Double seconds = this.jdbc.queryForObject(
				"SELECT greatest(0, extract(epoch FROM not_before - clock_timestamp()))::float8 FROM %s WHERE id = ?"
					.formatted(this.ledger.tables()),
				Double.class, table.id());
		return (seconds != null) ? Duration.ofNanos((long) (seconds * 1e9)) : Duration.ZERO;
	}

}
