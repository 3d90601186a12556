package io.github.deletionpolicy.autoconfigure.policy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

import io.github.deletionpolicy.DeclaredDeletionPolicies.Declaration;
import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.InvalidDeletionPolicyException;
import io.github.deletionpolicy.UnknownTableException;
import io.github.deletionpolicy.mapping.AggregateMapping;

/**
 * The policies that aggregate roots declare with
 * {@link io.github.deletionpolicy.Deletion @Deletion}.
 */
final class AnnotationDeclarations {

	private AnnotationDeclarations() {
	}

	/**
	 * Turn annotated classes into declarations.
	 * @param annotated the classes, in any order
	 * @param mapping says which tables they are mapped to
	 * @return one declaration per class, in the order of their names
	 * @throws InvalidDeletionPolicyException if one of them cannot be meant
	 */
	static List<Declaration> of(Collection<Class<?>> annotated, AggregateMapping mapping) {
		List<Declaration> declarations = new ArrayList<>();
		annotated.stream().sorted(Comparator.comparing(Class::getName)).forEach((type) -> {
			DeletionPolicy policy = new AnnotatedPolicyReader(type, tableOf(type, mapping)).read();
			declarations.add(new Declaration(policy, "class " + type.getName()));
		});
		return declarations;
	}

	private static String tableOf(Class<?> type, AggregateMapping mapping) {
		try {
			return mapping.tableOf(type).toString();
		}
		catch (UnknownTableException ex) {
			throw new InvalidDeletionPolicyException(
					"Class %s has @Deletion, and its table is unknown. %s".formatted(type.getName(), ex.getMessage()),
					"Remove it, and declare the policy under deletion-policy.tables or as a bean of type DeletionPolicy.",
					ex);
		}
	}

}
