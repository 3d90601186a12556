package io.github.deletionpolicy.autoconfigure.schema;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains a {@link DeletionPolicySchemaException}.
 */
final class DeletionPolicySchemaFailureAnalyzer extends AbstractFailureAnalyzer<DeletionPolicySchemaException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, DeletionPolicySchemaException cause) {
		return new FailureAnalysis(cause.getMessage(), cause.getAction(), cause);
	}

}
