package io.github.deletionpolicy.autoconfigure.schema;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class LedgerScriptsTests {

	@Test
	void allScriptsAreLookedForBeforeFlywayIsLeftOut() throws IOException {
		try (Stream<Path> scripts = Files.list(Path.of("../core/src/main/resources", LedgerScripts.FOLDER))) {
			assertThat(scripts.map((script) -> script.getFileName().toString().replaceFirst("V(\\d+)__.*", "$1")))
				.isNotEmpty()
				.containsExactlyInAnyOrderElementsOf(LedgerScripts.versions());
		}
	}

}
