package io.github.deletionpolicy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The page about the architecture, as far as it says what can be checked: which packages
 * there are, which of them stands above which, and through which files the routes lead.
 */
record ArchitecturePage(String text) {

	private static final Pattern ROOM = Pattern.compile("^  ([a-z.]+) (?:─+► ([a-z., ]+?))?(?:  |$)");

	private static final Pattern STEP = Pattern.compile("^\\| \\d+ \\| `(\\w+)` \\|");

	static ArchitecturePage read(Path page) {
		try {
			return new ArchitecturePage(Files.readString(page));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Return which packages stand right below each package of the picture.
	 */
	Map<String, Set<String>> arrows() {
		Map<String, Set<String>> arrows = new TreeMap<>();
		for (String line : block("## Packages of core").split("\n")) {
			Matcher room = ROOM.matcher(line);
			if (room.find() && !line.contains("root package")) {
				arrows.put(room.group(1), (room.group(2) != null) ? Set.of(room.group(2).split(", *")) : Set.of());
			}
		}
		return arrows;
	}

	/**
	 * Return the files of a route, in their order.
	 */
	List<String> route(String name) {
		String marker = "<!-- route: %s -->".formatted(name);
		int begin = this.text.indexOf(marker);
		if (begin < 0) {
			throw new IllegalStateException("The page has no " + marker);
		}
		List<String> files = new ArrayList<>();
		for (String line : this.text.substring(begin + marker.length()).strip().split("\n")) {
			Matcher step = STEP.matcher(line);
			if (step.find()) {
				files.add(step.group(1));
			}
			else if (!line.startsWith("|")) {
				break;
			}
		}
		return files;
	}

	private String block(String heading) {
		int begin = this.text.indexOf("```", this.text.indexOf(heading)) + 3;
		return this.text.substring(begin, this.text.indexOf("```", begin));
	}

}
