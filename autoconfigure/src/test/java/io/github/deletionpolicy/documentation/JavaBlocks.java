package io.github.deletionpolicy.documentation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Compiles Java blocks. What a block takes for granted stands in
 * {@code documentation/imports.txt} and {@code documentation/Surroundings.java.txt}. A
 * block may be types, members of a class or an interface, or statements: what compiles is
 * what it is.
 */
final class JavaBlocks {

	private static final Path PRELUDE = Path.of("src", "test", "resources", "documentation");

	private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();

	private final Path classes;

	private final String imports;

	private final String surroundings;

	private StandardJavaFileManager files = open();

	JavaBlocks(Path classes) {
		this.classes = classes;
		try {
			this.imports = Files.readString(PRELUDE.resolve("imports.txt"));
			this.surroundings = Files.readString(PRELUDE.resolve("Surroundings.java.txt"));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		List<String> errors = compile("surroundings.Surroundings",
				"package surroundings;\n" + this.imports + this.surroundings);
		if (!errors.isEmpty()) {
			throw new IllegalStateException("The surroundings do not compile: " + errors);
		}
		// One that has looked at the directory before does not see what came into it.
		this.files = open();
	}

	/**
	 * Return the compiler's errors; none if the block compiles in one way.
	 */
	List<String> problems(Page.Block block) {
		String own = block.text().lines().filter(JavaBlocks::isImport).collect(Collectors.joining("\n", "", "\n"));
		String body = block.text()
			.lines()
			.filter((line) -> !isImport(line))
			.collect(Collectors.joining("\n", "", "\n"))
			.replace("{ … }", "{ throw new UnsupportedOperationException(); }");
		String head = "package example;\nimport surroundings.*;\nimport surroundings.Surroundings.*;\n" + this.imports
				+ own;
		List<String> types = compile("example.Snippet", head + body);
		if (types.isEmpty()) {
			return types;
		}
		List<String> members = compile("example.Snippet",
				head + "class Snippet extends Surroundings {\n" + body + "}\n");
		if (members.isEmpty()) {
			return members;
		}
		List<String> statements = compile("example.Snippet",
				head + "class Snippet extends Surroundings {\nvoid snippet() throws Exception {\n" + body + "}\n}\n");
		if (statements.isEmpty()) {
			return statements;
		}
		List<String> methods = compile("example.Snippet", head + "interface Snippet {\n" + body + "}\n");
		if (methods.isEmpty()) {
			return methods;
		}
		List<String> fewest = (members.size() < statements.size()) ? members : statements;
		fewest = (types.size() < fewest.size()) ? types : fewest;
		return fewest.stream().map((error) -> block.place() + ": " + error).toList();
	}

	private static StandardJavaFileManager open() {
		return COMPILER.getStandardFileManager(null, Locale.ROOT, null);
	}

	private static boolean isImport(String line) {
		return line.startsWith("import ");
	}

	private List<String> compile(String name, String source) {
		return compile(this.files, this.classes, name, source);
	}

	/**
	 * Compile a source as it is, and return the errors.
	 */
	static List<String> compile(Path classes, String name, String source) {
		return compile(open(), classes, name, source);
	}

	private static List<String> compile(StandardJavaFileManager files, Path classes, String name, String source) {
		DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
		List<String> options = List.of("--release", "17", "-proc:none", "-parameters", "-d", classes.toString(),
				"-classpath", classes + System.getProperty("path.separator") + System.getProperty("java.class.path"));
		COMPILER.getTask(null, files, diagnostics, options, null, List.of(new Source(name, source))).call();
		List<String> errors = new ArrayList<>();
		for (Diagnostic<? extends JavaFileObject> diagnostic : diagnostics.getDiagnostics()) {
			if (diagnostic.getKind() == Diagnostic.Kind.ERROR) {
				String line = source.lines().skip(diagnostic.getLineNumber() - 1).findFirst().orElse("").strip();
				errors.add("%s: %s".formatted(line, diagnostic.getMessage(Locale.ROOT)));
			}
		}
		return errors;
	}

	private static final class Source extends SimpleJavaFileObject {

		private final String text;

		Source(String name, String text) {
			super(URI.create("string:///" + name.replace('.', '/') + ".java"), Kind.SOURCE);
			this.text = text;
		}

		@Override
		public CharSequence getCharContent(boolean ignoreEncodingErrors) {
			return this.text;
		}

		@Override
		public boolean isNameCompatible(String simpleName, Kind kind) {
			// A block may have public types, each of which wants a file of its name.
			return true;
		}

	}

}
