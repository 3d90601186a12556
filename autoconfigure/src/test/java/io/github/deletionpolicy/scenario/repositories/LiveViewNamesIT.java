package io.github.deletionpolicy.scenario.repositories;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.github.deletionpolicy.AsyncScheduledDeletionException;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.ModeSource;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.UnknownTableException;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.engine.DeletionEngine;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.scenario.StatementRecorder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.data.annotation.Id;
import org.springframework.data.relational.core.mapping.Table;
import org.springframework.data.relational.core.query.Criteria;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Live views stand for their tables, however they are named and wherever they are.
 */
class LiveViewNamesIT {

	private static final List<String> TABLES = List.of("users", "tenant_a.users", "tenant_b.users", "data.orders",
			"data.\"Odd \"\"Notes\"");

	@RegisterExtension
	private static final Application application = Application
		.of("""
				CREATE SCHEMA tenant_a; CREATE SCHEMA tenant_b; CREATE SCHEMA data; CREATE SCHEMA api;
				CREATE TABLE users (id bigint PRIMARY KEY, deletion_time timestamptz);
				CREATE TABLE tenant_a.users (id bigint PRIMARY KEY, deletion_time timestamptz);
				CREATE TABLE tenant_b.users (id bigint PRIMARY KEY, deletion_time timestamptz);
				CREATE TABLE data.orders (id bigint PRIMARY KEY, deletion_time timestamptz);
				CREATE TABLE data."Odd ""Notes" (id bigint PRIMARY KEY, "deletedAt" timestamptz,
					deletion_time timestamptz GENERATED ALWAYS AS ("deletedAt") STORED);
				CREATE VIEW live_users AS SELECT * FROM users WHERE deletion_time IS NULL;
				CREATE VIEW tenant_a.live_users AS SELECT * FROM tenant_a.users WHERE deletion_time IS NULL;
				CREATE VIEW tenant_b.live_users AS SELECT * FROM tenant_b.users WHERE deletion_time IS NULL;
				CREATE VIEW api.orders AS SELECT * FROM data.orders WHERE deletion_time IS NULL;
				CREATE VIEW data."Live Notes" AS SELECT * FROM data."Odd ""Notes" WHERE "deletedAt" IS NULL;
				CREATE VIEW other AS SELECT * FROM users WHERE deletion_time IS NULL;
				CREATE VIEW api.live_users AS SELECT * FROM data.orders WHERE id IN (SELECT id FROM data.orders)
				""", "deletion-policy.tables.users.mode=scheduled", "deletion-policy.tables.users.delay=1d",
				"deletion-policy.tables.users.live-view=live_users", "deletion-policy.tables.orders.mode=soft",
				"deletion-policy.tables.orders.table=data.orders", "deletion-policy.tables.orders.live-view=Api.Orders",
				"deletion-policy.tables.odd.table=data.\"Odd \"\"Notes\"", "deletion-policy.tables.odd.mode=soft",
				"deletion-policy.tables.odd.deletion-time-column=deletedAt",
				"deletion-policy.tables.odd.live-view=\"Live Notes\"")
		.with(StatementRecorder.Recording.class);

	@BeforeEach
	void rows() {
		for (String table : TABLES) {
			application.jdbc().sql("DELETE FROM " + table).update();
			application.jdbc().sql("INSERT INTO %s (id) VALUES (1), (2), (3)".formatted(table)).update();
		}
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '\'', value = { "public, live_users, users, SCHEDULED",
			"public, public.Live_Users, users, SCHEDULED", "tenant_a, live_users, tenant_a.users, SCHEDULED",
			"'tenant_b, tenant_a', live_users, tenant_b.users, SCHEDULED",
			"'api, tenant_a', tenant_b.live_users, tenant_b.users, SCHEDULED", "public, api.orders, data.orders, SOFT",
			"api, Orders, data.orders, SOFT", "public, 'data.\"Live Notes\"', 'data.\"Odd \"\"Notes\"', SOFT",
			"data, '\"Live Notes\"', 'data.\"Odd \"\"Notes\"', SOFT" })
	void aDeleteThroughALiveViewMarksTheRowOfItsTable(String path, String view, String table, DeletionMode mode) {
		searching(path, () -> {
			DeletionResult result = application.deletes().from(view).byId(1).execute();
			assertThat(result.mode()).isEqualTo(mode);
			assertThat(result.source()).isEqualTo(ModeSource.TABLE);
			assertThat(result.rows()).isOne();
			assertThat(application.deletes().from(view).where(Criteria.where("id").is(2)).preview().rows()).isOne();
			assertThat(application.deletes().from(view).where(Criteria.where("id").is(1)).preview().rows()).isZero();
		});
		for (String each : TABLES) {
			assertThat(application.liveIds(each)).as(each)
				.isEqualTo(each.equals(table) ? List.of(2L, 3L) : List.of(1L, 2L, 3L));
		}
		searching(path, () -> {
			assertThat(application.deletes().restoreFrom(view).byId(1).execute().rows()).isOne();
			assertThat(application.deletes().restoreFrom(view).byId(1).execute().rows()).isZero();
		});
		assertThat(application.liveIds(table)).containsExactly(1L, 2L, 3L);
	}

	@Test
	void whatIsPendingIsAskedForThroughTheView() {
		DeletionResult result = application.deletes().from("live_users").byIds(List.of(1, 2)).execute();
		assertThat(application.pending().page("live_users", null, 1000).purges())
			.filteredOn((purge) -> purge.operationId().equals(result.operationId()))
			.singleElement()
			.satisfies((purge) -> assertThat(purge.table()).isEqualTo("public.users"));
		assertThat(application.pending().forRow("live_users", 1)).isPresent();
		application.pending().pause("live_users");
		assertThat(application.purgeAfter(Duration.ofDays(2))).isZero();
		application.pending().resume("live_users");
		assertThat(application.purges().runDueAsOf(application.now().plus(Duration.ofDays(2))).rows())
			.isEqualTo(Map.of("public.users", 2L));
		assertThat(application.ids("users")).containsExactly(3L);
	}

	@Test
	void aClassThatIsMappedToTheViewMeansTheTable() {
		DeletionResult result = application.deletes().from(LiveOrder.class).byId(1L).execute();
		assertThat(result.mode()).isEqualTo(DeletionMode.SOFT);
		assertThat(application.liveIds("data.orders")).containsExactly(2L, 3L);
		assertThat(application.deletes().restoreFrom(LiveOrder.class).byIds(List.of(1L)).execute().rows()).isOne();
		assertThat(application.deletes().from(LiveOrder.class).byId(2L).hard().execute().rows()).isOne();
		assertThat(application.ids("data.orders")).containsExactly(1L, 3L);
	}

	@Test
	void aViewThatNoPolicyNamesIsRefused() {
		assertThatExceptionOfType(UnsupportedTableException.class)
			.isThrownBy(() -> application.deletes().from("other").all().execute())
			.withMessage(
					"public.other is a view. Name the table that holds the rows. The policy of that table may name the view as its live-view; then it stands for the table.");
	}

	@Test
	void aViewOfThatNameOverAnotherTableIsRefused() {
		assertThatExceptionOfType(UnsupportedTableException.class)
			.isThrownBy(() -> application.deletes().from("api.live_users").all().hard().execute())
			.withMessage(
					"api.live_users is named as the live view of table users, but does not select from it. Name the table that holds the rows, or let the view select from that table.");
		assertThat(application.ids("data.orders")).hasSize(3);
	}

	@Test
	void aScheduledTableHasNoAsynchronousDeleteThroughItsViewEither() {
		assertThatExceptionOfType(AsyncScheduledDeletionException.class)
			.isThrownBy(() -> application.deletes().from("live_users").all().executeAsync())
			.withMessageContaining("public.users");
		assertThat(application.liveIds("users")).hasSize(3);
	}

	@Test
	void aLiveViewThatIsNotThereIsCalledOne() {
		assertThatExceptionOfType(UnknownTableException.class)
			.isThrownBy(() -> application.deletes().from("data.live_users").all().execute())
			.withMessage(
					"There is no table live_users in schema data. It is named as the live view of table users: make that view, or name the table.");
	}

	@Test
	void theBaseOfANameIsTheTableBehindALiveViewElseTheName() {
		Catalog catalog = application.bean(DeletionEngine.class).catalog();
		assertThat(catalog.baseOf(TableName.parse("live_users"))).isEqualTo(new TableName("public", "users"));
		assertThat(catalog.baseOf(TableName.parse("api.orders"))).isEqualTo(new TableName("data", "orders"));
		assertThat(StatementRecorder
			.record(() -> assertThat(catalog.baseOf(TableName.parse("users"))).isEqualTo(TableName.parse("users"))))
			.isEmpty();
		searching("tenant_a", () -> assertThat(catalog.baseOf(TableName.parse("live_users")))
			.isEqualTo(new TableName("tenant_a", "users")));
	}

	@Test
	void aTableIsFoundInOneRoundTripAndALiveViewInTwo() {
		application.deletes().from("users").byId(1).execute();
		int ofTable = StatementRecorder.record(() -> application.deletes().from("users").byId(2).execute()).size();
		int ofView = StatementRecorder.record(() -> application.deletes().from("live_users").byId(3).execute()).size();
		assertThat(StatementRecorder
			.record(() -> application.bean(DeletionEngine.class).catalog().table(TableName.parse("users")))).hasSize(1);
		assertThat(ofView).isEqualTo(ofTable + 1);
	}

	private static void searching(String path, Runnable work) {
		application.transactions().executeWithoutResult((status) -> {
			application.jdbc().sql("SET LOCAL search_path TO " + path + ", public").update();
			work.run();
		});
	}

	@Table(schema = "api", name = "orders")
	record LiveOrder(@Id long id) {
	}

}
