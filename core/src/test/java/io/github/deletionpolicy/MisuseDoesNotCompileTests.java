package io.github.deletionpolicy;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Compiles small sources: each misuse that the types promise to refuse next to the right
 * use that differs from it as little as possible.
 */
class MisuseDoesNotCompileTests {

	private static final String CANNOT_FIND_METHOD = "compiler.err.cant.resolve.location.args";

	private static final String CANNOT_APPLY = "compiler.err.cant.apply.symbol";

	private static final String SOURCE = """
			package probe;
			import java.time.Duration;
			import java.util.List;
			import java.util.Map;
			import io.github.deletionpolicy.*;
			import org.springframework.data.relational.core.query.CriteriaDefinition;
			class Probe {
				Object probe(DeleteOperations deletes, Duration delay, CriteriaDefinition criteria, AsyncOptions options) {
					return %s;
				}
			}
			""";

	private static final long LINE_OF_THE_EXPRESSION = 9;

	private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();

	private static StandardJavaFileManager files;

	@TempDir
	private Path classes;

	@BeforeAll
	static void openTheClassPathOnce() {
		assertThat(COMPILER).as("a JDK, not a JRE").isNotNull();
		files = COMPILER.getStandardFileManager(null, Locale.ROOT, null);
	}

	@AfterAll
	static void closeTheClassPath() throws IOException {
		files.close();
	}

	static Stream<Misuse> misuses() {
		return Stream.of(
				// nothing can be executed before rows are selected
				misuse("deletes.from(\"u\").execute()", "execute", "deletes.from(\"u\").all().execute()"),
				misuse("deletes.from(\"u\").executeAsync()", "executeAsync",
						"deletes.from(\"u\").all().executeAsync()"),
				misuse("deletes.from(String.class).execute()", "execute",
						"deletes.from(String.class).where(criteria).execute()"),

				// a scheduled delete is not asynchronous
				misuse("deletes.from(\"u\").byId(1).scheduled().executeAsync()", "executeAsync",
						"deletes.from(\"u\").byId(1).scheduled().execute()"),
				misuse("deletes.from(\"u\").byId(1).scheduled(delay).executeAsync()", "executeAsync",
						"deletes.from(\"u\").byId(1).scheduled(delay).execute()"),
				misuse("deletes.from(\"u\").byId(1).scheduled().executeAsync(options)", "executeAsync",
						"deletes.from(\"u\").byId(1).soft().executeAsync(options)"),
				misuse("deletes.from(\"u\").byId(1).scheduled().cascade(CascadeMode.NONE).executeAsync()",
						"executeAsync", "deletes.from(\"u\").byId(1).soft().cascade(CascadeMode.NONE).executeAsync()"),
				misuse("deletes.from(\"u\").byId(1).scheduled().reason(\"r\").executeAsync()", "executeAsync",
						"deletes.from(\"u\").byId(1).hard().reason(\"r\").executeAsync()"),
				misuse("deletes.from(\"u\").byId(1).scheduled().includingDeleted().executeAsync()", "executeAsync",
						"deletes.from(\"u\").byId(1).soft().includingDeleted().executeAsync()"),
				misuse("deletes.from(\"u\").byId(1).cascade(CascadeMode.NONE).scheduled().executeAsync()",
						"executeAsync", "deletes.from(\"u\").byId(1).cascade(CascadeMode.NONE).soft().executeAsync()"),
				misuse("deletes.from(\"u\").byId(1).reason(\"r\").scheduled(delay).executeAsync()", "executeAsync",
						"deletes.from(\"u\").byId(1).reason(\"r\").executeAsync()"),

				// the target comes before the mode
				misuse("deletes.hard()", "hard", "deletes.from(\"u\").all().hard()"),
				misuse("deletes.from(\"u\").hard()", "hard", "deletes.from(\"u\").byId(1).hard()"),
				misuse("deletes.from(\"u\").soft()", "soft", "deletes.from(\"u\").byIds(List.of(1)).soft()"),
				misuse("deletes.from(\"u\").scheduled()", "scheduled",
						"deletes.from(\"u\").where(criteria).scheduled()"),
				misuse("deletes.from(\"u\").scheduled(delay)", "scheduled",
						"deletes.from(\"u\").all().scheduled(delay)"),

				// a mode is said once
				misuse("deletes.from(\"u\").byId(1).hard().hard()", "hard", "deletes.from(\"u\").byId(1).hard()"),
				misuse("deletes.from(\"u\").byId(1).hard().soft()", "soft", "deletes.from(\"u\").byId(1).soft()"),
				misuse("deletes.from(\"u\").byId(1).hard().scheduled()", "scheduled",
						"deletes.from(\"u\").byId(1).scheduled()"),
				misuse("deletes.from(\"u\").byId(1).soft().hard()", "hard", "deletes.from(\"u\").byId(1).hard()"),
				misuse("deletes.from(\"u\").byId(1).soft().scheduled(delay)", "scheduled",
						"deletes.from(\"u\").byId(1).scheduled(delay)"),
				misuse("deletes.from(\"u\").byId(1).scheduled().hard()", "hard", "deletes.from(\"u\").byId(1).hard()"),
				misuse("deletes.from(\"u\").byId(1).scheduled().soft()", "soft", "deletes.from(\"u\").byId(1).soft()"),
				misuse("deletes.from(\"u\").byId(1).scheduled().scheduled(delay)", "scheduled",
						"deletes.from(\"u\").byId(1).scheduled(delay)"),
				misuse("deletes.from(\"u\").byId(1).hard().reason(\"r\").soft()", "soft",
						"deletes.from(\"u\").byId(1).reason(\"r\").soft()"),
				misuse("deletes.from(\"u\").byId(1).soft().cascade(CascadeMode.NONE).hard()", "hard",
						"deletes.from(\"u\").byId(1).cascade(CascadeMode.NONE).hard()"),
				misuse("deletes.from(\"u\").byId(1).scheduled().includingDeleted().soft()", "soft",
						"deletes.from(\"u\").byId(1).includingDeleted().soft()"),

				// a hard delete marks nothing
				misuse("deletes.from(\"u\").byId(1).hard().includingDeleted()", "includingDeleted",
						"deletes.from(\"u\").byId(1).soft().includingDeleted()"),
				misuse("deletes.from(\"u\").byId(1).hard().reason(\"r\").includingDeleted()", "includingDeleted",
						"deletes.from(\"u\").byId(1).scheduled().reason(\"r\").includingDeleted()"),
				misuse("deletes.from(\"u\").byId(1).hard().cascade(CascadeMode.NONE)", "cascade",
						"deletes.from(\"u\").byId(1).soft().cascade(CascadeMode.NONE)"),

				// rows are returned now or not at all
				misuse("deletes.from(\"u\").byId(1).returning(Map.class).executeAsync()", "executeAsync",
						"deletes.from(\"u\").byId(1).returning(Map.class).execute()"),
				misuse("deletes.from(\"u\").byId(1).hard().returning(Map.class).executeAsync(options)", "executeAsync",
						"deletes.from(\"u\").byId(1).hard().returning(Map.class).execute()"),

				// a policy holds what its mode has a use for
				new Misuse("DeletionPolicy.soft(\"t\", delay)", CANNOT_APPLY, "soft",
						"DeletionPolicy.scheduled(\"t\", delay)"),
				new Misuse("DeletionPolicy.hard(\"t\", delay)", CANNOT_APPLY, "hard", "DeletionPolicy.hard(\"t\")"),
				new Misuse("DeletionPolicy.scheduled(\"t\")", CANNOT_APPLY, "scheduled",
						"DeletionPolicy.scheduled(\"t\", delay)"),
				misuse("DeletionPolicy.hard(\"t\").holdCondition(\"h\")", "holdCondition",
						"DeletionPolicy.scheduled(\"t\", delay).holdCondition(\"h\")"),
				misuse("DeletionPolicy.soft(\"t\").holdCondition(\"h\")", "holdCondition",
						"DeletionPolicy.scheduled(\"t\", delay).liveView(\"v\").holdCondition(\"h\")"),
				misuse("DeletionPolicy.hard(\"t\").deletionTimeColumn(\"c\")", "deletionTimeColumn",
						"DeletionPolicy.soft(\"t\").deletionTimeColumn(\"c\")"),
				misuse("DeletionPolicy.hard(\"t\").liveView(\"v\")", "liveView",
						"DeletionPolicy.soft(\"t\").liveView(\"v\")"));
	}

	private static Misuse misuse(String expression, String missingMethod, String rightUse) {
		return new Misuse(expression, CANNOT_FIND_METHOD, missingMethod, rightUse);
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("misuses")
	void misuseIsRefusedWhereItIsWritten(Misuse misuse) throws Exception {
		String source = SOURCE.formatted(misuse.expression());
		List<Diagnostic<? extends JavaFileObject>> errors = errorsOf(source);
		assertThat(errors).singleElement().satisfies((error) -> {
			assertThat(error.getCode()).isEqualTo(misuse.code());
			assertThat(error.getLineNumber()).isEqualTo(LINE_OF_THE_EXPRESSION);
			assertThat(source.substring((int) error.getStartPosition(), (int) error.getEndPosition()))
				.endsWith("." + misuse.symbol());
			assertThat(error.getMessage(Locale.ROOT)).contains(misuse.symbol());
		});
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("misuses")
	void rightUseCompilesInTheSamePlace(Misuse misuse) throws Exception {
		assertThat(errorsOf(SOURCE.formatted(misuse.rightUse()))).isEmpty();
	}

	@Test
	void policyOfAFourthKindIsRefused() throws Exception {
		String source = """
				package probe;
				import io.github.deletionpolicy.*;
				record Never(String table) implements DeletionPolicy {
					public DeletionMode mode() {
						return DeletionMode.HARD;
					}
				}
				""";
		assertThat(errorsOf(source)).singleElement().satisfies((error) -> {
			assertThat(error.getLineNumber()).isEqualTo(3);
			assertThat(error.getMessage(Locale.ROOT)).contains("sealed", "DeletionPolicy");
		});
		assertThat(errorsOf(source.replace("DeletionPolicy {", "java.io.Serializable {"))).isEmpty();
	}

	private List<Diagnostic<? extends JavaFileObject>> errorsOf(String source) throws URISyntaxException {
		DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
		String api = Path.of(DeleteOperations.class.getProtectionDomain().getCodeSource().getLocation().toURI())
			.toString();
		List<String> options = List.of("-proc:none", "-d", this.classes.toString(), "-classpath",
				api + File.pathSeparator + System.getProperty("java.class.path"));
		boolean compiled = COMPILER
			.getTask(null, files, diagnostics, options, null, List.of(new SourceInMemory(source)))
			.call();
		List<Diagnostic<? extends JavaFileObject>> errors = diagnostics.getDiagnostics()
			.stream()
			.filter((diagnostic) -> diagnostic.getKind() == Diagnostic.Kind.ERROR)
			.toList();
		assertThat(compiled).isEqualTo(errors.isEmpty());
		return errors;
	}

	/**
	 * An expression that must not compile.
	 *
	 * @param expression the expression
	 * @param code the compiler's name for what is wrong with it
	 * @param symbol the method that the error is about
	 * @param rightUse what is written instead; it must compile
	 */
	record Misuse(String expression, String code, String symbol, String rightUse) {

		@Override
		public String toString() {
			return this.expression;
		}

	}

	private static final class SourceInMemory extends SimpleJavaFileObject {

		private final String source;

		SourceInMemory(String source) {
			super(URI.create("string:///probe/" + (source.contains("class Probe") ? "Probe" : "Never") + ".java"),
					Kind.SOURCE);
			this.source = source;
		}

		@Override
		public CharSequence getCharContent(boolean ignoreEncodingErrors) {
			return this.source;
		}

	}

}
