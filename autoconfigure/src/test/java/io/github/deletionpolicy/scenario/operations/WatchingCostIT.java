package io.github.deletionpolicy.scenario.operations;

import java.util.List;

import javax.sql.DataSource;

import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.operator.Backlog;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.scenario.StatementRecorder;
import io.github.deletionpolicy.scenario.StatementRecorder.Recorded;
import io.github.deletionpolicy.support.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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
	 * Four counts and one of dependants; an entry may lie on a page of its own.
	 */
	private static final long MOST_PAGES = 5L * (Backlog.ENTRIES + 100);

	private final TestDatabase database = TestDatabase.create();

	private Application application;

	@BeforeEach
	void start() {
		execute("CREATE TABLE users (id bigint PRIMARY KEY, deletion_time timestamptz)");
		this.application = Application.start(this.database, new Class<?>[] { StatementRecorder.Wiretap.class },
				"deletion-policy.tables.users.mode=scheduled", "deletion-policy.tables.users.delay=30d");
	}

	@AfterEach
	void stop() {
		this.application.close();
	}

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
		execute("""
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
		execute("""
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
		execute("VACUUM ANALYZE deletion_operation, deletion_chunk, deletion_async");
		List<Recorded> statements = StatementRecorder.record(() -> assertThat(backlog().read().tables()).hasSize(1));
		assertThat(statements).hasSize(2);
		return StatementRecorder.pages(this.database.dataSource(), statements);
	}

	private Backlog backlog() {
		return new Backlog(new JdbcTemplate(this.application.bean(DataSource.class)),
				this.application.bean(LedgerTables.class));
	}

	private void addDeletes(int from, int to) {
		execute("""
				WITH t AS MATERIALIZED (
					SELECT n, gen_random_uuid() AS id, l.id AS table_id,
						date_trunc('day', now()) + n * interval '1 microsecond' AS token
					FROM deletion_table l CROSS JOIN generate_series(%d, %d) n),
				o AS (
					INSERT INTO deletion_operation (id, token, purge_at, table_id, format, mode, source, delay)
					SELECT id, token, token + interval '30 days', table_id, 1, 'SCHEDULED', 'TABLE', interval '30 days' FROM t)
				INSERT INTO deletion_chunk (operation_id, next_attempt, table_id, key_count, keys_bigint)
				SELECT id, token + interval '30 days', table_id, 1, ARRAY[CAST(n AS bigint)] FROM t
				"""
			.formatted(from + 1, to));
	}

	private void execute(String sql) {
		this.database.jdbc().sql(sql).update();
	}

}
