package io.github.deletionpolicy.purge;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;

import io.github.deletionpolicy.AsyncProgress.State;
import io.github.deletionpolicy.PurgedRows;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.KeyReader;
import io.github.deletionpolicy.catalog.Sql;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.AsyncClaim;
import io.github.deletionpolicy.ledger.AsyncDelete;
import io.github.deletionpolicy.ledger.AsyncDeletes;
import io.github.deletionpolicy.ledger.AsyncDeletes.Due;
import io.github.deletionpolicy.ledger.AsyncDeletes.Stretch;
import io.github.deletionpolicy.ledger.BatchDeletion;
import io.github.deletionpolicy.ledger.BatchDeletion.Batch;
import io.github.deletionpolicy.ledger.Lanes.Entry;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.InvalidDataAccessApiUsageException;

/**
 * What a run does of one asynchronous delete: a batch per transaction, up the primary
 * key. When one fails it is made smaller until the row stands alone that is to blame,
 * which is left behind and tried again after the walk.
 */
class AsyncWalk {

	private static final Log logger = LogFactory.getLog(AsyncWalk.class);

	private static final int REPETITIONS = 3;

	/**
	 * How many batches leave out locked rows after one that has waited in vain.
	 */
	private static final int CAREFUL_BATCHES = 4;

	/**
	 * How many rows a batch looks at, at most, to find those that match.
	 */
	private static final int MOST_VISITS = 20_000;

	/**
	 * With as many rows left behind the walk does not go on: something is wrong.
	 */
	private static final int MOST_LEFT = 1000;

	/**
	 * How often rows are tried again that were left behind.
	 */
	private static final int ATTEMPTS = 5;

	private static final Batch NOTHING = new Batch(0, Map.of(), List.of());

	private final PurgeTools tools;

	private final AsyncDeletes deletes;

	private final BatchDeletion deletion;

	private final PurgeRun run;

	private final Due due;

	private final ReentrantLock lock = new ReentrantLock();

	private int batches = 1;

	private int visits;

	private int matches;

	private long matched;

	private int carefully;

	private int repetition;

	AsyncWalk(PurgeTools tools, PurgeRun run, Due due) {
		this.tools = tools;
		this.deletes = tools.asyncDeletes();
		this.deletion = tools.batchDeletion();
		this.run = run;
		this.due = due;
	}

	/**
	 * Do some batches, unless another thread is at it.
	 * @param alone whether nothing else waits for its turn
	 * @return whether something was done
	 */
	boolean goOn(boolean alone) {
		if (this.run.isOver() || !this.lock.tryLock()) {
			return false;
		}
		try {
			int most = alone ? PurgeRun.MOST_BATCHES : this.batches;
			this.batches = Math.min(2 * this.batches, PurgeRun.MOST_BATCHES);
			int done = 0;
			Next next = Next.ON;
			while (next == Next.ON && done < most && (done == 0 || !mustRest())) {
				next = batch();
				done += (next != Next.NOTHING) ? 1 : 0;
			}
			return done > 0;
		}
		finally {
			this.lock.unlock();
		}
	}

	private boolean mustRest() {
		return this.run.isOver() || !this.run.restOf(this.due.table()).isZero();
	}

	private Next batch() {
		AtomicReference<@Nullable AsyncClaim> claimed = new AtomicReference<>();
		try {
			Done done = this.tools.inPlainTransaction(() -> {
				AsyncClaim claim = claim(this.carefully == 0);
				claimed.set(claim);
				return (claim != null) ? work(claim, describe(claim.delete())) : Done.NOTHING;
			});
			AsyncClaim claim = claimed.get();
			return (claim != null) ? committed(claim, done) : Next.NOTHING;
		}
		catch (RuntimeException ex) {
			AsyncClaim claim = claimed.get();
			if (SqlStates.isEnvironment(ex) || claim == null) {
				throw ex;
			}
			return recover(claim, ex);
		}
	}

	private @Nullable AsyncClaim claim(boolean waiting) {
		Sql claim = this.deletes.claim(this.due.operationId());
		Claimed claimed = Entrance.aheadOfAsync(this.tools, this.due.table(), waiting)
			.add(claim)
			.execute(this.tools.jdbc(), AsyncWalk::read);
		if (claimed.entry() != Entry.NO_LANE || !this.run.isPatient()) {
			return claimed.claim();
		}
		this.tools.lanes().enter(this.due.table(), this.tools.settings().concurrency(), true);
		return claim.first(this.tools.jdbc(), (rs, row) -> AsyncDeletes.claimed(rs));
	}

	private static Claimed read(PreparedStatement statement) throws SQLException {
		statement.execute();
		for (int i = 1; i < Entrance.STATEMENTS_AHEAD; i++) {
			statement.getMoreResults();
		}
		Entry entry;
		try (ResultSet entered = statement.getResultSet()) {
			entered.next();
			entry = Entry.valueOf(entered.getString(1));
		}
		statement.getMoreResults();
		try (ResultSet claim = statement.getResultSet()) {
			return new Claimed(entry, claim.next() ? AsyncDeletes.claimed(claim) : null);
		}
	}

	private Table describe(AsyncDelete delete) {
		Table table = this.tools.catalog().table(delete.table().name());
		List<String> key = table.key().stream().map(Column::name).toList();
		if (!key.equals(delete.keyColumns())) {
			throw new UnsupportedTableException(
					"The primary key of table %s was (%s) when the delete was accepted and is (%s) now. Delete the rest anew."
						.formatted(table.name(), String.join(", ", delete.keyColumns()), String.join(", ", key)));
		}
		return table;
	}

	private Done work(AsyncClaim claim, Table table) {
		if (claim.leftKeys().size() >= MOST_LEFT) {
			return Done.LEFT;
		}
		Sql selection = this.deletion.selection(claim.delete(), table);
		int most = Math.min(this.tools.batchSize(claim.delete().batchSize()),
				(this.matches > 0) ? this.matches : Integer.MAX_VALUE);
		this.matches = most;
		this.visits = (selection != null) ? Math.max(this.visits, most) : most;
		Stretch stretch = this.deletes.nextStretch(claim, table, selection, this.visits, most);
		if (stretch == null) {
			if (claim.leftKeys().isEmpty()) {
				this.deletes.end(claim.delete().operationId(), State.DONE, null);
				return Done.ENDED;
			}
			return Done.LEFT;
		}
		this.matched = stretch.matched();
		Sql rows = both(stretch.range().on(table), selection);
		Removed removed = (stretch.matched() > 0) ? remove(claim.delete(), table, rows, selection, stretch.matched())
				: new Removed(NOTHING, List.of(), null);
		this.deletes.advance(claim, table, stretch, removed.batch().rows(), removed.left(), removed.error());
		return new Done(removed.batch(), stretch, false, false);
	}

	/**
	 * Delete rows and find out which of them are still there and should not be.
	 */
	private Removed remove(AsyncDelete delete, Table table, Sql rows, @Nullable Sql selection, long expected) {
		List<List<String>> free = (this.carefully > 0) ? this.deletes.keys(table, rows, true) : List.of();
		Sql deletable = (this.carefully > 0) ? both(new KeyReader(table).readTexts(arrays(free)), selection) : rows;
		Batch batch = this.deletion.delete(delete, table, deletable, this.tools.listeners().areInside());
		this.tools.listeners()
			.tellOnlyInside(
					new PurgedRows(table.name().toString(), delete.operationId(), delete.acceptedAt(), batch.keys()));
		if (batch.rows() >= expected) {
			return new Removed(batch, List.of(), null);
		}
		List<List<String>> left = this.deletes.keys(table, rows, false);
		boolean locked = this.carefully > 0 && left.stream().anyMatch((key) -> !free.contains(key));
		return new Removed(batch, left, left.isEmpty() ? null : locked
				? "Others have locked rows of %s.".formatted(table.name())
				: "Rows of %s are still there after the statement that was to delete them; does a trigger or rule on the table prevent it?"
					.formatted(table.name()));
	}

	private static Sql both(Sql one, @Nullable Sql other) {
		return (other != null) ? Sql.of("(").add(one).add(") AND (").add(other).add(")") : one;
	}

	private static List<String[]> arrays(List<List<String>> keys) {
		return keys.stream().map((key) -> key.toArray(String[]::new)).toList();
	}

	private Next committed(AsyncClaim claim, Done done) {
		this.repetition = 0;
		tell(claim.delete(), done.batch());
		if (done.left()) {
			return retryLeft(claim);
		}
		if (done.ended()) {
			ended(claim.delete());
			return Next.ENDED;
		}
		this.carefully = Math.max(0, this.carefully - 1);
		Stretch stretch = done.stretch();
		if (stretch != null) {
			learn(stretch);
		}
		return claim.delete().pause().isZero() ? Next.ON : Next.ENDED;
	}

	private void tell(AsyncDelete delete, Batch batch) {
		this.tools.pace().removed(this.due.table(), batch.rows());
		this.deletion.committed(delete, batch);
	}

	/**
	 * Look further where few rows match, and take more again after a failure.
	 */
	private void learn(Stretch stretch) {
		boolean full = stretch.matched() >= this.matches;
		long wanted = full ? Math.max(this.matches, 2 * stretch.visited()) : 4L * this.visits;
		this.visits = (int) Math.min(wanted, Math.max(MOST_VISITS, this.matches));
		this.matches = Math.min(2 * this.matches, Integer.MAX_VALUE / 2);
	}

	private void ended(AsyncDelete delete) {
		this.deletes.find(delete.operationId())
			.ifPresent((summary) -> logger
				.info("Deletion policy: the asynchronous delete %s from %s is done: %d row(s) %s, %d given up."
					.formatted(delete.operationId(), summary.table(), summary.progress().done(),
							delete.isHard() ? "removed" : "marked as deleted", summary.progress().failed())));
	}

	/**
	 * Leave out locked rows, repeat what can be repeated, else take fewer until the
	 * culprit stands alone.
	 */
	private Next recover(AsyncClaim claim, RuntimeException ex) {
		String state = SqlStates.of(ex);
		if (ex instanceof InvalidDataAccessApiUsageException || ex instanceof IllegalArgumentException
				|| (SqlStates.mayConcernAllRows(state) && isRefusedWithoutRows())) {
			fail(claim, ex);
			return Next.ENDED;
		}
		if (SqlStates.isWaiting(state) && this.carefully == 0) {
			this.carefully = CAREFUL_BATCHES;
		}
		else if (SqlStates.isRepeatable(state) && this.repetition < REPETITIONS) {
			this.repetition++;
		}
		else if (this.matched > 1) {
			this.matches = (int) Math.max(1, Math.min(this.matches, this.matched) / 2);
		}
		else {
			leaveBehind(ex);
		}
		return Next.ON;
	}

	/**
	 * Try the statement without a row: what refuses that refuses every one.
	 */
	private boolean isRefusedWithoutRows() {
		try {
			this.tools.inPlainTransaction(() -> {
				AsyncClaim claim = claim(false);
				return (claim != null)
						? this.deletion.delete(claim.delete(), describe(claim.delete()), Sql.of("false"), false)
						: NOTHING;
			});
			return false;
		}
		catch (RuntimeException ex) {
			return ex instanceof InvalidDataAccessApiUsageException || SqlStates.mayConcernAllRows(SqlStates.of(ex));
		}
	}

	private void fail(AsyncClaim claim, RuntimeException ex) {
		String message = FailureMessages.of(ex);
		boolean ended = this.tools
			.inTransaction(() -> this.deletes.end(claim.delete().operationId(), State.FAILED, message));
		if (ended) {
			logger.warn("Deletion policy: the asynchronous delete %s from %s has failed. %s"
				.formatted(claim.delete().operationId(), claim.delete().table().name(), message));
		}
	}

	/**
	 * Go past the first row that matches.
	 */
	private void leaveBehind(RuntimeException ex) {
		String message = FailureMessages.of(ex);
		this.repetition = 0;
		this.tools.inPlainTransaction(() -> {
			AsyncClaim claim = claim(false);
			if (claim == null) {
				return false;
			}
			Table table = describe(claim.delete());
			Sql selection = this.deletion.selection(claim.delete(), table);
			Stretch stretch = this.deletes.nextStretch(claim, table, selection, this.visits, 1);
			if (stretch != null) {
				List<List<String>> left = this.deletes.keys(table, both(stretch.range().on(table), selection), false);
				this.deletes.advance(claim, table, stretch, 0, left, message);
			}
			return true;
		});
	}

	/**
	 * Try rows again that were left behind: all at once, and where that fails in halves.
	 * Those that stay are tried again later, and in the end given up.
	 */
	private Next retryLeft(AsyncClaim before) {
		retry(before.leftKeys());
		return this.tools.inPlainTransaction(() -> {
			AsyncClaim claim = claim(false);
			if (claim == null || claim.leftKeys().isEmpty()) {
				return Next.ON;
			}
			if (claim.attempts() + 1 >= ATTEMPTS) {
				this.deletes.giveUp(claim);
				return Next.ON;
			}
			this.deletes.postpone(claim, this.run.backOff().after(claim.attempts() + 1));
			return Next.ENDED;
		});
	}

	private void retry(List<List<String>> keys) {
		if (this.run.isOver()) {
			return;
		}
		AtomicReference<@Nullable AsyncClaim> claimed = new AtomicReference<>();
		try {
			Batch batch = this.tools.inPlainTransaction(() -> {
				AsyncClaim claim = claim(false);
				claimed.set(claim);
				return (claim != null) ? retry(claim, keys) : NOTHING;
			});
			AsyncClaim claim = claimed.get();
			if (claim != null) {
				tell(claim.delete(), batch);
			}
		}
		catch (RuntimeException ex) {
			if (SqlStates.isEnvironment(ex) || claimed.get() == null) {
				throw ex;
			}
			if (keys.size() > 1) {
				int half = keys.size() / 2;
				retry(keys.subList(0, half));
				retry(keys.subList(half, keys.size()));
			}
			else {
				note(FailureMessages.of(ex));
			}
		}
	}

	private Batch retry(AsyncClaim claim, List<List<String>> keys) {
		Table table = describe(claim.delete());
		Sql selection = this.deletion.selection(claim.delete(), table);
		Sql rows = both(new KeyReader(table).readTexts(arrays(keys)), selection);
		this.carefully = Math.max(1, this.carefully);
		Removed removed = remove(claim.delete(), table, rows, selection, Long.MAX_VALUE);
		List<List<String>> left = new ArrayList<>(claim.leftKeys());
		left.removeAll(keys);
		left.addAll(removed.left());
		this.deletes.settle(claim, removed.batch().rows(), left, removed.error());
		return removed.batch();
	}

	private void note(String error) {
		this.tools.inPlainTransaction(() -> {
			AsyncClaim claim = claim(false);
			if (claim != null) {
				this.deletes.settle(claim, 0, claim.leftKeys(), error);
			}
			return true;
		});
	}

	private enum Next {

		/** There may be more to do. */
		ON,
		/** It has ended, or rests. */
		ENDED,
		/** Nothing was done: somebody else is at it, or may not be. */
		NOTHING

	}

	private record Claimed(Entry entry, @Nullable AsyncClaim claim) {
	}

	private record Removed(Batch batch, List<List<String>> left, @Nullable String error) {
	}

	/**
	 * What one transaction did.
	 */
	private record Done(Batch batch, @Nullable Stretch stretch, boolean left, boolean ended) {

		static final Done NOTHING = new Done(AsyncWalk.NOTHING, null, false, false);

		static final Done LEFT = new Done(AsyncWalk.NOTHING, null, true, false);

		static final Done ENDED = new Done(AsyncWalk.NOTHING, null, false, true);

	}

}
