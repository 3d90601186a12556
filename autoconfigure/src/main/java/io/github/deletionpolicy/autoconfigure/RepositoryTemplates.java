package io.github.deletionpolicy.autoconfigure;

import javax.sql.DataSource;

import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.data.PolicyAggregateTemplate;

import org.springframework.aop.support.AopUtils;
import org.springframework.beans.PropertyValues;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.data.jdbc.core.JdbcAggregateOperations;
import org.springframework.data.jdbc.core.convert.DataAccessStrategy;
import org.springframework.data.jdbc.repository.support.JdbcRepositoryFactoryBean;
import org.springframework.jdbc.support.JdbcAccessor;

/**
 * Stops the start where repositories would delete past the policies: through a template
 * of the application's own.
 */
class RepositoryTemplates implements SmartInitializingSingleton {

	private final DeletionPolicyRegistry policies;

	private final ConfigurableListableBeanFactory beanFactory;

	RepositoryTemplates(DeletionPolicyRegistry policies, ConfigurableListableBeanFactory beanFactory) {
		this.policies = policies;
		this.beanFactory = beanFactory;
	}

	/**
	 * Return whether statements go to the database whose tables have policies.
	 * @param strategy carries them out
	 * @param beanFactory the beans
	 * @return whether they do; {@code false} if it is not clear which database that is
	 */
	static boolean areOnPolicyDataSource(DataAccessStrategy strategy, ConfigurableListableBeanFactory beanFactory) {
		String name = PartFinder.of(DataSource.class, beanFactory).name();
		if (name == null) {
			return false;
		}
		Object used = (strategy.getJdbcOperations().getJdbcOperations() instanceof JdbcAccessor accessor)
				? accessor.getDataSource() : null;
		return used == null || TransactionManagers.unwrap(used) == TransactionManagers
			.unwrap(beanFactory.getBean(name, DataSource.class));
	}

	@Override
	public void afterSingletonsInstantiated() {
		for (String name : this.beanFactory.getBeanNamesForType(JdbcAggregateOperations.class, true, false)) {
			JdbcAggregateOperations template = this.beanFactory.getBean(name, JdbcAggregateOperations.class);
			if (!PolicyAggregateTemplate.class.isAssignableFrom(AopUtils.getTargetClass(template))
					&& areOnPolicyDataSource(template.getDataAccessStrategy(), this.beanFactory)) {
				new MissingPart(
						"Bean '%s' (%s) deletes past the policies: it is a template of the application's own."
							.formatted(name, AopUtils.getTargetClass(template).getName()),
						"Remove it, so that Spring Boot's configuration takes its place; or make it a PolicyAggregateTemplate, or a subclass of it; or set deletion-policy.repositories.enabled=false, and every delete of a repository removes rows.")
					.refuse(this.policies);
			}
		}
		for (String name : this.beanFactory.getBeanNamesForType(JdbcRepositoryFactoryBean.class, true, false)) {
			refuseTemplateOfItsOwn(name);
		}
	}

	/**
	 * A repository that was given parts makes a template of them itself.
	 */
	private void refuseTemplateOfItsOwn(String factoryName) {
		String name = factoryName.startsWith(BeanFactory.FACTORY_BEAN_PREFIX)
				? factoryName.substring(BeanFactory.FACTORY_BEAN_PREFIX.length()) : factoryName;
		BeanDefinition definition = this.beanFactory.containsBeanDefinition(name)
				? this.beanFactory.getMergedBeanDefinition(name) : null;
		PropertyValues properties = (definition != null) ? definition.getPropertyValues() : null;
		if (properties != null
				&& (properties.contains("jdbcOperations") || properties.contains("dataAccessStrategy"))) {
			new MissingPart(
					"Repository '%s' deletes past the policies: its @EnableJdbcRepositories names a dataAccessStrategyRef or a jdbcOperationsRef, of which it makes a template of its own."
						.formatted(name),
					"Name a PolicyAggregateTemplate in jdbcAggregateOperationsRef instead, or nothing; or set deletion-policy.repositories.enabled=false, and every delete of a repository removes rows.")
				.refuse(this.policies);
		}
	}

}
