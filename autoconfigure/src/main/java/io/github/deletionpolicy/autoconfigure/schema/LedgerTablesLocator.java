package io.github.deletionpolicy.autoconfigure.schema;

import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import io.github.deletionpolicy.InvalidDeletionPolicyException;
import io.github.deletionpolicy.SqlIdentifiers;
import io.github.deletionpolicy.autoconfigure.DeletionPolicyProperties;
import io.github.deletionpolicy.ledger.LedgerTables;

import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcOperations;

/**
 * Finds the schema with the ledger's tables at start: the one from the properties, else
 * the current one of the connection.
 */
public final class LedgerTablesLocator {

	private LedgerTablesLocator() {
	}

	public static LedgerTables locate(JdbcOperations jdbc, DeletionPolicyProperties.Schema schema) {
		String product = jdbc.execute((ConnectionCallback<String>) (connection) -> productOf(connection.getMetaData()));
		if (!"PostgreSQL".equals(product)) {
			throw new InvalidDeletionPolicyException(
					"Deletion policies need PostgreSQL, and the DataSource is connected to %s.".formatted(product),
					"Point spring.datasource.url to a PostgreSQL, or set deletion-policy.enabled to false.");
		}
		String name = schema.catalogName();
		String found = (name != null) ? name : jdbc.queryForObject("SELECT current_schema()", String.class);
		if (found == null) {
			throw new InvalidDeletionPolicyException(
					"The search path of the DataSource's connections names no schema that exists.",
					"Name the schema of the ledger's tables with deletion-policy.schema.name.");
		}
		LedgerTables tables = new LedgerTables(found);
		Map<String, List<String>> missing = tables.missing(jdbc);
		if (LedgerTables.isEverything(missing)) {
			throw new InvalidDeletionPolicyException(
					"The tables in which deletes are recorded are missing in schema %s.".formatted(found),
					"Set deletion-policy.schema.enabled to true, with flyway-core and flyway-database-postgresql on the class path, or apply "
							+ "the scripts in %s of deletion-policy-core yourself.".formatted(LedgerScripts.FOLDER));
		}
		if (!missing.isEmpty()) {
			throw new InvalidDeletionPolicyException(
					"The tables in which deletes are recorded, in schema %s, are not those of this version. Missing: %s."
						.formatted(found, listed(missing)),
					schema.enabled()
							? "They were changed from outside. Bring them in line with the scripts in %s of deletion-policy-core."
								.formatted(LedgerScripts.FOLDER)
							: ("Apply those scripts in %s of deletion-policy-core that were not applied yet, in the order of their numbers. "
									+ "If the starter created the tables, it can do so: start once with deletion-policy.schema.enabled=true.")
								.formatted(LedgerScripts.FOLDER));
		}
		return tables;
	}

	private static String listed(Map<String, List<String>> missing) {
		return missing.entrySet()
			.stream()
			.map((entry) -> "%s (%s)".formatted(entry.getKey(), String.join(", ", entry.getValue())))
			.collect(Collectors.joining(", "));
	}

	private static String productOf(DatabaseMetaData metaData) throws SQLException {
		return metaData.getDatabaseProductName();
	}

}
