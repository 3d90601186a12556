package io.github.deletionpolicy.autoconfigure.data;

import io.github.deletionpolicy.DeletionPolicyRegistry;
import io.github.deletionpolicy.autoconfigure.require.MissingPart;
import io.github.deletionpolicy.data.PolicyAggregateTemplate;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.AopUtils;
import org.springframework.beans.PropertyValue;
import org.springframework.beans.PropertyValues;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanReference;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.data.jdbc.core.JdbcAggregateOperations;
import org.springframework.data.jdbc.core.convert.DataAccessStrategy;
import org.springframework.data.jdbc.repository.config.AbstractJdbcConfiguration;
import org.springframework.data.jdbc.repository.support.JdbcRepositoryFactoryBean;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcOperations;
import org.springframework.util.ClassUtils;

/**
 * Stops the start where repositories would delete past the policies, through a template
 * of the application's own. Warns where the application has said that they shall.
 */
public class RepositoryTemplates implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(RepositoryTemplates.class);

	private static final String DROP_IN = "new PolicyAggregateTemplate(applicationContext, mappingContext, converter, dataAccessStrategy)";

	private static final String OR_DISABLE = "or set deletion-policy.repositories.enabled=false, and every delete of a repository removes rows.";

	private final DeletionPolicyRegistry policies;

	private final boolean enabled;

	private final ConfigurableListableBeanFactory beanFactory;

	public RepositoryTemplates(DeletionPolicyRegistry policies, boolean enabled,
			ConfigurableListableBeanFactory beanFactory) {
		this.policies = policies;
		this.enabled = enabled;
		this.beanFactory = beanFactory;
	}

	@Override
	public void afterSingletonsInstantiated() {
		String keeping = MissingPart.keeping(this.policies);
		if (keeping == null) {
			return;
		}
		PolicyDataSource dataSource = new PolicyDataSource(this.beanFactory);
		if (this.enabled) {
			for (String name : namesOf(JdbcAggregateOperations.class)) {
				refuseForeignTemplate(name, dataSource);
			}
			for (String name : namesOf(JdbcRepositoryFactoryBean.class)) {
				refuseTemplateOfItsOwn(BeanFactoryUtils.transformedBeanName(name), dataSource);
			}
		}
		else if (namesOf(JdbcAggregateOperations.class).length > 0) {
			logger.warn(
					"Deletes of repositories and of JdbcAggregateTemplate remove rows, although policies are to keep those of %s: deletion-policy.repositories.enabled is false. Only DeleteTemplate obeys the policies."
						.formatted(keeping));
		}
	}

	private String[] namesOf(Class<?> type) {
		return this.beanFactory.getBeanNamesForType(type, true, false);
	}

	private void refuseForeignTemplate(String name, PolicyDataSource dataSource) {
		JdbcAggregateOperations template = this.beanFactory.getBean(name, JdbcAggregateOperations.class);
		Class<?> type = AopUtils.getTargetClass(template);
		boolean obeys = PolicyAggregateTemplate.class.isAssignableFrom(type);
		boolean ours = dataSource.isOf(template.getDataAccessStrategy());
		if (!obeys && ours) {
			new MissingPart(
					"Bean '%s' (%s) deletes past the policies: it is a template of the application's own, declared by %s."
						.formatted(name, type.getName(), declarationOf(name)),
					whatToWrite(name))
				.refuse(this.policies);
		}
		if (obeys && !ours) {
			new MissingPart(
					"Bean '%s' (%s) works on another DataSource than the one whose tables have policies, where its deletes would look for the rows."
						.formatted(name, type.getName()),
					"Make it a JdbcAggregateTemplate, which knows of no policies.")
				.refuse(this.policies);
		}
	}

	private String whatToWrite(String name) {
		Class<?> configuration = factoryTypeOf(name);
		return (configuration != null && AbstractJdbcConfiguration.class.isAssignableFrom(configuration))
				? "Override the method jdbcAggregateTemplate in %s, and return %s; %s"
					.formatted(ClassUtils.getUserClass(configuration).getName(), DROP_IN, OR_DISABLE)
				: "Make it a PolicyAggregateTemplate, which takes what JdbcAggregateTemplate does: %s; or remove it, and there will be one; %s"
					.formatted(DROP_IN, OR_DISABLE);
	}

	private String declarationOf(String name) {
		BeanDefinition definition = definitionOf(name);
		String method = (definition != null) ? definition.getFactoryMethodName() : null;
		Class<?> factory = factoryTypeOf(name);
		return (method != null && factory != null)
				? "method %s of %s".formatted(method, ClassUtils.getUserClass(factory).getName()) : "the application";
	}

	private @Nullable Class<?> factoryTypeOf(String name) {
		BeanDefinition definition = definitionOf(name);
		String factory = (definition != null) ? definition.getFactoryBeanName() : null;
		return (factory != null) ? this.beanFactory.getType(factory) : null;
	}

	private @Nullable BeanDefinition definitionOf(String name) {
		return this.beanFactory.containsBeanDefinition(name) ? this.beanFactory.getMergedBeanDefinition(name) : null;
	}

	/**
	 * A repository that was given parts makes a template of them itself.
	 */
	private void refuseTemplateOfItsOwn(String repository, PolicyDataSource dataSource) {
		BeanDefinition definition = definitionOf(repository);
		if (definition == null) {
			return;
		}
		PropertyValues properties = definition.getPropertyValues();
		if ((properties.contains("jdbcOperations") || properties.contains("dataAccessStrategy"))
				&& isOf(dataSource, properties)) {
			new MissingPart(
					"Repository '%s' deletes past the policies: its @EnableJdbcRepositories names a dataAccessStrategyRef or a jdbcOperationsRef, of which it makes a template of its own."
						.formatted(repository),
					"Name a PolicyAggregateTemplate in jdbcAggregateOperationsRef instead, as in %s; or name none of them, and it takes the only one; %s"
						.formatted(DROP_IN, OR_DISABLE))
				.refuse(this.policies);
		}
	}

	/**
	 * Find out what it takes: a strategy that it is given, else the only one, else one
	 * that it makes.
	 */
	private boolean isOf(PolicyDataSource dataSource, PropertyValues properties) {
		DataAccessStrategy strategy = reference("dataAccessStrategy", properties, DataAccessStrategy.class);
		if (strategy == null) {
			strategy = this.beanFactory.getBeanProvider(DataAccessStrategy.class).getIfUnique();
		}
		if (strategy != null) {
			return dataSource.isOf(strategy);
		}
		NamedParameterJdbcOperations operations = reference("jdbcOperations", properties,
				NamedParameterJdbcOperations.class);
		return operations == null || dataSource.isOf(operations);
	}

	private <T> @Nullable T reference(String property, PropertyValues properties, Class<T> type) {
		PropertyValue given = properties.getPropertyValue(property);
		Object value = (given != null) ? given.getValue() : null;
		if (value instanceof BeanReference reference) {
			return this.beanFactory.getBean(reference.getBeanName(), type);
		}
		return type.isInstance(value) ? type.cast(value) : null;
	}

}
