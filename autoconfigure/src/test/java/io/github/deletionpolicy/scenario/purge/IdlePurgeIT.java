package io.github.deletionpolicy.scenario.purge;

import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import io.github.deletionpolicy.purge.PurgeReport;
import io.github.deletionpolicy.purge.Purger;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.scenario.LedgerRows;
import io.github.deletionpolicy.scenario.StatementRecorder;
import io.github.deletionpolicy.scenario.StatementRecorder.Recorded;
import io.github.deletionpolicy.support.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a tick costs when nothing is due: the same few pages, however much is pending,
 * stands in front without being purged, or has been purged while an old snapshot is open.
 * The ledger is filled by SQL, as deletes would do it.
 */
class IdlePurgeIT {

	/**
	 * An index is a page or two deeper in a big ledger.
	 */
	private static final long FEW_PAGES = 40;

	/**
	 * Once a minute a tick also looks at a thousand records, whether to forget them.
	 */
	private static final long PAGES_TO_FORGET = 12_000;

	private final TestDatabase database = TestDatabase.create();

	private Application application;

	@BeforeEach
	void start() {
		execute("CREATE TABLE users (id bigint PRIMARY KEY, legal_hold boolean, deletion_time timestamptz)");
		startAgain();
		for (String table : List.of("deletion_operation", "deletion_chunk")) {
			execute("ALTER TABLE %s SET (autovacuum_enabled = off)".formatted(table));
		}
	}

	@AfterEach
	void stop() {
		this.application.close();
	}

	@Test
	void aTickReadsTheSameFewPagesWithAThousandPendingRowsAMillionAndTenMillion() throws Exception {
		addDeletes(1, "30 days", 1, 1);
		Pages thousand = measureAfterRestart();
		addDeletes(2, "30 days", 1000, 1);
		Pages million = measureAfterRestart();
		addDeletes(3, "30 days", 10, 1000);
		Pages tenMillion = measureAfterRestart();
		for (Pages pages : List.of(thousand, million, tenMillion)) {
			assertThat(pages.fewest()).as("%s", pages).isLessThanOrEqualTo(FEW_PAGES);
			assertThat(pages.most()).as("%s", pages).isLessThanOrEqualTo(PAGES_TO_FORGET);
			assertThat(pages.fewest()).as("%s", pages).isLessThanOrEqualTo(thousand.fewest() + 10);
		}
	}

	@Test
	void entriesThatAreHeldOrFailedDoNotStandInTheWay() throws Exception {
		addDeletes(1, "30 days", 1, 1);
		addDeletes(2, "1 minute", 200, 1);
		execute("""
				UPDATE deletion_chunk SET next_attempt = clock_timestamp() + interval '1 hour', attempts = 7,
					state = CASE WHEN id % 2 = 0 THEN 'HELD' ELSE 'FAILED' END, last_error = 'in vain'
				WHERE next_attempt < clock_timestamp()""");
		execute("VACUUM deletion_chunk");
		Pages pages = measureAfterRestart();
		assertThat(pages.fewest()).as("%s", pages).isLessThanOrEqualTo(FEW_PAGES);
		assertThat(pages.most()).as("%s", pages).isLessThanOrEqualTo(PAGES_TO_FORGET);
	}

	/**
	 * The worker that put the entries off does not walk over their old places in the
	 * index again, before these are cleared away.
	 */
	@Test
	void entriesThatWereJustTriedInVainDoNotStandInTheWay() throws Exception {
		addDeletes(1, "30 days", 1, 1);
		addDueDeletesWithTheirRows(50);
		execute("UPDATE users SET legal_hold = true WHERE id % 2 = 0");
		execute("CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'");
		execute("CREATE TRIGGER keep BEFORE DELETE ON users FOR EACH ROW EXECUTE FUNCTION keep()");
		PurgeReport report = this.application.bean(Purger.class).purge();
		assertThat(report.held()).isEqualTo(25_000);
		assertThat(report.failed()).isEqualTo(25_000);
		Pages pages = measure();
		assertThat(pages.fewest()).as("%s", pages).isLessThanOrEqualTo(FEW_PAGES);
		assertThat(pages.most()).as("%s", pages).isLessThanOrEqualTo(PAGES_TO_FORGET);
	}

	/**
	 * The worker that removed the entries does not walk over them again, though they
	 * cannot be cleared away. It is the same worker: a new one may have to, once.
	 */
	@Test
	void anOldSnapshotThatOutlivesAHundredThousandPurgesDoesNotSlowATickDown() throws Exception {
		addDeletes(1, "30 days", 1, 1);
		addDueDeletesWithTheirRows(100);
		try (Connection reader = this.database.dataSource().getConnection();
				Statement statement = reader.createStatement()) {
			reader.setAutoCommit(false);
			reader.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
			statement.execute("SELECT count(*) FROM users");
			assertThat(purge()).isEqualTo(100_000);
			Pages pages = measure();
			assertThat(pages.fewest()).as("%s", pages).isLessThanOrEqualTo(FEW_PAGES);
			assertThat(pages.most()).as("%s", pages).isLessThanOrEqualTo(PAGES_TO_FORGET);
			reader.rollback();
		}
		assertThat(this.application.ids("users")).isEmpty();
	}

	/**
	 * After a restart the next tick also looks for records to forget.
	 */
	private Pages measureAfterRestart() throws Exception {
		this.application.close();
		startAgain();
		return measure();
	}

	/**
	 * Measure more ticks than look for records to forget.
	 */
	private Pages measure() throws Exception {
		execute("ANALYZE deletion_operation, deletion_chunk");
		List<Long> pages = new ArrayList<>();
		for (int tick = 0; tick < 7; tick++) {
			List<Recorded> statements = StatementRecorder.record(() -> assertThat(purge()).isZero());
			assertThat(statements).isNotEmpty();
			pages.add(StatementRecorder.pages(this.database.dataSource(), statements));
		}
		return new Pages(pages);
	}

	private long purge() {
		return this.application.bean(Purger.class).purge().total();
	}

	/**
	 * Record a thousand deletes of yesterday.
	 * @param wave makes tokens and keys differ
	 * @param delay after which they are due
	 * @param chunks chunks of each delete
	 * @param keyCount keys that each chunk says it has
	 */
	private void addDeletes(int wave, String delay, int chunks, int keyCount) {
		LedgerRows.addDeletes(this.database, wave * 1000L + 1, 1000, delay, chunks, keyCount);
	}

	private void addDueDeletesWithTheirRows(int chunks) {
		addDeletes(2, "1 minute", chunks, 1);
		execute("""
				INSERT INTO users SELECT k, false, o.token FROM deletion_operation o
				JOIN deletion_chunk c ON c.operation_id = o.id CROSS JOIN unnest(c.keys_bigint) k
				WHERE o.delay = interval '1 minute'""");
	}

	private void startAgain() {
		this.application = Application
			.of(this.database, "deletion-policy.tables.users.mode=scheduled", "deletion-policy.tables.users.delay=30d",
					"deletion-policy.tables.users.hold-condition=legal_hold", "deletion-policy.purge.retry-delay=1h",
					"deletion-policy.purge.max-runtime=10m")
			.with(StatementRecorder.Recording.class)
			.start();
	}

	private void execute(String sql) {
		this.database.jdbc().sql(sql).update();
	}

	/**
	 * Pages that ticks read, in their order.
	 */
	private record Pages(List<Long> ofTicks) {

		long fewest() {
			return Collections.min(this.ofTicks);
		}

		long most() {
			return Collections.max(this.ofTicks);
		}

	}

}
