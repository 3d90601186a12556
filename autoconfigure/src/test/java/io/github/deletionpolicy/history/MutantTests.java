package io.github.deletionpolicy.history;

import java.io.IOException;
import java.nio.file.Path;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Each mutant can be made from the sources as they are. Running histories against all of
 * them takes longer than a build may, and one that cannot be made is never caught.
 */
class MutantTests {

	@ParameterizedTest
	@EnumSource
	void canBeMade(Mutant mutant, @TempDir Path target) throws IOException {
		assertThat(mutant.compile(Path.of("../core/src/main/java"), target)).isNotEmptyDirectory();
	}

}
