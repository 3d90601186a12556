package io.github.deletionpolicy.autoconfigure.require;

import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * The condition of {@link ConditionalOnMissingDeletionPart}.
 */
final class OnMissingDeletionPartCondition extends OnDeletionPartsCondition {

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		ConditionOutcome outcome = super.getMatchOutcome(context, metadata);
		return new ConditionOutcome(!outcome.isMatch(), outcome.getConditionMessage());
	}

}
