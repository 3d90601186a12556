package io.github.deletionpolicy.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.ZoneId;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.awaitility.Awaitility;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * An empty database of its own for a test, on a PostgreSQL that starts once per JVM.
 * <p>
 * Its sessions live in another time zone than the JVM, so that a timestamp which is read
 * or written by local time comes out wrong. The driver asks for the JVM's zone when it
 * connects, and that overrides the URL, the role and the database: the zone has to be set
 * on the open connection.
 */
public final class TestDatabase {

	static {
		// No test may fail because the machine is slow.
		Awaitility.setDefaultTimeout(Duration.ofMinutes(5));
	}

	private static final AtomicInteger count = new AtomicInteger();

	private final String name = "test_" + count.incrementAndGet();

	private TestDatabase() {
		new JdbcTemplate(Server.INSTANCE.getPostgresDatabase()).execute("CREATE DATABASE " + this.name);
	}

	/**
	 * Create an empty database.
	 * @return the database
	 */
	public static TestDatabase create() {
		return new TestDatabase();
	}

	/**
	 * Create a database with tables.
	 * @param script the statements that create them
	 * @return the database
	 */
	public static TestDatabase create(String script) {
		TestDatabase database = create();
		database.execute(script);
		return database;
	}

	/**
	 * Run statements in their own session, and in one transaction.
	 * @param script the statements
	 */
	public void execute(String script) {
		new JdbcTemplate(dataSource()).execute(script);
	}

	/**
	 * Return the URL. Who connects with it alone gets sessions in the JVM's time zone.
	 * @return the JDBC URL with user
	 */
	public String url() {
		return Server.INSTANCE.getJdbcUrl("postgres", this.name);
	}

	/**
	 * Return the properties that let a Spring Boot application connect.
	 * @return pairs of name and value
	 */
	public String[] properties() {
		return new String[] { "spring.datasource.url=" + url(),
				"spring.datasource.hikari.connection-init-sql=" + setTimeZone() };
	}

	/**
	 * Return a data source that opens a new connection each time.
	 * @return the data source
	 */
	public DataSource dataSource() {
		return new DelegatingDataSource(Server.INSTANCE.getDatabase("postgres", this.name)) {

			@Override
			public Connection getConnection() throws SQLException {
				Connection connection = super.getConnection();
				try (Statement statement = connection.createStatement()) {
					statement.execute(setTimeZone());
				}
				return connection;
			}

		};
	}

	/**
	 * Return a client to prepare and look at rows with.
	 * @return the client
	 */
	public JdbcClient jdbc() {
		return JdbcClient.create(dataSource());
	}

	/**
	 * Return the time zone of the sessions.
	 * @return a zone that is not the JVM's
	 */
	public static ZoneId timeZone() {
		ZoneId kathmandu = ZoneId.of("Asia/Kathmandu");
		return ZoneId.systemDefault().equals(kathmandu) ? ZoneId.of("America/St_Johns") : kathmandu;
	}

	private static String setTimeZone() {
		return "SET TIME ZONE '%s'".formatted(timeZone());
	}

	private static final class Server {

		static final EmbeddedPostgres INSTANCE = start();

		private static EmbeddedPostgres start() {
			try {
				return EmbeddedPostgres.builder().start();
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	}

}
