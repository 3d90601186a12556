package io.github.deletionpolicy.autoconfigure.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

import io.github.deletionpolicy.DeclaredDeletionPolicies;
import io.github.deletionpolicy.DeclaredDeletionPolicies.Declaration;
import io.github.deletionpolicy.Deletion;
import io.github.deletionpolicy.DeletionPolicy;
import io.github.deletionpolicy.autoconfigure.DeletionPolicyProperties;
import io.github.deletionpolicy.mapping.AggregateMapping;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.context.properties.BoundConfigurationProperties;
import org.springframework.boot.persistence.autoconfigure.EntityScanner;
import org.springframework.context.ApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Collects what an application declares: in its properties, as beans, and on classes.
 */
public final class PolicyDeclarations {

	private PolicyDeclarations() {
	}

	/**
	 * Read all declarations.
	 * @param properties the properties as bound
	 * @param environment where they were written
	 * @param applicationContext has the beans and the packages to scan
	 * @param mapping says which tables classes are mapped to
	 * @return the policies
	 */
	public static DeclaredDeletionPolicies read(DeletionPolicyProperties properties,
			ConfigurableEnvironment environment, ApplicationContext applicationContext,
			Supplier<AggregateMapping> mapping) {
		BoundConfigurationProperties bound = BoundConfigurationProperties.get(applicationContext);
		if (bound != null) {
			UnreadProperties.check(environment, bound);
		}
		return new DeclaredDeletionPolicies(PropertyDeclarations.of(properties.tables(), new TableEntries(environment)),
				ofBeans(applicationContext), ofClasses(applicationContext, mapping));
	}

	private static List<Declaration> ofBeans(ListableBeanFactory beanFactory) {
		List<Declaration> declarations = new ArrayList<>();
		BeanFactoryUtils.beansOfTypeIncludingAncestors(beanFactory, DeletionPolicy.class)
			.forEach((name, policy) -> declarations.add(new Declaration(policy, "bean '%s'".formatted(name))));
		return declarations;
	}

	private static List<Declaration> ofClasses(ApplicationContext applicationContext,
			Supplier<AggregateMapping> mapping) {
		Set<Class<?>> annotated = scan(applicationContext);
		return annotated.isEmpty() ? List.of() : AnnotationDeclarations.of(annotated, mapping.get());
	}

	private static Set<Class<?>> scan(ApplicationContext applicationContext) {
		try {
			return new EntityScanner(applicationContext).scan(Deletion.class);
		}
		catch (ClassNotFoundException ex) {
			throw new IllegalStateException("A class that was just found with @Deletion cannot be loaded.", ex);
		}
	}

}
