package io.github.deletionpolicy.race;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.purge.PurgeReport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The transaction of a delete is still open when its rows are due. A purge does not wait
 * for it, and removes them when it is committed, however late; not a moment before.
 */
class CallerOpenWhenDueIT {

	@RegisterExtension
	private static final Races races = Races.of();

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "BELOW")
	void rowsWhoseDeleteIsOpenWhenAPurgeComesGoWithTheNextOne(PurgePath path) {
		DeletionResult deleted = openWhileAPurgeRuns(path, true);
		PurgeReport report = races.purge();
		assertThat(report.total()).isEqualTo(path.all().size());
		races.purgeTheRest(path);
		assertThat(races.rows(path)).isEmpty();
		assertThat(races.told()).containsExactlyElementsOf(path.all());
		assertThat(races.record(deleted)).isEqualTo("SCHEDULED");
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "BELOW")
	void rowsWhoseDeleteIsOpenWhenAPurgeComesAndRolledBackThenStay(PurgePath path) {
		DeletionResult deleted = openWhileAPurgeRuns(path, false);
		races.purgeTheRest(path);
		assertThat(races.rows(path)).containsExactlyElementsOf(path.all());
		assertThat(races.told()).isEmpty();
		assertThat(races.isRecorded(deleted)).isFalse();
	}

	/**
	 * They were due before those that the purge has removed by then, and lie behind it.
	 */
	@ParameterizedTest
	@EnumSource(mode = Mode.INCLUDE, names = { "OPTIMISTIC", "TREE" })
	void rowsWhoseDeleteIsCommittedInTheMiddleOfAPurgeGoWithTheSamePurge(PurgePath path) throws Exception {
		races.reset();
		var open = new CountDownLatch(1);
		var commit = new CountDownLatch(1);
		CompletableFuture<DeletionResult> caller = CompletableFuture
			.supplyAsync(() -> races.application().transactions().execute((status) -> {
				DeletionResult deleted = delete(path, 1);
				open.countDown();
				Races.call(() -> commit.await(5, TimeUnit.MINUTES));
				return deleted;
			}), Races.THREADS);
		assertThat(open.await(5, TimeUnit.MINUTES)).isTrue();
		DeletionResult later = delete(path, 2);
		races.inPurgeOf(path, () -> {
			assertThat(caller).isNotDone();
			assertThat(races.told()).isEmpty();
			commit.countDown();
			Races.join(caller);
		});
		PurgeReport report = races.purge();
		assertThat(Races.join(caller).purgeAt()).isBefore(later.purgeAt());
		assertThat(report.total()).isEqualTo(path.isFlat() ? 2 : 4);
		races.purgeTheRest(path);
		assertThat(races.rows(path))
			.containsExactlyElementsOf(path.isFlat() ? List.of("users 3") : List.of("customers 3", "orders 31"));
		assertThat(races.told(Races.join(caller).operationId()))
			.containsExactlyElementsOf(path.isFlat() ? List.of("users 1") : List.of("customers 1", "orders 11"));
	}

	private static DeletionResult delete(PurgePath path, long id) {
		return races.application().deletes().from(path.table).byId(id).execute();
	}

	private static DeletionResult openWhileAPurgeRuns(PurgePath path, boolean commit) {
		races.reset();
		return races.application().transactions().execute((status) -> {
			DeletionResult deleted = path.delete(races.application());
			CompletableFuture<PurgeReport> purge = CompletableFuture.supplyAsync(races::purge, Races.THREADS);
			@Nullable String waiting = races.awaitWaiter(races.backend(), purge);
			assertThat(waiting).isNull();
			assertThat(Races.join(purge).didSomething()).isFalse();
			assertThat(deleted.purgeAt()).isBefore(races.application().now());
			assertThat(races.rows(path)).as("what others see").containsExactlyElementsOf(path.all());
			if (!commit) {
				status.setRollbackOnly();
			}
			return deleted;
		});
	}

}
