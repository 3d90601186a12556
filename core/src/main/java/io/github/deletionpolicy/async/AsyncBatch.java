package io.github.deletionpolicy.async;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

import io.github.deletionpolicy.PurgedRows;
import io.github.deletionpolicy.UnknownOperationException;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.async.AsyncDeletes.Due;
import io.github.deletionpolicy.async.BatchDeletion.Batch;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.purge.PurgeTools;
import io.github.deletionpolicy.purge.batch.SqlStates;
import io.github.deletionpolicy.purge.batch.WorkerSlots.Entry;
import io.github.deletionpolicy.purge.batch.WorkerTransaction;
import io.github.deletionpolicy.rows.KeyRange;
import io.github.deletionpolicy.rows.KeyReader;
import io.github.deletionpolicy.rows.KeyScan;
import io.github.deletionpolicy.rows.KeyScan.KeyPage;
import io.github.deletionpolicy.rows.KeySpelling;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.InvalidDataAccessApiUsageException;

/**
 * What a worker does inside one transaction of an asynchronous delete: set it up, claim
 * the delete, remove or mark rows, and find out which of them stayed.
 */
class AsyncBatch {

	static final Batch NOTHING = new Batch(0, Map.of(), List.of());

	private final PurgeTools tools;

	private final AsyncDeletes deletes;

	private final BatchDeletion deletion;

	private final KeyScan walk;

	private final Due due;

	private final boolean patient;

	private @Nullable Swift swift;

	/**
	 * Create what does it.
	 * @param tools what all workers share
	 * @param due the delete
	 * @param patient whether to wait for a lane
	 */
	AsyncBatch(PurgeTools tools, Due due, boolean patient) {
		this.tools = tools;
		this.deletes = tools.asyncDeletes();
		this.deletion = tools.batchDeletion();
		this.walk = new KeyScan(tools.jdbc());
		this.due = due;
		this.patient = patient;
	}

	KeyScan walk() {
		return this.walk;
	}

	/**
	 * Claim the delete.
	 * @param waiting whether later statements may wait for rows that others have locked
	 * @return the delete; {@code null} if it has ended, or is not this worker's turn
	 */
	@Nullable AsyncClaim claim(boolean waiting) {
		Sql claim = this.deletes.claim(this.due.operationId());
		Entered<AsyncClaim> entered = WorkerTransaction.aheadOfAsync(this.tools, this.due.table(), waiting)
			.add(claim)
			.execute(this.tools.jdbc(),
					(statement) -> read(statement, WorkerTransaction.STATEMENTS_AHEAD, AsyncDeletes::claimed));
		if (entered.entry() != Entry.NO_LANE || !this.patient) {
			return entered.row();
		}
		this.tools.lanes().enter(this.due.table(), this.tools.settings().concurrency(), true);
		return claim.first(this.tools.jdbc(), (rs, row) -> AsyncDeletes.claimed(rs));
	}

	/**
	 * Claim the delete, remove the rows of its next stretch, note so and commit in one
	 * round trip, if nothing has come between since it was left, and the batch will be
	 * full. The transaction at hand has ended when this returns.
	 * @param table its table
	 * @param rest the rest of the walk
	 * @param selection which rows match; {@code null} if all do
	 * @param visits how many rows to visit at most
	 * @param matches how many of them are to match
	 * @return the rows; {@code null} if nothing was done
	 */
	@Nullable KeyPage removeNextAndCommit(Table table, KeyRange rest, @Nullable Sql selection, int visits, int matches) {
		Swift before = this.swift;
		Swift now = (before != null && before.fits(table, selection, visits, matches)) ? before.movedTo(rest)
				: new Swift(table, rest, selection, visits, matches,
						WorkerTransaction.aheadOfSwiftAsync(this.tools, this.due.table(), !KeySpelling.isFixed(table))
							.add(this.deletes.removeNextAndCommit(this.due.operationId(), table, rest, selection,
									visits, matches)));
		this.swift = now;
		return now.statement()
			.execute(this.tools.jdbc(),
					(statement) -> Optional
						.ofNullable(read(statement, WorkerTransaction.STATEMENTS_AHEAD_OF_SWIFT_ASYNC,
								(rs) -> AsyncDeletes.fullStretch(rs, rest, matches))
							.row()))
			.orElse(null);
	}

	private static <T> Entered<T> read(PreparedStatement statement, int ahead, RowReader<T> reader)
			throws SQLException {
		statement.execute();
		for (int i = 1; i < ahead; i++) {
			statement.getMoreResults();
		}
		Entry entry;
		try (ResultSet entered = statement.getResultSet()) {
			entered.next();
			entry = Entry.valueOf(entered.getString(1));
		}
		statement.getMoreResults();
		try (ResultSet row = statement.getResultSet()) {
			return new Entered<>(entry, row.next() ? reader.read(row) : null);
		}
	}

	/**
	 * Describe the table as it is now.
	 * @throws UnsupportedTableException if its primary key is another one than when the
	 * delete was accepted
	 */
	Table describe(AsyncDelete delete) {
		Table table = this.tools.catalog().table(delete.table().name());
		List<String> key = table.key().stream().map(Column::name).toList();
		if (!key.equals(delete.keyColumns())) {
			throw new UnsupportedTableException(
					"The primary key of table %s was (%s) when the delete was accepted and is (%s) now. Delete the rest anew."
						.formatted(table.name(), String.join(", ", delete.keyColumns()), String.join(", ", key)));
		}
		return table;
	}

	/**
	 * Delete rows.
	 * @param delete the delete
	 * @param table its table
	 * @param rows which rows, as a condition on the row {@code t}
	 * @param selection which rows match; {@code null} if all do
	 * @param expected how many rows there should be
	 * @return what was done
	 */
	Removed remove(AsyncDelete delete, Table table, Sql rows, @Nullable Sql selection, long expected) {
		Batch batch = remove(delete, table, both(rows, selection));
		if (batch.rows() >= expected) {
			return new Removed(batch, List.of(), null);
		}
		List<List<String>> left = this.walk.keys(table, both(rows, selection));
		return new Removed(batch, left, left.isEmpty() ? null : kept(table));
	}

	/**
	 * Delete rows, without those that others have locked.
	 * @param delete the delete
	 * @param table its table
	 * @param rows which rows, as a condition on the row {@code t}
	 * @param selection which rows match; {@code null} if all do
	 * @return what was done
	 */
	Removed removeUnlocked(AsyncDelete delete, Table table, Sql rows, @Nullable Sql selection) {
		List<List<String>> free = this.walk.lock(table, both(rows, selection));
		Batch batch = remove(delete, table, both(withKeys(table, free), selection));
		List<List<String>> left = this.walk.keys(table, both(rows, selection));
		boolean locked = left.stream().anyMatch((key) -> !free.contains(key));
		return new Removed(batch, left, left.isEmpty() ? null
				: locked ? "Others have locked rows of %s.".formatted(table.name()) : kept(table));
	}

	/**
	 * Find out whether an error would come for any row: whether the statements are
	 * refused without one, too, for want of a privilege or of something that they name.
	 * @param error what was raised by a transaction that has ended
	 * @return whether it concerns all rows
	 */
	boolean isRefusedWithoutRows(RuntimeException error) {
		if (!SqlStates.mayConcernAllRows(SqlStates.of(error))) {
			return false;
		}
		try {
			this.tools.inPlainTransaction(() -> {
				AsyncClaim claim = claim(false);
				return (claim != null)
						? removeUnlocked(claim.delete(), describe(claim.delete()), Sql.of("false"), null).batch()
						: NOTHING;
			});
			return false;
		}
		catch (RuntimeException ex) {
			return ex instanceof InvalidDataAccessApiUsageException || ex instanceof UnknownOperationException
					|| SqlStates.mayConcernAllRows(SqlStates.of(ex));
		}
	}

	private Batch remove(AsyncDelete delete, Table table, Sql rows) {
		Batch batch = this.deletion.delete(delete, table, rows, this.tools.listeners().areInside());
		this.tools.listeners()
			.tellOnlyInside(
					new PurgedRows(table.name().toString(), delete.operationId(), delete.acceptedAt(), batch.keys()));
		return batch;
	}

	private static String kept(Table table) {
		return "Rows of %s are still there after the statement that was to delete them; does a trigger or rule on the table prevent it?"
			.formatted(table.name());
	}

	static Sql withKeys(Table table, List<List<String>> keys) {
		return new KeyReader(table).readTexts(keys.stream().map((key) -> key.toArray(String[]::new)).toList());
	}

	static Sql both(Sql one, @Nullable Sql other) {
		return (other != null) ? Sql.of("(").add(one).add(") AND (").add(other).add(")") : one;
	}

	/**
	 * Tell what is committed.
	 */
	void committed(AsyncDelete delete, Batch batch) {
		this.tools.pace().removed(this.due.table(), batch.rows());
		this.deletion.committed(delete, batch);
	}

	/**
	 * What became of rows.
	 *
	 * @param batch those that were deleted
	 * @param left the keys of those that should have been and are still there
	 * @param error why; {@code null} if there are none
	 */
	record Removed(Batch batch, List<List<String>> left, @Nullable String error) {
	}

	/**
	 * The statements of the batch before, which differ from those of the next one in
	 * where they begin. What they were made of is told by its identity.
	 */
	@SuppressWarnings("ReferenceEquality")
	private record Swift(Table table, KeyRange rest, @Nullable Sql selection, int visits, int matches, Sql statement) {

		boolean fits(Table table, @Nullable Sql selection, int visits, int matches) {
			return this.table == table && this.selection == selection && this.visits == visits
					&& this.matches == matches && this.rest.after() != null;
		}

		Swift movedTo(KeyRange next) {
			List<String> from = Objects.requireNonNull(this.rest.after());
			List<String> to = Objects.requireNonNull(next.after());
			return new Swift(this.table, next, this.selection, this.visits, this.matches,
					this.statement.withValues((value) -> moved(value, from, to)));
		}

		private static @Nullable Object moved(@Nullable Object value, List<String> from, List<String> to) {
			if (value instanceof String[] key && key.length == from.size() && key[0] == from.get(0)) {
				return to.toArray(String[]::new);
			}
			for (int i = 0; i < from.size(); i++) {
				if (value == from.get(i)) {
					return to.get(i);
				}
			}
			return value;
		}

	}

	private record Entered<T>(Entry entry, @Nullable T row) {
	}

	private interface RowReader<T> {

		T read(ResultSet rs) throws SQLException;

	}

}
