package io.github.deletionpolicy.benchmarks.database;

import java.io.IOException;
import java.io.UncheckedIOException;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

/**
 * A PostgreSQL of our own that loses nothing in a crash, like one in production. Nothing
 * vacuums unless a scenario does.
 *
 * @since 0.1
 */
public final class Server implements AutoCloseable {

	private final EmbeddedPostgres postgres;

	private Server(EmbeddedPostgres postgres) {
		this.postgres = postgres;
	}

	/**
	 * Start a server with an empty database.
	 * @return the server
	 */
	public static Server start() {
		try {
			return new Server(EmbeddedPostgres.builder()
				.setServerConfig("fsync", "on")
				.setServerConfig("synchronous_commit", "on")
				.setServerConfig("full_page_writes", "on")
				.setServerConfig("shared_buffers", "1GB")
				.setServerConfig("max_wal_size", "4GB")
				.setServerConfig("checkpoint_timeout", "30min")
				.setServerConfig("autovacuum", "off")
				.start());
		}
		catch (IOException ex) {
			throw new UncheckedIOException("PostgreSQL does not start", ex);
		}
	}

	/**
	 * Return how to connect.
	 * @return the JDBC URL
	 */
	public String url() {
		return this.postgres.getJdbcUrl("postgres", "postgres");
	}

	@Override
	public void close() {
		try {
			this.postgres.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException("PostgreSQL does not stop", ex);
		}
	}

}
