package io.github.deletionpolicy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.dao.InvalidDataAccessApiUsageException;

/**
 * The {@link DeletionPolicyRegistry} that is made of declarations.
 * <p>
 * Which one holds for a table: first the more specific one, so that one for
 * {@code schema.table} overrides one for {@code table}; among equally specific ones that
 * of the earlier source. One that is less specific still holds in all other schemas,
 * whichever source it is from.
 * <p>
 * A later source cannot turn a table hard that an earlier one keeps: a hard policy for
 * {@code schema.table} beside a soft or scheduled one of an earlier source for
 * {@code table} is refused, since nobody would see which of the two holds before the rows
 * are gone.
 *
 * @since 0.1
 */
public final class DeclaredDeletionPolicies implements DeletionPolicyRegistry {

	private final Map<TableName, Declaration> declarations = new LinkedHashMap<>();

	/**
	 * Collect declarations.
	 * @param sources declarations of one kind each; those of an earlier source override
	 * those of a later one for the same table
	 * @throws InvalidDeletionPolicyException if one source declares a table twice, or a
	 * later one makes a table hard in one schema that an earlier one keeps in all of them
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
			ofThisSource.forEach(this::refuseHardening);
			ofThisSource.forEach(this.declarations::putIfAbsent);
		}
	}

	private void refuseHardening(TableName table, Declaration later) {
		Declaration earlier = this.declarations.get(new TableName(null, table.name()));
		if (table.schema() == null || earlier == null || this.declarations.containsKey(table)) {
			return;
		}
		DeletionMode kept = earlier.policy().mode();
		if (later.policy().mode() == DeletionMode.HARD && kept != DeletionMode.HARD) {
			throw new InvalidDeletionPolicyException(
					"Table '%s' is %s in every schema (%s), and '%s' is hard (%s).".formatted(earlier.policy().table(),
							kept.name().toLowerCase(Locale.ROOT), earlier.origin(), table, later.origin()),
					"Say what holds for '%s' where '%s' was declared (%s), or remove the hard policy.".formatted(table,
							earlier.policy().table(), earlier.origin()));
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
