package io.github.deletionpolicy.autoconfigure;

import io.github.deletionpolicy.support.LedgerScripts;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link DeletionPolicySchemaInitializer} that need no database.
 */
class DeletionPolicySchemaInitializerTests {

	@Test
	void allScriptsAreLookedForBeforeFlywayIsLeftOut() {
		assertThat(LedgerScripts.versions()).isEqualTo(DeletionPolicySchemaInitializer.VERSIONS);
	}

}
