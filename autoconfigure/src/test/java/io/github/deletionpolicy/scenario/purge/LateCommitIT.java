package io.github.deletionpolicy.scenario.purge;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.purge.Purger;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.scenario.TreeTables;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A run begins where the last one came to, and yet misses nothing that was due before and
 * is committed after.
 */
class LateCommitIT {

	@RegisterExtension
	private final Application application = Application.of("""
			CREATE TABLE users (id bigint PRIMARY KEY, deletion_time timestamptz);
			INSERT INTO users SELECT generate_series(1, 10)""", "deletion-policy.tables.users.mode=scheduled",
			"deletion-policy.tables.users.delay=0");

	@BeforeEach
	void start() {
		// Once a minute a run looks at everything; that is over with the first.
		assertThat(purge()).isZero();
	}

	@Test
	void aRowWhoseDeleteCommitsLateGoesWithTheNextRun() {
		this.application.transactions().executeWithoutResult((status) -> {
			delete(1);
			elsewhere(() -> {
				delete(2);
				assertThat(purge()).isOne();
				assertThat(purge()).isZero();
				assertThat(purge()).isZero();
			});
		});
		assertThat(purge()).isOne();
		assertThat(this.application.ids("users")).doesNotContain(1L, 2L).hasSize(8);
	}

	@Test
	void aRowWhosePurgeWasLockedOutGoesWithTheNextRunAfterThat() {
		delete(1);
		delete(2);
		this.application.transactions().executeWithoutResult((status) -> {
			this.application.jdbc()
				.sql("SELECT id FROM deletion_chunk ORDER BY id LIMIT 1 FOR UPDATE")
				.query(Long.class)
				.single();
			elsewhere(() -> {
				assertThat(purge()).isOne();
				assertThat(purge()).isZero();
			});
		});
		assertThat(purge()).isOne();
		assertThat(this.application.ids("users")).doesNotContain(1L, 2L).hasSize(8);
	}

	@Test
	void aRowThatIsMadeDueNowGoesWithTheNextRun() {
		delete(1);
		assertThat(purge()).isOne();
		assertThat(purge()).isZero();
		DeletionResult later = this.application.deletes().from("users").byId(2).scheduled(Duration.ofDays(1)).execute();
		assertThat(purge()).isZero();
		this.application.pending().purgeNow(later.operationId());
		assertThat(purge()).isOne();
	}

	private void delete(long id) {
		this.application.deletes().from("users").byId(id).execute();
	}

	private long purge() {
		return this.application.bean(Purger.class).purge().total();
	}

	private static void elsewhere(Runnable work) {
		CompletableFuture.runAsync(work, TreeTables.THREADS).join();
	}

}
