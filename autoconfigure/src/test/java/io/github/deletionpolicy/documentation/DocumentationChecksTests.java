package io.github.deletionpolicy.documentation;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import io.github.deletionpolicy.AsyncProgress;
import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.RestoreResult;
import io.github.deletionpolicy.autoconfigure.DeletionPolicyDataSource;
import io.github.deletionpolicy.test.PurgeRunner;
import io.github.deletionpolicy.test.RowAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The checks of the documentation find what is wrong.
 */
class DocumentationChecksTests {

	private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

	@ParameterizedTest
	@ValueSource(strings = { "[x](docs/gone.md)", "![x](docs/images/gone.png)", "[x](#gone)", "[x](docs/trees.md#gone)",
			"[x](../elsewhere.md)", "[x](http:/no-host)", "[x]()", "[x\ny](docs/gone.md)", "[x]: docs/gone.md",
			"<a href=\"gone.md\">x</a>" })
	void deadLinkIsFound(String link) {
		assertThat(Links.dead(page("# Here\n\n" + link + "\n"), ROOT)).hasSize(1);
	}

	@Test
	void linksThatLeadSomewhereAreFine() {
		assertThat(Links.dead(
				page("""
						# A `code` heading, here
						[x](docs/trees.md#what-a-delete-cascades-to) [x](#a-code-heading-here) [x](https://example.org) `[x](gone.md)`
						```
						[x](gone.md)
						```
						## Twice
						## Twice
						[x](#twice-1)
						"""),
				ROOT))
			.isEmpty();
	}

	@Test
	void propertyWithoutDocumentationIsFound() {
		Properties properties = new Properties(
				Map.of("deletion-policy.enabled", "true", "deletion-policy.added", "5s"));
		assertThat(properties.undocumented(page("| `enabled` | `true` | whether |\n")))
			.containsExactly("deletion-policy.added is not documented");
	}

	@Test
	void propertyWithoutItsDefaultIsFound() {
		Properties properties = new Properties(Map.of("deletion-policy.enabled", "true"));
		assertThat(properties.undocumented(page("| `enabled` | | whether |\n")))
			.containsExactly("deletion-policy.enabled is documented without its default");
	}

	@Test
	void documentationOfWhatDoesNotExistIsFound() {
		Properties properties = new Properties(Map.of("deletion-policy.enabled", "true"));
		assertThat(properties.undocumented(page("| `enabled` | `true` | whether |\n| `gone` | none | what |\n")))
			.containsExactly("deletion-policy.gone is documented and does not exist");
		assertThat(properties.unknown(page("Set `deletion-policy.gone=5s` or `deletion-policy.enabled=true`.")))
			.containsExactly("README.md: there is no property deletion-policy.gone");
	}

	@Test
	void wrongDefaultIsFound() {
		Properties properties = new Properties(Map.of("deletion-policy.interval", "5s", "deletion-policy.name", ""));
		assertThat(properties.wrongDefaults(page("| `interval` | `6s` | how often |\n| `name` | `x` | which |\n")))
			.hasSize(2);
		assertThat(properties.wrongDefaults(page("| `interval` | `5s` | how often |\n| `name` | none | which |\n")))
			.isEmpty();
	}

	@Test
	void typesOfTheApiAreThoseThatAreCompiled() {
		assertThat(PublicTypes.compiled().all())
			.contains(DeleteOperations.class, DeleteOperations.Mode.class, RowAssert.class,
					DeletionPolicyDataSource.class)
			.doesNotContain(PublicTypes.class);
	}

	@Test
	void typeOfTheApiThatIsNotNamedIsFound() {
		PublicTypes types = new PublicTypes(List.of(RestoreResult.class, AsyncProgress.State.class, PurgeRunner.class));
		assertThat(types.unnamed(page("""
				`RestoreResult` has `rows()`. It has cascaded() too. `AsyncProgress` has a State:
				`ACCEPTED`, `RUNNING`, `DONE`, `FAILED`, `CANCELLED`. `PurgeRunner` has `runDue()` and `runDueAsOf(…)`.
				"""))).containsExactly("AsyncProgress.State is not named",
				"PurgeReport, which is seen in PurgeRunner, is not named", "RestoreResult.cascaded is not named");
	}

	@Test
	void typeThatDoesNotExistIsFound() {
		PublicTypes types = PublicTypes.compiled();
		assertThat(types.unknown(
				page("`DeleteOperation`, `DeleteOperations.Modes`, `PendingPurges.PAGE_MIN`, `.hard().runAsync()`")))
			.containsExactly("there is no type DeleteOperation", "DeleteOperations has no Modes",
					"PendingPurges has no PAGE_MIN", "there is no method runAsync");
		assertThat(types.unknown(
				page("""
						`DeleteOperations.Mode`, `PendingPurges.PAGE_CAP`, `.hard().executeAsync()`, `@Deletion`, `Duration.ofDays(30)`,
						`io.github.deletionpolicy.Gone` and Gone
						""")))
			.isEmpty();
	}

	@Test
	void testThatDoesNotExistIsFound() {
		NamedTests tests = NamedTests.of(ROOT);
		assertThat(tests.missing(page("`DocumentationTests`, NoSuchIT, `NoSuchTests`, `LinksIT.links`"))).hasSize(3);
		assertThat(tests.missing(page("`DocumentationTests.everyLinkLeadsNowhere`"))).hasSize(1);
		assertThat(tests.missing(page("`DocumentationTests.everyLinkLeadsSomewhere`, 'Documentation*Tests'")))
			.isEmpty();
	}

	@Test
	void decisionThatIsNotWholeIsFound() {
		String parts = "\n## Context\n\nx\n\n## Decision\n\nx\n\n## Evidence\n\n%s## Consequences\n\nx\n\n## What would change it\n\nx\n";
		Page index = new Page(ROOT.resolve("docs/decisions/README.md"), "[x](0001-first.md)");
		Page first = new Page(ROOT.resolve("docs/decisions/0001-first.md"), "# 1. First\n" + parts.formatted("x\n\n"));
		Page third = new Page(ROOT.resolve("docs/decisions/0003-third.md"), "# 3. Third\n" + parts.formatted(""));
		assertThat(Decisions.problems(List.of(index, first))).isEmpty();
		assertThat(Decisions.problems(List.of(index, first, third))).hasSize(3)
			.allSatisfy((problem) -> assertThat(problem).contains("0003-third.md"));
	}

	@Test
	void misspeltPropertyInYamlIsFound() {
		assertThat(block("yaml", "deletion-policy:\n  tables:\n    users: { mode: soft }\n"))
			.flatMap(YamlBlocks::problems)
			.isEmpty();
		assertThat(block("yaml", "deletion-policy:\n  tables:\n    users: { mode: soft, delai: 3d }\n"))
			.flatMap(YamlBlocks::problems)
			.hasSize(1);
		assertThat(block("yaml", "deletion-policy:\n  purge:\n    interval: soon\n")).flatMap(YamlBlocks::problems)
			.hasSize(1);
		assertThat(block("yaml", "a: [\n")).flatMap(YamlBlocks::problems).hasSize(1);
	}

	@Test
	void snippetThatDoesNotCompileIsFound(@TempDir Path classes) {
		JavaBlocks compiler = new JavaBlocks(classes);
		assertThat(block("java", "deletes.from(\"users\").byId(1).execute();\n")).flatMap(compiler::problems).isEmpty();
		assertThat(block("java", "int deletes() { return 1; }\n")).flatMap(compiler::problems).isEmpty();
		assertThat(block("java", "public class A { }\n")).flatMap(compiler::problems).isEmpty();
		assertThat(block("java", "deletes.from(\"users\").execute();\n")).flatMap(compiler::problems)
			.singleElement()
			.asString()
			.contains("README.md:4", "execute");
	}

	@Test
	void blockThatDoesNotRunSaysWhy() {
		assertThat(page("<!-- not runnable: it has to stand alone -->\n```sql\nVACUUM;\n```\n").blocks("sql"))
			.extracting(Page.Block::notRunnable)
			.containsExactly("it has to stand alone");
	}

	private static List<Page.Block> block(String language, String text) {
		return page("# Here\n\n```" + language + "\n" + text + "```\n").blocks(language);
	}

	private static Page page(String text) {
		return new Page(ROOT.resolve("README.md"), text);
	}

}
