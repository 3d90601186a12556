package io.github.deletionpolicy.autoconfigure.require;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.ConfigurationCondition;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.Assert;

/**
 * The condition of {@link ConditionalOnDeletionParts}.
 */
class OnDeletionPartsCondition extends SpringBootCondition implements ConfigurationCondition {

	@Override
	public ConfigurationPhase getConfigurationPhase() {
		return ConfigurationPhase.REGISTER_BEAN;
	}

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		MissingPart missing = missing(context, metadata.getAnnotations().get(ConditionalOnDeletionParts.class));
		return (missing != null) ? ConditionOutcome.noMatch(missing.toString())
				: ConditionOutcome.match("everything is there");
	}

	private static @Nullable MissingPart missing(ConditionContext context,
			MergedAnnotation<ConditionalOnDeletionParts> condition) {
		ConfigurableListableBeanFactory beanFactory = context.getBeanFactory();
		Assert.state(beanFactory != null, "Conditions on beans need a bean factory");
		MissingPart missing = DeletionParts.missing(beanFactory, context.getEnvironment());
		boolean scheduler = condition.getValue("scheduler", Boolean.class).orElse(false);
		return (missing == null && scheduler) ? DeletionParts.missingScheduler(beanFactory) : missing;
	}

}
