package io.github.deletionpolicy.purge.batch;

import java.time.Instant;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;

import io.github.deletionpolicy.ledger.BackOff;
import io.github.deletionpolicy.purge.batch.ClaimSql.Span;
import org.jspecify.annotations.Nullable;

/**
 * How far a run has come in one table, and how much of it the next batch takes. Threads
 * of a run share it.
 */
public class TableProgress {

	public static final int MOST_BATCHES = 16;

	private final DueTable table;

	private final BackOff backOff;

	private final int batchSize;

	private final Consumer<PurgeResult> results;

	private final ObjLongConsumer<Instant> marks;

	private @Nullable Instant reached;

	private int claimSize = 1;

	private int rootsPerBatch;

	private int batchesPerTurn = 1;

	/**
	 * Create the progress in a table.
	 * @param table the table
	 * @param backOff when to try again what could not be purged; its instant is what
	 * stands for now in the whole run
	 * @param batchSize how many rows a transaction removes at most
	 * @param results is given what committed transactions did
	 * @param marks is given up to where nothing is due any more, and which transactions
	 * may record more before that
	 */
	public TableProgress(DueTable table, BackOff backOff, int batchSize, Consumer<PurgeResult> results,
			ObjLongConsumer<Instant> marks) {
		this.table = table;
		this.backOff = backOff;
		this.batchSize = batchSize;
		this.rootsPerBatch = batchSize;
		this.results = results;
		this.marks = marks;
	}

	public DueTable table() {
		return this.table;
	}

	public BackOff backOff() {
		return this.backOff;
	}

	public int batchSize() {
		return this.batchSize;
	}

	/**
	 * Return what is due, from where this run has come to.
	 */
	public Span span() {
		return new Span(this.backOff.now(), reached());
	}

	public synchronized @Nullable Instant reached() {
		return this.reached;
	}

	/**
	 * Note that what was due by an instant, and not locked, is gone or postponed.
	 * @param horizon transactions with a lower number may bring in more of it
	 */
	public void reached(Instant upTo, long horizon) {
		synchronized (this) {
			this.reached = (this.reached != null && this.reached.isAfter(upTo)) ? this.reached : upTo;
		}
		this.marks.accept(upTo, horizon);
	}

	/**
	 * Look at everything that is due again.
	 * @return whether that is not so anyway
	 */
	public synchronized boolean startOver() {
		boolean moved = this.reached != null;
		this.reached = null;
		return moved;
	}

	/**
	 * Note what a transaction did that has committed.
	 */
	public void done(PurgeResult result) {
		this.results.accept(result);
	}

	/**
	 * Return how many chunks to claim. How many keys a chunk has is not known before;
	 * what the last claim found is the guess for the next.
	 */
	synchronized int claimSize() {
		return this.claimSize;
	}

	synchronized void claimed(long chunks, long keys) {
		long size = this.batchSize * chunks / Math.max(1, keys);
		this.claimSize = (int) Math.max(1, Math.min(this.batchSize, size));
	}

	/**
	 * Return how many rows to purge at once: fewer where they cascade to many others.
	 */
	public synchronized int rootsPerBatch() {
		return this.rootsPerBatch;
	}

	public synchronized void rootsPerBatch(int roots) {
		this.rootsPerBatch = Math.min(this.batchSize, roots);
	}

	/**
	 * Return how many batches to run in this turn.
	 * @param only whether no other table is due: many then, else one at first and more
	 * from turn to turn
	 */
	public synchronized int batchesInTurn(boolean only) {
		if (only) {
			return MOST_BATCHES;
		}
		int batches = this.batchesPerTurn;
		this.batchesPerTurn = Math.min(2 * batches, MOST_BATCHES);
		return batches;
	}

}
