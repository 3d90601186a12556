package io.github.deletionpolicy.autoconfigure;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import io.github.deletionpolicy.DeletionEvent;
import io.github.deletionpolicy.DeletionRequest;
import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.delete.DeletionMonitor;
import io.github.deletionpolicy.purge.PurgeMonitor;
import io.github.deletionpolicy.purge.PurgeReport;

/**
 * Makes one monitor out of several, or of none.
 */
final class Monitors {

	private Monitors() {
	}

	static DeletionMonitor ofDeletes(List<DeletionMonitor> monitors) {
		return monitors.stream().reduce(DeleteMonitors::new).orElse(DeletionMonitor.NONE);
	}

	static PurgeMonitor ofPurges(List<PurgeMonitor> monitors) {
		return monitors.stream().reduce(PurgeMonitors::new).orElse(PurgeMonitor.NONE);
	}

	private record DeleteMonitors(DeletionMonitor one, DeletionMonitor other) implements DeletionMonitor {

		@Override
		public <T> T aroundDelete(DeletionRequest request, Supplier<T> delete) {
			return this.one.aroundDelete(request, () -> this.other.aroundDelete(request, delete));
		}

		@Override
		public <T> T aroundRestore(boolean byOperation, Supplier<T> restore) {
			return this.one.aroundRestore(byOperation, () -> this.other.aroundRestore(byOperation, restore));
		}

		@Override
		public void committed(DeletionEvent event) {
			this.one.committed(event);
			this.other.committed(event);
		}

	}

	private record PurgeMonitors(PurgeMonitor one, PurgeMonitor other) implements PurgeMonitor {

		@Override
		public PurgeReport around(Supplier<PurgeReport> run) {
			return this.one.around(() -> this.other.around(run));
		}

		@Override
		public void batch(String table, Map<String, Long> removed) {
			this.one.batch(table, removed);
			this.other.batch(table, removed);
		}

		@Override
		public void kept(String table, State state, long rows) {
			this.one.kept(table, state, rows);
			this.other.kept(table, state, rows);
		}

	}

}
