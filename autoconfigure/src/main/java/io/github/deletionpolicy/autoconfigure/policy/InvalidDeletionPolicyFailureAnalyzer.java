package io.github.deletionpolicy.autoconfigure.policy;

import io.github.deletionpolicy.InvalidDeletionPolicyException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.annotation.Order;

/**
 * Explains an {@link InvalidDeletionPolicyException}. Goes before the analyser of failed
 * bindings, which would tell of the constructor that threw it.
 */
@Order(0)
final class InvalidDeletionPolicyFailureAnalyzer extends AbstractFailureAnalyzer<InvalidDeletionPolicyException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidDeletionPolicyException cause) {
		return new FailureAnalysis(cause.getDescription(), cause.getAction(), cause);
	}

}
