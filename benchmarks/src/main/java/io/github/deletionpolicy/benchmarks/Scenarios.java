package io.github.deletionpolicy.benchmarks;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;

import io.github.deletionpolicy.DeleteTemplate;
import io.github.deletionpolicy.test.PurgeRunner;

import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The scenarios. Raw SQL and product take turns on a fresh table, so that neither has the
 * quieter machine or the warmer cache.
 */
class Scenarios {

	private static final int BATCH = 1000;

	private final JdbcClient jdbc;

	private final TransactionTemplate transactions;

	private final DeleteTemplate deletes;

	private final PurgeRunner purges;

	private final int rows;

	Scenarios(ApplicationContext context, int rows) {
		this.jdbc = context.getBean(JdbcClient.class);
		this.transactions = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
		this.deletes = context.getBean(DeleteTemplate.class);
		this.purges = context.getBean(PurgeRunner.class);
		this.rows = rows;
	}

	List<Measurement> run(int repetitions) {
		int single = Math.max(1, this.rows / 5);
		return List.of(measure("scheduled delete of all rows in one call", 0.90, repetitions, this.rows, () -> {
		}, this::rawStamp, () -> this.deletes.from("users").all().execute()),
				measure("scheduled delete of one row, 1 connection", 0.85, repetitions, single, () -> {
				}, () -> each(single, this::rawStampOne),
						() -> each(single, (id) -> this.deletes.from("users").byId(id).execute())),
				measure("purge, rows deleted in bulk", 0.90, repetitions, this.rows,
						() -> this.deletes.from("users").all().execute(), this::rawPurgeBulk, this::purge),
				measure("purge, rows deleted one by one", 0.80, repetitions, single,
						() -> each(single, (id) -> this.deletes.from("users").byId(id).execute()),
						() -> rawPurgeSingle(single), this::purge));
	}

	String settings() {
		return this.jdbc.sql("""
				SELECT 'PostgreSQL ' || current_setting('server_version') || ', fsync ' || current_setting('fsync')
				|| ', synchronous_commit ' || current_setting('synchronous_commit')""").query(String.class).single();
	}

	private Measurement measure(String scenario, double aim, int repetitions, int count, Runnable prepare, Runnable raw,
			Runnable product) {
		List<Double> ofRaw = new ArrayList<>();
		List<Double> ofProduct = new ArrayList<>();
		for (int i = 0; i <= repetitions; i++) {
			double rawRate = rate(count, prepare, raw);
			double productRate = rate(count, prepare, product);
			// The first round warms up.
			if (i > 0) {
				ofRaw.add(rawRate);
				ofProduct.add(productRate);
			}
		}
		return new Measurement(scenario, median(ofRaw), median(ofProduct), aim);
	}

	private double rate(int count, Runnable prepare, Runnable work) {
		freshTable();
		prepare.run();
		this.jdbc.sql("VACUUM ANALYZE users, deletion_operation, deletion_chunk").update();
		this.jdbc.sql("CHECKPOINT").update();
		long start = System.nanoTime();
		work.run();
		return count / ((System.nanoTime() - start) / 1e9);
	}

	private void freshTable() {
		this.jdbc.sql("DROP TABLE IF EXISTS users").update();
		this.jdbc.sql("TRUNCATE deletion_operation, deletion_chunk").update();
		this.jdbc.sql("""
				CREATE TABLE users (id bigserial PRIMARY KEY, slug text UNIQUE, payload text, deletion_time timestamptz)
				""").update();
		this.jdbc.sql("""
				INSERT INTO users (slug, payload) SELECT 'user-' || n, repeat('x', 100) FROM generate_series(1, ?) n
				""").param(this.rows).update();
	}

	private void rawStamp() {
		this.transactions.executeWithoutResult((status) -> this.jdbc.sql("""
				UPDATE users SET deletion_time = (SELECT clock_timestamp()) WHERE deletion_time IS NULL""").update());
	}

	private void rawStampOne(long id) {
		this.transactions.executeWithoutResult((status) -> this.jdbc
			.sql("UPDATE users SET deletion_time = clock_timestamp() WHERE id = ? AND deletion_time IS NULL")
			.param(id)
			.update());
	}

	private void rawPurgeBulk() {
		OffsetDateTime token = this.jdbc.sql("SELECT min(deletion_time) FROM users")
			.query(OffsetDateTime.class)
			.single();
		for (long from = 1; from <= this.rows; from += BATCH) {
			Long[] ids = ids(from, Math.min(this.rows, from + BATCH - 1));
			this.transactions.executeWithoutResult(
					(status) -> this.jdbc.sql("DELETE FROM users WHERE id = ANY(?) AND deletion_time = ?")
						.param(ids)
						.param(token)
						.update());
		}
	}

	private void rawPurgeSingle(int count) {
		String[] tokens = this.jdbc.sql("SELECT deletion_time::text FROM users WHERE id <= ? ORDER BY id")
			.param(count)
			.query(String.class)
			.list()
			.toArray(String[]::new);
		for (int from = 0; from < count; from += BATCH) {
			int to = Math.min(count, from + BATCH);
			Long[] ids = ids(from + 1L, to);
			String[] part = Arrays.copyOfRange(tokens, from, to);
			this.transactions.executeWithoutResult((status) -> this.jdbc.sql("""
					DELETE FROM users USING unnest(?, CAST(? AS timestamptz[])) AS d (id, token)
					WHERE users.id = d.id AND users.deletion_time = d.token""").param(ids).param(part).update());
		}
	}

	private void purge() {
		this.purges.runDueAsOf(Instant.now().plus(Duration.ofDays(31)));
	}

	private static void each(int count, LongConsumer work) {
		for (long id = 1; id <= count; id++) {
			work.accept(id);
		}
	}

	private static Long[] ids(long from, long to) {
		return LongStream.rangeClosed(from, to).boxed().toArray(Long[]::new);
	}

	private static double median(List<Double> values) {
		return values.stream().sorted().toList().get(values.size() / 2);
	}

}
