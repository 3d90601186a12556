package io.github.deletionpolicy.scenario.trees;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.PurgedRows;
import io.github.deletionpolicy.RestoreConflictException;
import io.github.deletionpolicy.RestoreResult;
import io.github.deletionpolicy.purge.PurgeReport;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.scenario.TreeTables;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Many trees, and trees that are larger than a batch. Root 1 has 5,000 leaves and a batch
 * takes 100 rows; the roots 2 and 3 have two leaves each.
 */
class BigTreePurgeIT {

	@RegisterExtension
	private static final TreeTables trees = TreeTables.of("""
			CREATE TABLE roots (id bigint PRIMARY KEY, deletion_time timestamptz);
			CREATE TABLE leaves (id bigint PRIMARY KEY, root_id bigint NOT NULL REFERENCES roots ON DELETE CASCADE,
				held boolean, deletion_time timestamptz);
			CREATE TABLE receipts (leaf_id bigint REFERENCES leaves);
			CREATE INDEX ON leaves (root_id);
			CREATE INDEX ON receipts (leaf_id)""", "deletion-policy.tables.leaves.mode=scheduled",
			"deletion-policy.tables.leaves.delay=0", "deletion-policy.tables.leaves.hold-condition=held",
			"deletion-policy.purge.batch-size=100");

	@BeforeEach
	void threeTrees() {
		trees.reset();
		trees.sql("""
				INSERT INTO roots VALUES (1), (2), (3);
				INSERT INTO leaves SELECT n, 1 FROM generate_series(1, 5000) n;
				INSERT INTO leaves VALUES (5001, 2), (5002, 2), (5003, 3), (5004, 3)""");
	}

	@Test
	void aTreeThatIsLargerThanABatchGoesInSeveralTransactionsAndTheRootLast() {
		rootsAreDeleted();
		Set<String> transactions = ConcurrentHashMap.newKeySet();
		var rootIsGone = new AtomicBoolean();
		trees.whenTold((rows) -> {
			assertThat(rows.keys()).hasSizeLessThanOrEqualTo(100);
			if (isOfTheBigTree(rows)) {
				assertThat(rootIsGone).isFalse();
				rootIsGone.set(rows.table().equals("public.roots"));
				transactions.add(transaction());
			}
		});
		PurgeReport report = trees.purgeAfter(Duration.ZERO);
		assertThat(report.rows()).isEqualTo(Map.of("public.roots", 3L, "public.leaves", 5004L));
		assertThat(report.failed()).isZero();
		assertThat(transactions).hasSizeGreaterThan(10);
		assertThat(trees.rows("roots")).isEmpty();
		assertThat(trees.application().chunks()).isZero();
	}

	@Test
	void aRestoreAfterTheFirstOfThemIsRefusedAndThePurgeGoesOn() {
		DeletionResult result = rootsAreDeleted();
		var restore = new AtomicReference<CompletableFuture<RestoreResult>>();
		trees.whenTold((rows) -> {
			if (restore.get() == null && isOfTheBigTree(rows)) {
				restore.set(CompletableFuture.supplyAsync(() -> trees.deletes().restore(result.operationId())));
				trees.application().awaitLockWaiter();
			}
		});
		trees.purgeAfter(Duration.ZERO);
		assertThat(restore.get()).failsWithin(Duration.ofMinutes(5))
			.withThrowableOfType(ExecutionException.class)
			.withCauseInstanceOf(RestoreConflictException.class);
		assertThat(trees.rows("roots")).isEmpty();
		assertThat(trees.number("SELECT count(*) FROM leaves")).isZero();
	}

	@Test
	void aTreeThatIsHalfPurgedShowsAsPurging() {
		rootsAreDeleted();
		Set<String> transactions = ConcurrentHashMap.newKeySet();
		var seen = new AtomicReference<State>();
		trees.whenTold((rows) -> {
			transactions.add(transaction());
			if (transactions.size() == 20 && seen.get() == null) {
				seen.set(CompletableFuture.supplyAsync(() -> trees.state("roots", 1)).join());
			}
		});
		trees.purgeAfter(Duration.ZERO);
		assertThat(seen).hasValue(State.PURGING);
	}

	/**
	 * The leaf that must stay has the highest number: whoever begins before it has looked
	 * at the whole tree has removed others by then.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "UPDATE leaves SET held = true WHERE id = 5000",
			"UPDATE leaves SET deletion_time = NULL WHERE id = 5000", "INSERT INTO receipts VALUES (5000)",
			"INSERT INTO leaves VALUES (9999, 1)" })
	void aBigTreeOfWhichOneRowMustStayIsLeftWholeAndItsNeighboursGo(String change) {
		DeletionResult result = rootsAreDeleted();
		trees.sql(change);
		long deleted = trees.number("SELECT count(*) FROM leaves WHERE root_id = 1 AND deletion_time IS NOT NULL");
		trees.purgeAfter(Duration.ZERO);
		assertThat(trees.rows("roots")).isEqualTo("(1)");
		assertThat(trees.state("roots", 1)).isIn(State.HELD, State.BLOCKED);
		assertThat(trees.number("SELECT count(*) FROM leaves WHERE root_id = 1 AND deletion_time IS NOT NULL"))
			.isEqualTo(deleted);
		assertThat(trees.number("SELECT count(*) FROM leaves WHERE root_id > 1")).isZero();
		RestoreResult restored = trees.deletes().restore(result.operationId());
		assertThat(restored.rows()).isOne();
		assertThat(restored.cascaded()).isEqualTo(Map.of("public.leaves", deleted));
	}

	/**
	 * The look at the whole tree waits for nobody and finds nothing that must stay: only
	 * the part with the locked row notices. No row of that part may go before the point
	 * of no return.
	 */
	@Test
	void aRowThatIsLockedFurtherBelowKeepsTheWholeTree() {
		trees.sql("""
				CREATE TABLE buds (id bigint PRIMARY KEY, leaf_id bigint NOT NULL REFERENCES leaves ON DELETE CASCADE,
					deletion_time timestamptz);
				CREATE INDEX ON buds (leaf_id);
				INSERT INTO buds SELECT n, n FROM generate_series(1, 5000) n""");
		DeletionResult result = trees.deletes().from("roots").all().scheduled(Duration.ZERO).execute();
		trees.application().transactions().executeWithoutResult((status) -> {
			trees.application()
				.jdbc()
				.sql("SELECT id FROM buds WHERE id % 100 = 50 FOR UPDATE")
				.query(Long.class)
				.list();
			CompletableFuture.supplyAsync(() -> trees.purgeAfter(Duration.ZERO)).join();
		});
		assertThat(trees.rows("roots")).isEqualTo("(1)");
		assertThat(trees.state("roots", 1)).isEqualTo(State.BLOCKED);
		assertThat(trees.number("SELECT count(*) FROM leaves")).isEqualTo(5000);
		assertThat(trees.deletes().restore(result.operationId()).cascaded()).containsEntry("public.leaves", 5000L)
			.containsEntry("public.buds", 5000L);
	}

	@Test
	void aBigTreeGoesWhenWhatKeptItIsReleased() {
		DeletionResult result = rootsAreDeleted();
		trees.sql("UPDATE leaves SET held = true WHERE id = 5000");
		trees.purgeAfter(Duration.ZERO);
		assertThat(trees.rows("roots")).isEqualTo("(1)");
		trees.sql("UPDATE leaves SET held = NULL");
		trees.application().pending().retry(result.operationId());
		assertThat(trees.purgeAfter(Duration.ZERO).rows())
			.isEqualTo(Map.of("public.roots", 1L, "public.leaves", 5000L));
	}

	@Test
	void oneHeldChildAmongAHundredThousandTreesKeepsItsOwn() {
		trees.sql("""
				TRUNCATE roots CASCADE;
				INSERT INTO roots SELECT generate_series(1, 100000);
				INSERT INTO leaves SELECT n, n, n = 77777 FROM generate_series(1, 100000) n;
				ANALYZE roots, leaves""");
		try (Application usual = Application
			.of(trees.application().database(), "deletion-policy.tables.leaves.mode=scheduled",
					"deletion-policy.tables.leaves.delay=0", "deletion-policy.tables.leaves.hold-condition=held")
			.start()) {
			DeletionResult result = usual.deletes().from("roots").all().scheduled(Duration.ZERO).execute();
			assertThat(result.cascaded()).isEqualTo(Map.of("public.leaves", 100_000L));
			PurgeReport report = usual.purges().runDue();
			assertThat(report.rows()).containsEntry("public.roots", 99_999L);
			assertThat(trees.rows("roots")).isEqualTo("(77777)");
			assertThat(trees.rows("leaves")).isEqualTo("(77777)");
			assertThat(report.failed()).isZero();
		}
	}

	private static DeletionResult rootsAreDeleted() {
		DeletionResult result = trees.deletes().from("roots").all().scheduled(Duration.ZERO).execute();
		assertThat(result.cascaded()).isEqualTo(Map.of("public.leaves", 5004L));
		return result;
	}

	private static boolean isOfTheBigTree(PurgedRows rows) {
		return rows.table().equals("public.leaves") ? rows.keys().stream().anyMatch((key) -> (long) key <= 5000)
				: rows.keys().contains(1L);
	}

	private static String transaction() {
		return String.valueOf(trees.application()
			.bean(JdbcTemplate.class)
			.queryForObject("SELECT CAST(pg_current_xact_id() AS text)", String.class));
	}

}
