package io.github.deletionpolicy.scenario.trees;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;

import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.purge.Purger;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.scenario.TreeTables;
import io.github.deletionpolicy.support.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Odd trees, each of which must come out as the design says.
 */
class OddTreesIT {

	private static final Duration MONTH = Duration.ofDays(30);

	private static final Duration LATER = Duration.ofDays(31);

	@RegisterExtension
	private static final TreeTables trees = TreeTables.of("SELECT 1", "deletion-policy.purge.batch-size=10");

	@AfterEach
	void dropTables() {
		trees.reset();
	}

	private static DeletionResult scheduled(DeleteOperations.Mode step) {
		return step.scheduled(MONTH).execute();
	}

	private static void rootsAndLeaves() {
		trees.sql("""
				CREATE TABLE root (id bigint PRIMARY KEY, deletion_time timestamptz);
				CREATE TABLE leaf (id bigint PRIMARY KEY, root_id bigint REFERENCES root ON DELETE CASCADE,
					deletion_time timestamptz);
				INSERT INTO root SELECT generate_series(1, 4);
				INSERT INTO leaf SELECT n, n / 100 FROM generate_series(100, 139) n;
				INSERT INTO leaf SELECT n, n / 100 FROM generate_series(200, 239) n;
				INSERT INTO leaf SELECT n, n / 100 FROM generate_series(300, 339) n;
				INSERT INTO leaf VALUES (400, 4)""");
	}

	@Test
	void anErrorInABigTreeLeavesTheOthersToGo() {
		rootsAndLeaves();
		trees.sql("""
				CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
				BEGIN IF OLD.id = 205 THEN RAISE EXCEPTION 'no'; END IF; RETURN OLD; END $$;
				CREATE TRIGGER refuse BEFORE DELETE ON leaf FOR EACH ROW EXECUTE FUNCTION refuse()""");
		scheduled(trees.deletes().from("root").all());
		assertThatCode(() -> trees.application().purgeAfter(LATER)).doesNotThrowAnyException();
		assertThat(trees.rows("root")).isEqualTo("(2)");
	}

	/**
	 * The tree with the error is the longest due.
	 */
	@Test
	void anErrorInABigTreeLeavesItsNeighboursToLaterRuns() {
		rootsAndLeaves();
		trees.sql("""
				CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
				BEGIN IF OLD.root_id = 2 THEN RAISE EXCEPTION 'no'; END IF; RETURN OLD; END $$;
				CREATE TRIGGER refuse BEFORE DELETE ON leaf FOR EACH ROW EXECUTE FUNCTION refuse()""");
		scheduled(trees.deletes().from("root").byId(2));
		scheduled(trees.deletes().from("root").byId(4));
		for (int i = 0; i < 5; i++) {
			Duration later = LATER.plusDays(i);
			catchThrowable(() -> trees.application().purgeAfter(later));
		}
		assertThat(trees.rows("root")).isEqualTo("1 (2) 3");
	}

	@Test
	void aRestrictingRowThatComesAfterTheFirstTransactionLeavesTheOthersToGo() {
		rootsAndLeaves();
		trees.sql("CREATE TABLE receipt (leaf_id bigint REFERENCES leaf)");
		scheduled(trees.deletes().from("root").all());
		AtomicBoolean once = new AtomicBoolean();
		trees.whenTold((rows) -> {
			if (rows.table().equals("public.leaf") && rows.keys().stream().anyMatch((key) -> (long) key / 100 == 2)
					&& once.compareAndSet(false, true)) {
				long other = LongStream.range(200, 240)
					.filter((id) -> !rows.keys().contains(id))
					.findFirst()
					.orElseThrow();
				trees.sql("INSERT INTO receipt VALUES (" + other + ")");
			}
		});
		assertThatCode(() -> trees.application().purgeAfter(LATER)).doesNotThrowAnyException();
		assertThat(trees.rows("root")).isEqualTo("(2)");
	}

	@Test
	void aSecondBigTreeOfOneOperationOfWhichARowMustStayIsLeftWhole() {
		rootsAndLeaves();
		scheduled(trees.deletes().from("root").all());
		trees.sql("UPDATE leaf SET deletion_time = NULL WHERE id = 205");
		trees.application().purgeAfter(LATER);
		trees.application().purgeAfter(LATER.plusDays(1));
		assertThat(trees.rows("root")).isEqualTo("(2)");
		assertThat(trees.number("SELECT count(*) FROM leaf WHERE root_id = 2")).isEqualTo(40);
	}

	@Test
	void aTreeThatIsLeftWholeCanBeRestoredAfterABigNeighbourWent() {
		rootsAndLeaves();
		DeletionResult result = scheduled(trees.deletes().from("root").all());
		trees.sql("UPDATE leaf SET deletion_time = NULL WHERE id = 400");
		trees.application().purgeAfter(LATER);
		assertThat(trees.rows("root")).isEqualTo("(4)");
		assertThatCode(() -> trees.deletes().restoreFrom("root").byId(4).execute()).doesNotThrowAnyException();
	}

	@Test
	void aBigTreeWithARowThatRefersToItselfGoes() {
		rootsAndLeaves();
		trees.sql("""
				ALTER TABLE leaf ADD twin bigint REFERENCES leaf ON DELETE CASCADE;
				UPDATE leaf SET twin = id WHERE id = 205""");
		scheduled(trees.deletes().from("root").byId(2));
		trees.application().purgeAfter(LATER);
		assertThat(trees.rows("root")).isEqualTo("1 3 4");
	}

	@Test
	void aBigTreePastItsPointOfNoReturnCannotBeCancelledAndGoesOn() {
		rootsAndLeaves();
		DeletionResult result = scheduled(trees.deletes().from("root").byId(2));
		AtomicBoolean first = new AtomicBoolean(true);
		trees.whenTold((rows) -> {
			if (!first.compareAndSet(true, false)) {
				throw new IllegalStateException("killed");
			}
		});
		catchThrowable(() -> trees.application().purgeAfter(LATER));
		assertThat(trees.number("SELECT count(*) FROM leaf WHERE root_id = 2")).isBetween(1L, 39L);
		trees.whenTold((rows) -> {
		});
		assertThatExceptionOfType(InvalidDataAccessApiUsageException.class)
			.isThrownBy(() -> trees.application().pending().cancel(result.operationId()))
			.withMessageContaining("point of no return");
		trees.application().purgeAfter(LATER.plusDays(1));
		assertThat(trees.rows("root")).doesNotContain("2");
		assertThat(trees.number("SELECT count(*) FROM leaf WHERE root_id = 2")).isZero();
	}

	@Test
	void aDependantThatRefersToItselfComesBackWithItsRoot() {
		trees.sql("""
				CREATE TABLE firm (id bigint PRIMARY KEY, deletion_time timestamptz);
				CREATE TABLE worker (id bigint PRIMARY KEY, firm_id bigint REFERENCES firm ON DELETE CASCADE,
					boss bigint REFERENCES worker ON DELETE CASCADE, deletion_time timestamptz);
				INSERT INTO firm VALUES (1); INSERT INTO worker VALUES (1, 1, 1), (2, 1, 1), (3, 1, NULL)""");
		DeletionResult result = scheduled(trees.deletes().from("firm").byId(1));
		trees.deletes().restore(result.operationId());
		assertThat(trees.rows("firm")).isEqualTo("1");
		assertThat(trees.rows("worker")).isEqualTo("1 2 3");
	}

	@Test
	void levelsWithinOneTableThroughAnotherComeBack() {
		trees
			.sql("""
					CREATE TABLE box (id bigint PRIMARY KEY, shelf bigint, deletion_time timestamptz);
					CREATE TABLE shelf (id bigint PRIMARY KEY, box bigint REFERENCES box ON DELETE CASCADE);
					INSERT INTO box VALUES (1, NULL), (4, 11), (3, 12), (2, 13); INSERT INTO shelf VALUES (11, 1), (12, 4), (13, 3);
					ALTER TABLE box ADD FOREIGN KEY (shelf) REFERENCES shelf ON DELETE CASCADE""");
		DeletionResult result = scheduled(trees.deletes().from("box").byId(1));
		assertThat(trees.rows("box")).isEqualTo("(1) (2) (3) (4)");
		trees.deletes().restore(result.operationId());
		assertThat(trees.rows("box")).isEqualTo("1 2 3 4");
	}

	@Test
	void aPolicyThatIsTakenAwayDoesNotLeadToAPurgeOfLiveRows() {
		TestDatabase database = TestDatabase.create();
		new JdbcTemplate(database.dataSource()).execute("""
				CREATE TABLE customer (id bigint PRIMARY KEY, deletion_time timestamptz);
				CREATE TABLE invoice (id bigint PRIMARY KEY, customer_id bigint REFERENCES customer ON DELETE CASCADE,
					deleted_at timestamptz);
				INSERT INTO customer VALUES (1); INSERT INTO invoice VALUES (1, 1), (2, 1)""");
		String[] before = { "deletion-policy.tables.customer.mode=scheduled",
				"deletion-policy.tables.customer.delay=30d", "deletion-policy.tables.invoice.mode=soft",
				"deletion-policy.tables.invoice.deletion-time-column=deleted_at" };
		try (Application application = Application.of(database, before).start()) {
			application.deletes().from("customer").byId(1).execute();
			application.jdbc().sql("UPDATE invoice SET deleted_at = NULL WHERE id = 1").update();
		}
		try (Application application = Application.of(database, before[0], before[1]).start()) {
			application.purgeAfter(LATER);
			assertThat(application.ids("invoice")).contains(1L);
		}
	}

	@Test
	void aHardDeleteThatWorksHasAPreview() {
		trees.sql("""
				CREATE TABLE customer (id bigint PRIMARY KEY);
				CREATE TABLE note (customer_id bigint REFERENCES customer ON DELETE CASCADE, deletion_time timestamptz);
				INSERT INTO customer VALUES (1); INSERT INTO note VALUES (1)""");
		trees.execute(trees.deletes().from("customer").byId(1).hard());
	}

	@Test
	void aHardDeleteThroughACircleHasAPreview() {
		trees
			.sql("""
					CREATE TABLE customer (id bigint PRIMARY KEY);
					CREATE TABLE folder (id bigint PRIMARY KEY, customer_id bigint REFERENCES customer ON DELETE CASCADE,
						parent_id bigint REFERENCES folder ON DELETE CASCADE);
					CREATE TABLE note (id bigint PRIMARY KEY, folder_id bigint REFERENCES folder ON DELETE CASCADE,
						deletion_time timestamptz);
					INSERT INTO customer VALUES (1); INSERT INTO folder VALUES (1, 1, NULL); INSERT INTO note VALUES (1, 1)""");
		trees.execute(trees.deletes().from("customer").byId(1).hard());
	}

	@Test
	void aBigTreeKeepsToTheRate() {
		TestDatabase database = TestDatabase.create();
		new JdbcTemplate(database.dataSource()).execute("""
				CREATE TABLE root (id bigint PRIMARY KEY, deletion_time timestamptz);
				CREATE TABLE leaf (id bigint PRIMARY KEY, root_id bigint REFERENCES root ON DELETE CASCADE,
					deletion_time timestamptz);
				INSERT INTO root VALUES (1); INSERT INTO leaf SELECT n, 1 FROM generate_series(1, 100) n""");
		try (Application application = Application
			.of(database, "deletion-policy.tables.root.mode=scheduled", "deletion-policy.tables.root.delay=0",
					"deletion-policy.purge.max-rows-per-second=20")
			.start()) {
			application.deletes().from("root").byId(1).execute();
			long start = System.nanoTime();
			application.purgeAfter(LATER);
			assertThat(application.ids("root")).isEmpty();
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofSeconds(3));
		}
	}

	@Test
	void aDependantsTableThatIsDroppedStopsNoRun() {
		trees
			.sql("""
					CREATE TABLE firm (id bigint PRIMARY KEY, deletion_time timestamptz);
					CREATE TABLE team (id bigint PRIMARY KEY, firm_id bigint REFERENCES firm ON DELETE CASCADE,
						deletion_time timestamptz);
					CREATE TABLE branch (id bigint PRIMARY KEY, firm_id bigint REFERENCES firm ON DELETE CASCADE,
						deletion_time timestamptz);
					INSERT INTO firm VALUES (1), (2); INSERT INTO team VALUES (1, 1), (2, 2); INSERT INTO branch VALUES (1, 1)""");
		trees.deletes().from("firm").byId(1).scheduled(Duration.ZERO).execute();
		trees.sql("DROP TABLE branch");
		assertThatCode(() -> trees.application().bean(Purger.class).purge()).doesNotThrowAnyException();
		assertThat(trees.rows("firm")).isEqualTo("2");
		assertThat(trees.rows("team")).isEqualTo("2");
	}

	/**
	 * A row that a big tree's purge has removed in part must not keep a new root of the
	 * same operation, which is whole, from its hold.
	 */
	@Test
	void twoBigTreesThatShareLeavesGo() {
		trees.sql("""
				CREATE TABLE account (id bigint PRIMARY KEY, deletion_time timestamptz);
				CREATE TABLE transfer (id bigint PRIMARY KEY, source bigint REFERENCES account ON DELETE CASCADE,
					target bigint REFERENCES account ON DELETE CASCADE, deletion_time timestamptz);
				INSERT INTO account VALUES (1), (2), (3);
				INSERT INTO transfer SELECT n, 1, 2 FROM generate_series(1, 50) n;
				INSERT INTO transfer VALUES (60, 2, 3), (61, 3, 3)""");
		scheduled(trees.deletes().from("account").byId(1));
		scheduled(trees.deletes().from("account").byId(2));
		trees.purgeAfter(LATER);
		assertThat(trees.rows("account")).isEqualTo("3");
		assertThat(trees.rows("transfer")).isEqualTo("61");
		assertThat(trees.application().chunks()).isZero();
	}

	@Test
	void aRestrictingKeyOfAPartitionOfWhatGoesAlongIsPreviewedAsItIs() {
		trees.sql("""
				CREATE TABLE region (id bigint PRIMARY KEY, deletion_time timestamptz);
				CREATE TABLE area (id bigint PRIMARY KEY, region_id bigint REFERENCES region ON DELETE CASCADE,
					second bigint, deletion_time timestamptz) PARTITION BY RANGE (id);
				CREATE TABLE area_low PARTITION OF area FOR VALUES FROM (0) TO (10);
				CREATE TABLE area_high PARTITION OF area FOR VALUES FROM (10) TO (100);
				ALTER TABLE area_high ADD FOREIGN KEY (second) REFERENCES region;
				INSERT INTO region VALUES (1), (2);
				INSERT INTO area (id, region_id, second) VALUES (1, 1, 1), (11, 1, 1), (12, 2, 2)""");
		trees.execute(trees.deletes().from("region").byId(1).scheduled(MONTH));
	}

	@Test
	void aDeleteAfterARollbackToASavepointIsRecorded() {
		trees.sql("""
				CREATE TABLE firm (id bigint PRIMARY KEY, deletion_time timestamptz);
				CREATE TABLE team (id bigint PRIMARY KEY, firm_id bigint REFERENCES firm ON DELETE CASCADE,
					deletion_time timestamptz);
				INSERT INTO firm VALUES (1), (2); INSERT INTO team VALUES (1, 1), (2, 2)""");
		trees.sql("DELETE FROM deletion_table WHERE table_name IN ('firm', 'team')");
		trees.application().transactions().executeWithoutResult((status) -> {
			Object savepoint = status.createSavepoint();
			scheduled(trees.deletes().from("firm").byId(1));
			status.rollbackToSavepoint(savepoint);
			scheduled(trees.deletes().from("firm").byId(2));
			savepoint = status.createSavepoint();
			trees.deletes().restoreFrom("firm").byId(2).execute();
			status.rollbackToSavepoint(savepoint);
		});
		assertThat(trees.rows("firm")).isEqualTo("1 (2)");
		trees.purgeAfter(LATER);
		assertThat(trees.rows("firm")).isEqualTo("1");
		assertThat(trees.rows("team")).isEqualTo("1");
		assertThat(trees.application().chunks()).isZero();
	}

	/**
	 * What fails in one table must not keep the next run from another.
	 */
	@Test
	void anErrorInABigTreeLeavesOtherTablesToGoAndIsNoted() {
		rootsAndLeaves();
		trees.sql("""
				CREATE TABLE other (id bigint PRIMARY KEY, deletion_time timestamptz); INSERT INTO other VALUES (1);
				CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
				BEGIN RAISE EXCEPTION 'no'; END $$;
				CREATE TRIGGER refuse BEFORE DELETE ON leaf FOR EACH ROW EXECUTE FUNCTION refuse()""");
		scheduled(trees.deletes().from("root").byId(2));
		trees.deletes().from("other").byId(1).scheduled(Duration.ofDays(32)).execute();
		for (int i = 0; i < 4; i++) {
			Duration later = Duration.ofDays(33 + i);
			catchThrowable(() -> trees.application().purgeAfter(later));
		}
		assertThat(trees.rows("other")).isEmpty();
		assertThat(trees.number("SELECT max(attempts) FROM deletion_chunk")).isPositive();
	}

}
