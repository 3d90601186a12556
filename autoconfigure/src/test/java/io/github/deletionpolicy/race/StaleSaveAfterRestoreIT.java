package io.github.deletionpolicy.race;

import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.RestoreResult;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Somebody has read a deleted row, and saves it with its old deletion time when it has
 * been restored. The row stands as deleted again, but no purge removes it.
 */
class StaleSaveAfterRestoreIT {

	@RegisterExtension
	private static final Races races = Races.of();

	@ParameterizedTest
	@EnumSource
	void aSaveThatWaitsForTheRestoreDoesNotLeadToAPurge(PurgePath path) {
		DeletionResult deleted = races.reset(path);
		var save = new AtomicReference<@Nullable CompletableFuture<Integer>>();
		races.application().transactions().executeWithoutResult((status) -> {
			assertThat(restore(deleted).rows()).isEqualTo((path == PurgePath.OPTIMISTIC_MANY) ? 1 : 3);
			CompletableFuture<Integer> run = CompletableFuture.supplyAsync(() -> save(path, deleted), Races.THREADS);
			save.set(run);
			assertThat(races.awaitWaiter(races.backend(), run)).startsWith("UPDATE " + path.table);
		});
		assertThat(Races.join(save.get())).isOne();
		assertIsNotPurged(path, deleted, true);
	}

	@ParameterizedTest
	@EnumSource
	void aSaveThatIsOpenWhenAPurgeComesDoesNotLeadToOne(PurgePath path) {
		RaceResult<Integer> result = races.otherFirst(path, (deleted) -> {
			CompletableFuture.supplyAsync(() -> restore(deleted), Races.THREADS).join();
			return save(path, deleted);
		});
		assertThat(result.isWaiting()).isFalse();
		assertThat(result.answer()).isOne();
		assertIsNotPurged(path, result.deleted(), true);
	}

	/**
	 * The save comes in time, and the restore takes it back.
	 */
	@ParameterizedTest
	@EnumSource
	void aRestoreThatWaitsForTheSaveBringsTheRowBack(PurgePath path) {
		DeletionResult deleted = races.reset(path);
		var restore = new AtomicReference<@Nullable CompletableFuture<RestoreResult>>();
		races.application().transactions().executeWithoutResult((status) -> {
			assertThat(save(path, deleted)).isOne();
			CompletableFuture<RestoreResult> run = CompletableFuture.supplyAsync(() -> restore(deleted), Races.THREADS);
			restore.set(run);
			assertThat(races.awaitWaiter(races.backend(), run)).contains("\"" + path.table + "\"");
		});
		assertThat(Races.join(restore.get()).rows()).isEqualTo((path == PurgePath.OPTIMISTIC_MANY) ? 1 : 3);
		assertIsNotPurged(path, deleted, false);
	}

	/**
	 * A purge waits for the row, and finds it restored and saved with its old time.
	 */
	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "BELOW")
	void aRowThatIsRestoredAndSavedWhileAPurgeWaitsIsNotPurged(PurgePath path) {
		RaceResult<Integer> result = races.otherFirst(path, (deleted) -> {
			restore(deleted);
			return save(path, deleted);
		});
		assertThat(result.isWaiting()).isEqualTo(path == PurgePath.OPTIMISTIC_MANY);
		assertThat(result.answer()).isOne();
		assertIsNotPurged(path, result.deleted(), true);
	}

	@ParameterizedTest
	@EnumSource
	void aSaveThatWaitsForThePurgeFindsNoRow(PurgePath path) {
		RaceResult<Integer> result = races.purgeFirst(path, (deleted) -> save(path, deleted));
		assertThat(result.waiting()).startsWith("UPDATE " + path.table);
		assertThat(result.answer()).isZero();
		races.purgeTheRest(path);
		assertThat(races.rows(path)).isEmpty();
		assertThat(races.told()).containsExactlyElementsOf(path.all());
	}

	private static void assertIsNotPurged(PurgePath path, DeletionResult deleted, boolean marked) {
		races.purgeTheRest(path);
		List<String> kept = (path == PurgePath.OPTIMISTIC_MANY) ? path.raced() : path.all();
		String saved = path.table + " " + path.id;
		assertThat(races.rows(path)).containsExactlyElementsOf(kept.stream()
			.map((row) -> (marked && row.equals(saved)) ? "%s (%d)".formatted(path.table, path.id) : row)
			.toList());
		assertThat(races.told())
			.containsExactlyElementsOf((path == PurgePath.OPTIMISTIC_MANY) ? path.neighbours() : List.of());
		assertThat(races.application().deletionTime(path.table, path.id))
			.isEqualTo(marked ? deleted.deletionTime() : null);
		assertThat(races.record(deleted)).isEqualTo("SOFT");
		assertThat(races.application().pending().forRow(path.table, path.id)).isEmpty();
	}

	private static RestoreResult restore(DeletionResult deleted) {
		return races.application().deletes().restore(deleted.operationId());
	}

	/**
	 * Write the row as an aggregate is saved, with all of its columns.
	 */
	private static int save(PurgePath path, DeletionResult deleted) {
		return races.update("UPDATE " + path.table + " SET name = 'stale', deletion_time = ? WHERE id = ?",
				deleted.deletionTime().atOffset(ZoneOffset.UTC), path.id);
	}

}
