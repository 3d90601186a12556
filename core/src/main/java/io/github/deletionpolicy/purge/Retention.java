package io.github.deletionpolicy.purge;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;

import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.purge.tree.TreeCleanup;
import io.github.deletionpolicy.sql.Database;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Removes operations from the ledger whose purge is long over, and soft ones of which no
 * row is left. Each call looks at one page, so that it costs the same however many there
 * are; after the last one there is a pause.
 */
class Retention {

	private static final int PAGE = 1000;

	private static final Duration PAUSE = Duration.ofMinutes(1);

	private static final UUID FIRST = new UUID(0, 0);

	private static final UUID LAST = new UUID(-1, -1);

	private final Database database;

	private final JdbcOperations jdbc;

	private final LedgerTables ledger;

	private final SettledOperations settled;

	private final int hours;

	private @Nullable UUID after;

	private long endedAt = System.nanoTime() - PAUSE.toNanos();

	/**
	 * Create a retention.
	 * @param retention how long an operation stays after it was due, a soft one after it
	 * was recorded
	 */
	Retention(Database database, LedgerTables ledger, Catalog catalog, Duration retention) {
		this.database = database;
		this.jdbc = database.jdbc();
		this.ledger = ledger;
		this.settled = new SettledOperations(database, new TreeCleanup(database.jdbc(), ledger), catalog);
		this.hours = Math.toIntExact(retention.toHours());
	}

	/**
	 * Look at the next page.
	 * @return whether it was the last one
	 */
	synchronized boolean removeNext() {
		if (System.nanoTime() - this.endedAt < PAUSE.toNanos()) {
			return false;
		}
		this.after = removePage((this.after != null) ? this.after : FIRST);
		if (this.after == null) {
			this.endedAt = System.nanoTime();
		}
		return this.after == null;
	}

	/**
	 * In a transaction, also where connections do not commit by themselves.
	 */
	private @Nullable UUID removePage(UUID after) {
		AtomicReference<@Nullable UUID> last = new AtomicReference<>();
		List<UUID> unsettled = this.database.workers().execute((status) -> {
			removeAsyncDeletes();
			last.set(removeOperations(after));
			return this.settled.find(after, (last.get() != null) ? last.get() : LAST);
		});
		this.settled.clearUp(unsettled);
		return last.get();
	}

	private void removeAsyncDeletes() {
		this.jdbc.update("""
				WITH ended AS (
					DELETE FROM %1$s WHERE operation_id IN (
						SELECT operation_id FROM %1$s WHERE ended_at < clock_timestamp() - make_interval(hours => ?)
						ORDER BY ended_at LIMIT ?)
					RETURNING operation_id)
				DELETE FROM %2$s s USING ended WHERE s.operation_id = ended.operation_id
				""".formatted(this.ledger.asyncDeletes(), this.ledger.sparedRows()), this.hours, PAGE);
	}

	/**
	 * Return where the page ended; {@code null} at the end of the ledger.
	 */
	private @Nullable UUID removeOperations(UUID after) {
		List<UUID> page = this.jdbc.queryForList(
				"SELECT id FROM %s WHERE id > ? ORDER BY id LIMIT ?".formatted(this.ledger.operations()), UUID.class,
				after, PAGE);
		if (page.isEmpty()) {
			return null;
		}
		UUID last = page.get(page.size() - 1);
		this.jdbc.update("""
				DELETE FROM %s o WHERE o.id > ? AND o.id <= ?
				AND coalesce(o.purge_at, o.token) < clock_timestamp() - make_interval(hours => ?)
				AND NOT EXISTS (SELECT FROM %s c WHERE c.operation_id = o.id)
				AND NOT EXISTS (SELECT FROM %s a WHERE a.operation_id = o.id AND a.ended_at IS NULL)
				""".formatted(this.ledger.operations(), this.ledger.chunks(), this.ledger.asyncDeletes()), after, last,
				this.hours);
		return (page.size() == PAGE) ? last : null;
	}

}
