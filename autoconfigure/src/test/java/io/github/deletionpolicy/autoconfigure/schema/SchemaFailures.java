package io.github.deletionpolicy.autoconfigure.schema;

import org.springframework.boot.test.context.assertj.AssertableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Finds out why the ledger's tables were not created.
 */
final class SchemaFailures {

	private SchemaFailures() {
	}

	static DeletionPolicySchemaException of(AssertableApplicationContext context) {
		assertThat(context).hasFailed();
		Throwable failure = context.getStartupFailure();
		while (failure != null) {
			if (failure instanceof DeletionPolicySchemaException found) {
				return found;
			}
			failure = failure.getCause();
		}
		throw new AssertionError("Failed for another reason", context.getStartupFailure());
	}

}
