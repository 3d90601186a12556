package io.github.deletionpolicy.autoconfigure;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.annotation.ConditionContext;

/**
 * Matches where it is clear which Quartz scheduler starts the purge.
 */
class OnSchedulerCondition extends AbstractPartCondition {

	@Override
	@Nullable MissingPart missing(ConfigurableListableBeanFactory beanFactory, ConditionContext context) {
		return DeletionParts.missingScheduler(beanFactory);
	}

}
