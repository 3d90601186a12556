package io.github.deletionpolicy.autoconfigure.schema;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

import javax.sql.DataSource;

import io.github.deletionpolicy.SqlIdentifiers;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.InitializingBean;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * Creates the tables that record deletes and keeps them up to date, after the
 * application's own migrations.
 * <p>
 * It has a Flyway of its own, with a history table of its own. The Flyway is no bean: the
 * application's would back off.
 */
public final class DeletionPolicySchemaInitializer implements InitializingBean {

	private static final String LOCATION = "classpath:" + LedgerScripts.FOLDER;

	private static final String HISTORY_TABLE = "deletion_policy_schema_history";

	private final DataSource dataSource;

	private final @Nullable String schema;

	/**
	 * Create an initialiser.
	 * @param dataSource the database
	 * @param schema the schema for the tables, as the catalog spells it; {@code null} for
	 * the current schema of the connection
	 */
	public DeletionPolicySchemaInitializer(DataSource dataSource, @Nullable String schema) {
		this.dataSource = dataSource;
		this.schema = schema;
	}

	/**
	 * Flyway gets one connection and never asks for a second one, which a pool of size 1
	 * does not have. Its lock and each migration then share a transaction.
	 */
	@Override
	public void afterPropertiesSet() {
		try (Connection connection = this.dataSource.getConnection()) {
			checkDatabase(connection.getMetaData());
			if (!isUpToDate(connection)) {
				migrate(new SingleConnectionDataSource(connection, true));
			}
		}
		catch (SQLException ex) {
			throw new DeletionPolicySchemaException(
					"The database for the tables that record deletes cannot be reached: " + ex.getMessage(),
					"Check the DataSource.", ex);
		}
	}

	/**
	 * Look into the history before Flyway does: to load it takes longer than the rest of
	 * the start, and it is needed after an upgrade only.
	 */
	private boolean isUpToDate(Connection connection) throws SQLException {
		JdbcTemplate jdbc = new JdbcTemplate(new SingleConnectionDataSource(connection, true));
		String schema = (this.schema != null) ? this.schema
				: jdbc.queryForObject("SELECT current_schema()", String.class);
		if (schema == null) {
			return false;
		}
		String history = SqlIdentifiers.quote(schema) + "." + SqlIdentifiers.quote(HISTORY_TABLE);
		Boolean exists = jdbc.queryForObject("SELECT to_regclass(?) IS NOT NULL", Boolean.class, history);
		if (!Boolean.TRUE.equals(exists)) {
			return false;
		}
		Set<String> needed = LedgerScripts.versions();
		List<String> applied = applied(jdbc, history);
		return !needed.isEmpty() && applied.containsAll(needed) && !applied.contains("failed");
	}

	private static List<String> applied(JdbcTemplate jdbc, String history) {
		try {
			return jdbc.queryForList(
					"SELECT CASE WHEN success THEN version ELSE 'failed' END FROM %s WHERE version IS NOT NULL"
						.formatted(history),
					String.class);
		}
		catch (DataAccessException ex) {
			throw new DeletionPolicySchemaException(
					"The history of the tables that record deletes cannot be read. %s."
						.formatted(ex.getMostSpecificCause().getMessage()),
					"Let the user of the DataSource read it: GRANT SELECT ON %s TO …; Or set deletion-policy.schema.enabled=false if another user creates the tables."
						.formatted(history),
					ex);
		}
	}

	private void migrate(DataSource single) {
		try {
			flyway(single).migrate();
		}
		catch (FlywayException ex) {
			throw new DeletionPolicySchemaException(
					"The tables that record deletes cannot be created or brought up to date. " + ex.getMessage(),
					"""
							Let the user of the DataSource create tables in %s. \
							Or run the scripts in %s with another user and set deletion-policy.schema.enabled=false."""
						.formatted((this.schema != null) ? "schema '%s'".formatted(this.schema) : "its current schema",
								LOCATION),
					ex);
		}
	}

	private Flyway flyway(DataSource single) {
		FluentConfiguration configuration = Flyway.configure(getClass().getClassLoader())
			.dataSource(single)
			.locations(LOCATION)
			.failOnMissingLocations(true)
			.validateMigrationNaming(true)
			.placeholderReplacement(false)
			.table(HISTORY_TABLE)
			.baselineOnMigrate(true)
			.baselineVersion("0")
			.createSchemas(false);
		if (this.schema != null) {
			configuration.defaultSchema(this.schema);
		}
		return configuration.load();
	}

	private void checkDatabase(DatabaseMetaData database) throws SQLException {
		if (!database.getDatabaseProductName().equals("PostgreSQL")) {
			throw new DeletionPolicySchemaException(
					"Deletes can be recorded in PostgreSQL only, and the DataSource is connected to %s."
						.formatted(database.getDatabaseProductName()),
					"Connect to PostgreSQL, or set deletion-policy.enabled=false.", null);
		}
		if (this.schema != null && !exists(this.schema, database)) {
			throw new DeletionPolicySchemaException(
					"There is no schema '%s', which deletion-policy.schema.name asks for.".formatted(this.schema),
					"Create it in a migration of the application, or correct deletion-policy.schema.name.", null);
		}
	}

	private static boolean exists(String schema, DatabaseMetaData database) throws SQLException {
		String pattern = schema.replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%");
		try (ResultSet schemas = database.getSchemas(null, pattern)) {
			return schemas.next();
		}
	}

}
