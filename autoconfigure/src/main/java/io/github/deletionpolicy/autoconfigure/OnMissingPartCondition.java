package io.github.deletionpolicy.autoconfigure;

import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Matches where rows cannot be marked or their deletes not be recorded.
 */
final class OnMissingPartCondition extends OnDeletionPartsCondition {

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		ConditionOutcome outcome = super.getMatchOutcome(context, metadata);
		return new ConditionOutcome(!outcome.isMatch(), outcome.getConditionMessage());
	}

}
