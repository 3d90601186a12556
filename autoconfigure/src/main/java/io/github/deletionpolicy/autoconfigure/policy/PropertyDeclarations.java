package io.github.deletionpolicy.autoconfigure.policy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import io.github.deletionpolicy.DeclaredDeletionPolicies.Declaration;
import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.InvalidDeletionPolicyException;
import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.autoconfigure.DeletionPolicyProperties.TablePolicy;
import io.github.deletionpolicy.autoconfigure.policy.TableEntries.Entry;

/**
 * The policies that {@code deletion-policy.tables} declares.
 */
final class PropertyDeclarations {

	private PropertyDeclarations() {
	}

	/**
	 * Turn bound entries into declarations.
	 * @param tables the entries as bound
	 * @param entries how they are spelt, and where
	 * @return one declaration per entry, with file and line as its origin
	 * @throws InvalidDeletionPolicyException if an entry cannot be meant, or two are for
	 * one table
	 */
	static List<Declaration> of(Map<String, TablePolicy> tables, TableEntries entries) {
		List<Declaration> declarations = new ArrayList<>();
		Map<TableName, Entry> declared = new HashMap<>();
		for (Entry entry : entries.entries(tables.keySet())) {
			DeletionPolicy policy = new TablePolicyReader(entry, Objects.requireNonNull(tables.get(entry.label())))
				.read();
			String place = entry.placeOf("mode");
			TableName table = TableName.parse(policy.table());
			Entry twin = declared.put(table, entry);
			if (twin != null) {
				throw new InvalidDeletionPolicyException("Table '%s' has two policies: '%s' (%s) and '%s' (%s)."
					.formatted(table, twin.label(), twin.placeOf("mode"), entry.label(), place), "Keep one of them.");
			}
			declarations.add(new Declaration(policy, place));
		}
		return declarations;
	}

}
