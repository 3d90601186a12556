package io.github.deletionpolicy.doctor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.UnknownTableException;
import io.github.deletionpolicy.UnsupportedTableException;
import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.CascadePlan.Edge;
import io.github.deletionpolicy.catalog.CascadePlan.Node;
import io.github.deletionpolicy.catalog.CascadePlans;
import io.github.deletionpolicy.catalog.CatalogSnapshot;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.doctor.CatalogFacts.TableFacts;
import io.github.deletionpolicy.doctor.DoctorReport.Examined;
import io.github.deletionpolicy.mapping.MappedColumn;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * One run of the doctor: goes from policy to policy, and has each table that a policy
 * reaches checked. What several policies lead to is reported once.
 *
 * @param readingChecks those that read the table, and so need the rights for that
 */
record DoctorRun(DeletionPolicyRegistry policies, CatalogSnapshot snapshot, CascadePlans plans,
		DeletionTimeColumns deletionTimes, CatalogFacts facts, RightsCheck rights, ColumnCheck columns,
		List<Check> checks, List<Check> readingChecks, Set<Finding> findings, List<Examined> examined) {

	DoctorRun(DeletionPolicyRegistry policies, CatalogSnapshot snapshot, CascadePlans plans,
			DeletionTimeColumns deletionTimes, CatalogFacts facts, RightsCheck rights,
			List<MappedColumn> writtenColumns, JdbcOperations jdbc) {
		this(policies, snapshot, plans, deletionTimes, facts, rights, new ColumnCheck(facts),
				List.of(new IndexCheck(facts), new ForeignKeyCheck(facts, policies, snapshot), new TriggerCheck(facts),
						new MappingCheck(writtenColumns), rights),
				List.of(new HoldCheck(jdbc), new LiveViewCheck(jdbc)), new LinkedHashSet<>(), new ArrayList<>());
	}

	DoctorReport finish() {
		this.checks.forEach((check) -> check.finish(this.findings::add));
		this.readingChecks.forEach((check) -> check.finish(this.findings::add));
		return new DoctorReport(
				this.findings.stream().sorted(Comparator.comparing((finding) -> !finding.isError())).toList(),
				this.examined);
	}

	void examine(DeletionPolicy policy, List<TableName> namesakes) {
		TableName name = TableName.parse(policy.table());
		try {
			tablesOf(policy, name, namesakes).forEach((table) -> examine(policy, table));
		}
		catch (UnknownTableException | UnsupportedTableException ex) {
			this.findings.add(new Finding(name, FindingCode.NO_TABLE, String.valueOf(ex.getMessage()), null));
		}
	}

	/**
	 * A policy without a schema may be for tables that only tenants have, in schemas
	 * which no connection searches. Beside one that is found on the search path, those
	 * count that look as if they were meant: another application may have a table of the
	 * same name.
	 */
	private List<Table> tablesOf(DeletionPolicy policy, TableName name, List<TableName> namesakes) {
		Table found = this.snapshot.get(name);
		if (name.schema() != null || namesakes.isEmpty()) {
			return List.of((found != null) ? found : this.snapshot.table(name));
		}
		List<Table> tables = new ArrayList<>((found != null) ? List.of(found) : List.of());
		for (TableName namesake : namesakes) {
			Table other = this.snapshot.get(namesake);
			if (other != null && !other.equals(found) && other.name().name().equals(name.name())
					&& this.policies.policyFor(namesake.toString()).equals(policy)
					&& (found == null || isMeant(other, policy))) {
				tables.add(other);
			}
		}
		return tables.isEmpty() ? List.of(this.snapshot.table(name)) : tables;
	}

	private boolean isMeant(Table table, DeletionPolicy policy) {
		TableFacts of = this.facts.of(table.name());
		return table.find(this.deletionTimes.nameOf(policy)) != null && of != null && of.mayAnything();
	}

	private void examine(DeletionPolicy policy, Table table) {
		String named = this.deletionTimes.nameOf(policy);
		Column deletionTime = this.columns.isUsable(table, named) ? table.find(named) : null;
		List<ReachedTable> reached = new ArrayList<>();
		for (Table it : this.snapshot.goingAlong(table)) {
			reached.add(reached.isEmpty() ? new ReachedTable(it, policy, true, named, deletionTime, null) : below(it));
		}
		Set<Finding> ofColumns = new LinkedHashSet<>();
		reached.forEach((it) -> this.columns.check(it, ofColumns::add));
		this.findings.addAll(ofColumns);
		CascadePlan plan = (deletionTime != null && this.columns.hasUsableKey(table))
				? plan(table, deletionTime, ofColumns.isEmpty()) : null;
		this.examined.add(new Examined(policy, table, plan));
		reached.set(0, reached.get(0).with(plan));
		for (ReachedTable it : reached) {
			this.checks.forEach((check) -> check.check(it, this.findings::add));
			if (!this.rights.isMissing(it.table().name())) {
				this.readingChecks.forEach((check) -> check.check(it, this.findings::add));
			}
		}
	}

	/**
	 * The columns of a table with a policy are checked with that policy. Without a key, a
	 * delete cascades no further.
	 */
	private ReachedTable below(Table table) {
		String named = this.deletionTimes.defaultColumn();
		boolean hard = this.policies.policyFor(table.name().toString()) instanceof DeletionPolicy.Hard;
		boolean needsKey = table.key().isEmpty()
				&& this.snapshot.goingAlong(table).stream().anyMatch((it) -> timeOf(it) != null);
		return new ReachedTable(table, null, needsKey, (hard && table.find(named) != null) ? named : null,
				timeOf(table), null);
	}

	private @Nullable Column timeOf(Table table) {
		try {
			return this.deletionTimes.find(table);
		}
		catch (UnsupportedTableException ex) {
			return null;
		}
	}

	/**
	 * Return what deletes from a table cascade to; {@code null} if a finding says why
	 * that is not clear.
	 * @param columnsFit whether nothing was found about the columns of any of the tables
	 */
	private @Nullable CascadePlan plan(Table table, Column deletionTime, boolean columnsFit) {
		CascadePlan plan;
		try {
			plan = this.plans.planFor(table, deletionTime);
		}
		catch (UnsupportedTableException ex) {
			if (columnsFit && fitsReferringTables(table)) {
				throw ex;
			}
			return null;
		}
		try {
			plan.nodes().forEach(plan::pathsFrom);
			return plan;
		}
		catch (UnsupportedTableException ex) {
			plan.nodes()
				.stream()
				.filter((node) -> isInCircle(plan, node))
				.map((node) -> circle(node, table))
				.forEach(this.findings::add);
			return null;
		}
	}

	/**
	 * The policy of a table that refers by a restricting key, or that deletes cascade to,
	 * may name a column that is not there; that is found with that policy.
	 */
	private boolean fitsReferringTables(Table table) {
		return this.snapshot.goingAlong(table)
			.stream()
			.flatMap((it) -> it.referredToBy().stream())
			.map((key) -> this.snapshot.get(key.child()))
			.allMatch((child) -> {
				DeletionPolicy policy = (child != null) ? this.policies.policyFor(child.name().toString()) : null;
				return child == null || policy instanceof DeletionPolicy.Hard || policy == null
						|| this.columns.isUsable(child, this.deletionTimes.nameOf(policy));
			});
	}

	private Finding circle(Node node, Table table) {
		return new Finding(node.name(), FindingCode.CIRCLE_WITHOUT_DELETION_TIME,
				"Rows of table %s refer to each other in a circle and have no deletion-time column, so the rows to which a delete cascades cannot be determined, and deletes of %s fail. Add the column."
					.formatted(node.name(), table.name()),
				"ALTER TABLE %s ADD COLUMN %s timestamptz;".formatted(node.name(), this.deletionTimes.defaultColumn()));
	}

	private static boolean isInCircle(CascadePlan plan, Node node) {
		return node.deletionTime() == null && leadsTo(plan, node, node, new HashSet<>());
	}

	private static boolean leadsTo(CascadePlan plan, Node start, Node end, Set<Node> seen) {
		return plan.edges()
			.stream()
			.filter((edge) -> edge.parent().number() == start.number())
			.map(Edge::child)
			.filter((child) -> child.deletionTime() == null && seen.add(child))
			.anyMatch((child) -> child.number() == end.number() || leadsTo(plan, child, end, seen));
	}

}
