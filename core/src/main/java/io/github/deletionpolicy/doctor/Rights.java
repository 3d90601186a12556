package io.github.deletionpolicy.doctor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import io.github.deletionpolicy.SqlIdentifiers;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.doctor.CatalogFacts.TableFacts;

/**
 * Collects what has to be done with each table, and says what the current role may not.
 */
class Rights {

	private final CatalogFacts facts;

	private final Map<TableName, Set<String>> missing = new LinkedHashMap<>();

	Rights(CatalogFacts facts) {
		this.facts = facts;
	}

	/**
	 * Deleted rows are marked there.
	 */
	void requireMarking(TableName table, Column deletionTime) {
		TableFacts of = this.facts.of(table);
		if (of != null) {
			require(table, of, "SELECT", of.maySelect());
			require(table, of, "UPDATE", of.updatable().contains(deletionTime.name()));
		}
	}

	/**
	 * A purge removes rows by name there, which it locks before.
	 */
	void requirePurging(TableName table) {
		TableFacts of = this.facts.of(table);
		if (of != null) {
			require(table, of, "SELECT", of.maySelect());
			require(table, of, "UPDATE", !of.updatable().isEmpty());
			require(table, of, "DELETE", of.mayDelete());
		}
	}

	/**
	 * Rows that refer are looked for there.
	 */
	void requireReading(TableName table) {
		TableFacts of = this.facts.of(table);
		if (of != null) {
			require(table, of, "SELECT", of.maySelectSome());
		}
	}

	/**
	 * Exactly this is done there.
	 */
	void require(TableName table, List<String> rights) {
		TableFacts of = this.facts.of(table);
		if (of != null) {
			rights.forEach((right) -> require(table, of, right, switch (right) {
				case "SELECT" -> of.maySelect();
				case "INSERT" -> of.mayInsert();
				case "UPDATE" -> of.mayUpdate();
				default -> of.mayDelete();
			}));
		}
	}

	private void require(TableName table, TableFacts of, String right, boolean there) {
		if (!there || !of.mayUse()) {
			this.missing.computeIfAbsent(table, (it) -> new LinkedHashSet<>()).add(right);
		}
	}

	boolean isEmpty() {
		return this.missing.isEmpty();
	}

	boolean isMissing(TableName table) {
		return this.missing.containsKey(table);
	}

	List<Finding> findings() {
		List<Finding> findings = new ArrayList<>();
		this.missing.forEach((table, rights) -> {
			TableFacts of = this.facts.of(table);
			if (of != null) {
				findings.add(finding(table, of, rights));
			}
		});
		return findings;
	}

	private static Finding finding(TableName table, TableFacts of, Set<String> rights) {
		String role = SqlIdentifiers.quoteIfNeeded(of.role());
		String schema = SqlIdentifiers.quoteIfNeeded(String.valueOf(table.schema()));
		String usage = of.mayUse() ? "" : "GRANT USAGE ON SCHEMA %s TO %s; ".formatted(schema, role);
		String list = String.join(", ", rights);
		return new Finding(table, FindingCode.MISSING_PRIVILEGE,
				"Role %s lacks %s on table %s%s, so deletes, restores or purges that touch it fail.".formatted(role,
						list.toUpperCase(Locale.ROOT), table, of.mayUse() ? "" : " and USAGE on its schema"),
				usage + "GRANT %s ON %s TO %s;".formatted(list, table, role));
	}

}
