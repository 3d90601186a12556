package io.github.deletionpolicy.sample;

import java.io.IOException;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

/**
 * Starts a PostgreSQL of the application's own, with a data directory that goes when the
 * application stops. The profile {@code server} uses a server of yours instead.
 */
@Configuration(proxyBeanMethods = false)
@Profile("!server")
class EmbeddedDatabaseConfiguration {

	private static final Logger logger = LoggerFactory.getLogger(EmbeddedDatabaseConfiguration.class);

	/**
	 * The server. It has no shutdown hook of its own, which would stop it while the
	 * connection pool and the purge still use it: the application context closes it after
	 * them.
	 */
	@Bean(destroyMethod = "close")
	EmbeddedPostgres embeddedPostgres() throws IOException {
		return EmbeddedPostgres.builder().setRegisterShutdownHook(false).start();
	}

	@Bean
	JdbcConnectionDetails embeddedPostgresConnectionDetails(EmbeddedPostgres postgres) {
		EmbeddedConnectionDetails details = new EmbeddedConnectionDetails(postgres.getPort());
		logger.info("Embedded PostgreSQL runs at {} (user {})", details.getJdbcUrl(), details.getUsername());
		return details;
	}

	private record EmbeddedConnectionDetails(int port) implements JdbcConnectionDetails {

		@Override
		public String getUsername() {
			return "postgres";
		}

		@Override
		public String getPassword() {
			return "";
		}

		@Override
		public String getJdbcUrl() {
			return "jdbc:postgresql://localhost:" + this.port + "/postgres";
		}

	}

}
