package io.github.deletionpolicy.autoconfigure.require;

import java.util.List;
import java.util.function.Predicate;

import io.github.deletionpolicy.autoconfigure.DeletionPolicyDataSource;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Finds the bean that is meant among several of a type: the one with
 * {@link DeletionPolicyDataSource @DeletionPolicyDataSource}, else the only or primary
 * one. It looks at definitions only, so that conditions can ask too.
 *
 * @param names the beans that may be meant; it is clear which if there is one
 * @param qualified whether they have the qualifier
 */
record PartFinder(List<String> names, boolean qualified) {

	static PartFinder of(Class<?> type, ConfigurableListableBeanFactory beanFactory) {
		List<Candidate> all = candidates(type, beanFactory);
		List<Candidate> qualified = all.stream().filter(Candidate::isQualified).toList();
		if (!qualified.isEmpty()) {
			return new PartFinder(names(qualified), true);
		}
		List<Candidate> eligible = all.stream().filter((it) -> it.is(PartFinder::isDefaultCandidate, true)).toList();
		List<Candidate> primary = eligible.stream().filter((it) -> it.is(BeanDefinition::isPrimary, false)).toList();
		if (!primary.isEmpty()) {
			return new PartFinder(names(primary), false);
		}
		List<Candidate> first = eligible.stream().filter((it) -> !it.is(BeanDefinition::isFallback, false)).toList();
		return new PartFinder(names((first.size() == 1) ? first : eligible), false);
	}

	/**
	 * Return the name of the bean that is meant.
	 * @return the name; {@code null} if it is not clear, or there is none
	 */
	@Nullable String name() {
		return (this.names.size() == 1) ? this.names.get(0) : null;
	}

	String listed() {
		return String.join(", ", this.names);
	}

	static List<String> allNames(Class<?> type, ConfigurableListableBeanFactory beanFactory) {
		return names(candidates(type, beanFactory));
	}

	private static List<Candidate> candidates(Class<?> type, ConfigurableListableBeanFactory beanFactory) {
		return List.of(BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beanFactory, type, true, false))
			.stream()
			.map((name) -> new Candidate(name, owner(name, beanFactory)))
			.filter((it) -> it.is(BeanDefinition::isAutowireCandidate, true))
			.toList();
	}

	private static List<String> names(List<Candidate> candidates) {
		return candidates.stream().map(Candidate::name).toList();
	}

	private static ConfigurableListableBeanFactory owner(String name, ConfigurableListableBeanFactory beanFactory) {
		ConfigurableListableBeanFactory current = beanFactory;
		while (!current.containsLocalBean(name) && parent(current) instanceof ConfigurableListableBeanFactory parent) {
			current = parent;
		}
		return current;
	}

	private static @Nullable Object parent(ConfigurableListableBeanFactory beanFactory) {
		return (beanFactory.getParentBeanFactory() instanceof ConfigurableApplicationContext context)
				? context.getBeanFactory() : beanFactory.getParentBeanFactory();
	}

	private static boolean isDefaultCandidate(BeanDefinition definition) {
		return !(definition instanceof AbstractBeanDefinition it) || it.isDefaultCandidate();
	}

	private record Candidate(String name, ConfigurableListableBeanFactory owner) {

		/**
		 * A bean that was registered as it is has no definition.
		 */
		boolean is(Predicate<BeanDefinition> property, boolean withoutDefinition) {
			return this.owner.containsBeanDefinition(this.name)
					? property.test(this.owner.getMergedBeanDefinition(this.name)) : withoutDefinition;
		}

		boolean isQualified() {
			return this.owner.findAnnotationOnBean(this.name, DeletionPolicyDataSource.class, false) != null
					|| is((definition) -> definition instanceof AbstractBeanDefinition it
							&& it.hasQualifier(DeletionPolicyDataSource.class.getName()), false);
		}

	}

}
