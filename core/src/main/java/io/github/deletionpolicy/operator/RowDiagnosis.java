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
 * @param database the database
 * @param catalog describes tables
 * @param ledger where the ledger's tables are
 * @param deletionTimes says which column carries the deletion time
 * @param plans says what deletes cascade to
 * @param nextRun says when the worker of this node runs next
 * @since 0.1
 */
public record RowDiagnosis(Database database, Catalog catalog, LedgerTables ledger, DeletionTimeColumns deletionTimes,
		CascadePlans plans, NextRun nextRun) {

	private static final String TIMEOUTS = "SELECT set_config('lock_timeout', '200ms', true), set_config('statement_timeout', '5s', true)";

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
		RowRecords records = new RowRecords(this.database.jdbc(), this.ledger);
		Row row = new RowReader(this.database.jdbc(), this.ledger, this.deletionTimes).read(table, key);
		if (row.token() == null || row.column() == null) {
			return withoutToken(table, row, (row.column() != null) ? records.naming(table, key) : null);
		}
		Recorded recorded = records.writing(table, row.column(), row.token(), key)
			.stream()
			.filter((it) -> it.holdsRow() || !it.complete() || it.rootTable().equals(table.name()))
			.findFirst()
			.orElse(null);
		Draft draft = new Draft(table.name(), row, recorded);
		if (recorded == null) {
			return draft.answer(Reason.UNRECORDED,
					"It was stamped by other code, so it is never purged automatically.");
		}
		if (!recorded.holdsRow() && recorded.complete()) {
			return draft.answer(Reason.RESTORED,
					"It carries the deletion time of an operation that no longer contains it: it was restored, and other code wrote the deletion time back. It is never purged.");
		}
		if (recorded.mode() == DeletionMode.SOFT || recorded.purgeAt() == null) {
			return draft.answer(Reason.SOFT,
					"It was deleted softly, or its purge was cancelled. It stays until somebody removes or restores it.");
		}
		return (recorded.isRoot(table.name()) || !climbing)
				? root(draft, table, recorded, recorded.purgeAt(), records.pause(table.name()))
				: withRoot(draft, table, key, recorded, records);
	}

	private static RowStatus withoutToken(Table table, Row row, @Nullable Recorded named) {
		Draft draft = new Draft(table.name(), row, named);
		boolean exists = row.key() != null;
		if (named == null) {
			return exists ? draft.answer(Reason.LIVE, "It is live: it was never deleted, or it was restored.") : draft
				.answer(Reason.UNKNOWN,
						"There is no such row, and the ledger does not contain its key. It was purged, removed by other means, or never existed: the ledger does not keep single rows that are gone.");
		}
		return exists ? draft.answer(Reason.RESTORED,
				"It was made live by other means than a restore. The ledger still contains its key until it is due.")
				: draft.answer(Reason.GONE,
						"There is no such row any more: it was removed by other means than the purge. The ledger still contains its key until it is due.");
	}

	private RowStatus withRoot(Draft draft, Table table, Sql key, Recorded recorded, RowRecords records) {
		RootSearch.Found found = new RootSearch(this.database.jdbc(), this.catalog, records, this.deletionTimes)
			.find(table, key, Objects.requireNonNull(draft.row.tokenText()), recorded);
		if (found == null) {
			return draft.answer(Reason.LEFT_BEHIND,
					"It was deleted with a row of %s, but no longer depends on a row with the same deletion time. It stays deleted, and is never purged."
						.formatted(recorded.rootTable()));
		}
		RowStatus forecast = diagnose(found.table(), found.condition(), false);
		draft.root = new Root(found.table().key().stream().map(Column::name).toList(), found.key(), forecast);
		draft.nextAttempt = forecast.nextAttempt();
		draft.pausedSince = forecast.pausedSince();
		return draft.answer(Reason.WITH_ROOT, "It was deleted with a row of %s and is purged with it. That row: %s"
			.formatted(found.table().name(), forecast.text()));
	}

	private RowStatus root(Draft draft, Table table, Recorded recorded, Instant purgeAt, @Nullable Pause pause) {
		Row row = draft.row;
		boolean due = !purgeAt.isAfter(row.now());
		String paused = (pause != null) ? pause.text() : null;
		List<Obstacle> obstacles = new RowObstacles(this.database.jdbc(), this.ledger, this.deletionTimes, this.plans)
			.of(table, Objects.requireNonNull(row.column()),
					new TreeRow(0, Objects.requireNonNull(row.key()), row.tokenText(), null, null), row.held(),
					due ? row.now() : purgeAt);
		draft.obstacles = obstacles;
		draft.pausedSince = (pause != null) ? pause.since() : null;
		Instant next = nextTry(row.now(), recorded.nextAttempt());
		if (recorded.purgingSince() != null) {
			draft.nextAttempt = next;
			return draft.answer(Reason.PURGING,
					"Its tree has been purged in several transactions since %s, so it can no longer be restored.%s"
						.formatted(recorded.purgingSince(), also(paused, obstacles)));
		}
		if (!due) {
			draft.nextAttempt = purgeAt;
			return draft.answer(Reason.PENDING,
					"It is not due yet: it is due at %s.%s".formatted(purgeAt, also(paused, obstacles)));
		}
		if (paused != null) {
			return draft.answer(Reason.PAUSED, paused + also(null, obstacles));
		}
		draft.nextAttempt = next;
		String when = (next != null) ? "The next attempt is at %s.".formatted(next)
				: "This node has no planned run; other nodes may purge.";
		if (!obstacles.isEmpty()) {
			return draft.answer(obstacles.get(0).reason(), "It is due, but %s.%s %s".formatted(obstacles.get(0).text(),
					also(null, obstacles.subList(1, obstacles.size())), when));
		}
		if (recorded.keptBy() == State.FAILED) {
			return draft.answer(Reason.FAILED,
					"It is due, but the last of %d attempt(s) failed. %s".formatted(recorded.attempts(), when));
		}
		String before = (recorded.keptBy() == null) ? ""
				: " The last of %d attempt(s) failed; the obstacle no longer exists.".formatted(recorded.attempts());
		return draft.answer(Reason.DUE,
				"It has been due since %s, and nothing keeps it.%s %s".formatted(purgeAt, before, when));
	}

	private static String also(@Nullable String paused, List<Obstacle> obstacles) {
		StringBuilder text = new StringBuilder((paused != null) ? " " + paused : "");
		obstacles.forEach((obstacle) -> text.append(" Also, ").append(obstacle.text()).append('.'));
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

		private final @Nullable Recorded recorded;

		private List<Obstacle> obstacles = List.of();

		private @Nullable Instant nextAttempt;

		private @Nullable Instant pausedSince;

		private @Nullable Root root;

		Draft(TableName table, Row row, @Nullable Recorded recorded) {
			this.table = table;
			this.row = row;
			this.recorded = recorded;
		}

		RowStatus answer(Reason reason, String text) {
			Recorded known = this.recorded;
			if (known == null) {
				return new RowStatus(this.table.toString(), reason, text, null, null, this.row.token(), null, null, 0,
						null, null, List.of(), null);
			}
			boolean goes = this.row.token() != null && reason != Reason.RESTORED && reason != Reason.LEFT_BEHIND;
			String unsure = (known.holdsRow() || known.complete()) ? ""
					: " The operation has too many parts to find what the last attempt said of this row.";
			return new RowStatus(this.table.toString(), reason, text + unsure, known.operationId(), known.mode(),
					this.row.token(), goes ? known.purgeAt() : null, this.nextAttempt, known.attempts(),
					known.lastError(), this.pausedSince, this.obstacles, this.root);
		}

	}

}
