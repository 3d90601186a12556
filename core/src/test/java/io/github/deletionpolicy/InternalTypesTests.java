package io.github.deletionpolicy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is public is either API, and named in its reference, or marked as internal.
 */
class InternalTypesTests {

	private static final Path REFERENCE = Path.of("..", "docs", "api.md");

	@Test
	void publicTypeIsInTheReferenceOrMarkedAsInternal() throws IOException {
		String reference = Files.readString(REFERENCE);
		List<String> neither = new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests())
			.importPackages("io.github.deletionpolicy")
			.stream()
			.filter((type) -> type.isTopLevelClass() && type.getModifiers().contains(JavaModifier.PUBLIC))
			.filter((type) -> !isInternal(type) && !reference.contains("`" + type.getSimpleName())
					&& !reference.contains("`@" + type.getSimpleName() + "`"))
			.map(JavaClass::getName)
			.sorted()
			.toList();
		assertThat(neither).isEmpty();
	}

	@Test
	void packageOfTheApiIsNotInternal() {
		List<String> marked = new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests())
			.importPackages("io.github.deletionpolicy")
			.stream()
			.filter((type) -> type.getPackageName().matches("io\\.github\\.deletionpolicy(\\.mapping)?"))
			.filter(InternalTypesTests::isInternal)
			.map(JavaClass::getName)
			.toList();
		assertThat(marked).isEmpty();
	}

	private static boolean isInternal(JavaClass type) {
		return type.isAnnotatedWith(Internal.class) || type.getPackage()
			.tryGetPackageInfo()
			.map((info) -> info.isAnnotatedWith(Internal.class))
			.orElse(false);
	}

}
