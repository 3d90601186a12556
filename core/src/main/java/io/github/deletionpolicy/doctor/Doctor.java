package io.github.deletionpolicy.doctor;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.catalog.CascadePlan.Node;
import io.github.deletionpolicy.catalog.CascadePlans;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.catalog.CatalogSnapshot;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.ledger.LedgerWriter;
import io.github.deletionpolicy.mapping.MappedColumn;
import io.github.deletionpolicy.sql.Database;

/**
 * Checks every policy against the database. A report only reads, in the current
 * transaction or without one, and its number of statements does not grow with the number
 * of policies, except for live views and hold conditions that are wrong.
 *
 * @param policies the policies
 * @param catalog describes the tables
 * @param plans says what deletes cascade to
 * @param deletionTimes says which column carries the deletion time
 * @param ledger knows the tables that rows were deleted from
 * @param ledgerTables where deletes are recorded
 * @param writtenColumns the columns that a mapping writes
 * @param database the database
 * @param purges whether this node purges, and so must see every row
 * @since 0.1
 */
public record Doctor(DeletionPolicyRegistry policies, Catalog catalog, CascadePlans plans,
		DeletionTimeColumns deletionTimes, LedgerWriter ledger, LedgerTables ledgerTables,
		Supplier<List<MappedColumn>> writtenColumns, Database database, boolean purges) {

	/**
	 * Check every policy against the database.
	 * @return what does not fit, errors first; empty if everything fits
	 */
	public List<Finding> examine() {
		return report().findings();
	}

	/**
	 * Check every policy against the database, and say what the policies mean there.
	 * @return what was found
	 */
	public DoctorReport report() {
		List<DeletionPolicy> keeping = this.policies.policies()
			.stream()
			.filter((policy) -> policy.mode() != DeletionMode.HARD)
			.toList();
		if (keeping.isEmpty()) {
			return new DoctorReport(List.of(), List.of());
		}
		List<TableName> names = keeping.stream().map((policy) -> TableName.parse(policy.table())).toList();
		List<TableName> namesakes = namesakes(names);
		CatalogSnapshot snapshot = this.catalog.snapshot(Stream.concat(names.stream(), namesakes.stream()).toList());
		Map<TableName, List<String>> ledgerRights = this.ledgerTables.rights();
		Set<TableName> asked = new LinkedHashSet<>(ledgerRights.keySet());
		snapshot.tables().forEach((table) -> asked.add(table.name()));
		CatalogFacts facts = new CatalogFacts(this.database.jdbc(), asked);
		RightsCheck rights = new RightsCheck(facts, this.purges);
		ledgerRights.forEach(rights::require);
		if (!rights.isMissing(this.ledgerTables.registry())) {
			this.ledger.tableIds().readAll();
		}
		DeletionTimeColumns times = this.deletionTimes.withRecorded((table) -> recordedColumns(snapshot.table(table)));
		DoctorRun run = new DoctorRun(this.policies, snapshot, this.plans.from(snapshot, times), times, facts, rights,
				this.writtenColumns.get(), this.database.jdbc());
		keeping.forEach((policy) -> run.examine(policy, namesakes));
		return run.finish();
	}

	/**
	 * Register the tables of a report in the ledger, so that the first delete from one
	 * need not do that. Registers nothing if the current role lacks a right.
	 * @param report a report of this doctor
	 */
	public void register(DoctorReport report) {
		if (report.findings().stream().anyMatch((finding) -> finding.code() == FindingCode.MISSING_PRIVILEGE)) {
			return;
		}
		List<Node> unknown = report.tables()
			.stream()
			.flatMap((examined) -> (examined.plan() != null) ? examined.plan().nodes().stream() : Stream.empty())
			.filter((node) -> node.deletionTime() != null
					&& !this.ledger.tableIds().isKnown(node.name(), node.deletionTime().name()))
			.toList();
		if (!unknown.isEmpty()) {
			this.database.callers()
				.executeWithoutResult((status) -> unknown
					.forEach((node) -> this.ledger.tableIds().of(node.name(), node.requireDeletionTime().name())));
		}
	}

	private List<TableName> namesakes(List<TableName> names) {
		Set<String> unqualified = names.stream()
			.filter((name) -> name.schema() == null)
			.map(TableName::name)
			.collect(Collectors.toSet());
		return unqualified.isEmpty() ? List.of() : this.catalog.namesakes(unqualified);
	}

	private List<String> recordedColumns(Table table) {
		return table.columns()
			.keySet()
			.stream()
			.filter((column) -> this.ledger.tableIds().isKnown(table.name(), column))
			.toList();
	}

}
