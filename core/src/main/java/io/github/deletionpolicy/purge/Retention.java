package io.github.deletionpolicy.purge;

import java.time.Duration;
import java.util.List;
import java.util.UUID;

import io.github.deletionpolicy.ledger.LedgerTables;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Forgets operations whose purge is long over.
 *
 * @since 0.1
 */
public class Retention {

	private final JdbcOperations jdbc;

	private final LedgerTables ledger;

	/**
	 * Create the retention.
	 * @param jdbc runs the statements, in a transaction of the caller
	 * @param ledger where the ledger's tables are
	 */
	public Retention(JdbcOperations jdbc, LedgerTables ledger) {
		this.jdbc = jdbc;
		this.ledger = ledger;
	}

	/**
	 * Remove asynchronous deletes that ended long ago.
	 * @param retention how long they stay after their end
	 * @param limit how many to remove at most
	 */
	public void forgetEnded(Duration retention, int limit) {
		this.jdbc.update("""
				WITH ended AS (
					DELETE FROM %1$s WHERE operation_id IN (
						SELECT operation_id FROM %1$s WHERE ended_at < clock_timestamp() - make_interval(hours => ?)
						ORDER BY ended_at LIMIT ?)
					RETURNING operation_id)
				DELETE FROM %2$s s USING ended WHERE s.operation_id = ended.operation_id
				""".formatted(this.ledger.asyncDeletes(), this.ledger.sparedRows()),
				Math.toIntExact(retention.toHours()), limit);
	}

	/**
	 * Remove operations whose purge is long over, and soft ones of which no row is left.
	 * Looks at one page only, so that a call costs the same however many there are.
	 * @param after the operation at which the page before ended; {@code null} to begin
	 * @param retention how long an operation stays after it was due, a soft one after it
	 * was recorded
	 * @param limit how many to look at
	 * @return where the page ended; {@code null} at the end of the ledger
	 */
	public @Nullable UUID forgetSettled(@Nullable UUID after, Duration retention, int limit) {
		UUID from = (after != null) ? after : new UUID(0, 0);
		List<UUID> page = this.jdbc.queryForList(
				"SELECT id FROM %s WHERE id > ? ORDER BY id LIMIT ?".formatted(this.ledger.operations()), UUID.class,
				from, limit);
		if (page.isEmpty()) {
			return null;
		}
		UUID last = page.get(page.size() - 1);
		this.jdbc.update("""
				DELETE FROM %s o WHERE o.id > ? AND o.id <= ?
				AND coalesce(o.purge_at, o.token) < clock_timestamp() - make_interval(hours => ?)
				AND NOT EXISTS (SELECT FROM %s c WHERE c.operation_id = o.id)
				AND NOT EXISTS (SELECT FROM %s a WHERE a.operation_id = o.id AND a.ended_at IS NULL)
				""".formatted(this.ledger.operations(), this.ledger.chunks(), this.ledger.asyncDeletes()), from, last,
				Math.toIntExact(retention.toHours()));
		return (page.size() == limit) ? last : null;
	}

}
