package io.github.deletionpolicy.autoconfigure.schema;

import java.io.IOException;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link DeletionPolicySchemaInitializer} that need no database.
 */
class DeletionPolicySchemaInitializerTests {

	@Test
	void allScriptsAreLookedForBeforeFlywayIsLeftOut() throws IOException {
		assertThat(Stream
			.of(new PathMatchingResourcePatternResolver()
				.getResources("classpath:io/github/deletionpolicy/ledger/postgresql/*.sql"))
			.map((script) -> String.valueOf(script.getFilename()).replaceFirst("V(\\d+)__.*", "$1")))
			.containsExactlyInAnyOrderElementsOf(DeletionPolicySchemaInitializer.VERSIONS);
	}

}
