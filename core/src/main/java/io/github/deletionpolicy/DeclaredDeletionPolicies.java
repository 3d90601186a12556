package io.github.deletionpolicy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.dao.InvalidDataAccessApiUsageException;

/**
 * The {@link DeletionPolicyRegistry} that is made of declarations.
 *
 * @since 0.1
 */
public final class DeclaredDeletionPolicies implements DeletionPolicyRegistry {

	private final Map<TableName, Declaration> declarations = new LinkedHashMap<>();

	/**
	 * Collect declarations.
	 * @param sources declarations of one kind each; those of an earlier source go before
	 * those of a later one for the same table
	 * @throws InvalidDeletionPolicyException if one source declares a table twice
	 */
	@SafeVarargs
	public DeclaredDeletionPolicies(Collection<Declaration>... sources) {
		for (Collection<Declaration> source : sources) {
			Map<TableName, Declaration> ofThisSource = new LinkedHashMap<>();
			for (Declaration declaration : source) {
				TableName table = TableName.parse(declaration.policy().table());
				Declaration twin = ofThisSource.put(table, declaration);
				if (twin != null) {
					throw new InvalidDeletionPolicyException("Table '%s' has two policies: %s and %s.".formatted(table,
							twin.origin(), declaration.origin()), "Keep one of them.");
				}
			}
			ofThisSource.forEach(this.declarations::putIfAbsent);
		}
	}

	@Override
	public DeletionPolicy policyFor(String table) {
		Declaration declaration = find(TableName.parse(table));
		return (declaration != null) ? declaration.policy() : DeletionPolicy.hard(table);
	}

	@Override
	public Collection<DeletionPolicy> policies() {
		return this.declarations.values().stream().map(Declaration::policy).toList();
	}

	@Override
	public String originOf(String table) {
		Declaration declaration = find(TableName.parse(table));
		return (declaration != null) ? declaration.origin() : "no policy";
	}

	private @Nullable Declaration find(TableName table) {
		Declaration exact = this.declarations.get(table);
		if (exact != null) {
			return exact;
		}
		if (table.schema() != null) {
			return this.declarations.get(new TableName(null, table.name()));
		}
		List<Declaration> namesakes = new ArrayList<>();
		this.declarations.forEach((declared, declaration) -> {
			if (declared.mayMean(table)) {
				namesakes.add(declaration);
			}
		});
		if (namesakes.size() > 1) {
			throw new InvalidDataAccessApiUsageException(
					"Table '%s' has policies in several schemas (%s). Write schema.table.".formatted(table,
							String.join(", ", namesakes.stream().map((it) -> it.policy().table()).toList())));
		}
		return namesakes.isEmpty() ? null : namesakes.get(0);
	}

	/**
	 * A policy and where it was said.
	 *
	 * @param policy the policy
	 * @param origin a phrase for messages, such as {@code application.yml, line 12}
	 */
	public record Declaration(DeletionPolicy policy, String origin) {
	}

}
