package io.github.deletionpolicy.autoconfigure;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.ConfigurationCondition;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.Assert;

/**
 * Matches where a part is there; says what to write where it is not.
 */
abstract class AbstractPartCondition extends SpringBootCondition implements ConfigurationCondition {

	@Override
	public ConfigurationPhase getConfigurationPhase() {
		return ConfigurationPhase.REGISTER_BEAN;
	}

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		ConfigurableListableBeanFactory beanFactory = context.getBeanFactory();
		Assert.state(beanFactory != null, "Conditions on beans need a bean factory");
		MissingPart missing = missing(beanFactory, context);
		return (missing != null) ? ConditionOutcome.noMatch(missing.toString())
				: ConditionOutcome.match("everything is there");
	}

	abstract @Nullable MissingPart missing(ConfigurableListableBeanFactory beanFactory, ConditionContext context);

}
