package io.github.deletionpolicy.autoconfigure.require;

import io.github.deletionpolicy.DeleteOperations;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/**
 * Says why there is no bean of ours where one is injected: a part is missing, or policies
 * are switched off.
 */
@Order(0)
final class MissingDeletionBeanFailureAnalyzer extends AbstractFailureAnalyzer<NoSuchBeanDefinitionException> {

	private static final String PACKAGE = DeleteOperations.class.getPackageName();

	private final BeanFactory beanFactory;

	private final Environment environment;

	MissingDeletionBeanFailureAnalyzer(BeanFactory beanFactory, Environment environment) {
		this.beanFactory = beanFactory;
		this.environment = environment;
	}

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable rootFailure, NoSuchBeanDefinitionException cause) {
		Class<?> type = cause.getBeanType();
		if (type == null || !type.getPackageName().equals(PACKAGE) || cause.getNumberOfBeansFound() > 0) {
			return null;
		}
		String description = "There is no bean of type %s. ".formatted(type.getName());
		if (!this.environment.getProperty("deletion-policy.enabled", Boolean.class, true)) {
			return new FailureAnalysis(
					description + "Deletion policies are switched off: deletion-policy.enabled is false.",
					"Set deletion-policy.enabled=true, or do without the bean.", cause);
		}
		MissingPart missing = (this.beanFactory instanceof ConfigurableListableBeanFactory beans)
				? DeletionParts.missing(beans, this.environment) : null;
		return (missing != null) ? new FailureAnalysis(description + missing.complaint(), missing.action(), cause)
				: null;
	}

}
