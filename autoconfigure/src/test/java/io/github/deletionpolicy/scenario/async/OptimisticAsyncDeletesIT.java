package io.github.deletionpolicy.scenario.async;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

import io.github.deletionpolicy.AsyncDeletion;
import io.github.deletionpolicy.AsyncOptions;
import io.github.deletionpolicy.AsyncProgress;
import io.github.deletionpolicy.AsyncProgress.State;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.scenario.TreeTables;
import io.github.deletionpolicy.support.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.data.relational.core.query.Criteria;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Where nobody listens, batches of an asynchronous hard delete go in one round trip as
 * long as nothing is in their way. What they remove is the same.
 */
class OptimisticAsyncDeletesIT {

	@RegisterExtension
	private static final Application application = Application.of("""
			CREATE TABLE logs (id bigint PRIMARY KEY, level text);
			CREATE TABLE pairs (tenant text, nr integer, level text, PRIMARY KEY (tenant, nr));
			CREATE TABLE tokens (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), level text)""",
			"deletion-policy.purge.retry-delay=10m");

	@BeforeEach
	void thousandRows() {
		application.jdbc().sql("TRUNCATE logs, pairs, tokens, deletion_async").update();
		for (String insert : List.of("logs SELECT g", "pairs SELECT 't' || g % 3, g",
				"tokens SELECT gen_random_uuid()")) {
			application.jdbc()
				.sql("INSERT INTO %s, CASE WHEN g %% 2 = 0 THEN 'debug' ELSE 'info' END FROM generate_series(1, 1000) g"
					.formatted(insert))
				.update();
		}
	}

	@ParameterizedTest
	@CsvSource({ "logs, 100", "logs, 1", "pairs, 100", "pairs, 7", "tokens, 100", "tokens, 1000" })
	void allRowsGo(String table, int batchSize) {
		AsyncDeletion deletion = application.deletes()
			.from(table)
			.all()
			.executeAsync(new AsyncOptions(batchSize, Duration.ZERO));
		application.purges().runDue();
		assertThat(deletion.progress()).isEqualTo(new AsyncProgress(State.DONE, 1000, 0, 1));
		assertThat(count("SELECT count(*) FROM " + table)).isZero();
	}

	@ParameterizedTest
	@CsvSource({ "logs, 100", "logs, 1", "pairs, 100", "pairs, 7", "tokens, 100", "tokens, 1000" })
	void matchingRowsGo(String table, int batchSize) {
		AsyncDeletion deletion = application.deletes()
			.from(table)
			.where(Criteria.where("level").is("debug"))
			.executeAsync(new AsyncOptions(batchSize, Duration.ZERO));
		application.purges().runDue();
		assertThat(deletion.progress()).isEqualTo(new AsyncProgress(State.DONE, 500, 0, 1));
		assertThat(application.jdbc().sql("SELECT DISTINCT level FROM " + table).query(String.class).list())
			.containsExactly("info");
	}

	/**
	 * The walk and its progress are told by the triggers: no transaction removes more
	 * than a batch, and keys only go up.
	 */
	@Test
	void noBatchIsBiggerThanWasAskedFor() {
		for (String statement : List.of("CREATE TABLE seen (id bigint, tx xid8 DEFAULT pg_current_xact_id())",
				"CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO seen VALUES (OLD.id); RETURN OLD; END'",
				"CREATE TRIGGER see AFTER DELETE ON logs FOR EACH ROW EXECUTE FUNCTION see()")) {
			application.jdbc().sql(statement).update();
		}
		application.deletes()
			.from("logs")
			.where(Criteria.where("level").is("debug"))
			.executeAsync(new AsyncOptions(30, Duration.ZERO));
		application.purges().runDue();
		List<Long> sizes = application.jdbc()
			.sql("SELECT count(*) FROM seen GROUP BY tx ORDER BY min(id)")
			.query(Long.class)
			.list();
		long disorder = count(
				"SELECT count(*) FROM (SELECT min(id) AS low, lag(max(id)) OVER (ORDER BY tx) AS before FROM seen GROUP BY tx) s WHERE low <= before");
		for (String statement : List.of("DROP TRIGGER see ON logs", "DROP FUNCTION see()", "DROP TABLE seen")) {
			application.jdbc().sql(statement).update();
		}
		assertThat(sizes.stream().mapToLong(Long::longValue).sum()).isEqualTo(500);
		assertThat(sizes).hasSizeBetween(17, 20).allMatch((size) -> size <= 30);
		assertThat(disorder).isZero();
	}

	@Test
	void aLockedRowAndOneThatATriggerKeepsAreLeftBehindAndTheRestGoes() {
		for (String statement : List.of(
				"CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF OLD.id = 703 THEN RETURN NULL; END IF; RETURN OLD; END'",
				"CREATE TRIGGER keep BEFORE DELETE ON logs FOR EACH ROW EXECUTE FUNCTION keep()")) {
			application.jdbc().sql(statement).update();
		}
		AsyncDeletion deletion = application.deletes()
			.from("logs")
			.all()
			.executeAsync(new AsyncOptions(50, Duration.ZERO));
		application.transactions().executeWithoutResult((status) -> {
			application.jdbc().sql("SELECT id FROM logs WHERE id = 304 FOR UPDATE").query().listOfRows();
			CompletableFuture.runAsync(() -> application.purges().runDue(), TreeTables.THREADS).join();
		});
		List<Long> left = application.ids("logs");
		AsyncProgress progress = deletion.progress();
		for (String statement : List.of("DROP TRIGGER keep ON logs", "DROP FUNCTION keep()")) {
			application.jdbc().sql(statement).update();
		}
		assertThat(left).containsExactly(304L, 703L);
		assertThat(progress.state()).isEqualTo(State.RUNNING);
		assertThat(progress.done()).isEqualTo(998);
		application.pending().retry(deletion.operationId());
		application.purges().runDue();
		assertThat(deletion.progress()).isEqualTo(new AsyncProgress(State.DONE, 1000, 0, 1));
	}

	/**
	 * What a batch removes is known by what the server counts of the table itself.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "SET track_counts = off", "SET track_counts = on" })
	void rowsThatTheServerDoesNotCountGoAllTheSame(String setting) {
		TestDatabase database = TestDatabase.create();
		database.execute("""
				CREATE TABLE logs (id bigint PRIMARY KEY);
				CREATE TABLE parts (id bigint PRIMARY KEY) PARTITION BY HASH (id);
				CREATE TABLE parts_0 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
				CREATE TABLE parts_1 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
				INSERT INTO logs SELECT generate_series(1, 1000);
				INSERT INTO parts SELECT generate_series(1, 1000)""");
		try (Application counting = Application.of(database, "spring.datasource.hikari.connection-init-sql=" + setting)
			.start()) {
			for (String table : List.of("logs", "parts")) {
				AsyncDeletion deletion = counting.deletes()
					.from(table)
					.all()
					.executeAsync(new AsyncOptions(10, Duration.ZERO));
				counting.purges().runDue();
				assertThat(deletion.progress()).as(table).isEqualTo(new AsyncProgress(State.DONE, 1000, 0, 1));
				assertThat(counting.ids(table)).isEmpty();
			}
		}
	}

	@Test
	void twoAtOnceCountEachRowOnce() {
		List<AsyncDeletion> both = List.of(
				application.deletes().from("logs").all().executeAsync(new AsyncOptions(7, Duration.ZERO)),
				application.deletes().from("logs").all().executeAsync(new AsyncOptions(11, Duration.ZERO)));
		CompletableFuture
			.allOf(both.stream()
				.map((deletion) -> CompletableFuture.runAsync(() -> application.purges().runDue(), TreeTables.THREADS))
				.collect(Collectors.toList())
				.toArray(CompletableFuture[]::new))
			.join();
		assertThat(both).allSatisfy((deletion) -> assertThat(deletion.progress().state()).isEqualTo(State.DONE));
		assertThat(both.stream().mapToLong((deletion) -> deletion.progress().done()).sum()).isEqualTo(1000);
	}

	private static long count(String query) {
		return application.jdbc().sql(query).query(Long.class).single();
	}

}
