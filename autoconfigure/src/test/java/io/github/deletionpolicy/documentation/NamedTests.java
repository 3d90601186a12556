package io.github.deletionpolicy.documentation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Looks for the tests that pages give as evidence.
 *
 * @param sources the source of each class for tests, by its name
 */
record NamedTests(Map<String, String> sources) {

	/**
	 * What a command names that is to run none.
	 */
	private static final String NONE = "NoTests";

	private static final Pattern NAME = Pattern
		.compile("(?<![\\w-])([A-Z][a-z]\\w+(?:IT|Tests)|Mutant)(?:\\.(\\w+))?(?![\\w*])");

	/**
	 * Read the sources of all modules.
	 * @param root the folder of the project
	 */
	static NamedTests of(Path root) {
		Map<String, String> sources = new HashMap<>();
		try (Stream<Path> modules = Files.list(root)) {
			for (Path tests : modules.map((module) -> module.resolve("src/test/java")).filter(Files::exists).toList()) {
				try (Stream<Path> files = Files.walk(tests)) {
					for (Path file : files.filter((it) -> it.toString().endsWith(".java")).toList()) {
						sources.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
					}
				}
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return new NamedTests(sources);
	}

	/**
	 * Return the tests that a page names outside of its blocks and that do not exist.
	 */
	List<String> missing(Page page) {
		List<String> missing = new ArrayList<>();
		Matcher names = NAME.matcher(page.prose());
		while (names.find()) {
			String source = this.sources.get(names.group(1));
			boolean found = source != null && (names.group(2) == null
					|| Pattern.compile("\\b" + names.group(2) + "\\b").matcher(source).find());
			if (!found && !names.group().equals(NONE)) {
				missing.add("%s: there is no test %s".formatted(page.path().getFileName(), names.group()));
			}
		}
		return missing;
	}

}
