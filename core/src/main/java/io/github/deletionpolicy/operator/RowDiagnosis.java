package io.github.deletionpolicy.operator;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.InvalidIdException;
import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.catalog.CascadePlans;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.operator.RowReader.Row;
import io.github.deletionpolicy.operator.RowRecords.Entry;
import io.github.deletionpolicy.operator.RowRecords.Pause;
import io.github.deletionpolicy.operator.RowRecords.Recorded;
import io.github.deletionpolicy.operator.RowStatus.Obstacle;
import io.github.deletionpolicy.operator.RowStatus.Reason;
import io.github.deletionpolicy.operator.RowStatus.Root;
import io.github.deletionpolicy.purge.tree.TreeRow;
import io.github.deletionpolicy.rows.KeyReader;
import io.github.deletionpolicy.sql.Database;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

/**
 * Answers when a row will be purged and why it has not been. It looks at what holds now,
 * not only at what the last attempt said. Each question has a transaction of its own,
 * which waits for nobody and is always rolled back.
 *
 * @since 0.1
 */
public class RowDiagnosis {

	private static final String TIMEOUTS = "SELECT set_config('lock_timeout', '200ms', true), set_config('statement_timeout', '5s', true)";

	private final Database database;

	private final Catalog catalog;

	private final RowReader rows;

	private final RowRecords records;

	private final RootSearch roots;

	private final RowObstacles obstacles;

	private final NextRun nextRun;

	public RowDiagnosis(Database database, Catalog catalog, LedgerTables ledger, DeletionTimeColumns deletionTimes,
			CascadePlans plans, NextRun nextRun) {
		this.database = database;
		this.catalog = catalog;
		this.rows = new RowReader(database.jdbc(), ledger, deletionTimes);
		this.records = new RowRecords(database.jdbc(), ledger);
		this.roots = new RootSearch(database.jdbc(), catalog, this.records, deletionTimes);
		this.obstacles = new RowObstacles(database.jdbc(), ledger, deletionTimes, plans);
		this.nextRun = nextRun;
	}

	/**
	 * Ask about a row.
	 * @param table the table as {@code [schema.]table}, or its live view
	 * @param id the primary key: a value, or a {@code Map} of column to value
	 * @return the answer
	 * @throws io.github.deletionpolicy.UnknownTableException if there is no such table
	 * @throws UnsupportedTableException if it is a relation without rows of its own, or
	 * has no primary key
	 * @throws InvalidIdException if the id does not fit the primary key
	 */
	public RowStatus ask(String table, Object id) {
		return ask(table, (described) -> new KeyReader(described).read(List.of(id)).on(described));
	}

	/**
	 * Ask about a row whose key is written as text, the way SQL writes such values.
	 * @param table the table as {@code [schema.]table}, or its live view
	 * @param key a text for each column of the primary key, in its order
	 * @return the answer
	 * @throws io.github.deletionpolicy.UnknownTableException if there is no such table
	 * @throws UnsupportedTableException if it is a relation without rows of its own, or
	 * has no primary key
	 * @throws InvalidIdException if the number of texts is another one
	 * @throws org.springframework.dao.DataAccessException if a text is no value of its
	 * column's type
	 */
	public RowStatus askByText(String table, List<String> key) {
		return ask(table, (described) -> {
			if (described.requireKey().size() != key.size()) {
				throw new InvalidIdException("Table %s has the primary key (%s), and %d value(s) were given. Give %d."
					.formatted(described.name(), String.join(", ", described.key().stream().map(Column::name).toList()),
							key.size(), described.key().size()));
			}
			return RootSearch.condition(described, key);
		});
	}

	private RowStatus ask(String table, Function<Table, Sql> key) {
		return this.database.workers().execute((status) -> {
			status.setRollbackOnly();
			Sql.of(TIMEOUTS).list(this.database.jdbc(), (rs, row) -> true);
			Table described = this.catalog.table(TableName.parse(table));
			return diagnose(described, key.apply(described), true);
		});
	}

	/**
	 * Ask about a row.
	 * @param climbing whether to look for the root of a row that a delete cascaded to
	 */
	private RowStatus diagnose(Table table, Sql key, boolean climbing) {
		Row row = this.rows.read(table, key);
		Draft draft = new Draft(table.name(), row);
		if (row.token() == null || row.column() == null) {
			return withoutToken(draft, (row.column() != null) ? this.records.naming(table, key) : null);
		}
		draft.recorded = this.records.writing(table, row.column(), row.token(), key)
			.stream()
			.filter((it) -> it.entry() != null || !it.complete() || it.rootTable().equals(table.name()))
			.findFirst()
			.orElse(null);
		Recorded recorded = draft.recorded;
		if (recorded == null) {
			return draft.answer(Reason.UNRECORDED,
					"It was marked as deleted by other means than this library, so it is never purged by itself.");
		}
		if (recorded.entry() == null && recorded.complete()) {
			return draft.answer(Reason.RESTORED,
					"It carries the deletion time of an operation that no longer names it: it was restored, and the deletion time was written back by other means. It is never purged.");
		}
		if (recorded.mode() == DeletionMode.SOFT || recorded.purgeAt() == null) {
			return draft.answer(Reason.SOFT,
					"It was deleted softly, or its purge was cancelled. It stays until somebody removes or restores it.");
		}
		return (recorded.isRoot(table.name()) || !climbing) ? root(draft, table, recorded, recorded.purgeAt())
				: withRoot(draft, table, key, recorded);
	}

	private static RowStatus withoutToken(Draft draft, @Nullable Recorded named) {
		draft.recorded = named;
		boolean exists = draft.row.key() != null;
		if (named == null) {
			return exists ? draft.answer(Reason.LIVE, "It is live: it was never deleted, or it was restored.") : draft
				.answer(Reason.UNKNOWN,
						"There is no such row, and the ledger does not name it. It was purged, it was removed by other means, or it never was: the ledger does not keep single rows that are gone.");
		}
		return exists ? draft.answer(Reason.RESTORED,
				"It was made live by other means than a restore. The ledger still names it until its time comes.")
				: draft.answer(Reason.GONE,
						"There is no such row any more: it was removed by other means than the purge. The ledger still names it until its time comes.");
	}

	private RowStatus withRoot(Draft draft, Table table, Sql key, Recorded recorded) {
		RootSearch.Found found = this.roots.find(table, key, Objects.requireNonNull(draft.row.tokenText()), recorded);
		if (found == null) {
			return draft.answer(Reason.LEFT_BEHIND,
					"It was deleted along with a row of %s, but no longer belongs to one that carries the same deletion time. It stays deleted, and is never purged."
						.formatted(recorded.rootTable()));
		}
		RowStatus forecast = diagnose(found.table(), found.condition(), false);
		draft.root = new Root(found.table().key().stream().map(Column::name).toList(), found.key(), forecast);
		draft.nextAttempt = forecast.nextAttempt();
		draft.pausedSince = forecast.pausedSince();
		return draft.answer(Reason.WITH_ROOT,
				"It was deleted along with a row of %s and goes together with it. Of that row: %s"
					.formatted(found.table().name(), forecast.text()));
	}

	private RowStatus root(Draft draft, Table table, Recorded recorded, Instant purgeAt) {
		Row row = draft.row;
		Instant now = row.now();
		Pause pause = this.records.pause(table.name());
		draft.pausedSince = pause.since();
		draft.obstacles = this.obstacles.of(table, Objects.requireNonNull(row.column()),
				new TreeRow(0, Objects.requireNonNull(row.key()), row.tokenText(), null, null), row.held(),
				purgeAt.isAfter(now) ? purgeAt : now);
		String paused = pause.text(table.name());
		Entry entry = recorded.entry();
		Instant next = nextTry(now, (entry != null) ? entry.nextAttempt() : null);
		if (entry != null && entry.purgingSince() != null) {
			draft.nextAttempt = next;
			return draft.answer(Reason.PURGING,
					"Its tree is being purged in several transactions since %s, so it can no longer be restored.%s"
						.formatted(entry.purgingSince(), also(paused, draft.obstacles)));
		}
		if (purgeAt.isAfter(now)) {
			draft.nextAttempt = purgeAt;
			return draft.answer(Reason.PENDING,
					"Its time has not come: it is due at %s.%s".formatted(purgeAt, also(paused, draft.obstacles)));
		}
		if (paused != null) {
			return draft.answer(Reason.PAUSED, paused + also(null, draft.obstacles));
		}
		draft.nextAttempt = next;
		String when = (next != null) ? "It is tried at %s.".formatted(next)
				: "This node knows of no run that is planned; other nodes may purge all the same.";
		if (!draft.obstacles.isEmpty()) {
			Obstacle first = draft.obstacles.get(0);
			return draft.answer(first.reason(), "It is due, but %s.%s %s".formatted(first.text(),
					also(null, draft.obstacles.subList(1, draft.obstacles.size())), when));
		}
		if (entry == null || entry.keptBy() == null) {
			return draft.answer(Reason.DUE, "It is due since %s, and nothing keeps it. %s".formatted(purgeAt, when));
		}
		if (entry.keptBy() == State.FAILED) {
			return draft.answer(Reason.FAILED,
					"It is due, but the last of %d attempt(s) failed. %s".formatted(entry.attempts(), when));
		}
		return draft.answer(Reason.DUE,
				"It is due since %s, and nothing keeps it. What kept it at the last of %d attempt(s) does not any more. %s"
					.formatted(purgeAt, entry.attempts(), when));
	}

	private static String also(@Nullable String paused, List<Obstacle> obstacles) {
		StringBuilder text = new StringBuilder((paused != null) ? " " + paused : "");
		obstacles.forEach((obstacle) -> text.append(" Besides, ").append(obstacle.text()).append('.'));
		return text.toString();
	}

	/**
	 * What is not yet to be tried again is tried by a later run.
	 */
	private @Nullable Instant nextTry(Instant now, @Nullable Instant next) {
		Instant run = this.nextRun.nextRun();
		return (next != null && next.isAfter(now) && (run == null || next.isAfter(run))) ? next : run;
	}

	/**
	 * Says when the worker of this node runs next.
	 */
	@FunctionalInterface
	public interface NextRun {

		/**
		 * Return when.
		 * @return the instant; {@code null} if that is not known
		 */
		@Nullable Instant nextRun();

	}

	/**
	 * What is known so far.
	 */
	private static final class Draft {

		private final TableName table;

		private final Row row;

		private List<Obstacle> obstacles = List.of();

		private @Nullable Recorded recorded;

		private @Nullable Instant nextAttempt;

		private @Nullable Instant pausedSince;

		private @Nullable Root root;

		Draft(TableName table, Row row) {
			this.table = table;
			this.row = row;
		}

		RowStatus answer(Reason reason, String text) {
			Recorded known = this.recorded;
			if (known == null) {
				return new RowStatus(this.table.toString(), reason, text, null, null, this.row.token(), null, null, 0,
						null, null, List.of(), null);
			}
			boolean goes = this.row.token() != null && reason != Reason.RESTORED && reason != Reason.LEFT_BEHIND;
			Entry entry = known.entry();
			String unsure = (entry == null && !known.complete())
					? " The operation has too many parts to find what the last attempt said of this row." : "";
			return new RowStatus(this.table.toString(), reason, text + unsure, known.operationId(), known.mode(),
					this.row.token(), goes ? known.purgeAt() : null, this.nextAttempt,
					(entry != null) ? entry.attempts() : 0, (entry != null) ? entry.lastError() : null,
					this.pausedSince, this.obstacles, this.root);
		}

	}

}
