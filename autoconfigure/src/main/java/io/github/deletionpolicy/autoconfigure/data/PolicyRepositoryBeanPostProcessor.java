package io.github.deletionpolicy.autoconfigure.data;

import io.github.deletionpolicy.data.PolicyRepositoryCustomizer;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.PropertyValue;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.config.RuntimeBeanReference;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.data.repository.core.support.RepositoryFactoryBeanSupport;

/**
 * Lets repositories follow the policies. It takes nothing but the bean factory: whatever
 * a post-processor asks for is made before the others can see it.
 */
public class PolicyRepositoryBeanPostProcessor implements BeanPostProcessor, PriorityOrdered {

	private final ConfigurableListableBeanFactory beanFactory;

	public PolicyRepositoryBeanPostProcessor(ConfigurableListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	@Override
	public int getOrder() {
		return Ordered.LOWEST_PRECEDENCE;
	}

	@Override
	public Object postProcessBeforeInitialization(Object bean, String beanName) {
		if (bean instanceof RepositoryFactoryBeanSupport<?, ?, ?> repository) {
			repository.addRepositoryFactoryCustomizer(
					new PolicyRepositoryCustomizer(new BeanRepositoryParts(this.beanFactory, aggregatesOf(beanName))));
		}
		return bean;
	}

	/**
	 * Where there are several, a repository says in its definition which are its own.
	 */
	private @Nullable String aggregatesOf(String repository) {
		if (!this.beanFactory.containsBeanDefinition(repository)) {
			return null;
		}
		PropertyValue reference = this.beanFactory.getMergedBeanDefinition(repository)
			.getPropertyValues()
			.getPropertyValue("jdbcAggregateOperations");
		return (reference != null && reference.getValue() instanceof RuntimeBeanReference named
				&& named.getBeanType() == null) ? named.getBeanName() : null;
	}

}
