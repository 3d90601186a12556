package io.github.deletionpolicy.scenario;

import java.time.Duration;
import java.util.List;

import io.github.deletionpolicy.DeletionResult;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * One scenario for each of the flows, on a real PostgreSQL, to notice in the {@code test}
 * phase that one of them is broken. Everything else is in the rooms beside this class.
 */
class SmokeTests {

	@RegisterExtension
	private static final TreeTables shop = TreeTables.shop();

	@BeforeEach
	void fourCustomers() {
		shop.resetToFourCustomers();
	}

	@Test
	void aHardDeleteRemovesTheRowAndWhatBelongsToIt() {
		shop.execute(shop.deletes().from("customers").byId(1).hard());
		assertThat(shop.shopRows()).containsExactly("2 3 4", "21 22 31 32 41 42", "21 22 31 32 41 42",
				"21 22 31 32 41 42");
	}

	@Test
	void aScheduledDeleteMarksTheTreeAndItsPurgeRemovesItWhenItIsDue() {
		DeletionResult deleted = shop.execute(shop.deletes().from("customers").byId(2));
		assertThat(deleted.purgeAt()).isEqualTo(deleted.deletionTime().plus(Duration.ofDays(30)));
		assertThat(shop.shopRows()).containsExactly("1 (2) 3 4", "11 12 (21) (22) 31 32 41 42",
				"11 12 21 22 31 32 41 42", "11 12 (21) (22) 31 32 41 42");
		assertThat(shop.purgeAfter(Duration.ofDays(29)).total()).isZero();
		assertThat(shop.purgeAfter(Duration.ofDays(31)).total()).isEqualTo(5);
		assertThat(shop.shopRows()).containsExactly("1 3 4", "11 12 31 32 41 42", "11 12 31 32 41 42",
				"11 12 31 32 41 42");
	}

	@Test
	void aSingleRowIsPurgedAndOneThatIsHeldStays() {
		shop.execute(shop.deletes().from("orders").byIds(List.of(11, 12)));
		shop.sql("UPDATE orders SET legal_hold = true WHERE id = 12");
		shop.purgeAfter(Duration.ofDays(31));
		assertThat(shop.rows("orders")).isEqualTo("(12) 21 22 31 32 41 42");
	}

	@Test
	void aRestoreBringsTheTreeBackAndNothingIsPurged() {
		List<String> before = shop.shopRows();
		DeletionResult deleted = shop.execute(shop.deletes().from("customers").byId(3));
		assertThat(shop.shopRows()).isNotEqualTo(before);
		assertThat(shop.application().deletes().restore(deleted.operationId()).rows()).isOne();
		assertThat(shop.shopRows()).isEqualTo(before);
		assertThat(shop.purgeAfter(Duration.ofDays(31)).total()).isZero();
	}

}
