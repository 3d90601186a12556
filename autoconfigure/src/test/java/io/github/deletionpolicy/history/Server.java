package io.github.deletionpolicy.history;

import java.io.IOException;
import java.io.UncheckedIOException;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import org.springframework.jdbc.core.JdbcTemplate;

/**
 * A PostgreSQL for histories: it looks for deadlocks early, since they last for
 * milliseconds, and need not outlive the machine.
 */
final class Server implements AutoCloseable {

	private final EmbeddedPostgres postgres;

	private int databases;

	private Server(EmbeddedPostgres postgres) {
		this.postgres = postgres;
	}

	/**
	 * Start one.
	 * @param survivor whether it keeps what was committed when its processes are killed
	 */
	static Server start(boolean survivor) {
		try {
			return new Server(EmbeddedPostgres.builder()
				.setServerConfig("fsync", "off")
				.setServerConfig("full_page_writes", "off")
				.setServerConfig("synchronous_commit", survivor ? "on" : "off")
				.setServerConfig("deadlock_timeout", "100ms")
				.setServerConfig("max_connections", "300")
				.start());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Create a database.
	 * @return its URL
	 */
	synchronized String database() {
		String name = "histories_" + ++this.databases;
		new JdbcTemplate(this.postgres.getPostgresDatabase()).execute("CREATE DATABASE " + name);
		return this.postgres.getJdbcUrl("postgres", name);
	}

	/**
	 * Kill one process of it. PostgreSQL then ends all others, reads its log again and
	 * starts again.
	 */
	void kill() {
		JdbcTemplate jdbc = new JdbcTemplate(this.postgres.getPostgresDatabase());
		Long process = jdbc.queryForObject("SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'",
				Long.class);
		if (process == null || !ProcessHandle.of(process).map(ProcessHandle::destroyForcibly).orElse(false)) {
			throw new IllegalStateException("The server has no process %d that can be killed.".formatted(process));
		}
	}

	@Override
	public void close() {
		try {
			this.postgres.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
