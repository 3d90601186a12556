package io.github.deletionpolicy.documentation;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Looks at records of decisions: each has its number and says all that a record says.
 */
final class Decisions {

	private static final List<String> PARTS = List.of("Context", "Decision", "Evidence", "Consequences",
			"What would change it");

	private static final Pattern NAME = Pattern.compile("(\\d{4})-[a-z-]+\\.md");

	private static final Pattern PART = Pattern.compile("(?m)^## (.+)\\n\\n(?!#)(?=\\S)");

	private Decisions() {
	}

	/**
	 * Return what is wrong, a sentence for each problem.
	 * @param pages the index and the records, in their order
	 */
	static List<String> problems(List<Page> pages) {
		List<String> problems = new ArrayList<>();
		String index = pages.stream().filter(Decisions::isIndex).map(Page::text).findFirst().orElse("");
		int number = 0;
		for (Page page : pages.stream().filter((it) -> !isIndex(it)).toList()) {
			String file = page.path().getFileName().toString();
			Matcher name = NAME.matcher(file);
			number++;
			if (!name.matches() || Integer.parseInt(name.group(1)) != number
					|| !page.text().startsWith("# " + number + ". ")) {
				problems.add("%s is not number %d".formatted(file, number));
			}
			List<String> parts = PART.matcher(page.text()).results().map((MatchResult it) -> it.group(1)).toList();
			if (!parts.equals(PARTS)) {
				problems.add("%s has the parts %s".formatted(file, parts));
			}
			if (!index.contains("](" + file + ")")) {
				problems.add(file + " is not in the index");
			}
		}
		return problems;
	}

	private static boolean isIndex(Page page) {
		return page.path().endsWith("README.md");
	}

}
