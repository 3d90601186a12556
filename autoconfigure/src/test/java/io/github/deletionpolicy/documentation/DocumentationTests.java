package io.github.deletionpolicy.documentation;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the documentation says can be followed, bound, compiled and found.
 */
class DocumentationTests {

	private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

	private static final List<Page> PAGES = Page.all();

	@Test
	void everyLinkLeadsSomewhere() {
		assertThat(PAGES).flatMap((page) -> Links.dead(page, ROOT)).isEmpty();
	}

	@Test
	void everyPageIsReachedFromTheOverview() {
		String overview = Stream.of("docs/README.md", "docs/decisions/README.md")
			.map((index) -> Page.read(ROOT.resolve(index)).text())
			.collect(Collectors.joining());
		assertThat(PAGES).map((page) -> page.path().getFileName().toString())
			.allSatisfy((name) -> assertThat(overview).contains(name));
	}

	@Test
	void everyYamlBlockBinds() {
		assertThat(blocks("yaml")).isNotEmpty().flatMap(YamlBlocks::problems).isEmpty();
	}

	@Test
	void everyJavaBlockCompiles(@TempDir Path classes) {
		JavaBlocks compiler = new JavaBlocks(classes);
		assertThat(blocks("java")).isNotEmpty().flatMap(compiler::problems).isEmpty();
	}

	@Test
	void everyPropertyIsDocumentedWithItsDefault() {
		assertThat(Properties.generated().undocumented(Page.read(ROOT.resolve("docs/properties.md")))).isEmpty();
	}

	@Test
	void noPageSaysAnotherDefault() {
		assertThat(PAGES).flatMap(Properties.generated()::wrongDefaults).isEmpty();
	}

	@Test
	void everyPropertyThatIsMentionedExists() {
		assertThat(PAGES).flatMap(Properties.generated()::unknown).isEmpty();
	}

	@Test
	void everyTypeOfTheApiIsInItsReference() {
		assertThat(PublicTypes.compiled().unnamed(Page.read(ROOT.resolve("docs/api.md")))).isEmpty();
	}

	@Test
	void everyTypeAndCallInTheReferenceExists() {
		assertThat(PublicTypes.compiled().unknown(Page.read(ROOT.resolve("docs/api.md")))).isEmpty();
	}

	@Test
	void everyTestThatIsNamedExists() {
		assertThat(PAGES).flatMap(NamedTests.of(ROOT)::missing).isEmpty();
	}

	@Test
	void everyDecisionSaysWhyAndWithWhichEvidence() {
		List<Page> decisions = PAGES.stream()
			.filter((page) -> page.path().startsWith(ROOT.resolve("docs/decisions")))
			.toList();
		assertThat(decisions).hasSizeGreaterThan(10);
		assertThat(Decisions.problems(decisions)).isEmpty();
	}

	@Test
	void everyBlockIsInALanguageThatIsLookedAt() {
		assertThat(PAGES.stream().flatMap((page) -> page.blocks().stream()))
			.allSatisfy((block) -> assertThat(block.language()).as(block.place())
				.isIn("", "bash", "java", "json", "sql", "typescript", "xml", "yaml"));
	}

	private static Stream<Page.Block> blocks(String language) {
		return PAGES.stream()
			.flatMap((page) -> page.blocks(language).stream())
			.filter((block) -> block.notRunnable().isEmpty());
	}

}
