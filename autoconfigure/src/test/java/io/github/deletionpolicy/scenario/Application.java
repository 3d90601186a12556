package io.github.deletionpolicy.scenario;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.github.deletionpolicy.DeleteTemplate;
import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.engine.DeletionEngine;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.purge.batch.ChunkRef;
import io.github.deletionpolicy.purge.batch.DueChunks;
import io.github.deletionpolicy.support.TestDatabase;
import io.github.deletionpolicy.support.TestResource;
import io.github.deletionpolicy.test.PurgeRunner;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * An application that uses the starter, on its own database. Nothing purges by itself
 * unless a test asks for it. Tests declare it as an extension, which starts and stops it;
 * who starts it by hand closes it.
 */
public final class Application extends TestResource {

	/**
	 * Overridden where JPA's transaction manager is to take the place of the plain one.
	 */
	public static final String WITHOUT_JPA = "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration,"
			+ "org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration";

	private final Supplier<TestDatabase> databases;

	private final String[] properties;

	private Class<?>[] beans = {};

	private @Nullable TestDatabase database;

	private @Nullable ConfigurableApplicationContext context;

	private Application(Supplier<TestDatabase> databases, String... properties) {
		this.databases = databases;
		this.properties = properties;
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

	/**
	 * Add configuration classes of the application.
	 */
	public Application with(Class<?>... beans) {
		this.beans = beans;
		return this;
	}

	public Application start() {
		open();
		return this;
	}

	@Override
	protected void open() {
		this.database = this.databases.get();
		Map<String, String> arguments = new LinkedHashMap<>();
		Stream
			.of(new String[] { "spring.main.banner-mode=off", "spring.main.log-startup-info=false",
					"spring.flyway.enabled=false", "deletion-policy.purge.enabled=false",
					"deletion-policy.purge.max-rows-per-second=-1", "spring.autoconfigure.exclude=" + WITHOUT_JPA },
					this.database.properties(), this.properties)
			.flatMap(Stream::of)
			.forEach((property) -> {
				String[] pair = property.split("=", 2);
				arguments.put(pair[0], "--" + pair[0] + "=" + pair[1]);
			});
		this.context = new SpringApplicationBuilder(Configuration.class).sources(this.beans)
			.web(WebApplicationType.NONE)
			.run(arguments.values().toArray(String[]::new));
	}

	public TestDatabase database() {
		return this.database;
	}

	public <T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	public Object bean(String name) {
		return this.context.getBean(name);
	}

	public DeleteTemplate deletes() {
		return bean(DeleteTemplate.class);
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

	/**
	 * Run statements in their own session, and in one transaction.
	 */
	public void sql(String script) {
		this.database.execute(script);
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
				.sql("SELECT operation_id, id, key_count, attempts, next_attempt FROM deletion_chunk")
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
		Awaitility.await().until(() -> this.database.jdbc().sql("""
				SELECT count(*) FROM pg_stat_activity
				WHERE wait_event_type = 'Lock' AND datname = current_database()""").query(Long.class).single() > 0);
	}

	@Override
	public void close() {
		if (this.context != null) {
			this.context.close();
		}
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	public static class Configuration {

	}

}
