package io.github.deletionpolicy.doctor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.function.Consumer;

import io.github.deletionpolicy.SqlIdentifiers;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.ColumnType;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.doctor.CatalogFacts.Index;
import io.github.deletionpolicy.doctor.CatalogFacts.TableFacts;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the primary key and the column that carries the deletion time.
 */
record ColumnCheck(CatalogFacts facts) implements Check {

	@Override
	public void check(ReachedTable reached, Consumer<Finding> findings) {
		if (reached.needsKey()) {
			key(reached.table()).forEach(findings);
		}
		if (reached.named() != null) {
			deletionTime(reached.table(), reached.named()).forEach(findings);
		}
	}

	boolean hasUsableKey(Table table) {
		return key(table).isEmpty();
	}

	boolean isUsable(Table table, String deletionTime) {
		return deletionTime(table, deletionTime).isEmpty();
	}

	private List<Finding> key(Table table) {
		if (table.key().isEmpty()) {
			return List.of(new Finding(table.name(), FindingCode.NO_PRIMARY_KEY,
					"Table %s has no primary key, so its rows cannot be identified, and no delete can be recorded. Add one."
						.formatted(table.name()),
					keyFor(table)));
		}
		return table.key()
			.stream()
			.filter((column) -> !column.type().isRecordable())
			.map((column) -> new Finding(table.name(), FindingCode.PRIMARY_KEY_NOT_RECORDABLE,
					"Column %s of the primary key of table %s is %s, whose values cannot be recorded safely, so deletes that keep rows fail. Use a key of %s."
						.formatted(SqlIdentifiers.quoteIfNeeded(column.name()), table.name(), column.type().sql(),
								ColumnType.RECORDABLE),
					"ALTER TABLE %1$s ALTER COLUMN %2$s TYPE text USING CAST(%2$s AS text);".formatted(table.name(),
							SqlIdentifiers.quoteIfNeeded(column.name()))))
			.toList();
	}

	/**
	 * An index that keeps rows apart already is the best key, a column that is called id
	 * the next best.
	 */
	private @Nullable String keyFor(Table table) {
		TableFacts of = this.facts.of(table.name());
		boolean partitioned = of != null && of.partitioned();
		List<@Nullable String> partitionKey = (of != null) ? of.partitionKey() : Collections.emptyList();
		for (Index index : this.facts.indexesOf(table.name())) {
			if (index.exclusive() && index.exclusion() == null && index.predicate() == null
					&& index.table().equals(table.name()) && index.columns().stream().allMatch((name) -> {
						Column column = table.columns().get(name);
						return column != null && column.notNull();
					})) {
				return "ALTER TABLE %s ADD PRIMARY KEY (%s);".formatted(table.name(), Check.listed(index.columns()));
			}
		}
		if (partitionKey.contains(null)) {
			return null;
		}
		boolean hasId = table.columns().containsKey("id");
		List<String> key = new ArrayList<>(List.of("id"));
		partitionKey.stream().filter((name) -> name != null && !name.equals("id")).forEach(key::add);
		String add = hasId ? "" : partitioned ? "ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid(), "
				: "ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY, ";
		return "ALTER TABLE %s %sADD PRIMARY KEY (%s);".formatted(table.name(), add, Check.listed(key));
	}

	private List<Finding> deletionTime(Table table, String written) {
		Column column = table.find(written);
		if (column == null) {
			return List.of(new Finding(table.name(), FindingCode.NO_DELETION_TIME,
					"Table %s has no column '%s' for the deletion time, so deletes fail. Add it, or name another one with deletion-time-column."
						.formatted(table.name(), written),
					"ALTER TABLE %s ADD COLUMN %s timestamptz;".formatted(table.name(), asWritten(written))));
		}
		String name = SqlIdentifiers.quoteIfNeeded(column.name());
		List<Finding> findings = new ArrayList<>();
		if (!column.type().isDeletionTime()) {
			findings.add(new Finding(table.name(), FindingCode.DELETION_TIME_TYPE,
					"Column %s of table %s is %s%s, and a deletion time needs timestamptz in microseconds: any other value is not found again, so deletes fail. Change it."
						.formatted(name, table.name(), column.type().sql(),
								column.type().fullPrecision() ? "" : " with less precision"),
					"ALTER TABLE %s %s;".formatted(table.name(), retyped(column, name))));
		}
		if (column.notNull()) {
			boolean inKey = new HashSet<>(table.key()).contains(column);
			findings.add(new Finding(table.name(), FindingCode.DELETION_TIME_NOT_NULL,
					"Column %s of table %s is NOT NULL, but a live row has none, so deletes fail. %s".formatted(name,
							table.name(),
							inKey ? "It is part of the primary key: use a key without it." : "Change it."),
					inKey ? null : "ALTER TABLE %s ALTER COLUMN %s DROP NOT NULL;".formatted(table.name(), name)));
		}
		return findings;
	}

	private static String asWritten(String written) {
		try {
			return SqlIdentifiers.quoteIfNeeded(SqlIdentifiers.parse(written).get(0));
		}
		catch (IllegalArgumentException ex) {
			return SqlIdentifiers.quoteIfNeeded(written);
		}
	}

	/**
	 * A flag says that a row is deleted, but not when.
	 */
	private static String retyped(Column column, String name) {
		if (column.type().isBoolean()) {
			return "ALTER COLUMN %1$s DROP DEFAULT, ALTER COLUMN %1$s DROP NOT NULL, ALTER COLUMN %1$s TYPE timestamptz USING CASE WHEN %1$s THEN now() END"
				.formatted(name);
		}
		return switch (column.type().base()) {
			case "timestamptz", "timestamp", "date" -> "ALTER COLUMN %s TYPE timestamptz".formatted(name);
			case "int4", "int8" ->
				"ALTER COLUMN %1$s DROP DEFAULT, ALTER COLUMN %1$s TYPE timestamptz USING to_timestamp(%1$s)"
					.formatted(name);
			default ->
				"ALTER COLUMN %1$s DROP DEFAULT, ALTER COLUMN %1$s TYPE timestamptz USING CAST(CAST(%1$s AS text) AS timestamptz)"
					.formatted(name);
		};
	}

}
