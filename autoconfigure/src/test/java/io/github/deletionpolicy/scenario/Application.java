package io.github.deletionpolicy.scenario;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.engine.DeletionEngine;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.purge.batch.ChunkRef;
import io.github.deletionpolicy.purge.batch.DueChunks;
import io.github.deletionpolicy.support.TestDatabase;
import io.github.deletionpolicy.test.PurgeRunner;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * An application without a web server, and what tests ask of it.
 */
public final class Application extends TestApplication<Application> {

	/**
	 * Overridden where JPA's transaction manager is to take the place of the plain one.
	 */
	public static final String WITHOUT_JPA = "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration,"
			+ "org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration";

	private Application(Supplier<TestDatabase> databases, String... properties) {
		super(WebApplicationType.NONE, databases, properties);
	}

	/**
	 * An application on a new database each time that it starts.
	 * @param schema the statements that create its tables
	 */
	public static Application of(String schema, String... properties) {
		return new Application(() -> TestDatabase.create(schema), properties);
	}

	/**
	 * An application on a database that is there.
	 */
	public static Application of(TestDatabase database, String... properties) {
		return new Application(() -> database, properties);
	}

	@Override
	Stream<String> defaults() {
		return Stream.of("deletion-policy.purge.max-rows-per-second=-1");
	}

	public Object bean(String name) {
		return context().getBean(name);
	}

	public PendingPurges pending() {
		return bean(PendingPurges.class);
	}

	public PurgeRunner purges() {
		return bean(PurgeRunner.class);
	}

	public JdbcClient jdbc() {
		return bean(JdbcClient.class);
	}

	public TransactionTemplate transactions() {
		return new TransactionTemplate(bean(PlatformTransactionManager.class));
	}

	/**
	 * Purge what is due when some time has gone by.
	 */
	public long purgeAfter(Duration time) {
		return purges().runDueAsOf(now().plus(time)).total();
	}

	public Instant now() {
		return this.jdbc().sql("SELECT clock_timestamp()").query(OffsetDateTime.class).single().toInstant();
	}

	public @Nullable Instant deletionTime(String table, Object id) {
		return this.jdbc()
			.sql("SELECT deletion_time FROM " + table + " WHERE id = ?")
			.param(id)
			.query((rs, row) -> Optional.ofNullable(rs.getObject(1, OffsetDateTime.class)))
			.single()
			.map(OffsetDateTime::toInstant)
			.orElse(null);
	}

	public List<Long> ids(String table) {
		return this.jdbc().sql("SELECT id FROM " + table + " ORDER BY id").query(Long.class).list();
	}

	public List<Long> liveIds(String table) {
		return this.jdbc()
			.sql("SELECT id FROM " + table + " WHERE deletion_time IS NULL ORDER BY id")
			.query(Long.class)
			.list();
	}

	/**
	 * Return what the ledger holds of an operation, without its identity.
	 */
	public String record(UUID operationId) {
		return this.jdbc()
			.sql("""
					SELECT concat_ws(' ', o.mode, o.delay, purge_at - token, c.key_count, c.next_attempt - o.purge_at, c.root,
						l.schema_name, l.table_name, l.time_column)
					FROM deletion_operation o JOIN deletion_chunk c ON c.operation_id = o.id
					JOIN deletion_table l ON l.id = c.table_id WHERE o.id = ?""")
			.param(operationId)
			.query(String.class)
			.single();
	}

	public long operations() {
		return this.jdbc().sql("SELECT count(*) FROM deletion_operation").query(Long.class).single();
	}

	public long chunks() {
		return this.jdbc().sql("SELECT count(*) FROM deletion_chunk").query(Long.class).single();
	}

	/**
	 * Cut the only chunk of a table in two, as a purge does, and do something before that
	 * is committed.
	 */
	public void cuttingTheOnlyChunk(String table, Runnable meanwhile) {
		DueChunks chunks = new DueChunks(bean(JdbcTemplate.class), bean(LedgerTables.class));
		transactions().executeWithoutResult((status) -> {
			ChunkRef chunk = this.jdbc()
				.sql("SELECT operation_id, id, key_count, attempts, next_attempt, false AS hold_unknown FROM deletion_chunk")
				.query(ChunkRef::from)
				.single();
			int half = (chunk.keyCount() + 1) / 2;
			chunks.split(chunk, bean(DeletionEngine.class).catalog().table(TableName.parse(table)), half);
			meanwhile.run();
		});
	}

	/**
	 * Wait until a session waits for a lock.
	 */
	public void awaitLockWaiter() {
		Awaitility.await().until(() -> database().jdbc().sql("""
				SELECT count(*) FROM pg_stat_activity
				WHERE wait_event_type = 'Lock' AND datname = current_database()""").query(Long.class).single() > 0);
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	public static class Configuration {

	}

}
