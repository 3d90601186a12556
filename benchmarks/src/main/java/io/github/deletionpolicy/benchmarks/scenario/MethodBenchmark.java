package io.github.deletionpolicy.benchmarks.scenario;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import io.github.deletionpolicy.AsyncDeletion;
import io.github.deletionpolicy.AsyncOptions;
import io.github.deletionpolicy.DeclaredDeletionPolicies;
import io.github.deletionpolicy.DeclaredDeletionPolicies.Declaration;
import io.github.deletionpolicy.DeleteTemplate;
import io.github.deletionpolicy.DeletedRows;
import io.github.deletionpolicy.DeletionExecutor;
import io.github.deletionpolicy.DeletionOrder;
import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.DeletionPreview;
import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.DeletionTarget;
import io.github.deletionpolicy.RestoreResult;
import io.github.deletionpolicy.RowSelection;
import io.github.deletionpolicy.TableName;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Methods that every delete goes through.
 *
 * @since 0.1
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MethodBenchmark {

	private final DeclaredDeletionPolicies policies = new DeclaredDeletionPolicies(IntStream.rangeClosed(1, 50)
		.mapToObj((n) -> new Declaration(DeletionPolicy.scheduled("t" + n, Duration.ofDays(30)), "here"))
		.toList());

	private final DeleteTemplate deletes = new DeleteTemplate(this.policies, new NoExecutor());

	private String table = "t25";

	/**
	 * Read a name.
	 * @return the name
	 */
	@Benchmark
	public TableName parseTableName() {
		return TableName.parse(this.table);
	}

	/**
	 * Find one of 50 policies.
	 * @return the policy
	 */
	@Benchmark
	public DeletionPolicy policyFor() {
		return this.policies.policyFor(this.table);
	}

	/**
	 * Say a delete and decide what it means, up to the point where SQL would begin.
	 * @return what the executor returns
	 */
	@Benchmark
	public DeletionResult deleteUpToExecutor() {
		return this.deletes.from(this.table).byId(1L).reason("a reason").execute();
	}

	/**
	 * Carries out nothing.
	 */
	private static final class NoExecutor implements DeletionExecutor {

		private static final UUID ID = new UUID(0, 1);

		@Override
		public TableName resolve(DeletionTarget target) {
			return new TableName("public", "t25");
		}

		@Override
		public DeletionResult delete(DeletionOrder order) {
			return new DeletionResult(ID, order.mode(), order.source(), 1, null, null, Map.of());
		}

		@Override
		public <T> DeletedRows<T> deleteReturning(DeletionOrder order, Class<T> rowType) {
			return new DeletedRows<>(delete(order), List.of());
		}

		@Override
		public AsyncDeletion deleteAsync(DeletionOrder order, AsyncOptions options) {
			throw new UnsupportedOperationException();
		}

		@Override
		public DeletionPreview preview(DeletionOrder order) {
			throw new UnsupportedOperationException();
		}

		@Override
		public RestoreResult restore(UUID operationId) {
			throw new UnsupportedOperationException();
		}

		@Override
		public RestoreResult restore(DeletionTarget target, DeletionPolicy policy, RowSelection selection) {
			throw new UnsupportedOperationException();
		}

	}

}
