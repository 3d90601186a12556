package io.github.deletionpolicy.scenario.trees;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.RestrictedDeletionException;
import io.github.deletionpolicy.purge.PurgeReport;
import io.github.deletionpolicy.scenario.TreeTables;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.dao.DataIntegrityViolationException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What each action of a foreign key means for each mode, when a parent is deleted and
 * when it is purged. Child 1 refers to parent 1, and so on; parent 0 is the default.
 */
class ForeignKeyActionsIT {

	private static final Duration MONTH = Duration.ofDays(30);

	private static final Duration LATER = Duration.ofDays(31);

	@RegisterExtension
	private static final TreeTables trees = TreeTables
		.of("CREATE TABLE parent (id bigint PRIMARY KEY, deletion_time timestamptz)");

	@BeforeEach
	void fourParents() {
		trees.reset();
		trees.sql("INSERT INTO parent SELECT generate_series(0, 3)");
	}

	@ParameterizedTest(name = "ON DELETE {0}, {1}")
	@CsvSource(delimiter = '|', textBlock = """
			# key       | mode      | parents   | and children     | parents later | and children
			CASCADE     | HARD      | 0 1 3     | 1>1 3>3          | 0 1 3         | 1>1 3>3
			CASCADE     | SOFT      | 0 1 (2) 3 | 1>1 (2>2) 3>3    | 0 1 (2) 3     | 1>1 (2>2) 3>3
			CASCADE     | SCHEDULED | 0 1 (2) 3 | 1>1 (2>2) 3>3    | 0 1 3         | 1>1 3>3
			SET NULL    | HARD      | 0 1 3     | 1>1 2>null 3>3   | 0 1 3         | 1>1 2>null 3>3
			SET NULL    | SOFT      | 0 1 (2) 3 | 1>1 2>2 3>3      | 0 1 (2) 3     | 1>1 2>2 3>3
			SET NULL    | SCHEDULED | 0 1 (2) 3 | 1>1 2>2 3>3      | 0 1 3         | 1>1 2>null 3>3
			SET DEFAULT | HARD      | 0 1 3     | 1>1 2>0 3>3      | 0 1 3         | 1>1 2>0 3>3
			SET DEFAULT | SOFT      | 0 1 (2) 3 | 1>1 2>2 3>3      | 0 1 (2) 3     | 1>1 2>2 3>3
			SET DEFAULT | SCHEDULED | 0 1 (2) 3 | 1>1 2>2 3>3      | 0 1 3         | 1>1 2>0 3>3
			""")
	void aDeleteDoesNowWhatItsModeSaysAndTheRestAtPurge(String action, DeletionMode mode, String parents,
			String children, String parentsLater, String childrenLater) {
		threeChildren(action);
		trees.execute(delete(2, mode));
		assertThat(trees.rows("parent")).isEqualTo(parents);
		assertThat(children()).isEqualTo(children);
		trees.purgeAfter(LATER);
		assertThat(trees.rows("parent")).isEqualTo(parentsLater);
		assertThat(children()).isEqualTo(childrenLater);
	}

	@ParameterizedTest(name = "ON DELETE {0}, {1}")
	@CsvSource({ "RESTRICT, SOFT", "RESTRICT, SCHEDULED", "RESTRICT, HARD", "NO ACTION, SOFT", "NO ACTION, SCHEDULED",
			"NO ACTION, HARD" })
	void aLiveChildBehindARestrictingKeyRefusesEachMode(String action, DeletionMode mode) {
		threeChildren(action);
		trees.assertRefused(
				(mode != DeletionMode.HARD) ? RestrictedDeletionException.class : DataIntegrityViolationException.class,
				delete(2, mode), "public.child: child_parent_id_fkey");
		assertThat(trees.application().operations()).isZero();
	}

	@ParameterizedTest
	@ValueSource(strings = { "RESTRICT", "NO ACTION" })
	void aRefusalCountsForTheWholeCall(String action) {
		threeChildren(action);
		trees.sql("DELETE FROM child WHERE id <> 3");
		trees.assertRefused(RestrictedDeletionException.class, trees.deletes().from("parent").all().soft(),
				"public.child: child_parent_id_fkey");
		assertThat(trees.rows("parent")).isEqualTo("0 1 2 3");
	}

	@ParameterizedTest
	@ValueSource(strings = { "RESTRICT", "NO ACTION" })
	void aRestrictingRowWithoutADeletionTimeIsAlwaysLive(String action) {
		trees.sql("CREATE TABLE child (id bigint PRIMARY KEY, parent_id bigint REFERENCES parent ON DELETE %s)"
			.formatted(action));
		trees.sql("INSERT INTO child VALUES (2, 2)");
		trees.assertRefused(RestrictedDeletionException.class, delete(2, DeletionMode.SCHEDULED),
				"public.child: child_parent_id_fkey");
		assertThat(trees.execute(delete(1, DeletionMode.SCHEDULED)).rows()).isOne();
	}

	@ParameterizedTest
	@ValueSource(strings = { "RESTRICT", "NO ACTION" })
	void deletedChildrenRefuseNothingAndGoFirst(String action) {
		threeChildren(action);
		trees.execute(trees.deletes().from("child").all().scheduled(MONTH));
		DeletionResult result = trees.execute(trees.deletes().from("parent").byIds(List.of(1, 2, 3)).scheduled(MONTH));
		assertThat(result.cascaded()).isEmpty();
		assertThat(trees.purgeAfter(LATER).blocked()).isZero();
		assertThat(trees.rows("parent")).isEqualTo("0");
		assertThat(children()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "RESTRICT", "NO ACTION" })
	void aParentWaitsForAChildThatIsOnlyMarkedAndItsNeighboursGo(String action) {
		threeChildren(action);
		trees.execute(trees.deletes().from("child").byId(2).soft());
		trees.execute(trees.deletes().from("child").byIds(List.of(1, 3)).scheduled(MONTH));
		trees.execute(trees.deletes().from("parent").byIds(List.of(1, 2, 3)).scheduled(MONTH));
		assertThat(trees.purgeAfter(LATER).blocked()).isOne();
		assertThat(trees.rows("parent")).isEqualTo("0 (2)");
		assertThat(children()).isEqualTo("(2>2)");
	}

	@ParameterizedTest
	@ValueSource(strings = { "RESTRICT", "NO ACTION", "NO ACTION DEFERRABLE INITIALLY DEFERRED" })
	void aParentWaitsForARestrictingChildThatCameLaterAndItsNeighboursGo(String action) {
		threeChildren(action);
		trees.sql("DELETE FROM child");
		DeletionResult result = trees.execute(trees.deletes().from("parent").byIds(List.of(1, 2, 3)).scheduled(MONTH));
		trees.sql("INSERT INTO child VALUES (2, 2)");
		PurgeReport report = trees.purgeAfter(LATER);
		assertThat(report.blocked()).isOne();
		assertThat(trees.rows("parent")).isEqualTo("0 (2)");
		assertThat(trees.state("parent", 2)).isEqualTo(State.BLOCKED);
		assertThat(trees.application().pending().forRow("parent", 2).orElseThrow().lastError())
			.contains("child_parent_id_fkey");
		trees.sql("DELETE FROM child");
		trees.application().pending().retry(result.operationId());
		trees.purgeAfter(LATER);
		assertThat(trees.rows("parent")).isEqualTo("0");
	}

	@Test
	void aRestrictingKeyBelowACascadingOneRefusesTheTree() {
		threeChildren("CASCADE");
		trees
			.sql("""
					CREATE TABLE grandchild (id bigint PRIMARY KEY, child_id bigint REFERENCES child, deletion_time timestamptz);
					INSERT INTO grandchild VALUES (2, 2)""");
		trees.assertRefused(RestrictedDeletionException.class, delete(2, DeletionMode.SCHEDULED),
				"public.grandchild: grandchild_child_id_fkey");
		trees.execute(trees.deletes().from("grandchild").all().scheduled(MONTH));
		trees.execute(delete(2, DeletionMode.SCHEDULED));
		trees.purgeAfter(LATER);
		assertThat(trees.rows("parent")).isEqualTo("0 1 3");
		assertThat(trees.rows("grandchild")).isEmpty();
	}

	@Test
	void everyConstraintThatRefusesIsNamed() {
		threeChildren("RESTRICT");
		trees
			.sql("""
					CREATE SCHEMA other;
					CREATE TABLE other.child (id bigint PRIMARY KEY, parent_id bigint CONSTRAINT its_parent REFERENCES parent);
					INSERT INTO other.child VALUES (7, 2)""");
		assertThat(delete(2, DeletionMode.SOFT).preview().refusedBy())
			.containsExactlyInAnyOrder("public.child: child_parent_id_fkey", "other.child: its_parent");
		trees.sql("DROP SCHEMA other CASCADE");
	}

	/**
	 * The row is there for two reasons and leaves for one: whichever level goes first at
	 * purge, the restricting key between the two must not stop it.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "RESTRICT", "NO ACTION" })
	void aRestrictingKeyBetweenRowsOfOneTreeRefusesNothing(String action) {
		threeChildren("CASCADE");
		trees.sql("""
				CREATE TABLE friend (id bigint PRIMARY KEY, parent_id bigint REFERENCES parent ON DELETE CASCADE,
					child_id bigint REFERENCES child ON DELETE %s, deletion_time timestamptz);
				INSERT INTO friend VALUES (1, 1, 1), (2, 2, 2), (3, 3, 3)""".formatted(action));
		DeletionResult result = trees.execute(trees.deletes().from("parent").byIds(List.of(1, 2)).scheduled(MONTH));
		assertThat(result.cascaded()).isEqualTo(Map.of("public.child", 2L, "public.friend", 2L));
		assertThat(trees.purgeAfter(LATER).blocked()).isZero();
		assertThat(trees.rows("parent")).isEqualTo("0 3");
		assertThat(trees.rows("friend")).isEqualTo("3");
	}

	@ParameterizedTest
	@ValueSource(strings = { "RESTRICT", "NO ACTION" })
	void managersGoTogetherWithTheirReportsButNotBeforeThem(String action) {
		trees.sql("""
				CREATE TABLE staff (id bigint PRIMARY KEY, manager_id bigint REFERENCES staff ON DELETE %s,
					deletion_time timestamptz);
				INSERT INTO staff VALUES (1, NULL), (2, 1), (3, 2), (4, NULL), (5, 4)""".formatted(action));
		trees.assertRefused(RestrictedDeletionException.class,
				trees.deletes().from("staff").byIds(List.of(1, 2)).scheduled(MONTH),
				"public.staff: staff_manager_id_fkey");
		assertThat(trees.execute(trees.deletes().from("staff").byIds(List.of(1, 2, 3)).scheduled(MONTH)).rows())
			.isEqualTo(3);
		assertThat(trees.purgeAfter(LATER).total()).isEqualTo(3);
		assertThat(trees.rows("staff")).isEqualTo("4 5");
	}

	private static DeleteOperations.Step<?> delete(long id, DeletionMode mode) {
		DeleteOperations.Mode step = trees.deletes().from("parent").byId(id);
		return switch (mode) {
			case HARD -> step.hard();
			case SOFT -> step.soft();
			case SCHEDULED -> step.scheduled(MONTH);
		};
	}

	private static void threeChildren(String action) {
		trees.sql("""
				CREATE TABLE child (id bigint PRIMARY KEY, parent_id bigint DEFAULT 0 REFERENCES parent ON DELETE %s,
					deletion_time timestamptz);
				CREATE INDEX ON child (parent_id);
				INSERT INTO child VALUES (1, 1), (2, 2), (3, 3)""".formatted(action));
	}

	private static String children() {
		return trees.rows("child", "id || '>' || coalesce(CAST(parent_id AS text), 'null')");
	}

}
