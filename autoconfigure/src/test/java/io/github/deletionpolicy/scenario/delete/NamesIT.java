package io.github.deletionpolicy.scenario.delete;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.ModeSource;
import io.github.deletionpolicy.PendingPurges.TableSummary;
import io.github.deletionpolicy.PurgeListener;
import io.github.deletionpolicy.PurgedRows;
import io.github.deletionpolicy.UnknownTableException;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.support.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.relational.core.query.Criteria;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A name finds its table and that table's policy however it is written and whichever
 * schemas the connection searches. None falls through to a hard delete.
 */
class NamesIT {

	private static final List<String> USERS = List.of("public.users", "public.\"Users\"", "billing.users",
			"tenant_a.users", "tenant_b.users");

	private static final List<PurgedRows> told = new ArrayList<>();

	@RegisterExtension
	private static final Application application = Application.of("""
			CREATE SCHEMA billing; CREATE SCHEMA tenant_a; CREATE SCHEMA tenant_b; CREATE SCHEMA "My Shop";
			CREATE SCHEMA bare;
			CREATE TABLE users (id bigint PRIMARY KEY, deletion_time timestamptz);
			CREATE TABLE "Users" (LIKE users INCLUDING ALL);
			CREATE TABLE billing.users (LIKE users INCLUDING ALL);
			CREATE TABLE tenant_a.users (LIKE users INCLUDING ALL);
			CREATE TABLE tenant_b.users (LIKE users INCLUDING ALL);
			CREATE TABLE bare.users (id bigint PRIMARY KEY);
			CREATE TABLE tenant_a.notes (LIKE users INCLUDING ALL);
			CREATE TABLE tenant_b.notes (LIKE users INCLUDING ALL);
			CREATE TABLE "My Shop"."Order ""Items"" 2" (LIKE users INCLUDING ALL);
			CREATE TABLE "order" (LIKE users INCLUDING ALL);
			CREATE TABLE folded (id bigint PRIMARY KEY, deleted_at timestamptz);
			CREATE TABLE spaced (id bigint PRIMARY KEY, "Deleted ""At"" 2" timestamptz);
			CREATE TABLE camel (id bigint PRIMARY KEY, "deletedAt" timestamptz, deletedat timestamptz);
			CREATE TABLE moving (id bigint PRIMARY KEY, deletion_time timestamptz);
			CREATE TABLE measurements (taken date, sensor int, deletion_time timestamptz, PRIMARY KEY (sensor, taken))
				PARTITION BY RANGE (taken);
			CREATE TABLE measurements_2024 PARTITION OF measurements FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
			CREATE TABLE measurements_2025 PARTITION OF measurements FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
			CREATE VIEW live_users AS SELECT * FROM users WHERE deletion_time IS NULL;
			CREATE MATERIALIZED VIEW counted_users AS SELECT count(*) FROM users;
			CREATE SEQUENCE numbers""", "deletion-policy.tables.users.mode=soft",
			"deletion-policy.tables.billing.table=billing.users", "deletion-policy.tables.billing.mode=scheduled",
			"deletion-policy.tables.billing.delay=1d", "deletion-policy.tables.mixed.table=\"Users\"",
			"deletion-policy.tables.mixed.mode=scheduled", "deletion-policy.tables.mixed.delay=2d",
			"deletion-policy.tables.notes.mode=scheduled", "deletion-policy.tables.notes.delay=1d",
			"deletion-policy.tables.items.table=\"My Shop\".\"Order \"\"Items\"\" 2\"",
			"deletion-policy.tables.items.mode=scheduled", "deletion-policy.tables.items.delay=1d",
			"deletion-policy.tables.order.table=\"order\"", "deletion-policy.tables.order.mode=scheduled",
			"deletion-policy.tables.order.delay=1d", "deletion-policy.tables.folded.mode=scheduled",
			"deletion-policy.tables.folded.delay=1d", "deletion-policy.tables.folded.deletion-time-column=Deleted_At",
			"deletion-policy.tables.spaced.mode=scheduled", "deletion-policy.tables.spaced.delay=1d",
			"deletion-policy.tables.spaced.deletion-time-column=\"Deleted \"\"At\"\" 2\"",
			"deletion-policy.tables.camel.mode=scheduled", "deletion-policy.tables.camel.delay=1d",
			"deletion-policy.tables.camel.deletion-time-column=\"deletedAt\"",
			"deletion-policy.tables.measurements.mode=scheduled", "deletion-policy.tables.measurements.delay=1d",
			"deletion-policy.tables.moving.mode=scheduled", "deletion-policy.tables.moving.delay=1d")
		.with(Listener.class);

	@BeforeEach
	void twoUsersEach() {
		application.jdbc().sql("TRUNCATE deletion_operation, deletion_chunk").update();
		USERS.forEach((table) -> {
			application.jdbc().sql("TRUNCATE " + table).update();
			application.jdbc().sql("INSERT INTO %s VALUES (1), (2)".formatted(table)).update();
		});
		told.clear();
	}

	@ParameterizedTest
	@ValueSource(strings = { "users", "public.users", "\"users\"", "Users", "USERS", "\"public\".\"users\"",
			"Public.Users", " users " })
	void spellingsOfOneNameMeanOneTable(String written) {
		assertThat(deleteOne(written)).isEqualTo("SOFT TABLE");
		assertOnlyDeletedFrom("public.users");
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '\'', value = { "\"Users\", public.\"Users\"", "public.\"Users\", public.\"Users\"",
			"billing.users, billing.users", "Billing.\"users\", billing.users" })
	void anotherTableOfASimilarNameHasItsOwnPolicy(String written, String table) {
		assertThat(deleteOne(written)).isEqualTo("SCHEDULED TABLE");
		assertOnlyDeletedFrom(table);
	}

	@ParameterizedTest
	@CsvSource({ "tenant_a, SOFT TABLE, tenant_a.users", "tenant_b, SOFT TABLE, tenant_b.users",
			"billing, SCHEDULED TABLE, billing.users", "'nowhere, tenant_b, billing', SOFT TABLE, tenant_b.users" })
	void theSearchPathOfTheConnectionDecides(String path, String expected, String table) {
		searching(path, () -> assertThat(deleteOne("users")).isEqualTo(expected));
		assertOnlyDeletedFrom(table);
	}

	@Test
	void oneConnectionMaySearchElsewhereEachTime() {
		for (long id = 10; id < 30; id++) {
			for (String schema : List.of("tenant_a", "tenant_b", "public")) {
				application.jdbc().sql("INSERT INTO %s.users VALUES (%d)".formatted(schema, id)).update();
				long current = id;
				searching(schema,
						() -> assertThat(application.deletes().from("users").byId(current).execute().rows()).isOne());
				assertThat(application.deletionTime(schema + ".users", id)).isNotNull();
			}
		}
		assertThat(application.operations()).isEqualTo(60);
	}

	@Test
	void aPolicyWithoutASchemaHoldsWhereItsColumnIsMissingToo() {
		application.jdbc().sql("INSERT INTO bare.users VALUES (1)").update();
		assertThatExceptionOfType(UnsupportedTableException.class).isThrownBy(() -> deleteOne("bare.users"))
			.withMessageContaining("ALTER TABLE bare.users ADD COLUMN deletion_time timestamptz;");
		assertThat(application.ids("bare.users")).containsExactly(1L);
		application.jdbc().sql("DELETE FROM bare.users").update();
	}

	@Test
	void tablesThatOnlyTenantsHaveAreDeletedAndPurgedPerTenant() {
		for (String tenant : List.of("tenant_a", "tenant_b")) {
			application.jdbc().sql("INSERT INTO %s.notes VALUES (1), (2)".formatted(tenant)).update();
		}
		searching("tenant_a", () -> assertThat(deleteOne("notes")).isEqualTo("SCHEDULED TABLE"));
		searching("tenant_b", () -> application.deletes().from("notes").byId(2).execute());
		searching("tenant_a", () -> assertThat(application.pending().forRow("notes", 1)).isPresent());
		searching("tenant_b", () -> assertThat(application.pending().forRow("notes", 1)).isEmpty());
		assertThat(application.pending().forRow("tenant_b.notes", 2)).isPresent();
		assertThat(application.purgeAfter(Duration.ofDays(1))).isEqualTo(2);
		assertThat(application.ids("tenant_a.notes")).containsExactly(2L);
		assertThat(application.ids("tenant_b.notes")).containsExactly(1L);
		assertThat(told).extracting(PurgedRows::table).containsExactlyInAnyOrder("tenant_a.notes", "tenant_b.notes");
	}

	@ParameterizedTest
	@ValueSource(strings = { "users", "pg_temp.users" })
	void aTemporaryTableInFrontIsRefused(String written) {
		application.transactions().executeWithoutResult((status) -> {
			application.jdbc()
				.sql("CREATE TEMPORARY TABLE users (LIKE public.users INCLUDING ALL) ON COMMIT DROP")
				.update();
			application.jdbc().sql("INSERT INTO pg_temp.users VALUES (1)").update();
			assertThatExceptionOfType(UnsupportedTableException.class).isThrownBy(() -> deleteOne(written))
				.withMessageContaining("temporary");
			assertThat(application.ids("pg_temp.users")).containsExactly(1L);
			assertThat(deleteOne("public.users")).isEqualTo("SOFT TABLE");
		});
		assertOnlyDeletedFrom("public.users");
	}

	@ParameterizedTest
	@CsvSource({ "live_users, a view", "counted_users, a materialized view", "numbers, no table",
			"users_pkey, no table" })
	void whatIsNoTableIsRefused(String written, String what) {
		assertThatExceptionOfType(UnsupportedTableException.class).isThrownBy(() -> deleteOne(written))
			.withMessageContaining("public." + written + " is " + what);
		assertOnlyDeletedFrom("none");
	}

	@ParameterizedTest
	@ValueSource(strings = { "nobody", "\"USERS\"", "\"public.users\"", "nowhere.users", "\"users \"" })
	void aNameThatMeansNothingIsRefused(String written) {
		assertThatExceptionOfType(UnknownTableException.class).isThrownBy(() -> deleteOne(written));
		assertOnlyDeletedFrom("none");
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '\'',
			value = { "\"My Shop\".\"Order \"\"Items\"\" 2\", \"My Shop\".\"Order \"\"Items\"\" 2\"",
					"\"order\", public.\"order\"" })
	void aNameThatNeedsQuotesIsShownWithThem(String written, String shown) {
		application.jdbc().sql("INSERT INTO %s VALUES (1), (2)".formatted(written)).update();
		assertThat(deleteOne(written)).isEqualTo("SCHEDULED TABLE");
		assertThat(application.pending().summary()).filteredOn((it) -> it.pending() > 0)
			.extracting(TableSummary::table)
			.containsExactly(shown);
		assertThat(application.pending().forRow(shown, 1).orElseThrow().table()).isEqualTo(shown);
		assertThat(application.pending().page(shown, null, 10).purges()).hasSize(1);
		assertThat(application.purges().runDueAsOf(application.now().plus(Duration.ofDays(1))).rows())
			.isEqualTo(Map.of(shown, 1L));
		assertThat(told).extracting(PurgedRows::table).containsExactly(shown);
		assertThat(application.ids(written)).containsExactly(2L);
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '\'',
			value = { "folded, deleted_at", "spaced, \"Deleted \"\"At\"\" 2\"", "camel, \"deletedAt\"" })
	void theDeletionTimeColumnIsWrittenAsInSql(String table, String column) {
		application.jdbc().sql("INSERT INTO %s (id) VALUES (1), (2), (3)".formatted(table)).update();
		application.deletes().from(table).byIds(List.of(1, 2)).execute();
		assertThat(application.jdbc()
			.sql("SELECT id FROM %s WHERE %s IS NOT NULL ORDER BY id".formatted(table, column))
			.query(Long.class)
			.list()).containsExactly(1L, 2L);
		assertThat(application.deletes().restoreFrom(table).byId(2).execute().rows()).isOne();
		assertThat(application.purgeAfter(Duration.ofDays(1))).isOne();
		assertThat(application.ids(table)).containsExactly(2L, 3L);
	}

	@Test
	void aPartitionedTableIsOneTable() {
		application.jdbc().sql("""
				INSERT INTO measurements SELECT DATE '2024-12-30' + n / 10, n % 10 FROM generate_series(0, 39) AS n
				""").update();
		Map<String, Object> key = Map.of("taken", java.time.LocalDate.of(2025, 1, 1), "sensor", 3);
		DeletionResult one = application.deletes().from("measurements").byId(key).execute();
		assertThat(one.rows()).isOne();
		assertThat(application.pending().forRow("measurements", key)).isPresent();
		assertThat(
				application.deletes().from("measurements").where(Criteria.where("sensor").lessThan(5)).execute().rows())
			.isEqualTo(19);
		assertThat(application.deletes().restore(one.operationId()).rows()).isOne();
		assertThat(application.purgeAfter(Duration.ofDays(1))).isEqualTo(19);
		assertThat(told).extracting(PurgedRows::table).containsOnly("public.measurements");
		assertThat(application.jdbc().sql("SELECT count(*) FROM measurements_2024").query(Long.class).single())
			.isEqualTo(10);
		assertThat(application.jdbc().sql("SELECT count(*) FROM measurements_2025").query(Long.class).single())
			.isEqualTo(11);
		application.jdbc().sql("TRUNCATE measurements").update();
	}

	@Test
	void aPartitionNamedByItselfIsNoWayRoundThePolicy() {
		application.jdbc().sql("INSERT INTO measurements VALUES ('2024-02-03', 1)").update();
		assertThatExceptionOfType(UnsupportedTableException.class)
			.isThrownBy(() -> application.deletes().from("measurements_2024").all().execute())
			.withMessageContaining("public.measurements_2024 is a partition of public.measurements");
		assertThat(application.jdbc().sql("SELECT count(*) FROM measurements").query(Long.class).single()).isOne();
		assertThat(application.deletes().from("measurements_2024").all().hard().execute().rows()).isOne();
	}

	@Test
	void aTableIsLookedAtAnewWhenItChanges() {
		application.jdbc().sql("INSERT INTO moving VALUES (1), (2), (3), (4)").update();
		assertThat(deleteOne("moving")).isEqualTo("SCHEDULED TABLE");
		application.jdbc().sql("ALTER TABLE moving RENAME COLUMN id TO number").update();
		assertThat(application.deletes().from("moving").byId(2).execute().rows()).isOne();
		application.jdbc().sql("ALTER TABLE moving RENAME COLUMN number TO id").update();
		application.jdbc().sql("ALTER TABLE moving ALTER COLUMN id TYPE integer").update();
		assertThat(application.deletes().from("moving").byId(3).execute().rows()).isOne();
		application.jdbc().sql("ALTER TABLE moving RENAME COLUMN deletion_time TO other").update();
		assertThatExceptionOfType(UnsupportedTableException.class)
			.isThrownBy(() -> application.deletes().from("moving").byId(4).execute());
		application.jdbc().sql("ALTER TABLE moving RENAME COLUMN other TO deletion_time").update();
		assertThat(application.purgeAfter(Duration.ofDays(1))).isEqualTo(3);
		assertThat(application.ids("moving")).containsExactly(4L);
	}

	@Test
	void theLedgerIsOneWhereverConnectionsSearch() {
		TestDatabase database = TestDatabase.create();
		database.execute("""
				CREATE SCHEMA "The Ledger"; CREATE SCHEMA tenant_a; CREATE SCHEMA tenant_b;
				CREATE TABLE tenant_a.notes (id bigint PRIMARY KEY, deletion_time timestamptz);
				CREATE TABLE tenant_b.notes (id bigint PRIMARY KEY, deletion_time timestamptz);
				INSERT INTO tenant_a.notes VALUES (1), (2);
				INSERT INTO tenant_b.notes VALUES (1), (2)""");
		try (Application a = tenant(database, "tenant_a"); Application b = tenant(database, "tenant_b")) {
			assertThat(a.deletes().from("notes").byId(1).execute().mode()).isEqualTo(DeletionMode.SCHEDULED);
			DeletionResult ofB = b.deletes().from("notes").byIds(List.of(1, 2)).execute();
			assertThat(a.pending().summary()).extracting(TableSummary::table, TableSummary::pending)
				.contains(org.assertj.core.groups.Tuple.tuple("tenant_a.notes", 1L),
						org.assertj.core.groups.Tuple.tuple("tenant_b.notes", 2L));
			assertThat(b.deletes().restoreFrom("notes").byId(2).execute().rows()).isOne();
			assertThat(a.pending().forRow("tenant_b.notes", 1).orElseThrow().operationId())
				.isEqualTo(ofB.operationId());
			assertThat(a.purgeAfter(Duration.ofDays(1))).isEqualTo(2);
			assertThat(a.ids("tenant_a.notes")).containsExactly(2L);
			assertThat(a.ids("tenant_b.notes")).containsExactly(2L);
			assertThat(a.jdbc()
				.sql("SELECT DISTINCT schemaname FROM pg_tables WHERE tablename LIKE 'deletion%'")
				.query(String.class)
				.list()).containsExactly("The Ledger");
		}
	}

	private static Application tenant(TestDatabase database, String schema) {
		return Application
			.of(database, "spring.datasource.hikari.connection-init-sql=SET search_path TO " + schema,
					"deletion-policy.schema.name=\"The Ledger\"", "deletion-policy.tables.notes.mode=scheduled",
					"deletion-policy.tables.notes.delay=1d")
			.start();
	}

	private static void searching(String path, Runnable work) {
		application.transactions().executeWithoutResult((status) -> {
			application.jdbc().sql("SET LOCAL search_path TO " + path).update();
			work.run();
		});
	}

	private static String deleteOne(String written) {
		DeletionResult result = application.deletes().from(written).byId(1).execute();
		assertThat(result.rows()).isOne();
		assertThat(result.source()).isNotEqualTo(ModeSource.FALLBACK);
		return result.mode() + " " + result.source();
	}

	private static void assertOnlyDeletedFrom(String expected) {
		for (String table : USERS) {
			assertThat(application.ids(table)).as(table).containsExactly(1L, 2L);
			assertThat(application.liveIds(table)).as(table)
				.isEqualTo(table.equals(expected) ? List.of(2L) : List.of(1L, 2L));
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Listener {

		@Bean
		PurgeListener listener() {
			return told::add;
		}

	}

}
