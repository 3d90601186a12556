package io.github.deletionpolicy.scenario.trees;

import java.time.Duration;
import java.util.List;

import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.scenario.TreeTables;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Where nothing must stay, a purge does what a plain DELETE of the row does, no more and
 * no less: deferred keys and triggers. Three rows are deleted; two of them go, and the
 * third stays where something keeps it.
 */
class PlainDeleteIT {

	private static final Duration MONTH = Duration.ofDays(30);

	private static final Duration LATER = Duration.ofDays(31);

	@RegisterExtension
	private static final TreeTables trees = TreeTables.of("SELECT 1");

	@AfterEach
	void dropTables() {
		trees.reset();
	}

	/**
	 * The cascade sets keys of a session to null one by one; in between they refer to
	 * rows that are gone.
	 */
	private static void organisations() {
		trees
			.sql("""
					CREATE TABLE org (id bigint PRIMARY KEY, deletion_time timestamptz);
					CREATE TABLE usr (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org ON DELETE CASCADE);
					CREATE TABLE project (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org ON DELETE CASCADE);
					CREATE TABLE target (id bigint PRIMARY KEY, project_id bigint NOT NULL);
					CREATE TABLE session (id bigint PRIMARY KEY, user_id bigint, project_id bigint, target_id bigint);
					ALTER TABLE session ADD FOREIGN KEY (user_id) REFERENCES usr ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;
					ALTER TABLE session ADD FOREIGN KEY (project_id) REFERENCES project ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;
					ALTER TABLE target ADD FOREIGN KEY (project_id) REFERENCES project ON DELETE CASCADE;
					ALTER TABLE session ADD FOREIGN KEY (target_id) REFERENCES target ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;
					INSERT INTO org SELECT generate_series(1, 4);
					INSERT INTO usr SELECT id, id FROM org; INSERT INTO project SELECT id, id FROM org;
					INSERT INTO target SELECT id, id FROM org; INSERT INTO session SELECT id, id, id, id FROM org""");
	}

	private static void assertThatTwoOrganisationsAreGone() {
		assertThat(trees.rows("org")).isEqualTo("(2) 4");
		assertThat(trees.rows("usr")).isEqualTo("2 4");
		assertThat(trees.rows("target")).isEqualTo("2 4");
		assertThat(trees.rows("session", "id || ':' || concat_ws(' ', user_id, project_id, target_id)"))
			.isEqualTo("1: 2:2 2 2 3: 4:4 4 4");
	}

	@Test
	void deferredKeysAreCheckedWhenAllRowsOfATreeAreGone() {
		organisations();
		trees.sql("ALTER TABLE usr ADD deletion_time timestamptz");
		scheduled(trees.deletes().from("org").byId(1));
		scheduled(trees.deletes().from("org").byId(2));
		scheduled(trees.deletes().from("org").byId(3));
		trees.sql("UPDATE usr SET deletion_time = NULL WHERE id = 2");
		trees.purgeAfter(LATER);
		assertThat(trees.rows("org")).isEqualTo("(2) 4");
		assertThat(trees.rows("usr")).isEqualTo("2 4");
		assertThat(trees.rows("session", "id || ':' || concat_ws(' ', user_id, project_id, target_id)"))
			.isEqualTo("1: 2:2 2 2 3: 4:4 4 4");
		assertThat(trees.state("org", 2)).isEqualTo(State.BLOCKED);
	}

	@Test
	void deferredKeysAreCheckedWhenAllRowsAreGoneThatTheDatabaseCascadesTo() {
		organisations();
		trees.sql("CREATE TABLE invoice (id bigint PRIMARY KEY, org_id bigint REFERENCES org)");
		trees.sql("ALTER TABLE invoice ADD deletion_time timestamptz");
		trees.execute(trees.deletes().from("org").byIds(List.of(1, 2, 3)).scheduled(MONTH));
		trees.sql("INSERT INTO invoice VALUES (2, 2)");
		trees.purgeAfter(LATER);
		assertThatTwoOrganisationsAreGone();
		assertThat(trees.state("org", 2)).isEqualTo(State.BLOCKED);
	}

	@Test
	void deferredKeysAreCheckedAfterAHardDeleteInTheBackground() {
		organisations();
		trees.deletes().from("org").byIds(List.of(1, 3)).hard().executeAsync();
		trees.application().purgeAfter(Duration.ZERO);
		assertThat(trees.rows("org")).isEqualTo("2 4");
		assertThat(trees.rows("session", "id || ':' || concat_ws(' ', user_id, project_id, target_id)"))
			.isEqualTo("1: 2:2 2 2 3: 4:4 4 4");
	}

	/**
	 * The key would refuse before the trigger has removed what refers by it.
	 */
	@Test
	void aDeferredKeyWaitsForATriggerThatRemovesWhatRefersByIt() {
		trees.sql("""
				CREATE TABLE customer (id bigint PRIMARY KEY, deletion_time timestamptz);
				CREATE TABLE receipt (id bigint PRIMARY KEY, paid boolean,
					customer_id bigint REFERENCES customer DEFERRABLE INITIALLY DEFERRED);
				CREATE OR REPLACE FUNCTION clean() RETURNS trigger LANGUAGE plpgsql AS $$
				BEGIN DELETE FROM receipt WHERE customer_id = OLD.id AND paid; RETURN NULL; END $$;
				CREATE TRIGGER z_clean AFTER DELETE ON customer FOR EACH ROW EXECUTE FUNCTION clean();
				INSERT INTO customer SELECT generate_series(1, 4)""");
		scheduled(trees.deletes().from("customer").byIds(List.of(1, 2, 3)));
		trees.sql("INSERT INTO receipt SELECT id, id <> 2, id FROM customer");
		trees.purgeAfter(LATER);
		assertThat(trees.rows("customer")).isEqualTo("(2) 4");
		assertThat(trees.rows("receipt")).isEqualTo("2 4");
		assertThat(trees.state("customer", 2)).isEqualTo(State.BLOCKED);
	}

	private static void tenants() {
		trees
			.sql("""
					CREATE TABLE tenant (id bigint PRIMARY KEY, deletion_time timestamptz);
					CREATE TABLE connector (id bigint PRIMARY KEY, tenant_id bigint NOT NULL REFERENCES tenant ON DELETE CASCADE,
						deletion_time timestamptz);
					CREATE TABLE secret (id bigint PRIMARY KEY, tenant_id bigint NOT NULL REFERENCES tenant ON DELETE CASCADE,
						connector_id bigint, deletion_time timestamptz);
					CREATE OR REPLACE FUNCTION clean() RETURNS trigger LANGUAGE plpgsql AS $$
					BEGIN DELETE FROM secret WHERE connector_id = OLD.id; RETURN OLD; END $$;
					CREATE TRIGGER clean BEFORE DELETE ON connector FOR EACH ROW EXECUTE FUNCTION clean();
					INSERT INTO tenant SELECT generate_series(1, 4);
					INSERT INTO connector SELECT id, id FROM tenant; INSERT INTO secret SELECT id, id, id FROM tenant""");
	}

	@Test
	void aTriggerMayRemoveOtherRowsOfTheTree() {
		tenants();
		scheduled(trees.deletes().from("tenant").byIds(List.of(1, 2, 3)));
		trees.sql("UPDATE secret SET deletion_time = NULL WHERE id = 2");
		trees.purgeAfter(LATER);
		assertThat(trees.rows("tenant")).isEqualTo("(2) 4");
		assertThat(trees.rows("connector")).isEqualTo("(2) 4");
		assertThat(trees.rows("secret")).isEqualTo("2 4");
		assertThat(trees.state("tenant", 2)).isEqualTo(State.BLOCKED);
	}

	@Test
	void aTriggerThatKeepsARowBelowARootIsAFailureOfItsTreeOnly() {
		tenants();
		trees.sql("""
				CREATE OR REPLACE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$
				BEGIN IF OLD.id = 2 THEN RETURN NULL; END IF; RETURN OLD; END $$;
				CREATE TRIGGER keep BEFORE DELETE ON secret FOR EACH ROW EXECUTE FUNCTION keep()""");
		scheduled(trees.deletes().from("tenant").byIds(List.of(1, 2, 3)));
		trees.purgeAfter(LATER);
		assertThat(trees.rows("tenant")).isEqualTo("(2) 4");
		assertThat(trees.rows("connector")).isEqualTo("(2) 4");
		assertThat(trees.rows("secret")).isEqualTo("(2) 4");
		assertThat(trees.state("tenant", 2)).isEqualTo(State.FAILED);
	}

	@Test
	void aTriggerMayRemoveTheRowsBelowWithinOneTable() {
		trees
			.sql("""
					CREATE TABLE folder (id bigint PRIMARY KEY, parent bigint REFERENCES folder ON DELETE CASCADE,
						deletion_time timestamptz);
					CREATE OR REPLACE FUNCTION clean() RETURNS trigger LANGUAGE plpgsql AS $$
					BEGIN DELETE FROM folder WHERE parent = OLD.id; RETURN OLD; END $$;
					CREATE TRIGGER clean BEFORE DELETE ON folder FOR EACH ROW EXECUTE FUNCTION clean();
					INSERT INTO folder VALUES (1, NULL), (11, 1), (111, 11), (2, NULL), (21, 2), (211, 21), (3, NULL), (31, 3),
						(4, NULL), (41, 4)""");
		scheduled(trees.deletes().from("folder").byIds(List.of(1, 11, 2, 3)));
		trees.sql("UPDATE folder SET deletion_time = NULL WHERE id = 211");
		trees.purgeAfter(LATER);
		assertThat(trees.rows("folder")).isEqualTo("(2) (21) 211 4 41");
		assertThat(trees.state("folder", 2)).isEqualTo(State.BLOCKED);
	}

	/**
	 * Of a tree that goes in several transactions, each does.
	 */
	@Test
	void aTriggerMayRemoveOtherRowsOfABigTree() {
		tenants();
		trees.sql("""
				INSERT INTO connector SELECT n, 1 FROM generate_series(101, 1700) n;
				INSERT INTO secret SELECT n, 1, n FROM generate_series(101, 1700) n""");
		scheduled(trees.deletes().from("tenant").byIds(List.of(1, 2, 3)));
		trees.sql("UPDATE secret SET deletion_time = NULL WHERE id = 2");
		trees.application().purgeAfter(LATER);
		assertThat(trees.rows("tenant")).isEqualTo("(2) 4");
		assertThat(trees.rows("connector")).isEqualTo("(2) 4");
		assertThat(trees.rows("secret")).isEqualTo("2 4");
	}

	private static void scheduled(DeleteOperations.Mode rows) {
		trees.execute(rows.scheduled(MONTH));
	}

}
