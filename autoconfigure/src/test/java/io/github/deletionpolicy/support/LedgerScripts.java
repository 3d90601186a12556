package io.github.deletionpolicy.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

/**
 * The scripts on the class path that create the ledger's tables.
 */
public final class LedgerScripts {

	/**
	 * Where they are on the class path.
	 */
	public static final String LOCATION = "io/github/deletionpolicy/ledger/postgresql";

	private LedgerScripts() {
	}

	/**
	 * Return the texts of the scripts, in the order of their versions.
	 */
	public static List<String> all() {
		return List.copyOf(read().values());
	}

	/**
	 * Return the versions in their order.
	 */
	public static List<String> versions() {
		return read().keySet().stream().map(String::valueOf).toList();
	}

	private static SortedMap<Integer, String> read() {
		SortedMap<Integer, String> scripts = new TreeMap<>();
		try {
			for (Resource script : new PathMatchingResourcePatternResolver()
				.getResources("classpath:" + LOCATION + "/V*.sql")) {
				scripts.put(Integer.valueOf(String.valueOf(script.getFilename()).replaceFirst("V(\\d+)__.*", "$1")),
						script.getContentAsString(StandardCharsets.UTF_8));
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return scripts;
	}

}
