package io.github.deletionpolicy.purge.batch;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.purge.batch.DueChunks.Outcome;
import io.github.deletionpolicy.rows.KeyValues;
import io.github.deletionpolicy.sql.Database;
import io.github.deletionpolicy.sql.Instants;
import io.github.deletionpolicy.sql.Sql;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Purges rows step by step, whatever is in the way: enter, claim chunks, delete the rows
 * that can go, notify listeners of them, settle the chunks.
 */
public class CarefulBatch implements Batch {

	public static final Outcome LOCKED = new Outcome(State.BLOCKED, "locked by another transaction");

	private static final Outcome HOLD_UNKNOWN = new Outcome(State.BLOCKED,
			"the delete was accepted under a hold condition that this node does not know: declare the hold-condition of its table here too, or false to give it up");

	private static final Outcome STILL_THERE = new Outcome(State.FAILED,
			"still there after the DELETE; does a trigger or rule on the table prevent it?");

	private final Database database;

	private final WorkerTransaction transaction;

	private final DueChunks chunks;

	private final PurgeListeners listeners;

	private final Postponements postponements;

	private final TableWork work;

	/**
	 * What this batch tries to purge; empty as long as nothing is claimed.
	 */
	private List<ChunkRef> claimed = List.of();

	private boolean postponed;

	private long horizon;

	/**
	 * Create a batch of what has been due for longest.
	 */
	public CarefulBatch(Database database, WorkerTransaction transaction, DueChunks chunks, PurgeListeners listeners,
			TableWork work) {
		this.database = database;
		this.transaction = transaction;
		this.chunks = chunks;
		this.listeners = listeners;
		this.postponements = new Postponements(database, chunks);
		this.work = work;
	}

	/**
	 * Create a batch of chunks that another one has claimed.
	 */
	protected CarefulBatch(CarefulBatch whole, List<ChunkRef> part) {
		this(whole.database, whole.transaction, whole.chunks, whole.listeners, whole.work);
		this.claimed = part;
	}

	@Override
	public boolean run(boolean skipLocked) {
		boolean again = !this.claimed.isEmpty();
		try {
			progress().done(inTransaction(() -> {
				if (!this.transaction.enter(this.work, !skipLocked)) {
					return PurgeResult.NOTHING;
				}
				return again ? purge(claimAgain(), skipLocked) : purgeNext(skipLocked);
			}));
		}
		catch (RuntimeException ex) {
			if (!this.claimed.isEmpty() || !SqlStates.isWaiting(SqlStates.of(ex))) {
				throw ex;
			}
		}
		return this.postponed || !this.claimed.isEmpty();
	}

	private PurgeResult purgeNext(boolean skipLocked) {
		TableProgress progress = progress();
		List<ChunkRef> found = this.chunks.claim(this.work.due(), progress.span(), progress.claimSize(),
				this.work.holding());
		if (found.isEmpty()) {
			return PurgeResult.NOTHING;
		}
		List<ChunkRef> kept = found.stream().filter(ChunkRef::holdUnknown).toList();
		if (!kept.isEmpty()) {
			this.postponed = true;
			return postponeKept(kept);
		}
		progress.claimed(found.size(), found.stream().mapToLong(ChunkRef::keyCount).sum());
		int room = progress.rootsPerBatch();
		this.claimed = fitting(found, room);
		if (this.claimed.get(0).keyCount() > room) {
			this.chunks.split(this.claimed.get(0), this.work.table(), room);
			return PurgeResult.NOTHING;
		}
		this.horizon = this.chunks.nextWriter();
		return purge(this.claimed, skipLocked);
	}

	private PurgeResult postponeKept(List<ChunkRef> kept) {
		kept.forEach(
				(chunk) -> this.chunks.postpone(chunk, HOLD_UNKNOWN, progress().backOff().after(chunk.attempts() + 1)));
		return new PurgeResult(Map.of(), 0, HOLD_UNKNOWN.state(), kept.stream().mapToLong(ChunkRef::keyCount).sum());
	}

	private static List<ChunkRef> fitting(List<ChunkRef> found, int room) {
		int count = 0;
		long keys = 0;
		while (count < found.size() && (count == 0 || keys + found.get(count).keyCount() <= room)) {
			keys += found.get(count).keyCount();
			count++;
		}
		return List.copyOf(found.subList(0, count));
	}

	private PurgeResult purge(List<ChunkRef> claimed, boolean skipLocked) {
		return claimed.isEmpty() ? PurgeResult.NOTHING : remove(claimed, skipLocked);
	}

	/**
	 * Remove the rows of claimed chunks and settle these, in the transaction at hand.
	 */
	protected PurgeResult remove(List<ChunkRef> claimed, boolean skipLocked) {
		return removeRows(claimed, skipLocked);
	}

	private PurgeResult removeRows(List<ChunkRef> claimed, boolean skipLocked) {
		Table table = this.work.table();
		List<Removed> removed = delete(claimed, table, this.work.root().requireDeletionTime(), this.work.hold(),
				skipLocked);
		this.listeners.rowsPurged(table, removed.stream().map(Removed::row).toList());
		Map<ChunkRef.Id, Long> counts = removed.stream()
			.collect(Collectors.groupingBy(Removed::chunk, Collectors.counting()));
		return new Settlement(this.work.root(), this.work.hold(), skipLocked ? LOCKED : STILL_THERE,
				progress().backOff())
			.settle(this.chunks, claimed, (chunk) -> counts.getOrDefault(chunk.key(), 0L),
					removed.isEmpty() ? Map.of() : Map.of(table.name().toString(), (long) removed.size()));
	}

	private List<Removed> delete(List<ChunkRef> claimed, Table table, Column deletionTime, Sql hold,
			boolean skipLocked) {
		Sql keys = this.chunks.keys(claimed, table);
		if (skipLocked) {
			keys = Sql.of("(SELECT d.* FROM ")
				.add(keys)
				.add(" AS d JOIN %s AS s ON %s AND %s = d.dp_token FOR UPDATE OF s SKIP LOCKED)"
					.formatted(table.name().toSql(), table.keyEquals("s", "d"), deletionTime.toSql("s")));
		}
		Sql statement = Sql.of("DELETE FROM %s AS t USING ".formatted(table.name().toSql()))
			.add(keys)
			.add(" AS d WHERE %s AND %s = d.dp_token AND (".formatted(table.keyEquals("t", "d"),
					deletionTime.toSql("t")))
			.add(hold)
			.add(") IS NOT TRUE RETURNING d.dp_operation, d.dp_chunk, d.dp_token, " + table.selectKey("t"));
		List<Removed> removed = statement.list(this.database.jdbc(), (rs, row) -> Removed.from(rs, table));
		this.database.jdbc().execute(WorkerTransaction.CHECK_CONSTRAINTS);
		return removed;
	}

	/**
	 * Halves the chunks, and at last the keys of the only one.
	 */
	@Override
	public List<Batch> parts() {
		List<Batch> parts = new ArrayList<>();
		int size = this.claimed.size();
		if (size > 1) {
			parts.add(part(this.claimed.subList(0, size / 2)));
			parts.add(part(this.claimed.subList(size / 2, size)));
		}
		else if (size == 1 && this.claimed.get(0).keyCount() > 1) {
			cut(this.claimed.get(0)).forEach((half) -> parts.add(part(List.of(half))));
		}
		return parts;
	}

	protected CarefulBatch part(List<ChunkRef> chunks) {
		return new CarefulBatch(this, chunks);
	}

	/**
	 * What cannot be read cannot be cut either, and must not stand in the way of others.
	 */
	private List<ChunkRef> cut(ChunkRef chunk) {
		try {
			return inTransaction(() -> this.chunks.split(chunk, this.work.table(), (chunk.keyCount() + 1) / 2));
		}
		catch (RuntimeException ex) {
			if (SqlStates.isEnvironment(ex)) {
				throw ex;
			}
			return List.of();
		}
	}

	/**
	 * Tries the statement without a key: what refuses that refuses every row, and a
	 * search for the row to blame would take all chunks apart.
	 */
	@Override
	public boolean concernsAllRows(RuntimeException failure) {
		if (!SqlStates.mayConcernAllRows(SqlStates.of(failure))
				|| (!this.claimed.isEmpty() && !isRefusedWithoutRows())) {
			return false;
		}
		int attempts = this.claimed.isEmpty() ? 0 : this.claimed.get(0).attempts();
		this.postponements.postponeAll(progress(), failure, attempts + 1);
		return true;
	}

	private boolean isRefusedWithoutRows() {
		try {
			inTransaction(() -> this.transaction.enter(this.work, false) ? removeRows(List.of(), false)
					: PurgeResult.NOTHING);
			return false;
		}
		catch (RuntimeException ex) {
			return SqlStates.mayConcernAllRows(SqlStates.of(ex));
		}
	}

	@Override
	public void postpone(RuntimeException failure) {
		if (this.claimed.isEmpty()) {
			throw failure;
		}
		this.postponements.postpone(progress(), this.claimed.get(0), failure);
	}

	/**
	 * Note that nothing is due any more up to the chunks of this batch, which has run.
	 */
	public void reached() {
		if (this.horizon > 0) {
			progress().reached(this.claimed.get(this.claimed.size() - 1).due(), this.horizon);
		}
	}

	public final List<ChunkRef> claimed() {
		return this.claimed;
	}

	/**
	 * Claim the chunks of this batch in another transaction than the first.
	 * @return those that are still there, still due and not claimed by others
	 */
	private List<ChunkRef> claimAgain() {
		return this.chunks.claimAgain(this.claimed, progress().backOff().now());
	}

	/**
	 * Set a further transaction up and claim the chunks of this batch there.
	 * @return whether that was possible for any
	 */
	protected final boolean enterAgain() {
		return this.transaction.enter(this.work, false) && !claimAgain().isEmpty();
	}

	protected final <T> T inTransaction(Supplier<T> batch) {
		return this.database.workers().execute((status) -> batch.get());
	}

	protected final JdbcOperations jdbc() {
		return this.database.jdbc();
	}

	protected final DueChunks chunks() {
		return this.chunks;
	}

	protected final PurgeListeners listeners() {
		return this.listeners;
	}

	protected final TableWork work() {
		return this.work;
	}

	protected final TableProgress progress() {
		return this.work.progress();
	}

	private record Removed(ChunkRef.Id chunk, PurgedRow row) {

		static Removed from(ResultSet rs, Table table) throws SQLException {
			ChunkRef.Id chunk = ChunkRef.Id.from(rs);
			return new Removed(chunk,
					new PurgedRow(chunk.operationId(), Instants.get(rs, "dp_token"), KeyValues.read(rs, table)));
		}

	}

}
