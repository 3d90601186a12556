package io.github.deletionpolicy.documentation;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Follows the links of a page. Those to other hosts are looked at, and not followed.
 */
final class Links {

	private static final Pattern LINK = Pattern
		.compile("\\]\\(([^)\\s]*)\\)|(?m:^\\[[^\\]]+\\]:\\s*(\\S+))|(?:href|src)=\"([^\"]*)\"|<(https?:[^>]*)>");

	private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.+?)\\s*$");

	private static final Pattern INLINE_CODE = Pattern.compile("`[^`\\n]*`");

	private Links() {
	}

	/**
	 * Return what is wrong, a sentence for each link.
	 */
	static List<String> dead(Page page, Path root) {
		List<String> dead = new ArrayList<>();
		Matcher links = LINK.matcher(INLINE_CODE.matcher(page.prose()).replaceAll("code"));
		while (links.find()) {
			String target = "";
			for (int group = 1; group <= links.groupCount(); group++) {
				target = (links.group(group) != null) ? links.group(group) : target;
			}
			String problem = problem(page, root, target);
			if (!problem.isEmpty()) {
				dead.add("%s: %s %s".formatted(page.path().getFileName(), target, problem));
			}
		}
		return dead;
	}

	private static String problem(Page page, Path root, String target) {
		URI uri;
		try {
			uri = new URI(target);
		}
		catch (URISyntaxException ex) {
			return "is no address";
		}
		if (uri.getScheme() != null) {
			boolean web = Set.of("http", "https").contains(uri.getScheme()) && uri.getHost() != null;
			return web ? "" : "is no address of the web";
		}
		String path = uri.getPath();
		if (path.isEmpty() && uri.getFragment() == null) {
			return "is empty";
		}
		Path file = path.isEmpty() ? page.path() : page.path().resolveSibling(path).normalize();
		if (!file.startsWith(root)) {
			return "leads out of the project";
		}
		if (!file.equals(page.path()) && !Files.exists(file)) {
			return "leads to a file that is not there";
		}
		if (uri.getFragment() == null) {
			return "";
		}
		Page aim = file.equals(page.path()) ? page : Page.read(file);
		return anchors(aim).contains(uri.getFragment()) ? "" : "leads to a heading that is not there";
	}

	private static Set<String> anchors(Page page) {
		Set<String> anchors = new HashSet<>();
		Map<String, Integer> seen = new HashMap<>();
		Matcher headings = HEADING.matcher(page.prose());
		while (headings.find()) {
			String anchor = headings.group(1)
				.replaceAll("\\[([^\\]]*)\\]\\([^)]*\\)", "$1")
				.toLowerCase(Locale.ROOT)
				.replaceAll("[^\\p{L}\\p{N}_ -]", "")
				.replace(' ', '-');
			int before = seen.merge(anchor, 1, Integer::sum) - 1;
			anchors.add((before > 0) ? anchor + "-" + before : anchor);
		}
		return anchors;
	}

}
