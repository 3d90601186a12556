package io.github.deletionpolicy.scenario.operations;

import java.util.List;

import javax.sql.DataSource;

import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.operator.Backlog;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.scenario.LedgerRows;
import io.github.deletionpolicy.scenario.StatementRecorder;
import io.github.deletionpolicy.scenario.StatementRecorder.Recorded;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What health and a scrape cost: two statements, and a bounded number of pages, however
 * much is pending and wherever the failed entries stand. A hundred thousand rows and a
 * million by default; {@code -Dtest.rows=10000000} for ten times as many. The ledger is
 * filled by SQL, as deletes of one row each would do it, which makes the most entries.
 */
class WatchingCostIT {

	private static final int ROWS = Integer.getInteger("test.rows", 1_000_000);

	/**
	 * Four counts and one of dependants; an entry may lie on its own page.
	 */
	private static final long MOST_PAGES = 5L * (Backlog.ENTRIES + 100);

	@RegisterExtension
	private final Application application = Application
		.of("CREATE TABLE users (id bigint PRIMARY KEY, deletion_time timestamptz)",
				"deletion-policy.tables.users.mode=scheduled", "deletion-policy.tables.users.delay=30d")
		.with(StatementRecorder.Recording.class);

	@Test
	void aReadingTouchesABoundedNumberOfPages() throws Exception {
		addDeletes(0, ROWS / 10);
		long few = measure();
		addDeletes(ROWS / 10, ROWS);
		long many = measure();
		assertThat(few).isLessThanOrEqualTo(MOST_PAGES);
		assertThat(many).as("few %d, many %d", few, many)
			.isLessThanOrEqualTo(Math.min(MOST_PAGES, few + few / 4 + 100));
	}

	@Test
	void failedEntriesAreFoundBehindAllOthers() throws Exception {
		addDeletes(0, ROWS / 10);
		this.application.sql("""
				UPDATE deletion_chunk SET state = CASE WHEN id % 2 = 0 THEN 'FAILED' ELSE 'BLOCKED' END
				WHERE next_attempt >= (SELECT max(next_attempt) FROM deletion_chunk) - interval '99 microseconds'""");
		measure();
		Backlog.TableBacklog users = backlog().read().tables().get(0);
		assertThat(users.failed()).isEqualTo(50);
		assertThat(users.blocked()).isEqualTo(50);
		assertThat(users.pending()).isEqualTo(Backlog.ENTRIES);
	}

	/**
	 * Two counts, and those that are named.
	 */
	@Test
	void asynchronousDeletesAreCountedUpToALimitToo() throws Exception {
		addAsyncDeletes(0, ROWS / 10);
		long few = measure();
		addAsyncDeletes(ROWS / 10, ROWS / 2);
		long many = measure();
		assertThat(few).isLessThanOrEqualTo(MOST_PAGES);
		assertThat(many).as("few %d, many %d", few, many)
			.isLessThanOrEqualTo(Math.min(MOST_PAGES, few + few / 4 + 100));
		Backlog.AsyncBacklog async = backlog().read().async();
		assertThat(async.open()).isEqualTo(Backlog.ENTRIES);
		assertThat(async.failed()).isEqualTo(Backlog.ENTRIES);
		assertThat(async.lastFailed()).hasSize(5);
		assertThat(async.waiting()).hasSize(5);
	}

	private void addAsyncDeletes(int from, int to) {
		this.application
			.sql("""
					INSERT INTO deletion_async (operation_id, format, table_id, mode, source, accepted_at, selection, takes_along,
						including_deleted, batch_size, pause_micros, key_columns, estimated_rows, state, next_attempt, ended_at)
					SELECT gen_random_uuid(), 1, l.id, 'HARD', 'CALL', n.at, '{true}', true, false, 1000, 0, '{id}', 1,
						(ARRAY['DONE', 'DONE', 'DONE', 'FAILED', 'RUNNING'])[n.n %% 5 + 1], n.at,
						CASE WHEN n.n %% 5 < 4 THEN n.at END
					FROM deletion_table l CROSS JOIN (
						SELECT n, now() - n * interval '1 second' AS at FROM generate_series(%d, %d) n) n"""
				.formatted(from + 1, to));
	}

	private long measure() throws Exception {
		this.application.sql("VACUUM ANALYZE deletion_operation, deletion_chunk, deletion_async");
		List<Recorded> statements = StatementRecorder.record(() -> assertThat(backlog().read().tables()).hasSize(1));
		assertThat(statements).hasSize(2);
		return StatementRecorder.pages(this.application.database().dataSource(), statements);
	}

	private Backlog backlog() {
		return new Backlog(new JdbcTemplate(this.application.bean(DataSource.class)),
				this.application.bean(LedgerTables.class));
	}

	private void addDeletes(int from, int to) {
		LedgerRows.addDeletes(this.application.database(), from + 1L, to - from, "30 days", 1, 1);
	}

}
