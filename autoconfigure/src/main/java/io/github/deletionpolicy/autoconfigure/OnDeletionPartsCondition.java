package io.github.deletionpolicy.autoconfigure;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.annotation.ConditionContext;

/**
 * Matches where rows can be marked and their deletes recorded.
 */
class OnDeletionPartsCondition extends AbstractPartCondition {

	@Override
	@Nullable MissingPart missing(ConfigurableListableBeanFactory beanFactory, ConditionContext context) {
		return DeletionParts.missing(beanFactory, context.getEnvironment());
	}

}
