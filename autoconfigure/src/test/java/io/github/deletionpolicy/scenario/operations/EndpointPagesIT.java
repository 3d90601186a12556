package io.github.deletionpolicy.scenario.operations;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.engine.DeletionEngine;
import io.github.deletionpolicy.operator.RecordedOperations;
import io.github.deletionpolicy.operator.RowDiagnosis;
import io.github.deletionpolicy.operator.RowStatus;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.scenario.LedgerRows;
import io.github.deletionpolicy.scenario.StatementRecorder;
import io.github.deletionpolicy.scenario.StatementRecorder.Recorded;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the endpoint's reads cost: a limited number of pages, however much is pending. The
 * ledger is filled by SQL, as deletes would do it: {@code -Dtest.rows=10000000} for more
 * than the million rows of a build.
 */
class EndpointPagesIT {

	private static final int ROWS = Integer.getInteger("test.rows", 1_000_000);

	/**
	 * Ten thousand entries of a table are counted, each once in the index and once in the
	 * table, and a thousand chunks of a thousand keys are looked through.
	 */
	private static final long LIMIT = 12_000;

	@RegisterExtension
	private final Application application = Application
		.of("CREATE TABLE users (id bigint PRIMARY KEY, deletion_time timestamptz)",
				"deletion-policy.tables.users.mode=scheduled", "deletion-policy.tables.users.delay=30d")
		.with(StatementRecorder.Recording.class);

	@Test
	void oneOperationWithAllRows() throws Exception {
		UUID operation = addOperation(1, ROWS / 1000, 1000);
		check(operation, 1, ROWS / 1000 * 1000L);
	}

	@Test
	void manyOperationsOfOneRowEach() throws Exception {
		addOperations(2, ROWS);
		check(operationOf(2), 2_000_000_000L + 1, 2_000_000_000L + ROWS);
	}

	@Test
	void heldAndFailedEntriesInFront() throws Exception {
		addOperations(2, 200_000);
		this.application.sql("""
				UPDATE deletion_chunk SET attempts = 7, next_attempt = next_attempt - interval '30 days',
					state = CASE WHEN id % 2 = 0 THEN 'HELD' ELSE 'FAILED' END, last_error = 'in vain'""");
		this.application.sql("VACUUM deletion_chunk");
		UUID operation = addOperation(1, ROWS / 1000, 1000);
		check(operation, 1, 2_000_000_001L);
	}

	private void check(UUID operation, long key, long otherKey) throws Exception {
		this.application.sql("ANALYZE deletion_operation, deletion_chunk, users");
		PendingPurges pending = this.application.pending();
		String next = pending.page("users", null, 1000).next();
		RowDiagnosis inquiry = this.application.bean(DeletionEngine.class).diagnosis();
		RecordedOperations operations = this.application.bean(DeletionEngine.class).operations();
		Map<String, Runnable> reads = new LinkedHashMap<>();
		reads.put("summary", pending::summary);
		reads.put("page", () -> pending.page("users", null, 1000));
		reads.put("next page", () -> pending.page("users", next, 1000));
		reads.put("operation", () -> assertThat(operations.find(operation)).isPresent());
		reads.put("chunks", () -> operations.chunks(operation, null, 100));
		reads.put("row", () -> assertThat(inquiry.ask("users", key).operationId()).isNotNull());
		reads.put("another row", () -> assertThat(inquiry.ask("users", otherKey).operationId()).isNotNull());
		reads.put("no row", () -> assertThat(inquiry.ask("users", -1L).reason()).isEqualTo(RowStatus.Reason.UNKNOWN));
		Map<String, Long> pages = new LinkedHashMap<>();
		for (Map.Entry<String, Runnable> read : reads.entrySet()) {
			read.getValue().run();
			List<Recorded> statements = StatementRecorder.record(read.getValue());
			assertThat(statements).isNotEmpty();
			pages.put(read.getKey(), StatementRecorder.pages(this.application.database().dataSource(),
					statements.stream().filter((statement) -> !statement.sql().startsWith("SHOW")).toList()));
		}
		assertThat(pages).allSatisfy((read, count) -> assertThat(count).as("%s", pages).isLessThanOrEqualTo(LIMIT));
	}

	private UUID operationOf(int wave) {
		return this.application.jdbc()
			.sql("SELECT operation_id FROM deletion_chunk WHERE keys_bigint = ARRAY[CAST(? AS bigint)] LIMIT 1")
			.param(wave * 1_000_000_000L + 1)
			.query(UUID.class)
			.single();
	}

	private UUID addOperation(int wave, int chunks, int keyCount) {
		UUID operation = UUID.randomUUID();
		this.application.sql("""
				WITH o AS (
					INSERT INTO deletion_operation (id, token, purge_at, table_id, format, mode, source, delay)
					SELECT '%1$s', t, t + interval '30 days', l.id, 1, 'SCHEDULED', 'TABLE', interval '30 days'
					FROM deletion_table l CROSS JOIN LATERAL (
						SELECT date_trunc('day', now()) - interval '1 day' + %2$d * interval '1 hour' AS t) t
					RETURNING *)
				INSERT INTO deletion_chunk (operation_id, next_attempt, table_id, key_count, keys_bigint)
				SELECT o.id, o.purge_at, o.table_id, %4$d, ARRAY(SELECT generate_series((c - 1) * %4$d + 1, c * %4$d))
				FROM o CROSS JOIN generate_series(CAST(1 AS bigint), %3$d) c""".formatted(operation, wave, chunks,
				keyCount));
		this.application.sql("""
				INSERT INTO users SELECT k, o.token FROM deletion_operation o, unnest(ARRAY[1, CAST(%d AS bigint)]) k
				WHERE o.id = '%s'""".formatted((long) chunks * keyCount, operation));
		return operation;
	}

	private void addOperations(int wave, int count) {
		long from = wave * 1_000_000_000L + 1;
		LedgerRows.addDeletes(this.application.database(), from, count, "30 days", 1, 1);
		this.application
			.sql("""
					INSERT INTO users SELECT keys_bigint[1], token FROM deletion_chunk c JOIN deletion_operation o ON o.id = c.operation_id
					WHERE keys_bigint[1] IN (%d, %d)"""
				.formatted(from, from + count - 1));
	}

}
