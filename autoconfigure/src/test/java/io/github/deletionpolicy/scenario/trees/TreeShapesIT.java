package io.github.deletionpolicy.scenario.trees;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.scenario.TreeTables;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Trees of every shape that foreign keys allow: each is deleted as its preview says,
 * purged whole, and leaves its neighbours alone.
 */
class TreeShapesIT {

	private static final Duration MONTH = Duration.ofDays(30);

	private static final Duration LATER = Duration.ofDays(31);

	@RegisterExtension
	private static final TreeTables trees = TreeTables.of("CREATE SCHEMA billing");

	@AfterEach
	void dropTables() {
		trees.reset();
	}

	@Test
	void aKeyOfSeveralColumnsInAnotherOrder() {
		trees.sql("""
				CREATE TABLE place (country text, number int, deletion_time timestamptz, PRIMARY KEY (country, number));
				CREATE TABLE visit (day date, n int, c text, deletion_time timestamptz, PRIMARY KEY (n, day, c),
					FOREIGN KEY (n, c) REFERENCES place (number, country) ON DELETE CASCADE);
				INSERT INTO place VALUES ('at', 1), ('at', 2), ('ch', 1);
				INSERT INTO visit SELECT '2020-02-29', number, country FROM place;
				INSERT INTO visit VALUES ('2024-02-29', 2, 'at')""");
		DeletionResult result = scheduled(trees.deletes().from("place").byId(Map.of("country", "at", "number", 2)));
		assertThat(result.cascaded()).isEqualTo(Map.of("public.visit", 2L));
		trees.purgeAfter(LATER);
		assertThat(trees.rows("place", "country || number")).isEqualTo("at1 ch1");
		assertThat(trees.rows("visit", "c || n")).isEqualTo("at1 ch1");
	}

	/**
	 * A row with a null in a key of several columns refers to nothing.
	 */
	@Test
	void aKeyOfSeveralColumnsThatIsPartlyNull() {
		trees.sql("""
				CREATE TABLE place (country text, number int, deletion_time timestamptz, PRIMARY KEY (country, number));
				CREATE TABLE visit (id bigint PRIMARY KEY, c text, n int, deletion_time timestamptz,
					FOREIGN KEY (c, n) REFERENCES place ON DELETE CASCADE);
				INSERT INTO place VALUES ('at', 1), ('at', 2);
				INSERT INTO visit VALUES (1, 'at', 1), (2, 'at', NULL), (3, NULL, 1)""");
		scheduled(trees.deletes().from("place").all());
		assertThat(trees.rows("visit")).isEqualTo("(1) 2 3");
		trees.purgeAfter(LATER);
		assertThat(trees.rows("place", "number")).isEmpty();
		assertThat(trees.rows("visit")).isEqualTo("2 3");
	}

	@Test
	void aKeyThatRefersToAnotherUniqueColumnThanThePrimaryKey() {
		trees.sql("""
				CREATE TABLE book (id bigint PRIMARY KEY, isbn text UNIQUE, deletion_time timestamptz);
				CREATE TABLE copy (id bigint PRIMARY KEY, isbn text REFERENCES book (isbn) ON DELETE CASCADE,
					deletion_time timestamptz);
				INSERT INTO book VALUES (1, 'two'), (2, 'one'), (3, NULL);
				INSERT INTO copy VALUES (1, 'one'), (2, 'two'), (3, NULL)""");
		assertThat(scheduled(trees.deletes().from("book").byIds(List.of(2, 3))).cascaded())
			.isEqualTo(Map.of("public.copy", 1L));
		trees.purgeAfter(LATER);
		assertThat(trees.rows("book")).isEqualTo("1");
		assertThat(trees.rows("copy")).isEqualTo("2 3");
	}

	@Test
	void twoKeysBetweenTheSameTables() {
		trees.sql("""
				CREATE TABLE account (id bigint PRIMARY KEY, deletion_time timestamptz);
				CREATE TABLE transfer (id bigint PRIMARY KEY, source bigint REFERENCES account ON DELETE CASCADE,
					target bigint REFERENCES account ON DELETE CASCADE,
					approved_by bigint REFERENCES account ON DELETE SET NULL, deletion_time timestamptz);
				INSERT INTO account SELECT generate_series(1, 3);
				INSERT INTO transfer VALUES (11, 1, 1, 1), (12, 1, 2, 3), (21, 2, 1, 3), (23, 2, 3, 1)""");
		DeletionResult result = scheduled(trees.deletes().from("account").byId(1));
		assertThat(result.cascaded()).isEqualTo(Map.of("public.transfer", 3L));
		assertThat(trees.rows("transfer", "id || coalesce('!' || approved_by, '')"))
			.isEqualTo("(11!1) (12!3) (21!3) 23!1");
		trees.purgeAfter(LATER);
		assertThat(trees.rows("account")).isEqualTo("2 3");
		assertThat(trees.rows("transfer", "id || coalesce('!' || approved_by, '')")).isEqualTo("23");
	}

	@Test
	void tablesOfOneNameInTwoSchemas() {
		trees
			.sql("""
					CREATE TABLE client (id bigint PRIMARY KEY, deletion_time timestamptz);
					CREATE TABLE note (id bigint PRIMARY KEY, client_id bigint REFERENCES client ON DELETE CASCADE,
						deletion_time timestamptz);
					CREATE TABLE billing.note (id bigint PRIMARY KEY, client_id bigint REFERENCES client ON DELETE CASCADE,
						deletion_time timestamptz);
					CREATE TABLE billing."Line" (id bigint PRIMARY KEY, "Note" bigint REFERENCES billing.note ON DELETE CASCADE,
						deletion_time timestamptz);
					INSERT INTO client VALUES (1), (2), (3);
					INSERT INTO note VALUES (1, 1), (2, 2); INSERT INTO billing.note VALUES (1, 2), (2, 3);
					INSERT INTO billing."Line" VALUES (1, 1), (2, 2)""");
		DeletionResult result = scheduled(trees.deletes().from("client").byId(2));
		assertThat(result.cascaded()).isEqualTo(Map.of("public.note", 1L, "billing.note", 1L, "billing.\"Line\"", 1L));
		trees.purgeAfter(LATER);
		assertThat(trees.rows("client")).isEqualTo("1 3");
		assertThat(trees.rows("note")).isEqualTo("1");
		assertThat(trees.rows("billing.note")).isEqualTo("2");
		assertThat(trees.rows("billing.\"Line\"")).isEqualTo("2");
	}

	@Test
	void partitionedParentsAndChildren() {
		trees.sql("""
				CREATE TABLE area (id bigint PRIMARY KEY, deletion_time timestamptz) PARTITION BY RANGE (id);
				CREATE TABLE area_low PARTITION OF area FOR VALUES FROM (0) TO (10);
				CREATE TABLE area_high PARTITION OF area FOR VALUES FROM (10) TO (100);
				CREATE TABLE site (id bigint PRIMARY KEY, area_id bigint REFERENCES area ON DELETE CASCADE,
					deletion_time timestamptz) PARTITION BY HASH (id);
				CREATE TABLE site_0 PARTITION OF site FOR VALUES WITH (MODULUS 2, REMAINDER 0);
				CREATE TABLE site_1 PARTITION OF site FOR VALUES WITH (MODULUS 2, REMAINDER 1);
				INSERT INTO area VALUES (1), (2), (11), (12);
				INSERT INTO site SELECT a.id * 10 + n, a.id FROM area a, generate_series(1, 4) n""");
		DeletionResult result = scheduled(trees.deletes().from("area").byIds(List.of(1, 11)));
		assertThat(result.cascaded()).isEqualTo(Map.of("public.site", 8L));
		trees.purgeAfter(LATER);
		assertThat(trees.rows("area")).isEqualTo("12 2");
		assertThat(trees.rows("site")).isEqualTo("121 122 123 124 21 22 23 24");
	}

	/**
	 * Under which of its names the partition is reported is left open; what is taken
	 * along is not.
	 */
	@Test
	void keysFromAndToASinglePartition() {
		trees.sql("""
				CREATE TABLE area (id bigint PRIMARY KEY, deletion_time timestamptz) PARTITION BY RANGE (id);
				CREATE TABLE area_low PARTITION OF area FOR VALUES FROM (0) TO (10);
				CREATE TABLE area_high PARTITION OF area FOR VALUES FROM (10) TO (100);
				CREATE TABLE lowland (id bigint PRIMARY KEY, area_id bigint REFERENCES area_low ON DELETE CASCADE,
					deletion_time timestamptz);
				CREATE TABLE region (id bigint PRIMARY KEY, deletion_time timestamptz);
				ALTER TABLE area ADD region_id bigint;
				ALTER TABLE area_high ADD FOREIGN KEY (region_id) REFERENCES region ON DELETE CASCADE;
				INSERT INTO region VALUES (1), (2);
				INSERT INTO area (id, region_id) VALUES (1, 1), (2, 1), (11, 1), (12, 2);
				INSERT INTO lowland VALUES (1, 1), (2, 2)""");
		assertThat(scheduled(trees.deletes().from("area").byId(1)).cascaded()).isEqualTo(Map.of("public.lowland", 1L));
		assertThat(sum(scheduled(trees.deletes().from("region").byId(1)))).isOne();
		assertThat(trees.rows("area")).isEqualTo("(1) (11) 12 2");
		trees.application().purgeAfter(LATER);
		assertThat(trees.rows("region")).isEqualTo("2");
		assertThat(trees.rows("area")).isEqualTo("12 2");
		assertThat(trees.rows("lowland")).isEqualTo("2");
	}

	@Test
	void constraintsThatAreCheckedAtTheEndOfTheTransaction() {
		trees.sql("""
				CREATE TABLE parent (id bigint PRIMARY KEY, deletion_time timestamptz);
				CREATE TABLE child (id bigint PRIMARY KEY, parent_id bigint REFERENCES parent ON DELETE CASCADE
					DEFERRABLE INITIALLY DEFERRED, deletion_time timestamptz);
				INSERT INTO parent VALUES (1), (2), (3), (4);
				INSERT INTO child SELECT id, id FROM parent""");
		scheduled(trees.deletes().from("parent").byIds(List.of(1, 2, 3)));
		trees.sql("INSERT INTO child VALUES (20, 2)");
		trees.purgeAfter(LATER);
		assertThat(trees.rows("parent")).isEqualTo("(2) 4");
		assertThat(trees.state("parent", 2)).isEqualTo(State.BLOCKED);
		assertThat(trees.rows("child")).contains("20", "4").doesNotContain("(1)", "(3)");
	}

	@Test
	void aTreeWithinOneTable() {
		trees.sql("""
				CREATE TABLE category (id bigint PRIMARY KEY, parent_id bigint REFERENCES category ON DELETE CASCADE,
					deletion_time timestamptz);
				INSERT INTO category VALUES (1, NULL), (11, 1), (12, 1), (111, 11), (112, 11), (2, NULL), (21, 2)""");
		DeletionResult result = scheduled(trees.deletes().from("category").byId(1));
		assertThat(result.rows()).isOne();
		assertThat(result.cascaded()).isEqualTo(Map.of("public.category", 4L));
		assertThat(trees.rows("category")).isEqualTo("(1) (11) (111) (112) (12) 2 21");
		trees.purgeAfter(LATER);
		assertThat(trees.rows("category")).isEqualTo("2 21");
	}

	@Test
	void rowsThatAreSelectedAreNotCountedAsDependantsToo() {
		trees.sql("""
				CREATE TABLE category (id bigint PRIMARY KEY, parent_id bigint REFERENCES category ON DELETE CASCADE,
					deletion_time timestamptz);
				INSERT INTO category VALUES (1, NULL), (11, 1), (111, 11), (2, NULL)""");
		DeletionResult result = scheduled(trees.deletes().from("category").byIds(List.of(1, 111)));
		assertThat(result.rows()).isEqualTo(2);
		assertThat(result.cascaded()).isEqualTo(Map.of("public.category", 1L));
		assertThat(trees.purgeAfter(LATER).total()).isEqualTo(3);
	}

	@Test
	void aRowThatRefersToItself() {
		trees.sql("""
				CREATE TABLE category (id bigint PRIMARY KEY, parent_id bigint REFERENCES category ON DELETE CASCADE,
					deletion_time timestamptz);
				INSERT INTO category VALUES (1, 1), (2, 2), (3, 3)""");
		DeletionResult result = scheduled(trees.deletes().from("category").byIds(List.of(1, 2)));
		assertThat(result.rows()).isEqualTo(2);
		assertThat(result.cascaded()).isEmpty();
		trees.purgeAfter(LATER);
		assertThat(trees.rows("category")).isEqualTo("3");
	}

	@Test
	void aLiveLeafProtectsItsWholeBranchWithinOneTable() {
		trees.sql("""
				CREATE TABLE category (id bigint PRIMARY KEY, parent_id bigint REFERENCES category ON DELETE CASCADE,
					deletion_time timestamptz);
				INSERT INTO category VALUES (1, NULL), (11, 1), (2, NULL), (21, 2), (211, 21), (3, NULL), (31, 3)""");
		scheduled(trees.deletes().from("category").all());
		trees.sql("INSERT INTO category VALUES (2111, 211)");
		trees.purgeAfter(LATER);
		assertThat(trees.rows("category")).isEqualTo("(2) (21) (211) 2111");
	}

	@Test
	void cyclesBetweenTwoTables() {
		trees.sql("""
				CREATE TABLE team (id bigint PRIMARY KEY, leader_id bigint, deletion_time timestamptz);
				CREATE TABLE player (id bigint PRIMARY KEY, team_id bigint REFERENCES team ON DELETE CASCADE,
					deletion_time timestamptz);
				INSERT INTO team SELECT n, n * 10 FROM generate_series(1, 4) n;
				INSERT INTO player SELECT id * 10 + n, id FROM team, generate_series(0, 1) n;
				ALTER TABLE team ADD FOREIGN KEY (leader_id) REFERENCES player ON DELETE CASCADE""");
		DeletionResult result = scheduled(trees.deletes().from("team").byIds(List.of(1, 2)));
		assertThat(result.rows()).isEqualTo(2);
		assertThat(result.cascaded()).isEqualTo(Map.of("public.player", 4L));
		DeletionResult byPlayer = scheduled(trees.deletes().from("player").byId(30));
		assertThat(byPlayer.rows()).isOne();
		assertThat(byPlayer.cascaded()).isEqualTo(Map.of("public.team", 1L, "public.player", 1L));
		trees.sql("INSERT INTO player VALUES (29, 2)");
		trees.purgeAfter(LATER);
		assertThat(trees.rows("team")).isEqualTo("(2) 4");
		assertThat(trees.rows("player")).contains("(20)", "29", "40 41").doesNotContain("10", "11", "30", "31");
	}

	@Test
	void aTableThatIsReachedOnTwoWaysOfDifferentLength() {
		trees.sql("""
				CREATE TABLE firm (id bigint PRIMARY KEY, deletion_time timestamptz);
				CREATE TABLE branch (id bigint PRIMARY KEY, firm_id bigint REFERENCES firm ON DELETE CASCADE,
					deletion_time timestamptz);
				CREATE TABLE worker (id bigint PRIMARY KEY, firm_id bigint REFERENCES firm ON DELETE CASCADE,
					branch_id bigint REFERENCES branch ON DELETE CASCADE, deletion_time timestamptz);
				CREATE TABLE badge (id bigint PRIMARY KEY, worker_id bigint REFERENCES worker ON DELETE CASCADE,
					deletion_time timestamptz);
				INSERT INTO firm VALUES (1), (2), (3); INSERT INTO branch SELECT id, id FROM firm;
				INSERT INTO worker VALUES (11, 1, NULL), (12, NULL, 1), (13, 1, 1), (21, 2, 2), (23, 2, 3);
				INSERT INTO badge SELECT id, id FROM worker""");
		DeletionResult result = scheduled(trees.deletes().from("firm").byIds(List.of(1, 2)));
		assertThat(result.cascaded()).isEqualTo(Map.of("public.branch", 2L, "public.worker", 5L, "public.badge", 5L));
		trees.purgeAfter(LATER);
		assertThat(trees.rows("firm")).isEqualTo("3");
		assertThat(trees.rows("branch")).isEqualTo("3");
		assertThat(trees.rows("worker")).isEmpty();
		assertThat(trees.rows("badge")).isEmpty();
	}

	@Test
	void eighteenLevels() {
		StringBuilder script = new StringBuilder(
				"CREATE TABLE level_0 (id bigint PRIMARY KEY, deletion_time timestamptz); INSERT INTO level_0 VALUES (1), (2), (3)");
		for (int level = 1; level < 18; level++) {
			String time = (level % 3 == 1) ? "" : ", deletion_time timestamptz";
			script.append("""
					; CREATE TABLE level_%d (id bigint PRIMARY KEY REFERENCES level_%d ON DELETE CASCADE%s);
					INSERT INTO level_%d VALUES (1), (2), (3)""".formatted(level, level - 1, time, level));
		}
		trees.sql(script.toString());
		DeletionResult result = scheduled(trees.deletes().from("level_0").byIds(List.of(1, 2)));
		assertThat(result.cascaded()).hasSize(11).doesNotContainKeys("public.level_1", "public.level_16");
		trees.sql("UPDATE level_17 SET deletion_time = NULL WHERE id = 2");
		trees.purgeAfter(LATER);
		assertThat(trees.rows("level_0")).isEqualTo("(2) 3");
		assertThat(trees.rows("level_16")).isEqualTo("2 3");
		assertThat(trees.rows("level_17")).isEqualTo("2 3");
	}

	@Test
	void keysOfEveryType() {
		trees
			.sql("""
					CREATE TABLE doc (id uuid PRIMARY KEY, deletion_time timestamptz);
					CREATE TABLE page (title text PRIMARY KEY, doc_id uuid REFERENCES doc ON DELETE CASCADE,
						deletion_time timestamptz);
					CREATE TABLE view (at timestamptz PRIMARY KEY, page text REFERENCES page ON DELETE CASCADE,
						deletion_time timestamptz);
					INSERT INTO doc SELECT CAST(lpad(CAST(n AS text), 32, '0') AS uuid) FROM generate_series(1, 3) n;
					INSERT INTO page SELECT 'O''Page ' || id, id FROM doc;
					INSERT INTO view SELECT timestamptz '2020-01-01T00:00:00.123456Z' + row_number() OVER () * interval '1 year', title
						FROM page ORDER BY title""");
		DeletionResult result = scheduled(
				trees.deletes().from("doc").byId(UUID.fromString("00000000-0000-0000-0000-000000000002")));
		assertThat(result.cascaded()).isEqualTo(Map.of("public.page", 1L, "public.view", 1L));
		trees.application().purgeAfter(LATER);
		assertThat(trees.rows("doc", "right(CAST(id AS text), 1)")).isEqualTo("1 3");
		assertThat(trees.rows("page", "right(title, 1)")).isEqualTo("1 3");
		assertThat(trees.rows("view", "right(page, 1)")).isEqualTo("1 3");
	}

	@Test
	void textKeysOfSeveralCollations() {
		trees
			.sql("""
					CREATE TABLE region (code text PRIMARY KEY, deletion_time timestamptz);
					CREATE TABLE area (code text COLLATE "C" PRIMARY KEY, region text REFERENCES region ON DELETE CASCADE,
						parent text COLLATE "C" REFERENCES area ON DELETE CASCADE, deletion_time timestamptz);
					CREATE TABLE site (code text COLLATE "POSIX" PRIMARY KEY,
						area text COLLATE "C" REFERENCES area ON DELETE CASCADE, deletion_time timestamptz);
					INSERT INTO region VALUES ('ä'), ('b'); INSERT INTO area VALUES ('a1', 'ä', NULL), ('a2', NULL, 'a1'), ('b1', 'b', NULL);
					INSERT INTO site VALUES ('s1', 'a2'), ('s2', 'b1')""");
		scheduled(trees.deletes().from("region").byId("ä"));
		trees.purgeAfter(LATER);
		assertThat(trees.rows("region", "code")).isEqualTo("b");
		assertThat(trees.rows("area", "code")).isEqualTo("b1");
		assertThat(trees.rows("site", "code")).isEqualTo("s2");
	}

	private static DeletionResult scheduled(DeleteOperations.Mode rows) {
		return trees.execute(rows.scheduled(MONTH));
	}

	private static long sum(DeletionResult result) {
		return result.cascaded().values().stream().mapToLong(Long::longValue).sum();
	}

}
