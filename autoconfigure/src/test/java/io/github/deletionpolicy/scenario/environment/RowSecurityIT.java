package io.github.deletionpolicy.scenario.environment;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

import io.github.deletionpolicy.AsyncDeletion;
import io.github.deletionpolicy.AsyncProgress.State;
import io.github.deletionpolicy.RestoreConflictException;
import io.github.deletionpolicy.RestoreResult;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.support.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The set-up for row-level security in {@code docs/security.md}: an application that sees
 * the rows of one tenant at a time and does not purge, and a node that sees all rows and
 * purges. What is hidden is never taken for gone.
 */
class RowSecurityIT {

	private static final Duration LATER = Duration.ofDays(2);

	private static final TestDatabase database = TestDatabase
		.create("""
				CREATE TABLE acct (id bigint PRIMARY KEY, tenant int NOT NULL, deletion_time timestamptz);
				CREATE TABLE note (id bigint PRIMARY KEY, acct bigint REFERENCES acct ON DELETE CASCADE, tenant int NOT NULL,
					deletion_time timestamptz);
				CREATE INDEX ON note (acct);
				CREATE TABLE memo (a int, b text, tenant int NOT NULL, deletion_time timestamptz, PRIMARY KEY (a, b));
				CREATE TABLE part (id bigint PRIMARY KEY, tenant int NOT NULL, deletion_time timestamptz) PARTITION BY RANGE (id);
				CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (0) TO (100);
				ALTER TABLE acct ENABLE ROW LEVEL SECURITY; ALTER TABLE note ENABLE ROW LEVEL SECURITY;
				ALTER TABLE memo ENABLE ROW LEVEL SECURITY; ALTER TABLE part ENABLE ROW LEVEL SECURITY;
				CREATE POLICY own ON acct USING (tenant = CAST(nullif(current_setting('app.tenant', true), '') AS int));
				CREATE POLICY own ON note USING (tenant = CAST(nullif(current_setting('app.tenant', true), '') AS int));
				CREATE POLICY own ON memo USING (tenant = CAST(nullif(current_setting('app.tenant', true), '') AS int));
				CREATE POLICY own ON part USING (tenant = CAST(nullif(current_setting('app.tenant', true), '') AS int));
				CREATE ROLE rls_app LOGIN; CREATE ROLE rls_worker LOGIN BYPASSRLS;
				GRANT SELECT, INSERT, UPDATE, DELETE ON acct, note, memo, part TO rls_app, rls_worker""");

	private static final Application worker = Application.of(database, properties("rls_worker", true));

	private static final Application application = Application.of(database, properties("rls_app", false));

	private static String[] properties(String role, boolean purges) {
		return new String[] { "spring.datasource.url=" + database.url().replace("user=postgres", "user=" + role),
				"deletion-policy.tables.acct.mode=scheduled", "deletion-policy.tables.acct.delay=1d",
				"deletion-policy.tables.memo.mode=scheduled", "deletion-policy.tables.memo.delay=1d",
				"deletion-policy.tables.part.mode=soft", "deletion-policy.purge.enabled=" + purges };
	}

	@BeforeAll
	static void start() {
		try (Application owner = Application.of(database).start()) {
			assertThat(owner.operations()).isZero();
		}
		database.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO rls_app, rls_worker");
		database.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO rls_app, rls_worker");
		worker.start();
		application.start();
	}

	@AfterAll
	static void stop() {
		application.close();
		worker.close();
		database.execute("DROP OWNED BY rls_app, rls_worker CASCADE; DROP ROLE rls_app, rls_worker");
	}

	@BeforeEach
	void rows() {
		database.execute(
				"""
						TRUNCATE acct, note, memo, part, deletion_operation, deletion_chunk, deletion_async, deletion_async_spared;
						INSERT INTO acct VALUES (1, 1), (2, 2), (3, 1);
						INSERT INTO note VALUES (11, 1, 1), (12, 1, 2), (21, 2, 2);
						INSERT INTO memo VALUES (1, 'a', 1), (1, 'b', 2); INSERT INTO part VALUES (1, 1), (2, 2)""");
	}

	private static <T> T asTenant(int tenant, Supplier<T> call) {
		return application.transactions().execute((status) -> {
			application.jdbc()
				.sql("SELECT set_config('app.tenant', ?, true)")
				.param((tenant > 0) ? String.valueOf(tenant) : "")
				.query(String.class)
				.single();
			return call.get();
		});
	}

	private static UUID delete(int tenant, String table) {
		return asTenant(tenant, () -> application.deletes().from(table).all().execute().operationId());
	}

	private static RestoreResult restore(int tenant, UUID operation) {
		return asTenant(tenant, () -> application.deletes().restore(operation));
	}

	private static List<String> live(String table) {
		return database.jdbc()
			.sql("SELECT tenant || ':' || count(*) FROM %s WHERE deletion_time IS NULL GROUP BY tenant ORDER BY 1"
				.formatted(table))
			.query(String.class)
			.list();
	}

	/**
	 * A wrong tenant, or none, restores nothing and takes nothing from the right one.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "acct", "memo", "part" })
	void whoSeesNoRowRestoresNothingAndTheRightOneStillCan(String table) {
		UUID operation = delete(1, table);
		for (int wrong : List.of(0, 2)) {
			assertThatExceptionOfType(RestoreConflictException.class).isThrownBy(() -> restore(wrong, operation))
				.withMessageContaining(operation.toString())
				.withMessageContaining("row-level security of table public." + table);
		}
		assertThat(live(table)).doesNotContain("1:1", "1:2");
		assertThat(restore(1, operation).rows()).isPositive();
		assertThat(live(table)).hasSize(2);
	}

	@Test
	void whatAWrongTenantTriedToRestoreIsPurgedWhenItIsDue() {
		UUID operation = delete(1, "acct");
		assertThatExceptionOfType(RestoreConflictException.class).isThrownBy(() -> restore(2, operation));
		database.execute("UPDATE note SET deletion_time = acct.deletion_time FROM acct WHERE note.acct = acct.id");
		worker.purgeAfter(LATER);
		assertThat(live("acct")).containsExactly("2:1");
		assertThat(database.jdbc().sql("SELECT count(*) FROM acct").query(Long.class).single()).isOne();
	}

	/**
	 * One tenant's undo of a delete of all tenants brings back that tenant's rows, and
	 * the others keep theirs, deleted and recorded.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "acct", "memo", "part" })
	void aTenantRestoresItsOwnRowsOfADeleteOfAll(String table) {
		UUID operation = worker.deletes().from(table).all().execute().operationId();
		assertThat(restore(1, operation).rows()).isPositive();
		assertThat(live(table)).hasSize(1).allMatch((rows) -> rows.startsWith("1:"));
		assertThat(restore(2, operation).rows()).isPositive();
		assertThat(live(table)).hasSize(2);
	}

	/**
	 * The note of tenant 2 stays deleted below a row that lives again, and is restored
	 * with the same operation by who sees it.
	 */
	@Test
	void whatIsHiddenOfATreeStaysRecorded() {
		UUID operation = worker.deletes().from("acct").byId(1).execute().operationId();
		RestoreResult restored = restore(1, operation);
		assertThat(restored.rows()).isOne();
		assertThat(restored.cascaded()).containsEntry("public.note", 1L);
		worker.purgeAfter(LATER);
		assertThat(database.jdbc().sql("SELECT count(*) FROM note").query(Long.class).single()).isEqualTo(3);
		RestoreResult rest = restore(2, operation);
		assertThat(rest.rows() + rest.cascaded().getOrDefault("public.note", 0L)).isOne();
		assertThat(live("note")).containsExactly("1:1", "2:2");
	}

	@Test
	void aTenantDoesNotStopADeleteOfAll() {
		AsyncDeletion all = worker.deletes().from("part").all().executeAsync();
		assertThatExceptionOfType(RestoreConflictException.class).isThrownBy(() -> restore(1, all.operationId()));
		worker.purges().runDue();
		assertThat(all.progress().state()).isEqualTo(State.DONE);
		assertThat(live("part")).isEmpty();
	}

	/**
	 * Dependants that are hidden would be stamped by the worker, which sees them.
	 */
	@Test
	void anAsynchronousDeleteIsRefusedWhereDependantsMayBeHidden() {
		database.execute("ALTER TABLE acct DISABLE ROW LEVEL SECURITY");
		try {
			assertThatExceptionOfType(UnsupportedTableException.class)
				.isThrownBy(() -> asTenant(1, () -> application.deletes().from("acct").all().soft().executeAsync()))
				.withMessageContaining("Row-level security of table public.note");
		}
		finally {
			database.execute("ALTER TABLE acct ENABLE ROW LEVEL SECURITY");
		}
	}

}
