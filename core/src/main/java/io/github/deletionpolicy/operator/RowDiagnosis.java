package io.github.deletionpolicy.operator;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.InvalidIdException;
import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.catalog.Ancestors;
import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.CascadePlans;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.operator.RowRecords.Entry;
import io.github.deletionpolicy.operator.RowRecords.Pause;
import io.github.deletionpolicy.operator.RowRecords.Recorded;
import io.github.deletionpolicy.operator.RowStatus.Obstacle;
import io.github.deletionpolicy.operator.RowStatus.Reason;
import io.github.deletionpolicy.operator.RowStatus.Root;
import io.github.deletionpolicy.purge.tree.Blocker;
import io.github.deletionpolicy.purge.tree.PointOfNoReturn;
import io.github.deletionpolicy.purge.tree.TreeQueries;
import io.github.deletionpolicy.purge.tree.TreeRow;
import io.github.deletionpolicy.rows.KeyReader;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Answers when a row will go and why it has not. It looks at what holds now, not only at
 * what the last attempt said.
 * <p>
 * A question has a transaction of its own, which is always rolled back. It waits for
 * nobody. Rows that nobody has touched are not locked; one that somebody may be at is
 * locked for a moment, without waiting, to see whether that is so.
 *
 * @since 0.1
 */
public class RowDiagnosis {

	/**
	 * How many rows of a tree are looked at.
	 */
	private static final int ROWS = 1000;

	private static final int MOST_LEVELS = 64;

	private static final String SHORT = "SELECT set_config('lock_timeout', '200ms', true), set_config('statement_timeout', '5s', true)";

	private final JdbcOperations jdbc;

	private final TransactionOperations transactions;

	private final Catalog catalog;

	private final LedgerTables ledger;

	private final DeletionTimeColumns deletionTimes;

	private final CascadePlans plans;

	private final RowRecords records;

	private final PointOfNoReturn point;

	private final Ancestors ancestors;

	private final NextRun nextRun;

	/**
	 * Create the inquiry.
	 * @param jdbc runs the queries
	 * @param transactions opens a new transaction, in READ COMMITTED
	 * @param catalog describes tables
	 * @param ledger where the ledger's tables are
	 * @param deletionTimes says which columns carry the deletion time, and what is held
	 * @param plans says what rows take along
	 * @param nextRun says when the next run begins
	 */
	public RowDiagnosis(JdbcOperations jdbc, TransactionOperations transactions, Catalog catalog, LedgerTables ledger,
			DeletionTimeColumns deletionTimes, CascadePlans plans, NextRun nextRun) {
		this.jdbc = jdbc;
		this.transactions = transactions;
		this.catalog = catalog;
		this.ledger = ledger;
		this.deletionTimes = deletionTimes;
		this.plans = plans;
		this.records = new RowRecords(jdbc, ledger);
		this.point = new PointOfNoReturn(jdbc, ledger);
		this.ancestors = new Ancestors(catalog, deletionTimes);
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
		return inTransaction(() -> {
			Table described = this.catalog.table(TableName.parse(table));
			return answer(described, new KeyReader(described).read(List.of(id)).on(described), true);
		});
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
		return inTransaction(() -> {
			Table described = this.catalog.table(TableName.parse(table));
			if (described.requireKey().size() != key.size()) {
				throw new InvalidIdException("Table %s has the primary key (%s), and %d value(s) were given. Give %d."
					.formatted(described.name(), String.join(", ", described.key().stream().map(Column::name).toList()),
							key.size(), described.key().size()));
			}
			return answer(described, condition(described, key), true);
		});
	}

	private static Sql condition(Table table, List<String> key) {
		return new KeyReader(table).readTexts(List.<String[]>of(key.toArray(String[]::new)));
	}

	private RowStatus inTransaction(Question question) {
		return this.transactions.execute((status) -> {
			status.setRollbackOnly();
			Sql.of(SHORT).list(this.jdbc, (rs, row) -> true);
			return question.answer();
		});
	}

	private RowStatus answer(Table table, Sql key, boolean climbing) {
		List<Column> columns = deletionTimes(table);
		Row row = read(table, columns.isEmpty() ? null : columns.get(0), key);
		for (int i = 1; i < columns.size() && row.token() == null; i++) {
			row = read(table, columns.get(i), key);
		}
		Draft draft = new Draft(table.name(), row);
		Instant token = row.token();
		if (token == null || row.column() == null) {
			return withoutToken(draft, columns.isEmpty() ? null : this.records.naming(table, key));
		}
		List<Recorded> written = this.records.writing(table, row.column(), token, key);
		Recorded recorded = written.stream()
			.filter((it) -> it.entry() != null || !it.complete() || it.rootTable().equals(table.name()))
			.findFirst()
			.orElse(null);
		if (recorded == null) {
			return draft.answer(Reason.UNRECORDED,
					"It was marked as deleted by other means than this library, so it is never purged by itself.");
		}
		draft.recorded = recorded;
		Entry entry = recorded.entry();
		if (entry == null && recorded.complete()) {
			return draft.answer(Reason.RESTORED,
					"It carries the deletion time of an operation that no longer names it: it was restored, and the deletion time was written back by other means. It is never purged.");
		}
		if (recorded.mode() == DeletionMode.SOFT || recorded.purgeAt() == null) {
			return draft.answer(Reason.SOFT,
					"It was deleted softly, or its purge was cancelled. It stays until somebody removes or restores it.");
		}
		boolean isRoot = (entry != null) ? entry.root() : recorded.rootTable().equals(table.name());
		if (!isRoot && climbing) {
			return withRoot(draft, table, key, recorded);
		}
		return root(draft, table, row.column(), recorded);
	}

	private List<Column> deletionTimes(Table table) {
		Set<Column> columns = new LinkedHashSet<>();
		try {
			Column column = this.deletionTimes.find(table);
			if (column != null) {
				columns.add(column);
			}
		}
		catch (UnsupportedTableException ex) {
			// What is recorded counts, whatever the policy says by now.
		}
		this.ledger.timeColumns(this.jdbc, table.name())
			.stream()
			.map(table::find)
			.filter((column) -> column != null && column.type().isDeletionTime())
			.forEach((column) -> columns.add(Objects.requireNonNull(column)));
		return List.copyOf(columns);
	}

	private Row read(Table table, @Nullable Column column, Sql key) {
		String hold = this.deletionTimes.holdCondition(table);
		String time = (column != null) ? column.toSql("t") : "CAST(NULL AS timestamptz)";
		Sql statement = Sql.of("""
				SELECT n.dp_now, t.* FROM (SELECT clock_timestamp() AS dp_now) n LEFT JOIN (
					SELECT %1$s AS dp_key, %2$s AS dp_time, CAST(%2$s AS text) AS dp_token, %3$s AS dp_held
					FROM %4$s AS t WHERE
				""".formatted(table.keyAsText("t"), time,
				(hold != null && column != null) ? "((" + hold + ")) IS TRUE" : "false", table.name().toSql()));
		Row row = statement.add(key)
			.add(") t ON true")
			.first(this.jdbc,
					(rs, number) -> new Row(rs.getObject("dp_now", OffsetDateTime.class).toInstant(),
							(rs.getArray("dp_key") != null) ? TreeRow.texts(rs, "dp_key") : null, column,
							instant(rs.getObject("dp_time", OffsetDateTime.class)), rs.getString("dp_token"),
							rs.getBoolean("dp_held")));
		return Objects.requireNonNull(row);
	}

	private static @Nullable Instant instant(@Nullable OffsetDateTime time) {
		return (time != null) ? time.toInstant() : null;
	}

	private RowStatus withoutToken(Draft draft, @Nullable Recorded named) {
		draft.recorded = named;
		boolean exists = draft.row.key() != null;
		if (named == null) {
			return exists ? draft.answer(Reason.LIVE, "It is live: it was never deleted, or it was restored.") : draft
				.answer(Reason.UNKNOWN,
						"There is no such row, and nothing is recorded of it. It was purged, it was removed by other means, or it never was: no record is kept of single rows that are gone.");
		}
		return exists ? draft.answer(Reason.RESTORED,
				"It was made live by other means than a restore. The record that still names it matches nothing and is struck when its time comes.")
				: draft.answer(Reason.GONE,
						"There is no such row any more: it was removed by other means than the purge. The record that still names it is struck when its time comes.");
	}

	/**
	 * Climb to the row that was asked for, by rows that carry the same token.
	 */
	private RowStatus withRoot(Draft draft, Table start, Sql startKey, Recorded recorded) {
		Table table = start;
		Sql key = startKey;
		String token = Objects.requireNonNull(draft.row.tokenText());
		for (int level = 0; level < MOST_LEVELS; level++) {
			Parent parent = parent(table, key, token);
			if (parent == null) {
				break;
			}
			table = parent.table();
			key = condition(table, parent.key());
			Entry entry = this.records.writing(table, parent.column(), recorded.token(), key)
				.stream()
				.filter((it) -> it.operationId().equals(recorded.operationId()))
				.map(Recorded::entry)
				.filter(Objects::nonNull)
				.findFirst()
				.orElse(null);
			if (entry != null && entry.root()) {
				RowStatus forecast = answer(table, key, false);
				draft.root = new Root(table.key().stream().map(Column::name).toList(), parent.key(), forecast);
				draft.nextAttempt = forecast.nextAttempt();
				draft.pausedSince = forecast.pausedSince();
				return draft.answer(Reason.WITH_ROOT,
						"It was deleted along with a row of %s and goes together with it. Of that row: %s"
							.formatted(table.name(), forecast.text()));
			}
		}
		return draft.answer(Reason.LEFT_BEHIND,
				"It was deleted along with a row of %s, but no longer belongs to one that carries the same deletion time. It stays deleted, and is never purged."
					.formatted(recorded.rootTable()));
	}

	private @Nullable Parent parent(Table table, Sql key, String token) {
		for (Ancestors.Ascent ascent : this.ancestors.of(table)) {
			Table top = this.catalog.table(ascent.top());
			CascadePlan.Join join = ascent.join();
			Sql statement = Sql
				.of("SELECT %s AS dp_key FROM %s AS t, %s WHERE %s AND %s = CAST(? AS timestamptz) AND (".formatted(
						top.keyAsText("dp_a"), table.name().toSql(), join.from(), join.condition(),
						ascent.deletionTime().toSql("dp_a")), token)
				.add(key)
				.add(")" + (top.name().equals(table.name()) ? " AND NOT (" + table.sameKey("dp_a", "t") + ")" : "")
						+ " LIMIT 1");
			List<String> found = statement.first(this.jdbc, (rs, row) -> TreeRow.texts(rs, "dp_key"));
			if (found != null) {
				return new Parent(top, ascent.deletionTime(), found);
			}
		}
		return null;
	}

	private RowStatus root(Draft draft, Table table, Column column, Recorded recorded) {
		Instant now = draft.row.now();
		Instant purgeAt = Objects.requireNonNull(recorded.purgeAt());
		Entry entry = recorded.entry();
		Instant next = (entry != null) ? entry.nextAttempt() : null;
		Pause pause = this.records.pause(table.name());
		draft.pausedSince = (pause.ofTable() != null) ? pause.ofTable() : pause.ofAll();
		draft.obstacles.addAll(obstacles(table, column, draft.row, purgeAt.isAfter(now) ? purgeAt : now));
		String paused = (pause.ofTable() != null)
				? "Purging of %s is paused since %s.".formatted(table.name(), pause.ofTable())
				: (pause.ofAll() != null) ? "Purging of all tables is paused since %s.".formatted(pause.ofAll()) : null;
		if (entry != null && entry.purgingSince() != null) {
			draft.nextAttempt = nextTry(now, next);
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
		draft.nextAttempt = nextTry(now, next);
		String when = (draft.nextAttempt != null) ? "It is tried at %s.".formatted(draft.nextAttempt)
				: "This node knows of no run that is planned; other nodes may purge all the same.";
		if (!draft.obstacles.isEmpty()) {
			Obstacle first = draft.obstacles.get(0);
			return draft.answer(first.reason(), "It is due, but " + first.text() + "."
					+ also(null, draft.obstacles.subList(1, draft.obstacles.size())) + " " + when);
		}
		if (entry != null && entry.state() == State.FAILED) {
			return draft.answer(Reason.FAILED,
					"It is due, but the last of %d attempt(s) failed. %s".formatted(entry.attempts(), when));
		}
		String before = (entry != null && entry.state() != null)
				? " The last of %d attempt(s) was in vain; what was in its way then is not any more."
					.formatted(entry.attempts())
				: "";
		return draft.answer(Reason.DUE,
				"It is due since %s, and nothing keeps it.%s %s".formatted(purgeAt, before, when));
	}

	private static String also(@Nullable String paused, List<Obstacle> obstacles) {
		StringBuilder text = new StringBuilder();
		if (paused != null) {
			text.append(' ').append(paused);
		}
		obstacles.forEach((obstacle) -> text.append(" Besides, ").append(obstacle.text()).append('.'));
		return text.toString();
	}

	/**
	 * What is not yet to be tried again goes with a run after that.
	 */
	private @Nullable Instant nextTry(Instant now, @Nullable Instant next) {
		Instant run = this.nextRun.nextRun();
		if (next != null && next.isAfter(now) && (run == null || next.isAfter(run))) {
			return next;
		}
		return run;
	}

	private List<Obstacle> obstacles(Table table, Column column, Row row, Instant asOf) {
		List<Obstacle> found = new ArrayList<>();
		if (row.held()) {
			found.add(new Obstacle(Reason.HELD, table.name().toString(), null, "the hold condition of %s keeps it: %s"
				.formatted(table.name(), this.deletionTimes.holdCondition(table))));
		}
		CascadePlan plan;
		try {
			plan = this.plans.planFor(table, column);
		}
		catch (UnsupportedTableException ex) {
			found.add(new Obstacle(Reason.FAILED, table.name().toString(), null,
					"what belongs to it cannot be told: " + ex.getMessage()));
			return found;
		}
		TreeQueries queries = new TreeQueries(plan, this.deletionTimes, this.point, asOf);
		List<List<TreeRow>> rows = new ArrayList<>();
		plan.nodes().forEach((node) -> rows.add(new ArrayList<>()));
		TreeRow root = new TreeRow(0, Objects.requireNonNull(row.key()), row.tokenText(), null, null);
		boolean whole = walk(queries, plan, root, rows, found);
		for (CascadePlan.Edge edge : plan.restrictions()) {
			boolean inside = plan.nodes().stream().anyMatch((node) -> edge.child().isPartOf(node));
			if (!rows.get(edge.parent().number()).isEmpty() && (whole || !inside)
					&& queries.restricting(edge, rows).first(this.jdbc, (rs, number) -> true) != null) {
				found.add(new Obstacle(Reason.RESTRICTED, edge.child().name().toString(), edge.key().name(),
						"a row of %s refers to %s (foreign key %s)".formatted(edge.child().name(),
								(edge.parent().number() == 0) ? "it" : "what belongs to it", edge.key().name())));
			}
		}
		for (CascadePlan.Node node : plan.nodes()) {
			List<TreeRow> here = rows.get(node.number());
			if (!here.isEmpty() && !(node.number() == 0 && row.held()) && isLocked(queries, node, here)) {
				found.add(new Obstacle(Reason.LOCKED, node.name().toString(), null, (node.number() == 0)
						? "another transaction has locked it, or is changing it"
						: "another transaction has locked a row of %s that belongs to it".formatted(node.name())));
			}
		}
		return found;
	}

	/**
	 * Look through the tree below a row.
	 * @return whether that was all of it
	 */
	private boolean walk(TreeQueries queries, CascadePlan plan, TreeRow root, List<List<TreeRow>> rows,
			List<Obstacle> found) {
		if (plan.edges().isEmpty()) {
			rows.get(0).add(root);
			return true;
		}
		Sql statement = queries.walk(List.of(root), 0)
			.add(" SELECT dp_node, dp_key, CAST(dp_own AS text) AS dp_own, dp_version, dp_op, dp_stays FROM walk LIMIT "
					+ (ROWS + 1));
		Set<Obstacle> staying = new LinkedHashSet<>();
		int[] count = { 0 };
		statement.list(this.jdbc, (rs, number) -> {
			TreeRow row = TreeRow.from(rs);
			String stays = rs.getString("dp_stays");
			count[0]++;
			if (stays == null) {
				return rows.get(row.node()).add(row);
			}
			Blocker why = Blocker.valueOf(stays);
			TableName table = plan.nodes().get(row.node()).name();
			return staying.add(new Obstacle((why == Blocker.HELD) ? Reason.HELD : Reason.KEPT, table.toString(), null,
					why.in(table).error()));
		});
		found.addAll(staying);
		return count[0] <= ROWS;
	}

	private boolean isLocked(TreeQueries queries, CascadePlan.Node node, List<TreeRow> rows) {
		Set<List<String>> touched = new LinkedHashSet<>(
				TreeQueries.touched(node, rows).list(this.jdbc, (rs, number) -> TreeRow.texts(rs, "dp_key")));
		if (touched.isEmpty()) {
			return false;
		}
		List<TreeRow> suspects = rows.stream().filter((row) -> touched.contains(row.key())).toList();
		return queries.lock(node, suspects).list(this.jdbc, (rs, number) -> true).size() < suspects.size();
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

	@FunctionalInterface
	private interface Question {

		RowStatus answer();

	}

	/**
	 * A row as it is now.
	 */
	private record Row(Instant now, @Nullable List<String> key, @Nullable Column column, @Nullable Instant token,
			@Nullable String tokenText, boolean held) {
	}

	private record Parent(Table table, Column column, List<String> key) {
	}

	/**
	 * What is known so far.
	 */
	private static final class Draft {

		private final TableName table;

		private final Row row;

		private final List<Obstacle> obstacles = new ArrayList<>();

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
			Entry entry = (known != null) ? known.entry() : null;
			boolean goes = known != null && this.row.token() != null && reason != Reason.RESTORED
					&& reason != Reason.LEFT_BEHIND;
			String unsure = (known != null && entry == null && !known.complete())
					? " The operation has too many parts to find what the last attempt said of this row." : "";
			return new RowStatus(this.table.toString(), reason, text + unsure,
					(known != null) ? known.operationId() : null, (known != null) ? known.mode() : null,
					this.row.token(), (goes && known != null) ? known.purgeAt() : null, this.nextAttempt,
					(entry != null) ? entry.attempts() : 0, (entry != null) ? entry.lastError() : null,
					this.pausedSince, this.obstacles, this.root);
		}

	}

}
