package io.github.deletionpolicy.race;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.purge.PurgeReport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Two workers come to the same chunk. One of them has it, and the other one finds nothing
 * to do as long as the first one is not over: each row is removed once, and listeners are
 * notified of it once.
 */
class TwoWorkersOnOneChunkIT {

	@RegisterExtension
	private static final Races twoLanes = Races.of("deletion-policy.purge.concurrency=2");

	@RegisterExtension
	private static final Races oneLane = Races.of();

	@ParameterizedTest
	@EnumSource
	void theSecondWorkerFindsNothingToDoAndDoesNotWait(PurgePath path) {
		DeletionResult deleted = twoLanes.reset(path);
		Second second = second(twoLanes, path, () -> {
		});
		PurgeReport first = work(twoLanes);
		assertThat(second.waiting.get()).isNull();
		assertThat(second.report().total()).isZero();
		assertThat(first.total()).isEqualTo(path.all().size());
		assertAllIsGone(twoLanes, path, deleted);
	}

	/**
	 * The first one has claimed the chunk, and not yet come to the row.
	 */
	@ParameterizedTest
	@EnumSource(mode = Mode.INCLUDE, names = { "OPTIMISTIC", "BELOW" })
	void theSecondWorkerFindsNothingToDoWhenTheFirstHasOnlyClaimed(PurgePath path) {
		RaceResult<PurgeReport> result = twoLanes.amidPurge(path,
				path.isFlat() ? "%" + path.statement + "%" : PurgePath.LOCKS, (deleted) -> work(twoLanes));
		assertThat(result.isWaiting()).isFalse();
		assertThat(result.answer().didSomething()).isFalse();
		assertAllIsGone(twoLanes, path, result.deleted());
	}

	/**
	 * Its listener is notified of rows that stay, and again when another connection
	 * purges them.
	 */
	@ParameterizedTest
	@EnumSource
	void whatAWorkerDoesWhoseConnectionIsLostIsToldOfOnceAllTheSame(PurgePath path) {
		DeletionResult deleted = twoLanes.reset(path);
		Second second = second(twoLanes, path,
				() -> twoLanes.sql("SELECT pg_terminate_backend(%d)".formatted(twoLanes.backend())));
		work(twoLanes);
		assertThat(second.waiting.get()).isNull();
		assertThat(second.report().total()).isZero();
		assertAllIsGone(twoLanes, path, deleted);
	}

	@ParameterizedTest
	@EnumSource
	void withOneLaneAWorkerThatIsToFinishWaitsForTheFirst(PurgePath path) {
		DeletionResult deleted = oneLane.reset(path);
		Second second = second(oneLane, path, () -> {
		});
		PurgeReport first = work(oneLane);
		assertThat(second.waiting.get()).startsWith("SELECT pg_advisory_xact_lock");
		assertThat(first.total() + second.report().total()).isEqualTo(path.all().size());
		assertAllIsGone(oneLane, path, deleted);
	}

	@ParameterizedTest
	@EnumSource
	void withOneLaneARunThatComesSecondEndsAtOnce(PurgePath path) {
		RaceResult<PurgeReport> result = oneLane.purgeFirst(path, (deleted) -> oneLane.purge());
		assertThat(result.isWaiting()).isFalse();
		assertThat(result.answer().didSomething()).isFalse();
		assertThat(result.report().total()).isEqualTo(path.all().size());
		assertAllIsGone(oneLane, path, result.deleted());
	}

	private static void assertAllIsGone(Races races, PurgePath path, DeletionResult deleted) {
		races.purgeTheRest(path);
		assertThat(races.rows(path)).isEmpty();
		assertThat(races.told()).containsExactlyElementsOf(path.all());
		assertThat(races.record(deleted)).isEqualTo("SCHEDULED");
	}

	/**
	 * Have a second worker come before the first one commits, and do something when it
	 * waits or is over.
	 */
	private static Second second(Races races, PurgePath path, Runnable then) {
		Second second = new Second(new AtomicReference<>(), new AtomicReference<>());
		races.inPurgeOf(path, () -> {
			CompletableFuture<PurgeReport> run = CompletableFuture.supplyAsync(() -> work(races), Races.THREADS);
			second.run.set(run);
			second.waiting.set(races.awaitWaiter(races.backend(), run));
			then.run();
		});
		return second;
	}

	/**
	 * One worker, who waits for a lane.
	 */
	private static PurgeReport work(Races races) {
		return races.application().purges().runDue();
	}

	private record Second(AtomicReference<@Nullable CompletableFuture<PurgeReport>> run,
			AtomicReference<@Nullable String> waiting) {

		PurgeReport report() {
			return Races.join(this.run.get());
		}

	}

}
