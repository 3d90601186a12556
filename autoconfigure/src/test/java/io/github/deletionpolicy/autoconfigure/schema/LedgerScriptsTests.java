package io.github.deletionpolicy.autoconfigure.schema;

import io.github.deletionpolicy.support.LedgerScriptFiles;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class LedgerScriptsTests {

	@Test
	void allScriptsAreLookedForBeforeFlywayIsLeftOut() {
		assertThat(LedgerScripts.versions()).isNotEmpty()
			.containsExactlyInAnyOrderElementsOf(LedgerScriptFiles.versions());
	}

}
