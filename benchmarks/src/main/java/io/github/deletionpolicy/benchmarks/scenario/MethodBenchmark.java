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
import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.DeletionPreview;
import io.github.deletionpolicy.DeletionRequest;
import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.RestoreResult;
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
		public ResolvedTable resolve(DeletionRequest.Subject subject) {
			return () -> new TableName("public", "t25");
		}

		@Override
		public DeletionResult delete(DeletionRequest request) {
			return new DeletionResult(ID, request.mode(), request.source(), 1, null, null, Map.of());
		}

		@Override
		public <T> DeletedRows<T> deleteReturning(DeletionRequest request, Class<T> rowType) {
			return new DeletedRows<>(delete(request), List.of());
		}

		@Override
		public AsyncDeletion deleteAsync(DeletionRequest request, AsyncOptions options) {
			throw new UnsupportedOperationException();
		}

		@Override
		public DeletionPreview preview(DeletionRequest request) {
			throw new UnsupportedOperationException();
		}

		@Override
		public RestoreResult restore(UUID operationId) {
			throw new UnsupportedOperationException();
		}

		@Override
		public RestoreResult restore(ResolvedTable table, DeletionPolicy policy, DeletionRequest.Selection selection) {
			throw new UnsupportedOperationException();
		}

	}

}
