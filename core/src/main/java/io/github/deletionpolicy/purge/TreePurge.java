package io.github.deletionpolicy.purge;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

import io.github.deletionpolicy.purge.batch.CarefulBatch;
import io.github.deletionpolicy.purge.batch.ChunkRef;
import io.github.deletionpolicy.purge.batch.PurgeResult;
import io.github.deletionpolicy.purge.batch.TableProgress;
import io.github.deletionpolicy.purge.batch.TableWork;
import io.github.deletionpolicy.purge.tree.TreeBatch;
import io.github.deletionpolicy.purge.tree.TreeTooBigException;

/**
 * Purges rows with what they cascade to. Where that is too much for a transaction, the
 * next batch takes fewer roots; a single tree that is too big goes in several
 * transactions.
 */
class TreePurge extends CarefulBatch {

	private final TreeBatch trees;

	private final SettledOperations settled;

	private final Consumer<ChunkRef> bigTrees;

	private final TableWork work;

	TreePurge(CarefulBatch rows, TreeBatch trees, SettledOperations settled, Consumer<ChunkRef> bigTrees,
			TableWork work) {
		this(rows, List.of(), trees, settled, bigTrees, work);
	}

	private TreePurge(CarefulBatch rows, List<ChunkRef> chunks, TreeBatch trees, SettledOperations settled,
			Consumer<ChunkRef> bigTrees, TableWork work) {
		super(rows, chunks);
		this.trees = trees;
		this.settled = settled;
		this.bigTrees = bigTrees;
		this.work = work;
	}

	@Override
	public boolean run(boolean skipLocked) {
		try {
			boolean worked = super.run(skipLocked);
			this.settled.clearUp(claimed().stream().map(ChunkRef::operationId).collect(Collectors.toSet()));
			return worked;
		}
		catch (TreeTooBigException ex) {
			takeFewer();
			return true;
		}
	}

	private void takeFewer() {
		int roots = claimed().stream().mapToInt(ChunkRef::keyCount).sum();
		if (roots > 1) {
			this.work.progress().rootsPerBatch(Math.max(1, roots / 4));
		}
		else {
			this.bigTrees.accept(claimed().get(0));
		}
	}

	@Override
	protected PurgeResult remove(List<ChunkRef> claimed, boolean skipLocked) {
		TableProgress progress = this.work.progress();
		return this.trees.purge(claimed, this.work.plan(), this.work.hold(), progress.batchSize(),
				progress.backOff().now(), progress.backOff());
	}

	@Override
	protected CarefulBatch part(List<ChunkRef> chunks) {
		return new TreePurge(this, chunks, this.trees, this.settled, this.bigTrees, this.work);
	}

}
