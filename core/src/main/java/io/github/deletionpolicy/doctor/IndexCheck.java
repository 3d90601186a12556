package io.github.deletionpolicy.doctor;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

import io.github.deletionpolicy.SqlIdentifiers;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.doctor.CatalogFacts.Index;
import org.jspecify.annotations.Nullable;

/**
 * Looks for unique indexes and exclusion constraints that do not fit deleted rows.
 */
record IndexCheck(CatalogFacts facts) implements Check {

	private static final int MAX_BYTES = 63;

	@Override
	public void check(ReachedTable reached, Consumer<Finding> findings) {
		Column deletionTime = reached.deletionTime();
		if (deletionTime == null) {
			return;
		}
		Set<String> key = reached.table().key().stream().map(Column::name).collect(Collectors.toSet());
		for (Index index : this.facts.indexesOf(reached.table().name())) {
			String predicate = index.predicate();
			boolean liveOnly = predicate != null && ViewDefinition.requiresNull(predicate, deletionTime.name());
			boolean narrowerThanKey = !key.isEmpty() && new HashSet<>(index.columns()).containsAll(key);
			if (!index.exclusive() || index.primary() || liveOnly || narrowerThanKey) {
				continue;
			}
			if (index.exclusion() != null || !index.columns().contains(deletionTime.name())) {
				findings.accept(holdsDeleted(index, deletionTime));
			}
			else if (!index.nullsNotDistinct()) {
				findings.accept(containsDeletionTime(index, deletionTime));
			}
		}
	}

	private Finding holdsDeleted(Index index, Column deletionTime) {
		String text = "%s of table %s also contains deleted rows, so the value of a deleted row stays taken until the purge, and an insert fails. Restrict it to live rows."
			.formatted(described(index), index.table());
		return finding(index, FindingCode.UNIQUE_INDEX_HOLDS_DELETED, text, (index.exclusion() != null)
				? replacedExclusion(index, index.exclusion(), deletionTime) : replaced(index, deletionTime, null));
	}

	/**
	 * Without the deletion time nothing may be left of an index: then it says that there
	 * is one live row, which is better said in another way.
	 */
	private Finding containsDeletionTime(Index index, Column deletionTime) {
		List<String> columns = index.columns()
			.stream()
			.filter((column) -> !column.equals(deletionTime.name()))
			.toList();
		String text = "%s of table %s contains %s, which is null in live rows, and nulls are distinct: two live rows with the same value are accepted. Restrict it to live rows, and remove that column."
			.formatted(described(index), index.table(), SqlIdentifiers.quoteIfNeeded(deletionTime.name()));
		boolean plain = !columns.isEmpty() && !columns.contains("");
		return finding(index, FindingCode.UNIQUE_INDEX_CONTAINS_DELETION_TIME, text,
				plain ? replaced(index, deletionTime, columns) : null);
	}

	private static Finding finding(Index index, FindingCode code, String text, @Nullable String ddl) {
		String hint = index.referredTo()
				? " A foreign key refers to it, and cannot refer to an index on live rows only: change the foreign key first."
				: "";
		return new Finding(index.table(), code, text + hint, index.referredTo() ? null : ddl);
	}

	private static String described(Index index) {
		String name = (index.constraint() != null) ? index.constraint() : index.name();
		String kind = (index.exclusion() != null) ? "Exclusion constraint"
				: (index.constraint() != null) ? "Unique constraint" : "Unique index";
		return "%s %s (%s)".formatted(kind, SqlIdentifiers.quoteIfNeeded(name),
				index.columns()
					.stream()
					.map((column) -> column.isEmpty() ? "an expression" : SqlIdentifiers.quoteIfNeeded(column))
					.collect(Collectors.joining(", ")));
	}

	/**
	 * The new one first, so that live rows are never without one.
	 */
	private @Nullable String replaced(Index index, Column deletionTime, @Nullable List<String> columns) {
		if (index.definition() == null) {
			return null;
		}
		String condition = "%s IS NULL".formatted(SqlIdentifiers.quoteIfNeeded(deletionTime.name()));
		String definition;
		if (columns != null) {
			String predicate = (index.predicate() != null) ? " AND (%s)".formatted(index.predicate()) : "";
			definition = " ON %s (%s) WHERE %s%s".formatted(index.table(), Check.listed(columns), condition, predicate);
		}
		else {
			String known = index.definition().replaceFirst("^ ON ONLY ", " ON ");
			definition = known + ((index.predicate() != null) ? " AND (%s)" : " WHERE %s").formatted(condition);
		}
		return "CREATE UNIQUE INDEX %s%s; %s".formatted(SqlIdentifiers.quoteIfNeeded(newName(index)), definition,
				dropped(index));
	}

	private static String dropped(Index index) {
		return (index.constraint() != null)
				? "ALTER TABLE %s DROP CONSTRAINT %s;".formatted(index.table(),
						SqlIdentifiers.quoteIfNeeded(index.constraint()))
				: "DROP INDEX %s;".formatted(new TableName(index.table().schema(), index.name()));
	}

	private static String replacedExclusion(Index index, String exclusion, Column deletionTime) {
		String where = (index.predicate() != null) ? " WHERE (" + index.predicate() + ")" : "";
		int end = where.isEmpty() ? -1 : exclusion.lastIndexOf(where);
		int deferrable = exclusion.lastIndexOf(" DEFERRABLE");
		String rest = (deferrable > 0) ? exclusion.substring(deferrable) : "";
		String head = exclusion.substring(0, (end > 0) ? end : exclusion.length() - rest.length());
		String condition = SqlIdentifiers.quoteIfNeeded(deletionTime.name()) + " IS NULL"
				+ ((index.predicate() != null) ? " AND (" + index.predicate() + ")" : "");
		String name = SqlIdentifiers.quoteIfNeeded(String.valueOf(index.constraint()));
		return "ALTER TABLE %1$s DROP CONSTRAINT %2$s, ADD CONSTRAINT %2$s %3$s WHERE (%4$s)%5$s;"
			.formatted(index.table(), name, head, condition, rest);
	}

	private String newName(Index index) {
		Set<String> taken = this.facts.indexesOf(index.table()).stream().map(Index::name).collect(Collectors.toSet());
		String name = suffixed(index.name(), "_live");
		for (int i = 2; taken.contains(name); i++) {
			name = suffixed(index.name(), "_live" + i);
		}
		return name;
	}

	private static String suffixed(String name, String suffix) {
		String cut = name;
		while ((cut + suffix).getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
			cut = cut.substring(0, cut.length() - 1);
		}
		return cut + suffix;
	}

}
