package io.github.deletionpolicy.doctor;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

import io.github.deletionpolicy.SqlIdentifiers;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.CascadePlan.Node;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.doctor.CatalogFacts.TableFacts;

/**
 * Collects what has to be done with each table, and reports what the current role may
 * not.
 */
class RightsCheck implements Check {

	private final CatalogFacts facts;

	private final boolean purges;

	private final Map<TableName, Set<String>> missing = new LinkedHashMap<>();

	/**
	 * Create a check.
	 * @param purges whether this node purges: others need not see every row
	 */
	RightsCheck(CatalogFacts facts, boolean purges) {
		this.facts = facts;
		this.purges = purges;
	}

	@Override
	public void check(ReachedTable reached, Consumer<Finding> findings) {
		CascadePlan plan = reached.plan();
		if (plan == null) {
			return;
		}
		for (Node node : plan.nodes()) {
			Column deletionTime = node.deletionTime();
			if (deletionTime == null) {
				require(node.name(), "SELECT", TableFacts::maySelectSome);
			}
			else {
				require(node.name(), "SELECT", (of) -> of.may("SELECT"));
				require(node.name(), "UPDATE", (of) -> of.updatable().contains(deletionTime.name()));
			}
		}
		if (reached.isScheduled()) {
			plan.tables().forEach((table) -> {
				// A purge locks rows before it deletes them.
				require(table, "SELECT", (of) -> of.may("SELECT"));
				require(table, "UPDATE", (of) -> !of.updatable().isEmpty());
				require(table, "DELETE", (of) -> of.may("DELETE"));
				checkRowLevelSecurity(table, findings);
			});
		}
		plan.restrictions().forEach((edge) -> require(edge.child().name(), "SELECT", TableFacts::maySelectSome));
	}

	void require(TableName table, List<String> rights) {
		rights.forEach((right) -> require(table, right, (of) -> of.may(right)));
	}

	private void require(TableName table, String right, Predicate<TableFacts> granted) {
		TableFacts of = this.facts.of(table);
		if (of != null && !(of.mayUse() && granted.test(of))) {
			this.missing.computeIfAbsent(table, (it) -> new LinkedHashSet<>()).add(right);
		}
	}

	private void checkRowLevelSecurity(TableName table, Consumer<Finding> findings) {
		TableFacts of = this.facts.of(table);
		if (!this.purges || of == null || !of.hidesRows()) {
			return;
		}
		String role = SqlIdentifiers.quoteIfNeeded(of.role());
		findings.accept(new Finding(table, FindingCode.ROW_LEVEL_SECURITY,
				"Row-level security of table %s applies to role %s, and the purge must see every row: it sets row_security = off, which PostgreSQL does not allow for this role, so nothing is purged."
					.formatted(table, role),
				of.owner() ? "ALTER TABLE %s NO FORCE ROW LEVEL SECURITY;".formatted(table)
						: "ALTER ROLE %s BYPASSRLS;".formatted(role)));
	}

	boolean isMissing(TableName table) {
		return this.missing.containsKey(table);
	}

	@Override
	public void finish(Consumer<Finding> findings) {
		this.missing.forEach((table, rights) -> {
			TableFacts of = this.facts.of(table);
			if (of != null) {
				findings.accept(finding(table, of, rights));
			}
		});
	}

	private static Finding finding(TableName table, TableFacts of, Set<String> rights) {
		String role = SqlIdentifiers.quoteIfNeeded(of.role());
		String schema = SqlIdentifiers.quoteIfNeeded(String.valueOf(table.schema()));
		String usage = of.mayUse() ? "" : "GRANT USAGE ON SCHEMA %s TO %s; ".formatted(schema, role);
		String list = String.join(", ", rights);
		return new Finding(table, FindingCode.MISSING_PRIVILEGE,
				"Role %s lacks %s on table %s%s, so deletes, restores or purges that touch it fail.".formatted(role,
						list, table, of.mayUse() ? "" : " and USAGE on its schema"),
				usage + "GRANT %s ON %s TO %s;".formatted(list, table, role));
	}

}
