package io.github.deletionpolicy.doctor;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;

import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.SqlIdentifiers;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.catalog.CatalogSnapshot;
import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.ForeignKey;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.doctor.CatalogFacts.Index;

/**
 * Looks for foreign keys that are missing, have no index, or refuse deletes.
 */
record ForeignKeyCheck(CatalogFacts facts, DeletionPolicyRegistry policies, CatalogSnapshot snapshot) implements Check {

	private static final Set<String> FINDS_EQUALS = Set.of("btree", "hash");

	@Override
	public void check(ReachedTable reached, Consumer<Finding> findings) {
		for (ForeignKey key : reached.table().referredToBy()) {
			String clauses = this.facts.clausesOf(key);
			if (this.facts.of(key.child()) != null && !hasIndex(key)) {
				findings.accept(withoutIndex(key));
			}
			if (clauses == null && key.owned()) {
				findings.accept(ownedWithoutKey(key));
			}
			else if (clauses != null && key.isRestricting() && !hasPolicy(key.child())) {
				findings.accept(restricting(key, clauses));
			}
		}
	}

	private static Finding withoutIndex(ForeignKey key) {
		String columns = Check.listed(key.columns());
		return new Finding(key.child(), FindingCode.FOREIGN_KEY_WITHOUT_INDEX,
				"Table %1$s refers to %2$s by %3$s (%4$s) without an index, so each delete and each purged row of %2$s reads all of %1$s. On a big table that is in use, add CONCURRENTLY."
					.formatted(key.child(), key.parent(), SqlIdentifiers.quoteIfNeeded(key.name()), columns),
				"CREATE INDEX ON %s (%s);".formatted(key.child(), columns));
	}

	private boolean hasIndex(ForeignKey key) {
		Set<String> columns = new HashSet<>(key.columns());
		return this.facts.indexesOf(key.child())
			.stream()
			.anyMatch((index) -> index.table().equals(key.child()) && index.valid()
					&& FINDS_EQUALS.contains(index.method()) && index.columns().size() >= columns.size()
					&& columns.equals(new HashSet<>(index.columns().subList(0, columns.size())))
					&& findsAllThatRefer(index, key));
	}

	/**
	 * A row whose reference is null refers to nothing.
	 */
	private static boolean findsAllThatRefer(Index index, ForeignKey key) {
		if (index.predicate() == null) {
			return true;
		}
		String predicate = index.predicate().toLowerCase(Locale.ROOT).replaceAll("[()\"]", "");
		return key.columns()
			.stream()
			.anyMatch((column) -> predicate.equals(column.toLowerCase(Locale.ROOT) + " is not null"));
	}

	private static Finding ownedWithoutKey(ForeignKey key) {
		return new Finding(key.child(), FindingCode.OWNED_TABLE_WITHOUT_FOREIGN_KEY,
				"Rows of table %s are parts of rows of %s according to the mapping, but there is no foreign key. A part that is saved while its owner is purged stays behind, without an owner."
					.formatted(key.child(), key.parent()),
				"ALTER TABLE %s ADD FOREIGN KEY (%s) REFERENCES %s (%s) ON DELETE CASCADE;".formatted(key.child(),
						Check.listed(key.columns()), key.parent(), Check.listed(key.references())));
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
				"Table %1$s has no policy and refers to %2$s by %3$s, which restricts: a row to which others refer cannot be deleted, and is not purged while they refer. Declare a policy for %1$s, or change its key to ON DELETE %4$s, which %5$s at the purge."
					.formatted(key.child(), key.parent(), name, action,
							nullable ? "clears the reference" : "removes those rows too"),
				"ALTER TABLE %1$s DROP CONSTRAINT %2$s, ADD CONSTRAINT %2$s FOREIGN KEY (%3$s) REFERENCES %4$s (%5$s) ON DELETE %6$s%7$s;"
					.formatted(key.child(), name, Check.listed(key.columns()), key.parent(),
							Check.listed(key.references()), action, clauses));
	}

	private boolean hasPolicy(TableName table) {
		Table described = this.snapshot.get(table);
		TableName whole = (described != null) ? described.partitionOf() : null;
		return this.policies.policies()
			.stream()
			.map((policy) -> TableName.parse(policy.table()))
			.anyMatch((name) -> name.mayMean(table) || (whole != null && name.mayMean(whole)));
	}

}
