package io.github.deletionpolicy.scenario.trees;

import java.time.Duration;
import java.time.Instant;

import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.PendingPurges.State;
import io.github.deletionpolicy.RestoreConflictException;
import io.github.deletionpolicy.scenario.TreeTables;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * An application that marks trees by itself gives one time to a root and all below it.
 * What is taken over of a tree goes by its own record only. Customer 2 has the orders 21
 * and 22, and each order a parcel and a label of the same number.
 */
class AdoptedTreesIT {

	private static final Instant LONG_AGO = Instant.parse("2000-01-01T00:00:00Z");

	private static final Duration DUE = Duration.ofDays(31);

	@RegisterExtension
	private static final TreeTables shop = TreeTables.shop("""
			CREATE TABLE folders (id bigint PRIMARY KEY, parent bigint REFERENCES folders ON DELETE CASCADE,
				deletion_time timestamptz);
			CREATE INDEX ON folders (parent)""", "deletion-policy.tables.labels.mode=scheduled",
			"deletion-policy.tables.labels.delay=90d", "deletion-policy.tables.folders.mode=scheduled",
			"deletion-policy.tables.folders.delay=30d");

	@BeforeEach
	void reset() {
		shop.resetToFourCustomers();
	}

	@Test
	void aTreeGoesWhenAllOfItWasTakenOverAndIsDue() {
		mark("2");
		assertThat(adopt("customers")).isOne();
		assertThat(adopt("orders")).isEqualTo(2);
		assertThat(adopt("labels")).isEqualTo(2);
		shop.purgeAfter(DUE);
		assertThat(shop.rows("customers")).contains("(2)");
		assertThat(shop.rows("labels")).contains("(21)", "(22)");
		assertThat(shop.state("customers", 2)).isEqualTo(State.BLOCKED);
		shop.purgeAfter(Duration.ofDays(92));
		assertThat(shop.rows("customers")).isEqualTo("1 3 4");
		assertThat(shop.rows("orders")).isEqualTo("11 12 31 32 41 42");
		assertThat(shop.rows("labels")).isEqualTo("11 12 31 32 41 42");
		assertThat(shop.application().chunks()).isZero();
	}

	@Test
	void dependantsOfTheSameTimeThatNobodyTookOverKeepTheirRoot() {
		mark("2");
		assertThat(adopt("customers")).isOne();
		shop.purgeAfter(DUE);
		assertThat(shop.rows("customers")).isEqualTo("1 (2) 3 4");
		assertThat(shop.state("customers", 2)).isEqualTo(State.BLOCKED);
		assertThat(shop.application().pending().forRow("customers", 2).orElseThrow().lastError())
			.contains("public.orders", "deleted by another call");
	}

	@Test
	void aDependantOfTheSameTimeWhosePurgeWasCancelledKeepsItsRoot() {
		mark("2");
		sql("UPDATE labels SET deletion_time = NULL");
		sql("DELETE FROM labels WHERE id IN (21, 22)");
		adopt("customers");
		adopt("orders");
		shop.application()
			.pending()
			.cancel(shop.application().pending().forRow("orders", 21).orElseThrow().operationId());
		shop.purgeAfter(DUE);
		assertThat(shop.rows("customers")).isEqualTo("1 (2) 3 4");
		assertThat(shop.rows("orders")).contains("(21)", "(22)");
	}

	@Test
	void aDependantBelowALiveRootGoesAlone() {
		mark("2");
		sql("UPDATE customers SET deletion_time = NULL");
		sql("UPDATE labels SET deletion_time = NULL WHERE id = 22");
		adopt("orders");
		sql("DELETE FROM labels WHERE id = 21");
		shop.purgeAfter(DUE);
		assertThat(shop.rows("customers")).isEqualTo("1 2 3 4");
		assertThat(shop.rows("orders")).isEqualTo("11 12 (22) 31 32 41 42");
		assertThat(shop.rows("labels")).contains("22");
	}

	@Test
	void aHeldDependantKeepsItsRoot() {
		mark("2");
		sql("DELETE FROM labels");
		sql("UPDATE orders SET legal_hold = true WHERE id = 21");
		adopt("customers");
		adopt("orders");
		shop.purgeAfter(DUE);
		assertThat(shop.rows("customers")).isEqualTo("1 (2) 3 4");
		assertThat(shop.rows("orders")).contains("(21)");
	}

	@Test
	void dependantsThatALibraryDeleteTookAlongAreNotTakenOver() {
		DeletionResult result = shop.deletes().from("customers").byId(2).execute();
		assertThat(result.cascaded()).isNotEmpty();
		assertThat(adopt("orders")).isZero();
		assertThat(adopt("labels")).isZero();
		shop.purgeAfter(DUE);
		assertThat(shop.rows("customers")).isEqualTo("1 3 4");
	}

	@Test
	void aRowThatWasGivenTheTimeOfADeletedParentKeepsItOnceItsOwnPurgeIsCancelled() {
		sql("DELETE FROM orders WHERE customer_id = 2");
		shop.deletes().from("customers").byId(2).execute();
		sql("INSERT INTO orders SELECT 25, 2, 'late', NULL, deletion_time FROM customers WHERE id = 2");
		adopt("orders");
		shop.application()
			.pending()
			.cancel(shop.application().pending().forRow("orders", 25).orElseThrow().operationId());
		shop.purgeAfter(DUE);
		assertThat(shop.rows("customers")).isEqualTo("1 (2) 3 4");
		assertThat(shop.rows("orders")).contains("(25)");
	}

	@Test
	void aRootAndItsDependantsOfOneTableGoTogether() {
		sql("INSERT INTO folders SELECT g, nullif(g / 2, 0), '2020-05-05 10:00:00+00' FROM generate_series(1, 15) g");
		assertThat(adopt("folders")).isEqualTo(15);
		shop.purgeAfter(DUE);
		assertThat(shop.rows("folders")).isEmpty();
		assertThat(shop.application().chunks()).isZero();
	}

	@Test
	void aTreeBiggerThanABatchGoesInSeveral() {
		sql("INSERT INTO folders SELECT g, nullif(g / 2, 0), '2020-05-05 10:00:00+00' FROM generate_series(1, 5000) g");
		assertThat(adopt("folders")).isEqualTo(5000);
		shop.purgeAfter(DUE);
		assertThat(shop.rows("folders")).isEmpty();
	}

	@Test
	void aRestoreByRowBringsBackWhatHasTheSameTimeAndStrikesItsRecordToo() {
		mark("2");
		String time = shop.text("SELECT CAST(deletion_time AS text) FROM customers WHERE id = 2");
		adopt("customers");
		adopt("orders");
		adopt("labels");
		assertThat(shop.deletes().restoreFrom("customers").byId(2).execute().rows()).isOne();
		assertThat(shop.shopRows()).containsExactly("1 2 3 4", "11 12 21 22 31 32 41 42", "11 12 21 22 31 32 41 42",
				"11 12 21 22 31 32 41 42");
		assertThat(shop.application().chunks()).isZero();
		sql("UPDATE orders SET deletion_time = '%s' WHERE id = 21".formatted(time));
		shop.purgeAfter(Duration.ofDays(365));
		assertThat(shop.rows("orders")).contains("(21)");
	}

	@Test
	void aRestoreOfWhatWasTakenOverIsThatOfItsRowsOnly() {
		mark("2");
		adopt("customers");
		adopt("orders");
		assertThatExceptionOfType(RestoreConflictException.class).isThrownBy(() -> shop.deletes()
			.restore(shop.application().pending().forRow("orders", 21).orElseThrow().operationId()));
		assertThat(shop.deletes()
			.restore(shop.application().pending().forRow("customers", 2).orElseThrow().operationId())
			.rows()).isOne();
		assertThat(shop.rows("customers")).isEqualTo("1 2 3 4");
		assertThat(shop.rows("orders")).contains("(21)", "(22)");
	}

	private static void mark(String customer) {
		sql("UPDATE labels SET deletion_time = '2020-05-05 10:00:00+00' WHERE id / 10 = " + customer);
		sql("UPDATE orders SET deletion_time = '2020-05-05 10:00:00+00' WHERE customer_id = " + customer);
		sql("UPDATE customers SET deletion_time = '2020-05-05 10:00:00+00' WHERE id = " + customer);
	}

	private static long adopt(String table) {
		return shop.application().pending().adopt(table, LONG_AGO);
	}

	private static void sql(String statement) {
		shop.sql(statement);
	}

}
