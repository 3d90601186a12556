package io.github.deletionpolicy.doctor;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.catalog.CascadePlans;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.catalog.CatalogSnapshot;
import io.github.deletionpolicy.catalog.DeletionTimeColumns;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.ledger.LedgerWriter;
import io.github.deletionpolicy.mapping.MappedColumn;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Holds every policy against the database. An examination only reads, in the transaction
 * at hand or without one, and its number of statements does not grow with that of the
 * policies, except for live views and hold conditions that are wrong.
 *
 * @since 0.1
 */
public class Doctor {

	/**
	 * The tables of the record, with what is done there.
	 */
	private static final Map<String, List<String>> RECORD = new TreeMap<>(Map.of("deletion_table",
			List.of("SELECT", "INSERT", "UPDATE"), "deletion_purge_state", List.of("SELECT", "UPDATE"),
			"deletion_last_run", List.of("SELECT", "UPDATE"), "deletion_last_purge",
			List.of("SELECT", "INSERT", "UPDATE"), "deletion_async", List.of("SELECT", "INSERT", "UPDATE", "DELETE"),
			"deletion_async_spared", List.of("SELECT", "INSERT", "DELETE"), "deletion_operation",
			List.of("SELECT", "INSERT", "UPDATE", "DELETE"), "deletion_chunk",
			List.of("SELECT", "INSERT", "UPDATE", "DELETE")));

	private final DeletionPolicyRegistry policies;

	private final Catalog catalog;

	private final CascadePlans plans;

	private final DeletionTimeColumns deletionTimes;

	private final LedgerWriter ledger;

	private final LedgerTables ledgerTables;

	private final Supplier<List<MappedColumn>> writtenColumns;

	private final JdbcOperations jdbc;

	/**
	 * Create a doctor.
	 * @param policies the policies
	 * @param catalog describes the tables
	 * @param plans says what goes along
	 * @param deletionTimes says which column carries the deletion time
	 * @param ledger knows the tables that rows were deleted from
	 * @param ledgerTables where deletes are recorded
	 * @param writtenColumns the columns that a mapping writes
	 * @param jdbc runs the queries
	 */
	public Doctor(DeletionPolicyRegistry policies, Catalog catalog, CascadePlans plans,
			DeletionTimeColumns deletionTimes, LedgerWriter ledger, LedgerTables ledgerTables,
			Supplier<List<MappedColumn>> writtenColumns, JdbcOperations jdbc) {
		this.policies = policies;
		this.catalog = catalog;
		this.plans = plans;
		this.deletionTimes = deletionTimes;
		this.ledger = ledger;
		this.ledgerTables = ledgerTables;
		this.writtenColumns = writtenColumns;
		this.jdbc = jdbc;
	}

	/**
	 * Hold every policy against the database.
	 * @return what does not fit, errors first; empty if all is well
	 */
	public List<Finding> examine() {
		return examination().findings();
	}

	/**
	 * Hold every policy against the database, and say what the policies mean there.
	 * @return what was found
	 */
	public DoctorReport examination() {
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
		CatalogFacts facts = new CatalogFacts(this.jdbc, factsAbout(snapshot.tables()));
		Rights rights = new Rights(facts);
		RECORD.forEach((table, needed) -> rights.require(recordTable(table), needed));
		if (!rights.isMissing(recordTable("deletion_table"))) {
			this.ledger.readTables();
		}
		DeletionTimeColumns times = this.deletionTimes.withRecorded((table) -> recordedColumns(snapshot.table(table)));
		DoctorRun round = new DoctorRun(this.policies, snapshot, this.plans.from(snapshot, times), times, facts, rights,
				this.writtenColumns.get(), this.jdbc);
		for (DeletionPolicy policy : keeping) {
			round.examine(policy, namesakes);
		}
		return round.finish();
	}

	private List<TableName> namesakes(Collection<TableName> names) {
		Set<String> unqualified = names.stream()
			.filter((name) -> name.schema() == null)
			.map(TableName::name)
			.collect(Collectors.toSet());
		return unqualified.isEmpty() ? List.of() : this.catalog.namesakes(unqualified);
	}

	private Set<TableName> factsAbout(Collection<Table> tables) {
		Set<TableName> names = new LinkedHashSet<>();
		RECORD.keySet().forEach((table) -> names.add(recordTable(table)));
		tables.forEach((table) -> names.add(table.name()));
		return names;
	}

	private TableName recordTable(String name) {
		return new TableName(this.ledgerTables.schema(), name);
	}

	private List<String> recordedColumns(Table table) {
		return table.columns()
			.keySet()
			.stream()
			.filter((column) -> this.ledger.isRegistered(table.name(), column))
			.toList();
	}

}
