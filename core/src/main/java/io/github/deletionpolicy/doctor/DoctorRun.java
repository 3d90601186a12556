package io.github.deletionpolicy.doctor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.SqlIdentifiers;
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
import io.github.deletionpolicy.catalog.ForeignKey;
import io.github.deletionpolicy.catalog.LiveViews;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.doctor.CatalogFacts.TableFacts;
import io.github.deletionpolicy.doctor.DoctorReport.Examined;
import io.github.deletionpolicy.mapping.MappedColumn;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * One examination: goes from policy to policy and collects what it finds. A table that
 * several policies reach is reported once.
 */
class DoctorRun {

	private final DeletionPolicyRegistry policies;

	private final CatalogSnapshot snapshot;

	private final CascadePlans plans;

	private final DeletionTimeColumns deletionTimes;

	private final CatalogFacts facts;

	private final Rights rights;

	private final List<MappedColumn> writtenColumns;

	private final ColumnCheck columns;

	private final IndexCheck indexes;

	private final TriggerCheck triggers;

	private final HoldCheck holds;

	private final LiveViewCheck liveViews;

	private final Set<Finding> findings = new LinkedHashSet<>();

	private final List<Examined> examined = new ArrayList<>();

	DoctorRun(DeletionPolicyRegistry policies, CatalogSnapshot snapshot, CascadePlans plans,
			DeletionTimeColumns deletionTimes, CatalogFacts facts, Rights rights, List<MappedColumn> writtenColumns,
			JdbcOperations jdbc) {
		this.policies = policies;
		this.snapshot = snapshot;
		this.plans = plans;
		this.deletionTimes = deletionTimes;
		this.facts = facts;
		this.rights = rights;
		this.writtenColumns = writtenColumns;
		this.columns = new ColumnCheck(facts);
		this.indexes = new IndexCheck(facts);
		this.triggers = new TriggerCheck(facts);
		this.holds = new HoldCheck(jdbc);
		this.liveViews = new LiveViewCheck(jdbc);
	}

	DoctorReport finish() {
		this.findings.addAll(this.rights.findings());
		this.findings.addAll(this.holds.check());
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
		if (name.schema() != null) {
			return List.of((found != null) ? found : this.snapshot.table(name));
		}
		List<Table> tables = new ArrayList<>();
		if (found != null) {
			tables.add(found);
		}
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
		List<Finding> ofTable = new ArrayList<>(this.columns.key(table));
		String written = this.deletionTimes.nameOf(policy);
		List<Finding> ofColumn = this.columns.deletionTime(table, written);
		Column deletionTime = ofColumn.isEmpty() ? table.find(written) : null;
		boolean ready = ofTable.isEmpty();
		ofTable.addAll(ofColumn);
		List<Table> along = this.snapshot.goingAlong(table);
		for (Table child : along.subList(1, along.size())) {
			ofTable.addAll(below(child));
		}
		this.findings.addAll(ofTable);
		CascadePlan plan = (ready && deletionTime != null) ? plan(table, deletionTime, ofTable) : null;
		this.examined.add(new Examined(policy, table, plan));
		along.forEach((it) -> this.findings.addAll(warnings(it, it.equals(table) ? deletionTime : timeOf(it))));
		boolean scheduled = policy instanceof DeletionPolicy.Scheduled;
		if (plan != null) {
			requireRights(plan, scheduled);
			if (scheduled) {
				plan.tables().forEach(this::rowLevelSecurity);
			}
		}
		if (!this.rights.isMissing(table.name())) {
			checkHold(policy, table);
			TableName liveView = LiveViews.of(policy);
			Column shown = table.find(written);
			if (liveView != null && shown != null) {
				this.findings.addAll(this.liveViews.check(liveView, table, shown));
			}
		}
		if (deletionTime != null) {
			this.findings.addAll(mapped(policy, table, deletionTime));
		}
	}

	private void checkHold(DeletionPolicy policy, Table table) {
		String condition = (policy instanceof DeletionPolicy.Scheduled scheduled) ? scheduled.holdCondition() : null;
		if (condition != null) {
			this.findings.addAll(this.holds.add(table, condition));
		}
	}

	/**
	 * What would keep rows below others from going along. The columns of a table with a
	 * policy are looked at with that.
	 */
	private List<Finding> below(Table child) {
		List<Finding> found = new ArrayList<>();
		boolean ofPolicy = this.policies.policyFor(child.name().toString()) instanceof DeletionPolicy.Hard;
		if (ofPolicy && child.find(this.deletionTimes.defaultColumn()) != null) {
			found.addAll(this.columns.deletionTime(child, this.deletionTimes.defaultColumn()));
		}
		if (child.key().isEmpty() && this.snapshot.goingAlong(child).stream().anyMatch((it) -> timeOf(it) != null)) {
			found.addAll(this.columns.key(child));
		}
		return found;
	}

	private @Nullable Column timeOf(Table table) {
		try {
			return this.deletionTimes.find(table);
		}
		catch (UnsupportedTableException ex) {
			return null;
		}
	}

	private @Nullable CascadePlan plan(Table table, Column deletionTime, List<Finding> ofTable) {
		CascadePlan plan;
		try {
			plan = this.plans.planFor(table, deletionTime);
		}
		catch (UnsupportedTableException ex) {
			if (ofTable.isEmpty() && hasColumns(table)) {
				throw ex;
			}
			return null;
		}
		try {
			plan.nodes().forEach(plan::pathsFrom);
			return plan;
		}
		catch (UnsupportedTableException ex) {
			for (Node node : plan.nodes()) {
				if (isInCircle(plan, node)) {
					this.findings.add(new Finding(node.name(), FindingCode.CIRCLE_WITHOUT_DELETION_TIME,
							("Rows of table %s refer to each other in a circle and carry no deletion time, so it cannot be told "
									+ "what below them goes along, and deletes of %s fail. Add the column.")
								.formatted(node.name(), table.name()),
							"ALTER TABLE %s ADD COLUMN %s timestamptz;".formatted(node.name(),
									this.deletionTimes.defaultColumn())));
				}
			}
			return null;
		}
	}

	/**
	 * The policy of a table that refers by a restricting key, or goes along, may name a
	 * column that is not there; that is found with that policy.
	 */
	private boolean hasColumns(Table table) {
		return this.snapshot.goingAlong(table)
			.stream()
			.flatMap((it) -> it.referredToBy().stream())
			.map((key) -> this.snapshot.get(key.child()))
			.allMatch((child) -> {
				DeletionPolicy policy = (child != null) ? this.policies.policyFor(child.name().toString()) : null;
				return child == null || policy instanceof DeletionPolicy.Hard || policy == null
						|| this.columns.deletionTime(child, this.deletionTimes.nameOf(policy)).isEmpty();
			});
	}

	private static boolean isInCircle(CascadePlan plan, Node start) {
		Set<Node> seen = new HashSet<>();
		List<Node> open = new ArrayList<>(List.of(start));
		while (start.deletionTime() == null && !open.isEmpty()) {
			Node node = open.remove(open.size() - 1);
			for (Edge edge : plan.edges()) {
				Node child = edge.child();
				if (edge.parent().number() == node.number() && child.deletionTime() == null) {
					if (child.number() == start.number()) {
						return true;
					}
					if (seen.add(child)) {
						open.add(child);
					}
				}
			}
		}
		return false;
	}

	private List<Finding> warnings(Table table, @Nullable Column deletionTime) {
		List<Finding> found = new ArrayList<>();
		if (deletionTime != null) {
			found.addAll(this.indexes.uniqueness(table, deletionTime));
		}
		found.addAll(this.indexes.foreignKeys(table));
		found.addAll(this.triggers.triggers(table, deletionTime));
		for (ForeignKey key : table.referredToBy()) {
			String clauses = this.facts.clausesOf(key);
			if (clauses == null && key.owned()) {
				found.add(ownedWithoutKey(key));
			}
			else if (clauses != null && key.isRestricting() && !hasPolicy(key.child())) {
				found.add(restricting(key, clauses));
			}
		}
		return found;
	}

	private static Finding ownedWithoutKey(ForeignKey key) {
		return new Finding(key.child(), FindingCode.OWNED_TABLE_WITHOUT_FOREIGN_KEY,
				("Rows of table %s are parts of rows of %s by the mapping, and no foreign key says so. A part that is saved "
						+ "while its owner is purged stays behind, without an owner.")
					.formatted(key.child(), key.parent()),
				"ALTER TABLE %s ADD FOREIGN KEY (%s) REFERENCES %s (%s) ON DELETE CASCADE;".formatted(key.child(),
						listed(key.columns()), key.parent(), listed(key.references())));
	}

	/**
	 * To clear the reference loses less than to remove the row.
	 */
	private Finding restricting(ForeignKey key, String clauses) {
		Table child = this.snapshot.get(key.child());
		boolean nullable = child != null && key.columns().stream().allMatch((name) -> {
			Column column = child.columns().get(name);
			return column != null && !column.notNull();
		});
		String name = SqlIdentifiers.quoteIfNeeded(key.name());
		String action = nullable ? "SET NULL" : "CASCADE";
		return new Finding(key.child(), FindingCode.RESTRICTING_KEY_WITHOUT_POLICY,
				("Table %s has no policy and refers to %s by %s, which refuses: a row that is referred to cannot be deleted, and "
						+ "is not purged as long as that stays so. Give %s a policy, or let its key say what happens, as in ON DELETE %s, which %s at the purge.")
					.formatted(key.child(), key.parent(), name, key.child(), action,
							nullable ? "clears the reference" : "removes those rows too"),
				"ALTER TABLE %1$s DROP CONSTRAINT %2$s, ADD CONSTRAINT %2$s FOREIGN KEY (%3$s) REFERENCES %4$s (%5$s) ON DELETE %6$s%7$s;"
					.formatted(key.child(), name, listed(key.columns()), key.parent(), listed(key.references()), action,
							clauses));
	}

	private boolean hasPolicy(TableName table) {
		Table described = this.snapshot.get(table);
		TableName whole = (described != null) ? described.partitionOf() : null;
		return this.policies.policies().stream().map((policy) -> TableName.parse(policy.table())).anyMatch((name) -> {
			return name.mayMean(table) || (whole != null && name.mayMean(whole));
		});
	}

	private void requireRights(CascadePlan plan, boolean scheduled) {
		for (Node node : plan.nodes()) {
			if (node.deletionTime() != null) {
				this.rights.requireMarking(node.name(), node.deletionTime());
			}
			else {
				this.rights.requireReading(node.name());
			}
		}
		if (scheduled) {
			plan.tables().forEach(this.rights::requirePurging);
		}
		plan.restrictions().forEach((edge) -> this.rights.requireReading(edge.child().name()));
	}

	private void rowLevelSecurity(TableName table) {
		TableFacts of = this.facts.of(table);
		if (of == null || !of.hidesRows()) {
			return;
		}
		String role = SqlIdentifiers.quoteIfNeeded(of.role());
		this.findings.add(new Finding(table, FindingCode.ROW_LEVEL_SECURITY,
				("Row-level security of table %s applies to role %s, and the purge must see every row: it switches row-level "
						+ "security off for itself, which PostgreSQL refuses this role, so nothing is purged.")
					.formatted(table, role),
				of.owner() ? "ALTER TABLE %s NO FORCE ROW LEVEL SECURITY;".formatted(table)
						: "ALTER ROLE %s BYPASSRLS;".formatted(role)));
	}

	private List<Finding> mapped(DeletionPolicy policy, Table table, Column deletionTime) {
		TableName liveView = LiveViews.of(policy);
		return this.writtenColumns.stream()
			.filter((column) -> column.column().equals(deletionTime.name())
					&& (column.table().mayMean(table.name()) || (liveView != null && column.table().mayMean(liveView))))
			.map((column) -> new Finding(table.name(), FindingCode.MAPPED_DELETION_TIME_WRITABLE,
					("Property %s writes %s of table %s. A save of an object that was read before a delete or a restore writes "
							+ "the old value back: the row lives again, or is deleted without a record. Mark the property with @ReadOnlyProperty.")
						.formatted(column.property(), SqlIdentifiers.quoteIfNeeded(deletionTime.name()), table.name()),
					null))
			.toList();
	}

	private static String listed(List<String> names) {
		return names.stream().map(SqlIdentifiers::quoteIfNeeded).collect(Collectors.joining(", "));
	}

}
