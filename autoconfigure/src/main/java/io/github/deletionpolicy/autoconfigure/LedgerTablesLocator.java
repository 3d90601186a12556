package io.github.deletionpolicy.autoconfigure;

import java.sql.DatabaseMetaData;
import java.sql.SQLException;

import io.github.deletionpolicy.InvalidDeletionPolicyException;
import io.github.deletionpolicy.SqlIdentifiers;
import io.github.deletionpolicy.ledger.LedgerTables;

import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcOperations;

/**
 * Finds the schema with the ledger's tables at start: the one from the properties, else
 * the current one of the connection.
 */
final class LedgerTablesLocator {

	private LedgerTablesLocator() {
	}

	static LedgerTables locate(JdbcOperations jdbc, DeletionPolicyProperties.Schema schema) {
		String product = jdbc.execute((ConnectionCallback<String>) (connection) -> productOf(connection.getMetaData()));
		if (!"PostgreSQL".equals(product)) {
			throw new InvalidDeletionPolicyException(
					"Deletion policies need PostgreSQL, and the DataSource leads to %s.".formatted(product),
					"Point spring.datasource.url to a PostgreSQL, or set deletion-policy.enabled to false.");
		}
		String name = schema.catalogName();
		String found = (name != null) ? name : jdbc.queryForObject("SELECT current_schema()", String.class);
		if (found == null) {
			throw new InvalidDeletionPolicyException(
					"The search path of the DataSource's connections names no schema that exists.",
					"Name the schema of the ledger's tables with deletion-policy.schema.name.");
		}
		String probe = SqlIdentifiers.quote(found) + ".deletion_chunk";
		if (Boolean.TRUE.equals(jdbc.queryForObject("SELECT to_regclass(?) IS NULL", Boolean.class, probe))) {
			throw new InvalidDeletionPolicyException(
					"The tables in which deletes are recorded are missing in schema %s.".formatted(found),
					"Set deletion-policy.schema.enabled to true, with flyway-core and flyway-database-postgresql on the class path, or apply "
							+ "the scripts in io/github/deletionpolicy/ledger/postgresql of deletion-policy-core yourself.");
		}
		return new LedgerTables(found);
	}

	private static String productOf(DatabaseMetaData metaData) throws SQLException {
		return metaData.getDatabaseProductName();
	}

}
