package io.github.deletionpolicy;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * What the caller of {@link DeleteOperations} has said so far.
 */
record DeletionCall(DeletionTarget target, RowSelection selection, @Nullable DeletionMode mode,
		@Nullable Duration delay, CascadeMode cascade, boolean includingDeleted, @Nullable String reason) {

	DeletionCall(DeletionTarget target, RowSelection selection) {
		this(target, selection, null, null, CascadeMode.CATALOG, false, null);
	}

	DeletionCall withMode(DeletionMode said, @Nullable Duration saidDelay) {
		return new DeletionCall(this.target, this.selection, said, saidDelay, this.cascade, this.includingDeleted,
				this.reason);
	}

	DeletionCall withCascade(CascadeMode said) {
		return new DeletionCall(this.target, this.selection, this.mode, this.delay, said, this.includingDeleted,
				this.reason);
	}

	DeletionCall withDeleted() {
		return new DeletionCall(this.target, this.selection, this.mode, this.delay, this.cascade, true, this.reason);
	}

	DeletionCall withReason(String said) {
		return new DeletionCall(this.target, this.selection, this.mode, this.delay, this.cascade, this.includingDeleted,
				said);
	}

}
