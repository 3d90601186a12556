package io.github.deletionpolicy.documentation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A page of the documentation in Markdown.
 *
 * @param path where it stands
 * @param text what it says
 */
record Page(Path path, String text) {

	private static final Pattern FENCE = Pattern.compile("\\s*```(\\w*)\\s*");

	private static final Pattern NOT_RUNNABLE = Pattern.compile("\\s*<!-- not runnable: (.+) -->\\s*");

	/**
	 * Read the README, the other pages beside it, and those of {@code docs} and its
	 * folders.
	 */
	static List<Page> all() {
		Path root = Path.of("..").toAbsolutePath().normalize();
		List<Path> paths = new ArrayList<>(
				Stream.of("README.md", "CONTRIBUTING.md", "UPGRADING.md", "CHANGELOG.md").map(root::resolve).toList());
		try (Stream<Path> docs = Files.walk(root.resolve("docs"))) {
			docs.filter((path) -> path.toString().endsWith(".md"))
				.sorted(Comparator.naturalOrder())
				.forEach(paths::add);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return paths.stream().map(Page::read).toList();
	}

	static Page read(Path path) {
		try {
			return new Page(path, Files.readString(path));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	List<Block> blocks(String language) {
		return blocks().stream().filter((block) -> block.language().equals(language)).toList();
	}

	List<Block> blocks() {
		List<Block> blocks = new ArrayList<>();
		String language = null;
		String reason = "";
		int first = 0;
		StringBuilder text = new StringBuilder();
		List<String> lines = this.text.lines().toList();
		for (int line = 0; line < lines.size(); line++) {
			Matcher fence = FENCE.matcher(lines.get(line));
			if (!fence.matches()) {
				if (language != null) {
					text.append(lines.get(line)).append('\n');
				}
			}
			else if (language == null) {
				language = fence.group(1);
				first = line + 2;
				Matcher mark = NOT_RUNNABLE.matcher((line > 0) ? lines.get(line - 1) : "");
				reason = mark.matches() ? mark.group(1) : "";
				text.setLength(0);
			}
			else {
				blocks.add(new Block(this.path.getFileName() + ":" + first, language, text.toString(), reason));
				language = null;
			}
		}
		if (language != null) {
			throw new IllegalStateException("%s: the block at line %d does not end".formatted(this.path, first));
		}
		return blocks;
	}

	/**
	 * Return the text without code, in blocks and in lines, with as many lines as before.
	 */
	String prose() {
		StringBuilder prose = new StringBuilder();
		boolean inside = false;
		for (String line : this.text.lines().toList()) {
			boolean fence = FENCE.matcher(line).matches();
			inside ^= fence;
			prose.append((inside || fence) ? "" : line).append('\n');
		}
		return prose.toString();
	}

	/**
	 * A fenced block.
	 *
	 * @param place page and line
	 * @param language what stands behind the fence
	 * @param text what is in it
	 * @param notRunnable why it cannot be run; empty if it can
	 */
	record Block(String place, String language, String text, String notRunnable) {

	}

}
