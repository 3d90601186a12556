package io.github.deletionpolicy.scenario;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import io.github.deletionpolicy.purge.PurgeReport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.dao.DataAccessException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A live row comes in below a tree in the middle of its purge: after the tree was looked
 * at, and after it was locked. The hold condition stops the purge there: it is evaluated
 * in each of the purge's statements.
 */
class TreeGuardIT {

	/**
	 * The purge stops in a statement that the table {@code stops} names while a session
	 * holds the advisory lock 4711, and holds 4712 as long as its transaction lasts.
	 */
	private static final String SCHEMA = """
			CREATE TABLE stops (here text);
			CREATE FUNCTION stop_here() RETURNS boolean LANGUAGE plpgsql STABLE AS '
			BEGIN
				IF EXISTS (SELECT FROM stops WHERE current_query() LIKE here) THEN
					PERFORM pg_advisory_xact_lock_shared(4712);
					WHILE EXISTS (SELECT FROM pg_locks WHERE locktype = ''advisory'' AND objid = 4711 AND granted) LOOP
						PERFORM pg_sleep(0.01);
					END LOOP;
				END IF;
				RETURN false;
			END';
			CREATE TABLE customers (id bigint PRIMARY KEY, deletion_time timestamptz);
			CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers ON DELETE CASCADE,
				payer_id bigint REFERENCES customers ON DELETE CASCADE, deletion_time timestamptz);
			CREATE TABLE parcels (id bigint PRIMARY KEY, order_id bigint REFERENCES orders ON DELETE CASCADE);
			CREATE TABLE labels (id bigint PRIMARY KEY, parcel_id bigint REFERENCES parcels ON DELETE CASCADE,
				deletion_time timestamptz)""";

	private static TreeTables tables;

	@BeforeAll
	static void start() {
		tables = TreeTables.start(SCHEMA, "deletion-policy.tables.customers.mode=scheduled",
				"deletion-policy.tables.customers.delay=0", "deletion-policy.tables.orders.mode=scheduled",
				"deletion-policy.tables.orders.delay=0", "deletion-policy.tables.orders.hold-condition=stop_here()");
	}

	@AfterAll
	static void stop() {
		tables.close();
	}

	@BeforeEach
	void threeCustomers() {
		tables.reset();
		tables.sql("""
				INSERT INTO customers SELECT generate_series(1, 3);
				INSERT INTO orders SELECT id, id FROM customers;
				INSERT INTO parcels SELECT id, id FROM orders;
				INSERT INTO labels SELECT id, id FROM parcels""");
		tables.deletes().from("customers").all().execute();
	}

	@Test
	void aRowThatComesInAfterTheTreeWasLookedAtIsSeen() {
		assertThat(insertWhilePurgeIsIn("SELECT %FOR UPDATE%", 2, true)).isTrue();
		assertThat(tables.rows("customers")).isEqualTo("(2)");
		assertThat(tables.rows("labels")).isEqualTo("(2) 22");
	}

	@Test
	void aRowThatComesInAfterTheTreeWasLockedWaitsAndIsRefused() {
		assertThat(insertWhilePurgeIsIn("%DELETE FROM%", 2, false)).isFalse();
		assertThat(tables.rows("customers")).isEmpty();
		assertThat(tables.rows("labels")).isEmpty();
	}

	/**
	 * The order belongs to two customers whose deletes are two operations, and both go in
	 * one batch: the one before it has no orders, and says how many fit.
	 */
	@Test
	void aRowThatComesInBelowARowOfTwoTreesKeepsBoth() {
		tables.reset();
		tables.sql("""
				INSERT INTO customers SELECT generate_series(1, 3);
				INSERT INTO orders VALUES (12, 1, 2);
				INSERT INTO parcels VALUES (12, 12)""");
		for (int customer = 3; customer >= 1; customer--) {
			tables.deletes().from("customers").byId(customer).execute();
		}
		assertThat(insertWhilePurgeIsIn("SELECT %FOR UPDATE%", 12, true)).isTrue();
		assertThat(tables.rows("customers")).isEqualTo("(1) (2)");
		assertThat(tables.rows("labels")).isEqualTo("22");
	}

	/**
	 * Insert a label while the purge is in a statement.
	 * @param statement what the statement is like
	 * @param parcel the parcel that it is for
	 * @param atOnce whether the insert shall be over before the purge goes on; else it
	 * waits for the purge, or is over
	 * @return whether the label came in
	 */
	private static boolean insertWhilePurgeIsIn(String statement, int parcel, boolean atOnce) {
		CompletableFuture<PurgeReport> purge = new CompletableFuture<>();
		CompletableFuture<Boolean> insert = new CompletableFuture<>();
		tables.application().transactions().executeWithoutResult((status) -> {
			tables.application().jdbc().sql("SELECT pg_advisory_xact_lock(4711)").query((rs) -> {
			});
			tables.sql("INSERT INTO stops VALUES ('%s')".formatted(statement));
			purge.completeAsync(() -> tables.application().purges().runDue(), TreeTables.THREADS);
			awaitLock("locktype = 'advisory' AND objid = 4712");
			insert.completeAsync(() -> insertLabel(parcel), TreeTables.THREADS);
			if (atOnce) {
				insert.join();
			}
			else {
				Awaitility.await()
					.atMost(Duration.ofSeconds(20))
					.until(() -> insert.isDone()
							|| tables.number("SELECT count(*) FROM pg_locks WHERE NOT granted") > 0);
			}
		});
		purge.join();
		return insert.join();
	}

	private static void awaitLock(String condition) {
		Awaitility.await()
			.atMost(Duration.ofSeconds(20))
			.until(() -> tables.number("SELECT count(*) FROM pg_locks WHERE " + condition) > 0);
	}

	private static boolean insertLabel(int parcel) {
		try {
			tables.sql("INSERT INTO labels VALUES (22, %d)".formatted(parcel));
			return true;
		}
		catch (DataAccessException ex) {
			return false;
		}
	}

}
